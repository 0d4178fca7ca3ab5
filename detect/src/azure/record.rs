//! A record of a log, with what matters of it, whichever way it came.

use core::net::IpAddr;
use std::borrow::Cow;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};

use crate::input::Transport;

/// A record. Log Analytics and the command-line tool name members otherwise, and may have both names.
#[derive(Deserialize)]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    time: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "eventTimestamp", alias = "TimeGenerated")]
    other_time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    category: Option<Name<'a>>,
    #[serde(borrow, rename = "Category")]
    other_category: Option<Name<'a>>,
    #[serde(borrow, rename = "operationName")]
    operation: Option<Name<'a>>,
    #[serde(borrow, rename = "OperationName")]
    other_operation: Option<Name<'a>>,
    #[serde(borrow, alias = "Level")]
    level: Option<Name<'a>>,
    #[serde(borrow, rename = "resultType", alias = "ResultType")]
    result: Option<Name<'a>>,
    #[serde(borrow, rename = "status")]
    other_result: Option<Name<'a>>,
    #[serde(borrow, rename = "resultSignature", alias = "subStatus")]
    signature: Option<Name<'a>>,
    #[serde(borrow, rename = "resultDescription", alias = "ResultDescription")]
    description: Option<Name<'a>>,
    #[serde(borrow, rename = "resourceId", alias = "ResourceId")]
    resource: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "properties_s")]
    properties: Option<&'a RawValue>,
}

/// A name or number, alone or, from the command-line tool, as the value of an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Number(u64),
    Object {
        #[serde(borrow)]
        value: Cow<'a, str>,
    },
    Other(IgnoredAny),
}

impl Name<'_> {
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Object { value } => Cow::Borrowed(value),
            Self::Other(_) => Cow::Borrowed(""),
        }
    }
}

/// The first of the names that there is.
fn text<'r>(names: &[&'r Option<Name<'_>>]) -> Cow<'r, str> {
    let name = names.iter().find_map(|name| name.as_ref());
    name.map(Name::text).unwrap_or_default()
}

impl Record<'_> {
    pub fn time(&self) -> Option<&str> {
        let time = self.time.as_deref().or(self.other_time.as_deref());
        time.map(str::trim)
    }

    pub fn category(&self) -> Cow<'_, str> {
        text(&[&self.category, &self.other_category])
    }

    pub fn operation(&self) -> Cow<'_, str> {
        text(&[&self.operation, &self.other_operation])
    }

    /// The result: a code of the hub, or a word of the activity log.
    pub fn result(&self) -> Cow<'_, str> {
        text(&[&self.result, &self.other_result])
    }

    /// What follows the result in the activity log, such as `Succeeded.Created`.
    pub fn signature(&self) -> Cow<'_, str> {
        text(&[&self.signature])
    }

    /// The resource that it is about, in capital letters.
    pub fn resource(&self) -> String {
        let resource = self.resource.as_deref().unwrap_or_default();
        resource.to_ascii_uppercase()
    }

    pub fn is_error(&self) -> bool {
        text(&[&self.level]).eq_ignore_ascii_case("error")
    }

    pub fn description(&self) -> Cow<'_, str> {
        text(&[&self.description])
    }

    /// The properties: an object, or a text with one in it.
    pub fn properties(&self) -> Properties {
        let raw = self.properties.map_or("{}", RawValue::get);
        let inner = match raw.starts_with('"') {
            true => serde_json::from_str::<String>(raw).unwrap_or_default(),
            false => raw.to_owned(),
        };
        Properties(serde_json::from_str(&inner).unwrap_or_default())
    }
}

/// A record's properties.
pub(super) struct Properties(Value);

impl Properties {
    /// A property as text; a number is one, too.
    fn get(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub fn device(&self) -> Option<String> {
        self.get("deviceId").filter(|device| !device.is_empty())
    }

    /// The code of an HTTP status, such as 401.
    pub fn status(&self) -> Option<u32> {
        self.get("statusCode")?.trim().parse().ok()
    }

    /// Everything that says in words why something failed.
    pub fn words(&self) -> String {
        let names = [
            "statusDescription",
            "errorMessage",
            "message",
            "details",
            "reason",
            "error",
        ];
        let words: Vec<_> = names.iter().filter_map(|name| self.get(name)).collect();
        words.join(" ")
    }

    /// MQTT, if nothing else is said: it is what these devices speak.
    pub fn transport(&self) -> Transport {
        let protocol = self
            .get("protocol")
            .unwrap_or_default()
            .to_ascii_lowercase();
        match protocol {
            protocol if protocol.starts_with("amqp") => Transport::Amqp,
            protocol if protocol.starts_with("http") => Transport::Http,
            _ => Transport::Mqtt,
        }
    }

    /// Where it came from. The service masks the last part of an address: then it is the first address of the network.
    pub fn source(&self) -> Option<IpAddr> {
        let names = ["maskedIpAddress", "ipAddress", "callerIpAddress"];
        let text = names.iter().find_map(|name| self.get(name))?;
        let text = text.trim();
        let unmasked = match text.rsplit_once('.') {
            Some((network, mask))
                if mask.bytes().all(|byte| matches!(byte, b'X' | b'x' | b'*')) =>
            {
                format!("{network}.0")
            }
            _ => text.to_owned(),
        };
        unmasked.parse().ok()
    }
}
