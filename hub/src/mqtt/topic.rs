//! Topics of device-to-cloud messages: `devices/{id}/messages/events/{properties}`.

use std::{fmt, str::FromStr};

use defender_message::flow::PROPERTIES;
use percent_encoding::percent_decode_str;

/// What a watcher subscribes to: messages of devices, and of the modules on them.
pub(super) const FILTERS: [&str; 2] = [
    "devices/+/messages/events/#",
    "devices/+/modules/+/messages/events/#",
];

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

/// Who sent a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    name: String,
}

impl Sender {
    /// The sender of a security message on `topic`; `None` when the topic is another, or the message's
    /// properties do not say that it is a security message.
    pub(crate) fn of(topic: &str) -> Option<Self> {
        let mut levels = topic.split('/');
        let mut level = || levels.next();
        if level()? != "devices" {
            return None;
        }
        let device = level()?;
        let (name, next) = match level()? {
            "modules" => (format!("{device}/{}", level()?), level()?),
            next => (device.to_owned(), next),
        };
        if next != "messages" || level()? != "events" {
            return None;
        }
        let properties = level()?;
        is_security_message(properties).then_some(Self { name })
    }
}

/// The device's id, with `/` and the module's id behind it if a module sent the message.
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

    fn sender(topic: &str) -> Option<String> {
        Sender::of(topic).map(|sender| sender.as_ref().to_owned())
    }

    #[test]
    fn security_messages_are_told_by_their_property() {
        let device = |properties| sender(&format!("devices/dev1/messages/events/{properties}"));
        assert_eq!(device(OURS).as_deref(), Some("dev1"));
        // Any order, and encoded more than needed.
        assert_eq!(device("a=b&mti=2%2E3%2d1-0-0").as_deref(), Some("dev1"));
        for other in [
            "",
            "mti=2.4-1-0-0",
            "mti",
            "xmti=2.3-1-0-0",
            "a=mti=2.3-1-0-0",
        ] {
            assert_eq!(device(other), None, "{other}");
        }
    }

    #[test]
    fn senders_are_devices_and_modules() {
        let module = format!("devices/dev1/modules/m/messages/events/{OURS}");
        assert_eq!(sender(&module).as_deref(), Some("dev1/m"));
        for topic in [
            "",
            "devices",
            "devices/a",
            "devices/a/messages/events",
            "x/a/messages/events/",
        ] {
            assert_eq!(sender(topic), None, "{topic}");
        }
        assert_eq!(sender(&format!("devices/a/messages/other/{OURS}")), None);
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
