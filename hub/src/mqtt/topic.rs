//! Topics of messages of devices, `devices/{id}/messages/events/{properties}`, and to them, `devices/{id}/messages/devicebound/{properties}`.

use std::{fmt, str::FromStr};

use defender_message::flow::PROPERTIES;
use percent_encoding::percent_decode_str;

/// What is subscribed to: messages of devices, and of the modules on them; then those to them.
const FILTERS: [&str; 4] = [
    "devices/+/messages/events/#",
    "devices/+/modules/+/messages/events/#",
    "devices/+/messages/devicebound/#",
    "devices/+/modules/+/messages/devicebound/#",
];

/// The filters of a watcher, who sees messages of devices; of all messages if those to devices matter, too.
pub(super) fn filters(of_all: bool) -> &'static [&'static str] {
    if of_all { &FILTERS } else { &FILTERS[..2] }
}

/// The name of a device, as it stands in topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceId(String);

/// Text that is no name of a device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceIdError {
    /// Empty or too long.
    #[error("a device id has 1 to {max} bytes, not {0}", max = DeviceId::MAX)]
    Length(usize),
    /// A character that means something in topics, or none that a topic may have.
    #[error("a device id must not contain {0:?}; use letters, digits, '-', '.' and '_'")]
    Character(char),
}

impl DeviceId {
    /// The longest name that an IoT Hub takes, in bytes.
    const MAX: usize = 128;

    /// A name that is known to be one.
    #[must_use]
    pub fn fixed(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeviceId {
    type Err = DeviceIdError;

    fn from_str(text: &str) -> Result<Self, DeviceIdError> {
        if !(1..=Self::MAX).contains(&text.len()) {
            return Err(DeviceIdError::Length(text.len()));
        }
        let is_special = |character: char| "/+#".contains(character) || character.is_control();
        match text.chars().find(|character| is_special(*character)) {
            Some(special) => Err(DeviceIdError::Character(special)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose message it is: the device, or module, that has sent it or is to get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    name: String,
}

/// What a message is, by its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageKind {
    /// A security message of a device.
    Security,
    /// Another message of a device.
    DeviceToCloud,
    /// A message to a device.
    CloudToDevice,
}

/// Whose message on `topic` it is, and what; `None` when the topic is another, or names nobody.
pub(crate) fn message(topic: &str) -> Option<(Sender, MessageKind)> {
    let mut levels = topic.split('/');
    let mut level = || levels.next();
    if level()? != "devices" {
        return None;
    }
    let device = level()?;
    let (module, next) = match level()? {
        "modules" => (Some(level()?), level()?),
        next => (None, next),
    };
    // Nobody's: an empty name is that of the hub itself.
    if next != "messages" || device.is_empty() || module == Some("") {
        return None;
    }
    let kind = match level()? {
        "devicebound" => MessageKind::CloudToDevice,
        "events" if level().is_some_and(is_security_message) => MessageKind::Security,
        "events" => MessageKind::DeviceToCloud,
        _ => return None,
    };
    let name = match module {
        Some(module) => format!("{device}/{module}"),
        None => device.to_owned(),
    };
    Some((Sender { name }, kind))
}

/// The device's id, with `/` and the module's id behind it if the message is a module's.
impl AsRef<str> for Sender {
    fn as_ref(&self) -> &str {
        &self.name
    }
}

/// Whether a message's properties have our `mti`.
fn is_security_message(properties: &str) -> bool {
    let (name, value) = PROPERTIES[0];
    properties
        .split('&')
        .filter_map(|property| property.split_once('='))
        .any(|(key, given)| decodes_to(key, name) && decodes_to(given, value))
}

fn decodes_to(encoded: &str, expected: &str) -> bool {
    percent_decode_str(encoded).eq(expected.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "mti=2.3-1-0-0&%24.ifid=urn%3Aazureiot%3ASecurity%3ASecurityAgent%3A1";

    /// Whose message it is, and what.
    fn seen(topic: &str) -> Option<(String, MessageKind)> {
        let (sender, kind) = message(topic)?;
        Some((sender.as_ref().to_owned(), kind))
    }

    #[test]
    fn security_messages_are_told_by_their_property() {
        let of = |properties| {
            let (device, kind) = seen(&format!("devices/dev1/messages/events/{properties}"))?;
            (device == "dev1").then_some(kind)
        };
        assert_eq!(of(OURS), Some(MessageKind::Security));
        // Any order, and encoded more than needed.
        assert_eq!(of("a=b&mti=2%2E3%2d1-0-0"), Some(MessageKind::Security));
        for other in [
            "",
            "mti=2.4-1-0-0",
            "mti",
            "xmti=2.3-1-0-0",
            "a=mti=2.3-1-0-0",
        ] {
            assert_eq!(of(other), Some(MessageKind::DeviceToCloud), "{other}");
        }
    }

    #[test]
    fn messages_are_those_of_devices_and_modules_and_to_them() {
        for (whose, name) in [("dev1", "dev1"), ("dev1/modules/m", "dev1/m")] {
            let of = |rest: &str| seen(&format!("devices/{whose}/messages/{rest}"));
            let is = |kind| Some((name.to_owned(), kind));
            assert_eq!(of(&format!("events/{OURS}")), is(MessageKind::Security));
            for rest in ["events", "events/", "events/a=b/c"] {
                assert_eq!(of(rest), is(MessageKind::DeviceToCloud), "{rest}");
            }
            // Of messages to devices no property makes security messages.
            let ours = format!("devicebound/{OURS}");
            for rest in ["devicebound", "devicebound/", "devicebound/x=y", &ours] {
                assert_eq!(of(rest), is(MessageKind::CloudToDevice), "{rest}");
            }
            assert_eq!(of(&format!("other/{OURS}")), None);
        }
        for topic in [
            "",
            "devices",
            "devices/a",
            "devices/a/messages",
            "devices/a/modules/messages/events/",
            "devices//messages/events/",
            "devices//messages/devicebound/",
            "devices/a/modules//messages/events/",
            "x/a/messages/events/",
            "$iothub/methods/POST/reboot/?$rid=1",
            "$iothub/twin/PATCH/properties/desired/?$version=2",
        ] {
            assert_eq!(seen(topic), None, "{topic}");
        }
    }

    #[test]
    fn a_watcher_asks_for_messages_of_devices_alone() {
        let of_devices = |filter: &&str| filter.ends_with("/messages/events/#");
        assert_eq!((filters(false).len(), filters(true).len()), (2, 4));
        assert!(filters(false).iter().all(of_devices));
        // Each filter has the messages of one kind and owner.
        for (filter, expected) in filters(true).iter().zip([
            ("a", MessageKind::DeviceToCloud),
            ("a/b", MessageKind::DeviceToCloud),
            ("a", MessageKind::CloudToDevice),
            ("a/b", MessageKind::CloudToDevice),
        ]) {
            let topic = filter.replacen('+', "a", 1).replace('+', "b");
            let (name, kind) = seen(topic.trim_end_matches('#')).unwrap();
            assert_eq!((name.as_str(), kind), expected, "{filter}");
        }
    }

    #[test]
    fn device_ids_fit_into_topics() {
        assert_eq!(
            "dev-1.a_b".parse::<DeviceId>().unwrap().as_str(),
            "dev-1.a_b"
        );
        for id in ["", "a/b", "a+", "#", "a\nb", &"x".repeat(129)] {
            assert!(id.parse::<DeviceId>().is_err(), "{id:?}");
        }
    }
}
