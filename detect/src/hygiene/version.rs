//! Versions of ThreadX and NetX Duo, as system information states them.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A version. Without a patch level it stands for all that begin with its numbers: the original agent says no more of ThreadX than
/// "Azure RTOS 6.1".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number, if it is known.
    pub patch: Option<u16>,
}

impl Version {
    /// Reads the version at the beginning of a text. What follows the third number, such as a date, is no part of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.find(|character: char| character != '.' && !character.is_ascii_digit());
        let mut numbers = text[..end.unwrap_or(text.len())].split('.').map(str::parse);
        Some(Self {
            major: numbers.next()?.ok()?,
            minor: numbers.next()?.ok()?,
            patch: numbers.next().and_then(Result::ok),
        })
    }

    /// The first that it may stand for.
    #[must_use]
    pub fn lowest(self) -> [u16; 3] {
        [self.major, self.minor, self.patch.unwrap_or(0)]
    }

    /// The last that it may stand for.
    #[must_use]
    pub fn highest(self) -> [u16; 3] {
        [self.major, self.minor, self.patch.unwrap_or(u16::MAX)]
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        match self.patch {
            Some(patch) => write!(f, ".{patch}"),
            None => Ok(()),
        }
    }
}

/// As text where people read it, as numbers in states.
impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(self),
            false => (self.major, self.minor, self.patch).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            Self::parse(&text).ok_or_else(|| {
                D::Error::custom(format_args!(
                    "`{text}` is no version; one is written as in 6.4.2"
                ))
            })
        } else {
            let (major, minor, patch) = Deserialize::deserialize(deserializer)?;
            Ok(Self {
                major,
                minor,
                patch,
            })
        }
    }
}

/// What devices run that advisories are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Product {
    /// The kernel.
    ThreadX,
    /// The network stack.
    NetXDuo,
}

impl Product {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ThreadX => "ThreadX",
            Self::NetXDuo => "NetX Duo",
        }
    }
}

/// The versions that a device states.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[non_exhaustive]
pub struct System {
    /// That of the kernel.
    pub threadx: Option<Version>,
    /// That of the network stack.
    pub netx_duo: Option<Version>,
    /// That of Azure RTOS as a whole: both had the same number.
    pub azure_rtos: Option<Version>,
}

/// What a device says of its software.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Versions {
    /// What it runs on.
    pub system: System,
    /// Its agent, if it is one of this family.
    pub agent: Option<Version>,
}

impl System {
    /// Reads what system information says: names with versions behind them, in any order and company.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self {
            threadx: after(text, "threadx"),
            netx_duo: after(text, "netx duo").or_else(|| after(text, "netxduo")),
            azure_rtos: after(text, "azure rtos"),
        }
    }

    /// The version of a product; that of the whole where its own is not stated.
    #[must_use]
    pub fn version(&self, product: Product) -> Option<Version> {
        match product {
            Product::ThreadX => self.threadx,
            Product::NetXDuo => self.netx_duo,
        }
        .or(self.azure_rtos)
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.threadx, self.netx_duo, self.azure_rtos) {
            (Some(threadx), Some(netx_duo), _) => {
                write!(f, "ThreadX {threadx} with NetX Duo {netx_duo}")
            }
            (Some(threadx), None, _) => write!(f, "ThreadX {threadx}"),
            (None, Some(netx_duo), _) => write!(f, "NetX Duo {netx_duo}"),
            (None, None, Some(both)) => write!(f, "Azure RTOS {both}"),
            (None, None, None) => f.write_str("an unknown version"),
        }
    }
}

/// The version behind a name.
fn after(text: &str, name: &str) -> Option<Version> {
    let lower = text.to_ascii_lowercase();
    lower.match_indices(name).find_map(|(at, _)| {
        let rest = lower[at + name.len()..].trim_start_matches([' ', 'v', ':', '/', '-']);
        Version::parse(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(major: u16, minor: u16, patch: Option<u16>) -> Version {
        Version {
            major,
            minor,
            patch,
        }
    }

    #[test]
    fn versions_are_read_as_agents_state_them() {
        let original = System::parse("Azure RTOS 6.1");
        assert_eq!(
            original.version(Product::ThreadX),
            Some(version(6, 1, None))
        );
        assert_eq!(
            original.version(Product::NetXDuo),
            Some(version(6, 1, None))
        );
        let ours = System::parse("Azure RTOS 6.4, ThreadX 6.4.2, NetX Duo 6.4.1.202402");
        assert_eq!(ours.version(Product::ThreadX), Some(version(6, 4, Some(2))));
        assert_eq!(ours.version(Product::NetXDuo), Some(version(6, 4, Some(1))));
        assert_eq!(ours.to_string(), "ThreadX 6.4.2 with NetX Duo 6.4.1");
        for unknown in ["", "Linux 6.1", "ThreadX", "ThreadX six", "Azure RTOS é"] {
            assert!(System::parse(unknown).is_unknown(), "{unknown}");
        }
    }

    #[test]
    fn a_version_without_a_patch_level_stands_for_all_of_them() {
        let version = version(6, 1, None);
        assert_eq!(version.lowest(), [6, 1, 0]);
        assert_eq!(version.highest(), [6, 1, u16::MAX]);
        assert_eq!(version.to_string(), "6.1");
    }

    #[test]
    fn versions_become_text_and_bytes_and_back() {
        let version = version(6, 5, Some(2));
        let text = serde_json::to_string(&version).unwrap();
        assert_eq!(text, "\"6.5.2\"");
        assert_eq!(serde_json::from_str::<Version>(&text).unwrap(), version);
        let bytes = postcard::to_stdvec(&version).unwrap();
        assert_eq!(postcard::from_bytes::<Version>(&bytes).unwrap(), version);
        assert!(serde_json::from_str::<Version>("\"six\"").is_err());
    }
}
