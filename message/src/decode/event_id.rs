//! The UUID of an event, and its text.

use core::{fmt, str::FromStr};

/// The UUID of an event, most significant byte first. Displayed the usual way, in five groups of hexadecimal digits; read
/// back from that, and serialized as that text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EventId(pub [u8; 16]);

/// Text that is no [`EventId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no event id; one looks like 4fe8a1d2-0c5b-4b7e-9d36-1a2b3c4d5e6f")]
pub struct EventIdError(String);

/// The bytes before which a hyphen stands.
const GROUPS: [usize; 4] = [4, 6, 8, 10];

impl EventId {
    /// Whether all its bits are 0, which says that the event has no id.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.0 == [0; 16]
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [b'-'; 36];
        let mut at = 0;
        for (index, byte) in self.0.iter().enumerate() {
            at += usize::from(GROUPS.contains(&index));
            for digit in [byte >> 4, byte & 0xF] {
                text[at] = b"0123456789abcdef"[usize::from(digit)];
                at += 1;
            }
        }
        formatter.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EventId({self})")
    }
}

impl FromStr for EventId {
    type Err = EventIdError;

    fn from_str(text: &str) -> Result<Self, EventIdError> {
        read(text.as_bytes()).ok_or_else(|| EventIdError(text.to_owned()))
    }
}

fn read(text: &[u8]) -> Option<EventId> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    let mut bytes = [0; 16];
    let mut at = 0;
    for (index, byte) in bytes.iter_mut().enumerate() {
        if GROUPS.contains(&index) {
            (text.get(at) == Some(&b'-')).then_some(())?;
            at += 1;
        }
        // Two digits fit a byte.
        *byte = (digit(at)? << 4 | digit(at + 1)?) as u8;
        at += 2;
    }
    (at == text.len()).then_some(EventId(bytes))
}

#[cfg(feature = "serde")]
impl serde::Serialize for EventId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for EventId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_id_are_the_same() {
        let text = "4fe8a1d2-0c5b-4b7e-9d36-1a2b3c4d5e6f";
        let id: EventId = text.parse().unwrap();
        assert_eq!(id.0[..6], [0x4F, 0xE8, 0xA1, 0xD2, 0x0C, 0x5B]);
        assert_eq!(id.to_string(), text);
        assert_eq!(text.to_uppercase().parse(), Ok(id));
        assert!(!id.is_nil());
        assert!(EventId::default().is_nil());
    }

    #[test]
    fn other_text_is_refused() {
        let whole = "4fe8a1d2-0c5b-4b7e-9d36-1a2b3c4d5e6f";
        for text in [
            "",
            &whole[1..],
            &whole.replace('-', ""),
            &whole.replace('4', "g"),
            &whole.replace('4', "é"),
            &format!("{whole}0"),
            &format!("+{}", &whole[1..]),
        ] {
            assert!(text.parse::<EventId>().is_err(), "{text}");
        }
    }
}
