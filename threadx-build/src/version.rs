//! Which version a tree has.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::Error;

/// The oldest supported version.
pub const OLDEST: Version = Version {
    major: 6,
    minor: 1,
    patch: 12,
};

/// The newest supported version, with any patch.
pub const NEWEST_MINOR: &str = "6.5";

/// A version of ThreadX or NetX Duo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 6.
    pub major: u32,
    /// Changes with features.
    pub minor: u32,
    /// Changes with corrections.
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    /// Reads the version of `name` from its main header, which defines `<prefix>_MAJOR_VERSION` and so on.
    ///
    /// # Errors
    /// When the header cannot be read or does not say it.
    pub fn read(name: &'static str, prefix: &str, header: &Path) -> Result<Self, Error> {
        // Old headers have single bytes that are no UTF-8, in names of people.
        let bytes = fs::read(header).map_err(Error::file(header))?;
        let text = String::from_utf8_lossy(&bytes);
        let number = |part: &str| {
            let macro_name = format!("{prefix}_{part}_VERSION");
            defined_number(&text, &macro_name).ok_or_else(|| Error::NoVersion {
                name,
                header: header.to_owned(),
                macro_name,
            })
        };
        Ok(Self {
            major: number("MAJOR")?,
            minor: number("MINOR")?,
            patch: number("PATCH")?,
        })
    }

    /// Whether the bindings are made for it.
    #[must_use]
    pub fn is_supported(self) -> bool {
        self >= OLDEST && (self.major, self.minor) <= (6, 5)
    }

    /// Itself, if it is supported.
    ///
    /// # Errors
    /// Otherwise.
    pub fn supported(self, name: &'static str, tree: &Path) -> Result<Self, Error> {
        if self.is_supported() {
            Ok(self)
        } else {
            Err(Error::UnsupportedVersion {
                name,
                tree: tree.to_owned(),
                version: self,
            })
        }
    }
}

/// The number that a line `#define NAME number` gives.
fn defined_number(text: &str, name: &str) -> Option<u32> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        if words.next()? != "#define" || words.next()? != name {
            return None;
        }
        words.next()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Result<Version, Error> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tx_api.h");
        fs::write(&file, text).unwrap();
        Version::read("ThreadX", "THREADX", &file)
    }

    fn version(major: u32, minor: u32, patch: u32) -> Version {
        Version {
            major,
            minor,
            patch,
        }
    }

    #[test]
    fn the_version_is_read_from_its_three_defines() {
        let text = "#define AZURE_RTOS_THREADX\n#define THREADX_MAJOR_VERSION           6\n\
                    #define THREADX_MINOR_VERSION 4 /* x */\r\n  #define THREADX_PATCH_VERSION\t2\n";
        assert_eq!(header(text).unwrap(), version(6, 4, 2));
    }

    #[test]
    fn a_header_without_a_version_is_named() {
        let error = header("#define THREADX_MAJOR_VERSION 6\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("tx_api.h"), "{text}");
        assert!(text.contains("THREADX_MINOR_VERSION"), "{text}");
    }

    #[test]
    fn versions_from_6_1_12_to_6_5_are_supported() {
        for (major, minor, patch, supported) in [
            (6, 1, 11, false),
            (6, 1, 12, true),
            (6, 3, 0, true),
            (6, 4, 2, true),
            (6, 5, 0, true),
            (6, 5, 1, true),
            (6, 6, 0, false),
            (7, 0, 0, false),
            (5, 9, 0, false),
        ] {
            let version = version(major, minor, patch);
            assert_eq!(version.is_supported(), supported, "{version}");
        }
    }

    #[test]
    fn an_unsupported_version_is_refused_with_the_range() {
        let error = version(5, 9, 1)
            .supported("ThreadX", Path::new("there"))
            .unwrap_err();
        let text = error.to_string();
        for part in ["there", "5.9.1", "6.1.12", "6.5.x"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
