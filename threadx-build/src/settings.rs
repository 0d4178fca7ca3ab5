//! Who sets a variable: one of cargo's configuration files, or whoever called cargo. A file of a folder far above is easily forgotten.

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// Who sets a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setter {
    /// A configuration file of cargo, in its table `env`.
    File(PathBuf),
    /// No such file: a shell, or cargo's command line.
    Environment,
}

impl fmt::Display for Setter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(formatter, "is set in {}", file.display()),
            Self::Environment => write!(formatter, "comes from the environment"),
        }
    }
}

/// A sentence for each variable that a message speaks of and that is set: by whom.
#[must_use]
pub fn spoken_of(message: &str) -> Vec<String> {
    sentences(message, &files(), |name| env::var_os(name))
}

fn sentences<V: AsRef<OsStr>>(
    message: &str,
    files: &[PathBuf],
    value: impl Fn(&str) -> Option<V>,
) -> Vec<String> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut names: Vec<&str> = message
        .split(|letter| !is_of_name(letter))
        // What a message also has in capitals, such as PATH, is no setting of ours.
        .filter(|word| word.contains('_'))
        .collect();
    names.sort_unstable();
    names.dedup();
    let set = names.into_iter().filter_map(|name| {
        let value = value(name).filter(|value| !value.as_ref().is_empty())?;
        Some(format!("{name} {}", setter(name, value.as_ref(), files)))
    });
    set.collect()
}

/// The first of the files that gives the variable this value. Others may name it, too, which had no effect.
fn setter(name: &str, value: &OsStr, files: &[PathBuf]) -> Setter {
    let mut files = files.iter();
    let file = files.find(|file| value_in(file, name).is_some_and(|given| given == value));
    file.cloned().map_or(Setter::Environment, Setter::File)
}

/// What a configuration file gives a variable.
fn value_in(file: &Path, name: &str) -> Option<PathBuf> {
    let text = fs::read_to_string(file).ok()?;
    let configuration = DeTable::parse(&text).ok()?;
    let variable = configuration.get_ref().get("env")?.get_ref().get(name)?;
    if let Some(value) = variable.get_ref().as_str() {
        return Some(value.into());
    }
    let value = variable.get_ref().get("value")?.get_ref().as_str()?;
    let relative = variable.get_ref().get("relative");
    if matches!(
        relative.map(|relative| relative.get_ref()),
        Some(DeValue::Boolean(true))
    ) {
        // To the folder that has the folder `.cargo`.
        return Some(file.parent()?.parent()?.join(value));
    }
    Some(value.into())
}

/// Configuration files where cargo looks for them, from the folder upwards in which it was called. It does not say which one that is:
/// shells do, output is mostly below it, and packages of the workspace are.
fn files() -> Vec<PathBuf> {
    let from = |name| env::var_os(name).map(PathBuf::from);
    let begins = ["PWD", "OUT_DIR", "CARGO_MANIFEST_DIR"].map(from);
    let home = from("CARGO_HOME").or_else(|| Some(env::home_dir()?.join(".cargo")));
    files_above(begins.into_iter().flatten(), home.as_deref())
}

fn files_above(begins: impl Iterator<Item = PathBuf>, home: Option<&Path>) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for begin in begins {
        folders.extend(begin.ancestors().map(|folder| folder.join(".cargo")));
    }
    folders.extend(home.map(Path::to_owned));
    let files = folders
        .iter()
        .flat_map(|folder| ["config", "config.toml"].map(|name| folder.join(name)));
    files.filter(|file| file.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "THREADX_PREBUILT_INCLUDE names a prebuilt ThreadX, but THREADX_DIR (/trees/threadx) holds its sources as well; \
                           NETXDUO_DIR and PATH";

    /// A project below a folder with a configuration, both with these tables `env`; and cargo's home with one. Returns it, and what is
    /// said about the message.
    fn said(
        above: &str,
        project: &str,
        home: &str,
        value: impl Fn(&str) -> Option<&'static str>,
    ) -> (tempfile::TempDir, Vec<String>) {
        let root = tempfile::tempdir().unwrap();
        for (file, variables) in [
            ("a/.cargo/config.toml", above),
            ("a/project/.cargo/config.toml", project),
            ("cargos/config.toml", home),
        ] {
            let file = root.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, format!("[env]\n{variables}\n")).unwrap();
        }
        let begins = ["a/project/target/out", "elsewhere"].map(|folder| root.path().join(folder));
        let files = files_above(begins.into_iter(), Some(&root.path().join("cargos")));
        let said = sentences(MESSAGE, &files, value);
        (root, said)
    }

    fn both(name: &str) -> Option<&'static str> {
        match name {
            "THREADX_PREBUILT_INCLUDE" => Some("/headers"),
            "THREADX_DIR" => Some("/trees/threadx"),
            "NETXDUO_DIR" => Some(""),
            "PATH" => Some("/bin"),
            _ => None,
        }
    }

    #[test]
    fn each_variable_has_the_file_that_sets_it() {
        let (root, said) = said(
            "THREADX_DIR = '/trees/threadx'",
            "THREADX_PREBUILT_INCLUDE = { value = '/headers', force = true }",
            "THREADX_DIR = '/another'",
            both,
        );
        let root = root.path().display();
        assert_eq!(
            said,
            [
                format!("THREADX_DIR is set in {root}/a/.cargo/config.toml"),
                format!("THREADX_PREBUILT_INCLUDE is set in {root}/a/project/.cargo/config.toml"),
            ]
        );
    }

    #[test]
    fn cargos_home_is_the_last_place() {
        let (root, said) = said("", "", "THREADX_DIR = '/trees/threadx'", both);
        let root = root.path().display();
        assert_eq!(
            said[0],
            format!("THREADX_DIR is set in {root}/cargos/config.toml")
        );
    }

    #[test]
    fn what_no_file_sets_or_another_value_comes_from_the_environment() {
        // A variable of the environment goes before that of a file.
        for above in ["", "THREADX_DIR = '/not/in/effect'", "not = TOML"] {
            let (_root, said) = said(above, "", "", both);
            assert_eq!(
                said,
                [
                    "THREADX_DIR comes from the environment",
                    "THREADX_PREBUILT_INCLUDE comes from the environment",
                ]
            );
        }
    }

    #[test]
    fn relative_values_begin_above_the_folder_of_the_configuration() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join(".cargo/config.toml");
        fs::create_dir(file.parent().unwrap()).unwrap();
        fs::write(
            &file,
            "[env]\nTHREADX_DIR = { value = 'trees', relative = true }",
        )
        .unwrap();
        let value = root.path().join("trees");
        let files = files_above([root.path().to_owned()].into_iter(), None);
        assert_eq!(
            setter("THREADX_DIR", value.as_os_str(), &files),
            Setter::File(file)
        );
    }
}
