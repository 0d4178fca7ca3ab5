//! Durations as people write them.

use core::fmt;
use core::time::Duration;

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::ser::Serializer;

/// As text.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_duration(*duration))
}

/// From text.
///
/// # Errors
/// When it is no duration.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    struct Text;

    impl Visitor<'_> for Text {
        type Value = Duration;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a time such as \"10 min\"")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
            parse(text).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
        }
    }

    deserializer.deserialize_str(Text)
}

/// Reads numbers with their units one after the other, because the library that knows the units adds without looking at the
/// largest sum there is.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str) -> Result<Duration, String> {
    let mut sum = Duration::ZERO;
    let mut parts = parts(text).peekable();
    if parts.peek().is_none() {
        return Err("a duration is a number and its unit, like 30s or 1m 30s".to_owned());
    }
    for part in parts {
        let part = humantime::parse_duration(part).map_err(|error| format!("'{text}': {error}"))?;
        sum = sum
            .checked_add(part)
            .ok_or_else(|| format!("'{text}' is too long"))?;
    }
    Ok(sum)
}

/// Splits before each number that follows a unit.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        let unit = rest.find(char::is_alphabetic)?;
        let number = rest[unit..].find(|letter: char| letter.is_ascii_digit());
        let (part, behind) = rest.split_at(number.map_or(rest.len(), |at| unit + at));
        rest = behind;
        Some(part)
    })
    .chain(
        // What has no unit is for the library to refuse.
        (!text.trim().is_empty() && !text.contains(char::is_alphabetic)).then_some(text),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, seconds) in [
            ("30s", 30),
            ("1m 30s", 90),
            ("1m30s", 90),
            (" 2days 1h ", 176_400),
            ("1min", 60),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("1500ms"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn what_is_no_duration_or_too_long_is_refused() {
        for text in [
            "",
            "soon",
            "3",
            "s",
            "3 parsecs",
            "1m -30s",
            "18446744073709551615s 1000000000ns",
            "18446744073709551616s",
            "18446744073709551615days",
            "1s 18446744073709551615s",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
