//! Topics of an IoT Hub, and whose they are. There are no others.

use percent_encoding::percent_decode_str;

/// The longest id of a request.
const MAX_REQUEST_ID: usize = 128;

/// What a client publishes to, by its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// A message of a device to the cloud.
    Telemetry,
    /// The answer to a method that was invoked.
    MethodAnswer { status: u16, request: &'a str },
    /// A request for the device's twin.
    TwinGet { request: &'a str },
    /// A change of what the device reports in its twin.
    TwinReported { request: &'a str },
    /// A message to a device, with its properties.
    CloudToDevice {
        device: &'a str,
        properties: &'a str,
    },
}

/// What `topic` is when the device `id` publishes to it; `None` when it may not.
pub(super) fn target<'a>(topic: &'a str, id: &str) -> Option<Target<'a>> {
    if let Some(rest) = topic.strip_prefix("$iothub/") {
        return iothub(rest);
    }
    let events = own(topic, id)?.strip_prefix("messages/events")?;
    if !events.is_empty() && !events.starts_with('/') {
        return None;
    }
    Some(Target::Telemetry)
}

fn iothub(rest: &str) -> Option<Target<'_>> {
    if let Some(answer) = rest.strip_prefix("methods/res/") {
        let (status, properties) = answer.split_once('/')?;
        let request = request(properties)?;
        let status = status.parse().ok()?;
        return Some(Target::MethodAnswer { status, request });
    }
    if let Some(properties) = rest.strip_prefix("twin/GET/") {
        let request = request(properties)?;
        return Some(Target::TwinGet { request });
    }
    let properties = rest.strip_prefix("twin/PATCH/properties/reported/")?;
    let request = request(properties)?;
    Some(Target::TwinReported { request })
}

/// What `topic` is when a service publishes to it.
pub(super) fn service_target(topic: &str) -> Option<Target<'_>> {
    let (device, rest) = topic.strip_prefix("devices/")?.split_once('/')?;
    let properties = match rest.strip_prefix("messages/devicebound")? {
        "" => "",
        rest => rest.strip_prefix('/')?,
    };
    (!device.is_empty()).then_some(Target::CloudToDevice { device, properties })
}

/// The id of a request in properties such as `?$rid=1`.
fn request(properties: &str) -> Option<&str> {
    let mut properties = properties.strip_prefix('?')?.split('&');
    let id = properties.find_map(|property| property.strip_prefix("$rid="))?;
    // It comes back in a topic.
    let fits = (1..=MAX_REQUEST_ID).contains(&id.len()) && !id.contains(['/', '+', '#']);
    fits.then_some(id)
}

/// What comes after `devices/{id}/`.
fn own<'a>(topic: &'a str, id: &str) -> Option<&'a str> {
    let rest = topic.strip_prefix("devices/")?.strip_prefix(id)?;
    rest.strip_prefix('/')
}

/// What a client can be subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Filter {
    /// Messages from the cloud to the device.
    CloudToDevice,
    /// Methods of the device.
    Methods,
    /// Answers to requests about its twin.
    TwinAnswers,
    /// Changes of what is desired in its twin.
    TwinDesired,
    /// Messages of all devices.
    Telemetry,
    /// Messages of all modules of devices. There are none: modules have no identities here.
    ModuleTelemetry,
}

impl Filter {
    pub const COUNT: usize = 6;

    /// What `filter` is when the device `id` subscribes to it; `None` when it may not.
    pub fn of_device(filter: &str, id: &str) -> Option<Self> {
        Some(match filter {
            "$iothub/methods/POST/#" => Self::Methods,
            "$iothub/twin/res/#" => Self::TwinAnswers,
            "$iothub/twin/PATCH/properties/desired/#" => Self::TwinDesired,
            _ => match own(filter, id)? {
                "messages/devicebound/#" => Self::CloudToDevice,
                _ => return None,
            },
        })
    }

    /// What `filter` is when a service subscribes to it.
    pub fn of_service(filter: &str) -> Option<Self> {
        match filter {
            "devices/+/messages/events/#" => Some(Self::Telemetry),
            "devices/+/modules/+/messages/events/#" => Some(Self::ModuleTelemetry),
            _ => None,
        }
    }
}

/// The topic of a message to a device.
pub(super) fn cloud_to_device(device: &str, properties: &str) -> String {
    let to = format!("%24.to=%2Fdevices%2F{device}%2Fmessages%2FdeviceBound");
    let separator = if properties.is_empty() { "" } else { "&" };
    format!("devices/{device}/messages/devicebound/{to}{separator}{properties}")
}

/// The topic of a method that is invoked.
pub(super) fn method(name: &str, request: u64) -> String {
    format!("$iothub/methods/POST/{name}/?$rid={request}")
}

/// The topic of an answer to a request about a twin.
pub(super) fn twin_answer(status: u16, request: &str, version: Option<u64>) -> String {
    match version {
        Some(version) => format!("$iothub/twin/res/{status}/?$rid={request}&$version={version}"),
        None => format!("$iothub/twin/res/{status}/?$rid={request}"),
    }
}

/// The topic of a change of what is desired in a twin.
pub(super) fn twin_desired(version: u64) -> String {
    format!("$iothub/twin/PATCH/properties/desired/?$version={version}")
}

/// Whether text can be the name of a method.
pub(super) fn is_method_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:*".contains(&byte);
    (1..=100).contains(&name.len()) && name.bytes().all(is_plain)
}

/// Whether text can be the properties in a topic: no wildcards, and percent-encoded UTF-8.
pub(super) fn are_properties(text: &str) -> bool {
    text.len() <= 4096
        && !text.contains(['+', '#', '\0'])
        && percent_decode_str(text).decode_utf8().is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OURS: &str = "mti=2.3-1-0-0&%24.ifid=urn%3Aazureiot%3ASecurity%3ASecurityAgent%3A1";

    #[test]
    fn a_device_publishes_to_its_own_topics() {
        let is = |topic: &str, expected| assert_eq!(target(topic, "a"), Some(expected), "{topic}");
        is("devices/a/messages/events/", Target::Telemetry);
        is("devices/a/messages/events", Target::Telemetry);
        is("devices/a/messages/events/x=y", Target::Telemetry);
        is(
            &format!("devices/a/messages/events/{OURS}"),
            Target::Telemetry,
        );
        is(
            "$iothub/methods/res/200/?$rid=1",
            Target::MethodAnswer {
                status: 200,
                request: "1",
            },
        );
        is(
            "$iothub/twin/GET/?$rid=r-2",
            Target::TwinGet { request: "r-2" },
        );
        is(
            "$iothub/twin/PATCH/properties/reported/?$rid=3&$version=1",
            Target::TwinReported { request: "3" },
        );
    }

    #[test]
    fn a_device_publishes_nowhere_else() {
        let long = format!("$iothub/twin/GET/?$rid={}", "1".repeat(129));
        for topic in [
            "",
            "a",
            "devices/b/messages/events/",
            "devices/ab/messages/events/",
            "devices//messages/events/",
            "devices/a/messages/eventsx",
            "devices/a/modules/m/messages/events/",
            "devices/a/messages/devicebound/",
            "$iothub/methods/POST/x/?$rid=1",
            "$iothub/methods/res/x/?$rid=1",
            "$iothub/methods/res/200",
            "$iothub/twin/GET/",
            "$iothub/twin/GET/?$rid=",
            "$iothub/twin/GET/?$rid=a/b",
            "$iothub/twin/res/200/?$rid=1",
            "$iothub/twin/PATCH/properties/desired/?$rid=1",
            "$SYS/broker",
            &long,
        ] {
            assert_eq!(target(topic, "a"), None, "{topic}");
        }
    }

    #[test]
    fn filters_are_those_of_an_iot_hub() {
        for (filter, expected) in [
            (
                "devices/a/messages/devicebound/#",
                Some(Filter::CloudToDevice),
            ),
            ("$iothub/methods/POST/#", Some(Filter::Methods)),
            ("$iothub/twin/res/#", Some(Filter::TwinAnswers)),
            (
                "$iothub/twin/PATCH/properties/desired/#",
                Some(Filter::TwinDesired),
            ),
            ("#", None),
            ("+/+/messages/devicebound/#", None),
            ("devices/+/messages/devicebound/#", None),
            ("devices/b/messages/devicebound/#", None),
            ("devices/a/#", None),
            ("$iothub/#", None),
            ("devices/+/messages/events/#", None),
        ] {
            assert_eq!(Filter::of_device(filter, "a"), expected, "{filter}");
        }
        for filter in [
            "#",
            "devices/#",
            "devices/a/messages/devicebound/#",
            "$SYS/#",
        ] {
            assert_eq!(Filter::of_service(filter), None, "{filter}");
        }
        let all = "devices/+/messages/events/#";
        assert_eq!(Filter::of_service(all), Some(Filter::Telemetry));
    }

    #[test]
    fn a_service_publishes_to_devices() {
        let to = |device, properties| Some(Target::CloudToDevice { device, properties });
        assert_eq!(
            service_target("devices/a/messages/devicebound/"),
            to("a", "")
        );
        assert_eq!(
            service_target("devices/a/messages/devicebound"),
            to("a", "")
        );
        assert_eq!(
            service_target("devices/a/messages/devicebound/x=y"),
            to("a", "x=y")
        );
        for topic in [
            "devices//messages/devicebound/",
            "devices/a/messages/events/",
            "x",
        ] {
            assert_eq!(service_target(topic), None, "{topic}");
        }
    }

    proptest! {
        /// Whatever the topic is, a device speaks for nobody else.
        #[test]
        fn no_topic_is_anothers(
            topic in "(devices/)?[ab/$]{0,4}(/messages/events/?|/messages/devicebound/)?[a-z=&]{0,8}",
        ) {
            let of_a = target(&topic, "a");
            prop_assert!(of_a.is_none() || topic.starts_with("devices/a/messages/events"));
            prop_assert!(of_a.is_none() || target(&topic, "b").is_none());
        }
    }
}
