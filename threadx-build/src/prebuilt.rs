//! C that somebody else compiles: a firmware's own build system. The crates then need its headers, and with which defines
//! they are compiled; what to link is optional, as the firmware's build may link by itself.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::cargo::{self, Variables};
use crate::compiler::{self, Define};
use crate::trees::Tree;

/// The variables of one library.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// The library.
    pub name: &'static str,
    /// Folders of headers, as in `PATH`.
    pub include: &'static str,
    /// Defines, separated by `;`.
    pub defines: &'static str,
    /// What to link, separated by `;`.
    pub link: &'static str,
    /// Headers that the folders must have.
    pub headers: &'static [&'static str],
}

/// The variables for ThreadX.
pub const THREADX: Names = Names {
    name: "ThreadX",
    include: "THREADX_PREBUILT_INCLUDE",
    defines: "THREADX_PREBUILT_DEFINES",
    link: "THREADX_PREBUILT_LINK",
    headers: &["tx_api.h", "tx_port.h"],
};

/// The variables for NetX Duo.
pub const NETXDUO: Names = Names {
    name: "NetX Duo",
    include: "NETXDUO_PREBUILT_INCLUDE",
    defines: "NETXDUO_PREBUILT_DEFINES",
    link: "NETXDUO_PREBUILT_LINK",
    headers: &[
        "nx_api.h",
        "nx_port.h",
        "nx_secure_tls_api.h",
        "nx_crypto.h",
        "nxd_dns.h",
        "nxd_mqtt_client.h",
        "nx_cloud.h",
        "nx_azure_iot.h",
        "nx_azure_iot_hub_client.h",
        // Upstream keeps it with its samples: addons/azure_iot/samples/cert.
        "nx_azure_iot_ciphersuites.h",
        "azure/core/az_span.h",
    ],
};

/// A prebuilt library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prebuilt {
    /// Folders of headers.
    pub include: Vec<PathBuf>,
    /// What the headers are compiled with.
    pub defines: Vec<Define>,
    /// What to link.
    pub link: Vec<Link>,
}

/// Something for the linker, as cargo has words for it. Arguments (`rustc-link-arg`) are not among it: cargo passes those of a
/// library's build script on to nobody, so they belong into that of the firmware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// `search=FOLDER`.
    Search(PathBuf),
    /// `static=NAME`, `dylib=NAME`.
    Library {
        /// The kind, as rustc calls it.
        kind: &'static str,
        /// The name without `lib` and ending.
        name: String,
    },
}

/// Reads the variables. `None` when no folder of headers is named. Relative paths begin at the workspace.
///
/// # Errors
/// When a header is missing, a value is not understood, or there are sources as well.
pub fn find(
    names: &Names,
    tree: Option<&Tree>,
    workspace: &Path,
    variables: &impl Variables,
) -> Result<Option<Prebuilt>, Error> {
    let include: Vec<PathBuf> = cargo::split_paths(variables, names.include)
        .into_iter()
        .map(|folder| workspace.join(folder))
        .collect();
    if include.is_empty() {
        return Ok(None);
    }
    if let Some(tree) = tree {
        return Err(Error::TwoSources {
            variable: names.include,
            name: names.name,
            origin: tree.origin.clone(),
        });
    }
    for header in names.headers {
        if !include.iter().any(|folder| folder.join(header).is_file()) {
            return Err(Error::NoPrebuiltHeader {
                variable: names.include,
                name: names.name,
                header,
            });
        }
    }
    let defines = variables.text(names.defines)?.unwrap_or_default();
    let link = variables.text(names.link)?.unwrap_or_default();
    Ok(Some(Prebuilt {
        include,
        defines: compiler::split_defines(&defines)?,
        link: parse_link(names.link, &link, workspace)?,
    }))
}

fn parse_link(variable: &str, text: &str, workspace: &Path) -> Result<Vec<Link>, Error> {
    text.split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(|item| {
            let (word, value) = item.split_once('=').unwrap_or((item, ""));
            let value = value.to_owned();
            match word {
                _ if value.is_empty() => None,
                "search" => Some(Link::Search(workspace.join(value))),
                "static" => Some(Link::Library {
                    kind: "static",
                    name: value,
                }),
                "dylib" => Some(Link::Library {
                    kind: "dylib",
                    name: value,
                }),
                _ => None,
            }
            .ok_or_else(|| Error::Syntax {
                place: variable.to_owned(),
                what: item.to_owned(),
                expected: "search=FOLDER, static=NAME or dylib=NAME, separated by ;",
            })
        })
        .collect()
}

impl Prebuilt {
    /// The first header of that name, which is the one that `#include` finds.
    #[must_use]
    pub fn header(&self, name: &str) -> PathBuf {
        let mut headers = self.include.iter().map(|folder| folder.join(name));
        let found = headers.clone().find(|header| header.is_file());
        found.unwrap_or_else(|| headers.next_back().unwrap_or_default())
    }

    /// Tells cargo what to link.
    pub fn link(&self) {
        for link in &self.link {
            match link {
                Link::Search(folder) => println!("cargo::rustc-link-search={}", folder.display()),
                Link::Library { kind, name } => println!("cargo::rustc-link-lib={kind}={name}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::Given;
    use crate::trees::Kind;
    use std::collections::HashMap;
    use std::ffi::OsString;
    use std::fs;

    fn given(values: &[(&str, OsString)]) -> Given {
        let values = values.iter().cloned();
        Given(HashMap::from_iter(
            values.map(|(name, value)| (name.to_owned(), value)),
        ))
    }

    /// Two folders, with the headers of ThreadX between them.
    fn folders() -> (tempfile::TempDir, Vec<PathBuf>) {
        let root = tempfile::tempdir().unwrap();
        let folders: Vec<PathBuf> = ["common", "port"].map(|name| root.path().join(name)).into();
        for (folder, header) in folders.iter().zip(["tx_api.h", "tx_port.h"]) {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join(header), "").unwrap();
        }
        (root, folders)
    }

    #[test]
    fn headers_defines_and_libraries_are_read() {
        let (_root, include) = folders();
        let variables = given(&[
            (THREADX.include, std::env::join_paths(&include).unwrap()),
            (THREADX.defines, "TX_MAX_PRIORITIES=64;TX_A".into()),
            (
                THREADX.link,
                "search=/lib;search=lib; static=threadx;dylib=c".into(),
            ),
        ]);
        let workspace = Path::new("/there");
        let prebuilt = find(&THREADX, None, workspace, &variables)
            .unwrap()
            .unwrap();
        assert_eq!(prebuilt.include, include);
        assert_eq!(prebuilt.header("tx_port.h"), include[1].join("tx_port.h"));
        assert_eq!(
            compiler::join_defines(&prebuilt.defines),
            "TX_MAX_PRIORITIES=64;TX_A="
        );
        let library = |kind, name: &str| Link::Library {
            kind,
            name: name.to_owned(),
        };
        assert_eq!(
            prebuilt.link,
            [
                Link::Search("/lib".into()),
                Link::Search("/there/lib".into()),
                library("static", "threadx"),
                library("dylib", "c")
            ]
        );
    }

    #[test]
    fn without_headers_there_is_none() {
        let variables = given(&[(THREADX.link, "static=threadx".into())]);
        assert_eq!(
            find(&THREADX, None, Path::new(""), &variables).unwrap(),
            None
        );
    }

    #[test]
    fn a_header_that_no_folder_has_is_named() {
        let (root, _include) = folders();
        let variables = given(&[(THREADX.include, "common".into())]);
        let text = find(&THREADX, None, root.path(), &variables)
            .unwrap_err()
            .to_string();
        for part in ["THREADX_PREBUILT_INCLUDE", "tx_port.h"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn a_network_stack_without_the_tables_of_tls_is_refused() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("azure/core")).unwrap();
        let tables = "nx_azure_iot_ciphersuites.h";
        for header in NETXDUO.headers.iter().filter(|header| **header != tables) {
            fs::write(root.path().join(header), "").unwrap();
        }
        let variables = given(&[(NETXDUO.include, root.path().into())]);
        let find = || find(&NETXDUO, None, root.path(), &variables);
        let text = find().unwrap_err().to_string();
        for part in ["NETXDUO_PREBUILT_INCLUDE", tables] {
            assert!(text.contains(part), "{text}");
        }
        fs::write(root.path().join(tables), "").unwrap();
        assert!(find().unwrap().is_some());
    }

    #[test]
    fn sources_besides_are_refused() {
        let (root, include) = folders();
        let variables = given(&[(THREADX.include, std::env::join_paths(&include).unwrap())]);
        let tree = Tree {
            kind: Kind::ThreadX,
            path: root.path().to_owned(),
            origin: "THREADX_DIR (there)".to_owned(),
        };
        let text = find(&THREADX, Some(&tree), root.path(), &variables)
            .unwrap_err()
            .to_string();
        for part in ["THREADX_PREBUILT_INCLUDE", "THREADX_DIR (there)"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_linked_is_refused() {
        for item in ["threadx", "arg=-Tlink.x", "static="] {
            let text = parse_link("THREADX_PREBUILT_LINK", item, Path::new(""))
                .unwrap_err()
                .to_string();
            for part in ["THREADX_PREBUILT_LINK", item, "static=NAME"] {
                assert!(text.contains(part), "{text}");
            }
        }
    }

    #[test]
    fn paths_are_taken_as_they_are() {
        let prebuilt = Prebuilt {
            include: vec!["nowhere".into()],
            defines: Vec::new(),
            link: Vec::new(),
        };
        assert_eq!(
            prebuilt.header("tx_api.h"),
            Path::new("nowhere").join("tx_api.h")
        );
    }
}
