//! How the simulation kit gets control without a change to upstream's files: single files are compiled with names replaced, so
//! that a call that they make goes to the kit, and all of them with a header of the kit in front.
//!
//! A line is one of
//! - `path/in/the/tree.c: NAME=REPLACEMENT [NAME=REPLACEMENT …]`, with `?` in front where some versions have no such file;
//! - `*: include PATH`, a header, by its path in the package.
//!
//! `#` begins a comment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::compiler::Define;

/// The name of the file in a kit's folder.
pub const FILE: &str = "seams.txt";

/// What a kit asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seams {
    /// The replacements of each file.
    pub files: BTreeMap<PathBuf, Replacements>,
    /// Headers that are put in front of every file.
    pub headers: Vec<PathBuf>,
}

/// The replacements of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replacements {
    /// Whether a tree may be without the file.
    pub optional: bool,
    /// The names.
    pub defines: Vec<Define>,
}

/// Reads seams. `place` is the name of the file in messages, `package` where the paths of headers begin.
///
/// # Errors
/// When a line is no seam.
pub fn parse(place: &Path, package: &Path, text: &str) -> Result<Seams, Error> {
    let mut seams = Seams::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.is_empty() {
            continue;
        }
        let syntax = || Error::Syntax {
            place: format!("{}:{number}", place.display()),
            what: line.to_owned(),
            expected: "path/in/the/tree.c: NAME=REPLACEMENT [NAME=REPLACEMENT …], or *: include PATH",
        };
        let (file, rest) = line.split_once(": ").ok_or_else(syntax)?;
        if file == "*" {
            let header = rest.trim().strip_prefix("include ").ok_or_else(syntax)?;
            seams.headers.push(package.join(header.trim()));
            continue;
        }
        let (file, optional) = file
            .strip_prefix('?')
            .map_or((file, false), |file| (file, true));
        let defines: Vec<Define> = rest
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| syntax())?;
        if defines.is_empty() || defines.iter().any(|define| define.value.is_empty()) {
            return Err(syntax());
        }
        let replacements = seams.files.entry(PathBuf::from(file.trim())).or_default();
        replacements.optional = optional;
        replacements.defines.extend(defines);
    }
    Ok(seams)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Seams, Error> {
        parse(Path::new("seams.txt"), Path::new("package"), text)
    }

    #[test]
    fn files_names_and_headers_are_read() {
        let seams = read(
            "# why\n\n*: include simulation/foreign.h\na/b.c: x=our_x y=our_y # two\n?a/c.c: z=our_z\na/b.c: v=our_v\n",
        )
        .unwrap();
        assert_eq!(seams.headers, [Path::new("package/simulation/foreign.h")]);
        let names = |file: &str| -> Vec<String> {
            let defines = &seams.files[Path::new(file)].defines;
            defines.iter().map(Define::to_string).collect()
        };
        assert_eq!(names("a/b.c"), ["x=our_x", "y=our_y", "v=our_v"]);
        assert_eq!(names("a/c.c"), ["z=our_z"]);
        assert!(!seams.files[Path::new("a/b.c")].optional);
        assert!(seams.files[Path::new("a/c.c")].optional);
    }

    #[test]
    fn what_is_no_seam_is_refused_with_its_line() {
        for line in ["a/b.c", "a/b.c:", "a/b.c: x", "a/b.c: x=", "*: foreign.h"] {
            let text = read(&format!("# first\n{line}\n")).unwrap_err().to_string();
            assert!(text.contains("seams.txt:2"), "{text}");
        }
    }
}
