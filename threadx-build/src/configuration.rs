//! What `tx_user.h` and `nx_user.h` make of the C side, as the compiler sees it: a header may define by condition, and
//! include others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::cargo::Variables;
use crate::compiler;

/// A macro that decides whether the crates and the agent can work.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The macro.
    pub define: &'static str,
    /// Whether it must be defined, or must not.
    pub must: bool,
    /// What it is for.
    pub why: &'static str,
}

/// What ThreadX must be configured with.
pub const THREADX: &[Rule] = &[
    Rule {
        define: "TX_TIMER_PROCESS_IN_ISR",
        must: false,
        why: "without a timer thread, expiration functions run in interrupts, and callers that may not wait cannot be told from \
              threads",
    },
    Rule {
        define: "TX_NO_TIMER",
        must: false,
        why: "NetX Duo and the agent need timers",
    },
];

/// What NetX Duo must be configured with.
pub const NETXDUO: &[Rule] = &[
    Rule {
        define: "NX_SECURE_ENABLE",
        must: true,
        why: "the Azure IoT middleware connects with TLS only",
    },
    Rule {
        define: "NXD_MQTT_CLOUD_ENABLE",
        must: true,
        why: "without it MQTT does not run on the cloud helper that the agent lives on",
    },
    Rule {
        define: "NX_ENABLE_EXTENDED_NOTIFY_SUPPORT",
        must: true,
        why: "the Azure IoT middleware needs it",
    },
    Rule {
        define: "NX_ENABLE_IP_PACKET_FILTER",
        must: true,
        why: "without it NX_IP has no packet filter, and the agent sees no outgoing packets",
    },
    Rule {
        define: "NX_DISABLE_IPV4",
        must: false,
        why: "the agent and the Azure IoT middleware use IPv4",
    },
    Rule {
        define: "NX_DISABLE_IPV6",
        must: false,
        why: "the agent watches IPv6, too; leave it out of the device by not calling nxd_ipv6_enable",
    },
];

/// Macros as the compiler sees them behind a header.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Those that are defined, with what they stand for.
    macros: BTreeMap<String, String>,
}

/// Begins the lines that are looked for in what the preprocessor gives.
const MARK: &str = "threadx_build_macro";

impl Configuration {
    /// Has `tool` preprocess `header` and finds out about macros. `macros` are asked about besides those of `rules`.
    ///
    /// # Errors
    /// When the compiler refuses the header.
    pub fn probe(
        tool: &cc::Tool,
        header: &str,
        rules: &[Rule],
        macros: &[&str],
        out: &Path,
    ) -> Result<Self, Error> {
        let mut text = format!("#include \"{header}\"\n");
        for name in rules
            .iter()
            .map(|rule| rule.define)
            .chain(macros.iter().copied())
        {
            text += &format!("#ifdef {name}\n{MARK} \"{name}\" {name}\n#endif\n");
        }
        let unit = compiler::write_unit(out, &format!("probe_{header}.c"), &text)?;
        let output = tool
            .to_command()
            .arg("-E")
            .arg(&unit)
            .output()
            .map_err(Error::file(tool.path()))?;
        if !output.status.success() {
            return Err(Error::Compile {
                what: header.to_owned(),
                message: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        Ok(Self {
            macros: parse(&String::from_utf8_lossy(&output.stdout)),
        })
    }

    /// Whether a macro is defined.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.macros.contains_key(name)
    }

    /// What a macro stands for.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.macros.get(name).map(String::as_str)
    }

    /// Whether all rules hold. `place` is where a user would change it.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self, rules: &[Rule], place: &str) -> Result<(), Error> {
        for &Rule { define, must, why } in rules {
            let place = || place.to_owned();
            match (self.has(define), must) {
                (false, true) => {
                    return Err(Error::LacksDefine {
                        place: place(),
                        define,
                        why,
                    });
                }
                (true, false) => {
                    return Err(Error::ForbiddenDefine {
                        place: place(),
                        define,
                        why,
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The marked lines.
fn parse(preprocessed: &str) -> BTreeMap<String, String> {
    preprocessed
        .lines()
        .filter_map(|line| {
            let rest = line.trim().strip_prefix(MARK)?.trim_start();
            let (name, value) = rest.strip_prefix('"')?.split_once('"')?;
            Some((name.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// A folder with a user's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserHeader {
    /// The folder.
    pub folder: PathBuf,
    /// The header in it.
    pub header: &'static str,
}

impl UserHeader {
    /// The folder that `variable` names (a relative path begins at the workspace), else `default`.
    ///
    /// # Errors
    /// When there is no such header.
    pub fn find(
        variable: &'static str,
        header: &'static str,
        default: PathBuf,
        workspace: &Path,
        variables: &impl Variables,
    ) -> Result<Self, Error> {
        let folder = variables
            .get(variable)
            .map_or(default, |folder| workspace.join(folder));
        if folder.join(header).is_file() {
            Ok(Self { folder, header })
        } else {
            Err(Error::NoUserHeader {
                variable,
                folder,
                header,
            })
        }
    }

    /// Its path, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        self.folder.join(self.header).display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::ffi::OsString;
    use std::fs;

    use super::*;
    use crate::cargo::Given;
    use crate::compiler::tests::native;

    const RULES: &[Rule] = &[
        Rule {
            define: "NEEDED",
            must: true,
            why: "because",
        },
        Rule {
            define: "FORBIDDEN",
            must: false,
            why: "therefore",
        },
    ];

    fn probe(header: &str) -> Configuration {
        let out = tempfile::tempdir().unwrap();
        fs::write(out.path().join("api.h"), header).unwrap();
        let tool = native(out.path()).include(out.path()).get_compiler();
        Configuration::probe(&tool, "api.h", RULES, &["RATE", "QUIET"], out.path()).unwrap()
    }

    #[test]
    fn macros_are_seen_as_the_compiler_sees_them() {
        let configuration = probe(
            "#define NEEDED\n#ifdef NEEDED\n#define BASE 50\n#define RATE (2 * BASE)\n#endif\n\
             #define QUIET\n#undef QUIET\n",
        );
        assert!(configuration.has("NEEDED"));
        assert!(!configuration.has("QUIET"));
        assert_eq!(configuration.value("RATE"), Some("(2 * 50)"));
        configuration.check(RULES, "nx_user.h").unwrap();
    }

    #[test]
    fn a_define_that_lacks_is_named_with_its_place_and_reason() {
        let text = probe("").check(RULES, "user/nx_user.h").unwrap_err();
        assert_eq!(
            text.to_string(),
            "user/nx_user.h does not define NEEDED: because"
        );
    }

    #[test]
    fn a_define_that_must_not_be_is_named() {
        let configuration = probe("#define NEEDED\n#define FORBIDDEN 1\n");
        let text = configuration.check(RULES, "nx_user.h").unwrap_err();
        assert_eq!(text.to_string(), "nx_user.h defines FORBIDDEN: therefore");
    }

    #[test]
    fn a_header_that_does_not_compile_is_shown() {
        let out = tempfile::tempdir().unwrap();
        let tool = native(out.path()).get_compiler();
        let text = Configuration::probe(&tool, "not_there.h", RULES, &[], out.path())
            .unwrap_err()
            .to_string();
        assert!(text.contains("not_there.h"), "{text}");
    }

    #[test]
    fn the_users_folder_must_have_the_header() {
        let workspace = tempfile::tempdir().unwrap();
        let find = |variables: &Given| {
            UserHeader::find(
                "NETXDUO_USER_DIR",
                "nx_user.h",
                workspace.path().join("config"),
                workspace.path(),
                variables,
            )
        };
        let named = Given(HashMap::from([(
            "NETXDUO_USER_DIR".to_owned(),
            OsString::from("mine"),
        )]));
        let text = find(&named).unwrap_err().to_string();
        for part in ["NETXDUO_USER_DIR", "mine", "nx_user.h"] {
            assert!(text.contains(part), "{text}");
        }
        for folder in ["mine", "config"] {
            fs::create_dir(workspace.path().join(folder)).unwrap();
            fs::write(workspace.path().join(folder).join("nx_user.h"), "").unwrap();
        }
        assert!(find(&named).unwrap().place().ends_with("mine/nx_user.h"));
        let default = find(&Given::default()).unwrap();
        assert!(default.place().ends_with("config/nx_user.h"));
    }
}
