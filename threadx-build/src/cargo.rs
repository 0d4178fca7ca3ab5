//! What cargo tells a build script, and what that tells cargo.

use std::env;
use std::ffi::OsString;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use crate::{Error, settings};

/// Environment variables. A trait, so that tests need not touch the process's own.
pub trait Variables {
    /// The variable's value; an empty one counts as none.
    fn get(&self, name: &str) -> Option<OsString>;

    /// The variable's value as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    fn text(&self, name: &str) -> Result<Option<String>, Error> {
        self.get(name)
            .map(OsString::into_string)
            .transpose()
            .map_err(|value| Error::Syntax {
                place: name.to_owned(),
                what: value.to_string_lossy().into_owned(),
                expected: "UTF-8",
            })
    }

    /// The variable's value as text.
    ///
    /// # Errors
    /// When it is not set, or not UTF-8.
    fn required(&self, name: &str) -> Result<String, Error> {
        self.text(name)?.ok_or_else(|| Error::NotABuildScript {
            name: name.to_owned(),
        })
    }
}

/// The process's variables. Cargo runs the build script again when one that was read changes.
#[derive(Clone, Copy, Debug)]
pub struct Environment;

impl Variables for Environment {
    fn get(&self, name: &str) -> Option<OsString> {
        let is_cargos = ["CARGO_", "DEP_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            || ["OUT_DIR", "TARGET"].contains(&name);
        if !is_cargos {
            println!("cargo::rerun-if-env-changed={name}");
        }
        env::var_os(name).filter(|value| !value.is_empty())
    }
}

/// Variables of a test.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct Given(pub std::collections::HashMap<String, OsString>);

#[cfg(test)]
impl Variables for Given {
    fn get(&self, name: &str) -> Option<OsString> {
        self.0.get(name).cloned()
    }
}

/// What a build script is called with.
#[derive(Clone, Debug)]
pub struct Call {
    /// The folder of the package.
    pub package: PathBuf,
    /// Where the build script may write.
    pub out: PathBuf,
    /// The target triple.
    pub target: String,
    /// Whether the target has a POSIX system.
    pub unix: bool,
}

impl Call {
    /// # Errors
    /// Outside of a build script.
    pub fn of(variables: &impl Variables) -> Result<Self, Error> {
        Ok(Self {
            package: variables.required("CARGO_MANIFEST_DIR")?.into(),
            out: variables.required("OUT_DIR")?.into(),
            target: variables.required("TARGET")?,
            // CARGO_CFG_UNIX would be set, but empty. Bare metal has no family.
            unix: variables
                .text("CARGO_CFG_TARGET_FAMILY")?
                .is_some_and(|families| families.split(',').any(|family| family == "unix")),
        })
    }

    /// The folder above the package's, which in a checkout is the workspace's.
    #[must_use]
    pub fn workspace(&self) -> &Path {
        self.package.parent().unwrap_or(&self.package)
    }

    /// Whether upstream's port for Linux runs on the target: 32-bit x86 only, because the Azure IoT middleware puts pointers
    /// into 32-bit words.
    #[must_use]
    pub fn is_linux_of_upstream(&self) -> bool {
        self.target == crate::port::LINUX
    }
}

/// Runs a build script. An error becomes cargo's, and fails the build; who has set the variables of which it speaks is said, too.
pub fn run(script: impl FnOnce() -> Result<(), Error>) {
    if let Err(error) = script() {
        let message = error.to_string();
        let settings = settings::spoken_of(&message);
        // One line each, or cargo shows the first only.
        for line in message.lines().chain(settings.iter().map(String::as_str)) {
            println!("cargo::error={line}");
        }
    }
}

/// Shown with the build, also when the script does not run again.
pub fn warning(text: impl Display) {
    println!("cargo::warning={text}");
}

/// Declares a `cfg`, and sets it if so.
pub fn cfg(name: &str, set: bool) {
    println!("cargo::rustc-check-cfg=cfg({name})");
    if set {
        println!("cargo::rustc-cfg={name}");
    }
}

/// For the build scripts of dependents: `DEP_<LINKS>_<KEY>`.
pub fn metadata(key: &str, value: impl Display) {
    println!("cargo::metadata={key}={value}");
}

/// Runs the script again when one of these changes: files, or folders with all below them.
pub fn rerun_if_changed<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) {
    for path in paths {
        println!("cargo::rerun-if-changed={}", path.as_ref().display());
    }
}

/// Runs the script again when one of these variables changes, which somebody else reads.
pub fn rerun_if_env_changed<S: Display>(variables: impl IntoIterator<Item = S>) {
    for variable in variables {
        println!("cargo::rerun-if-env-changed={variable}");
    }
}

/// Folders as the value of one metadata key, in the form of `PATH`.
///
/// # Errors
/// When one contains the separator, or is not UTF-8.
pub fn join_paths<P: AsRef<Path>>(paths: &[P]) -> Result<String, Error> {
    let syntax = |what: String| Error::Syntax {
        place: "a folder of headers".to_owned(),
        what,
        expected: "a path in UTF-8 without the separator of PATH",
    };
    env::join_paths(paths.iter().map(AsRef::as_ref))
        .map_err(|error| syntax(error.to_string()))?
        .into_string()
        .map_err(|paths| syntax(paths.to_string_lossy().into_owned()))
}

/// The folders of a variable in the form of `PATH`; none if it is not set.
pub fn split_paths(variables: &impl Variables, name: &str) -> Vec<PathBuf> {
    variables
        .get(name)
        .map(|paths| {
            env::split_paths(&paths)
                .filter(|path| !path.as_os_str().is_empty())
                .collect()
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What cargo sets for a target, as far as it is read.
    fn call(target: &str, family: Option<&str>) -> Result<Call, Error> {
        let mut given = Given::default();
        let mut set = |name: &str, value: &str| given.0.insert(name.to_owned(), value.into());
        set("CARGO_MANIFEST_DIR", "/there/threadx-sys");
        set("OUT_DIR", "/there/target/out");
        set("TARGET", target);
        if let Some(family) = family {
            set("CARGO_CFG_TARGET_FAMILY", family);
        }
        Call::of(&given)
    }

    #[test]
    fn systems_with_posix_are_told_from_others() {
        for (target, family, unix) in [
            ("x86_64-unknown-linux-gnu", Some("unix"), true),
            ("wasm32-unknown-emscripten", Some("unix,wasm"), true),
            ("x86_64-pc-windows-msvc", Some("windows"), false),
            ("thumbv7em-none-eabihf", None, false),
        ] {
            assert_eq!(call(target, family).unwrap().unix, unix, "{target}");
        }
    }

    #[test]
    fn upstreams_linux_is_32_bit() {
        let is_linux = |target| call(target, None).unwrap().is_linux_of_upstream();
        assert!(is_linux("i686-unknown-linux-gnu"));
        assert!(!is_linux("x86_64-unknown-linux-gnu"));
    }

    #[test]
    fn outside_of_a_build_script_the_missing_variable_is_named() {
        let text = Call::of(&Given::default()).unwrap_err().to_string();
        assert!(text.contains("CARGO_MANIFEST_DIR"), "{text}");
    }

    #[test]
    fn folders_survive_being_one_value() {
        let folders = [PathBuf::from("/a b/c"), PathBuf::from("/d")];
        let mut given = Given::default();
        let value = join_paths(&folders).unwrap();
        given.0.insert("INCLUDE".to_owned(), value.into());
        assert_eq!(split_paths(&given, "INCLUDE"), folders);
        assert_eq!(split_paths(&given, "NOTHING"), Vec::<PathBuf>::new());
    }
}
