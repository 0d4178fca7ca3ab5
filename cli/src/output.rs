//! Security messages as people and as programs read them.

use std::{
    cmp::Reverse,
    fmt,
    io::{self, Write},
    time::{Duration, UNIX_EPOCH},
};

use defender_message::{
    Record,
    decode::{Event, Payload},
    flow::Flow,
};
use indicatif::DecimalBytes;

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A small block each, for people.
    Text,
    /// An object each on a line of its own, for programs.
    Json,
}

impl Format {
    /// JSON when the option `--json` is given.
    pub fn from_json_flag(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }
}

/// Writes a message with what is known about its way to `out`, and makes sure that it arrives there now.
pub fn write(record: &Record, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Text => write!(out, "{}", Text(record))?,
        Format::Json => {
            // To a string first: errors of `out` are to stay what they are.
            let line = serde_json::to_string(record).map_err(io::Error::other)?;
            writeln!(out, "{line}")?;
        }
    }
    out.flush()
}

/// A message for people.
struct Text<'a>(&'a Record);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(record) = self;
        if let Some(received) = record.received {
            write!(f, "{}  ", UnixTime(received))?;
        }
        if let Some(device) = &record.device {
            write!(f, "{}  ", device.escape_debug())?;
        }
        if let Some(bytes) = record.bytes {
            write!(f, "{bytes} bytes ")?;
        }
        let version = record.message.security_module_version.to_be_bytes();
        writeln!(
            f,
            "from {} {}.{}.{}",
            record.message.security_module_id.escape_debug(),
            version[0],
            version[1],
            u16::from_be_bytes([version[2], version[3]]),
        )?;
        record
            .message
            .events
            .iter()
            .try_for_each(|event| write_event(event, f))
    }
}

/// Flows that are shown of one event; the others are summed up.
const FLOWS_SHOWN: usize = 5;

fn write_event(event: &Event, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // Whatever a device sends may be hostile: nothing of it reaches the terminal unescaped.
    match &event.payload {
        Payload::NetworkActivity { flows } => {
            let (bytes_in, bytes_out) = Traffic::of(flows).parts();
            writeln!(
                f,
                "  network activity, {} s: {}, {bytes_in} in, {bytes_out} out",
                event.collection_interval,
                Count(flows.len() as u64, "flow"),
            )?;
            write_flows(flows, f)
        }
        Payload::SystemInformation {
            os_info,
            kernel_info,
            hw_info,
        } => {
            write!(f, "  system information:")?;
            let known = [os_info, kernel_info, hw_info];
            for (index, info) in known
                .into_iter()
                .filter(|info| !info.is_empty())
                .enumerate()
            {
                let separator = if index == 0 { " " } else { ", " };
                write!(f, "{separator}{}", info.escape_debug())?;
            }
            writeln!(f)
        }
        Payload::Heartbeat => writeln!(f, "  heartbeat"),
        Payload::Other { kind } => writeln!(f, "  event of kind {kind}"),
        _ => writeln!(f, "  event of an unknown kind"),
    }
}

/// The largest flows, and how many others there are.
fn write_flows(flows: &[Flow<std::net::IpAddr>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut largest: Vec<_> = flows.iter().collect();
    largest.sort_by_key(|flow| Reverse(Traffic::of([*flow]).total()));
    for flow in largest.iter().take(FLOWS_SHOWN) {
        let local = Endpoint(flow.local_address, flow.local_port).to_string();
        let remote = Endpoint(flow.remote_address, flow.remote_port).to_string();
        let (bytes_in, bytes_out) = Traffic::of([*flow]).parts();
        writeln!(
            f,
            "    {:4} {local:21} {remote:21} {bytes_in:>9} in {bytes_out:>9} out",
            flow.protocol
        )?;
    }
    match largest.len().saturating_sub(FLOWS_SHOWN) {
        0 => Ok(()),
        others => writeln!(f, "    and {}", Count(others as u64, "smaller flow")),
    }
}

/// Bytes of any number of flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// To the device.
    pub bytes_in: u64,
    /// From the device.
    pub bytes_out: u64,
}

impl Traffic {
    /// The bytes of `flows` together.
    pub fn of<'a, A: 'a>(flows: impl IntoIterator<Item = &'a Flow<A>>) -> Self {
        let mut sum = Self::default();
        for flow in flows {
            sum.bytes_in += u64::from(flow.bytes_in);
            sum.bytes_out += u64::from(flow.bytes_out);
        }
        sum
    }

    /// Bytes of both ways.
    pub fn total(self) -> u64 {
        self.bytes_in + self.bytes_out
    }

    /// Bytes in and out as people read them.
    pub fn parts(self) -> (String, String) {
        let text = |bytes| DecimalBytes(bytes).to_string();
        (text(self.bytes_in), text(self.bytes_out))
    }
}

impl std::ops::AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
    }
}

impl std::iter::Sum for Traffic {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        let mut sum = Self::default();
        parts.for_each(|part| sum += part);
        sum
    }
}

/// An address and port; without the port when it is 0, as with ICMP and aggregates.
pub struct Endpoint(pub std::net::IpAddr, pub u16);

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            0 if self.0.is_unspecified() => f.write_str("others"),
            0 => write!(f, "{}", self.0),
            port => write!(f, "{}", std::net::SocketAddr::new(self.0, port)),
        }
    }
}

/// A number of things: `1 flow`, `1,702 flows`.
pub struct Count<'a>(pub u64, pub &'a str);

impl fmt::Display for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", indicatif::HumanCount(self.0), self.1)
    }
}

/// A Unix second as date and time of day in UTC.
pub struct UnixTime(pub u64);

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The year 9999: what is later has no such text.
        let seconds = self.0.min(253_402_300_799);
        let time = UNIX_EPOCH + Duration::from_secs(seconds);
        write!(f, "{}", humantime::format_rfc3339_seconds(time))
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use defender_message::{SecurityMessage, decode::EventId, flow::Protocol};

    use super::*;

    fn event(payload: Payload) -> Event {
        Event {
            id: EventId([0xA5; 16]),
            time: 1_795_379_311,
            collection_interval: 10,
            payload,
        }
    }

    fn flow(remote_port: u16, bytes_in: u32) -> Flow<IpAddr> {
        Flow {
            protocol: Protocol::Tcp,
            local_address: "10.0.0.2".parse().unwrap(),
            local_port: 4000,
            remote_address: "fd00::1".parse().unwrap(),
            remote_port,
            bytes_in,
            bytes_out: 7,
        }
    }

    fn message(events: Vec<Event>) -> SecurityMessage {
        let mut message = SecurityMessage::new("module", 0x0305_0004);
        message.events = events;
        message
    }

    fn written(message: &SecurityMessage, format: Format) -> String {
        let record = Record::new(message.clone())
            .received_at(1_795_379_311)
            .of_bytes(1702);
        let mut out = Vec::new();
        write(&record, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_is_one_object_a_line() {
        let text = written(&message(vec![event(Payload::Heartbeat)]), Format::Json);
        assert_eq!(
            text,
            "{\"received\":1795379311,\"bytes\":1702,\"security_module_id\":\"module\",\
             \"security_module_version\":50659332,\"events\":[{\"type\":\"Heartbeat\",\
             \"event_id\":\"a5a5a5a5-a5a5-a5a5-a5a5-a5a5a5a5a5a5\",\"time\":1795379311,\"collection_interval\":10}]}\n"
        );
    }

    #[test]
    fn text_shows_time_version_and_the_largest_flows() {
        let flows = (1..=7)
            .map(|port| flow(port, u32::from(port) * 1000))
            .collect();
        let message = message(vec![
            event(Payload::NetworkActivity { flows }),
            event(Payload::Heartbeat),
        ]);
        let text = written(&message, Format::Text);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[0],
            "2026-11-22T20:28:31Z  1702 bytes from module 3.5.4"
        );
        assert_eq!(
            lines[1],
            "  network activity, 10 s: 7 flows, 28.00 kB in, 49 B out"
        );
        assert!(lines[2].contains("[fd00::1]:7"), "{text}");
        assert!(lines[6].contains("[fd00::1]:3"), "{text}");
        assert_eq!(lines[7], "    and 2 smaller flows");
        assert_eq!(lines[8], "  heartbeat");
        assert_eq!(lines.len(), 9);
    }

    #[test]
    fn hostile_text_reaches_no_terminal() {
        let mut hostile = message(vec![event(Payload::SystemInformation {
            os_info: "\x1b[2Jgone".into(),
            kernel_info: String::new(),
            hw_info: "board\n".into(),
        })]);
        hostile.security_module_id = "\x07bell".into();
        let text = written(&hostile, Format::Text);
        assert!(!text.contains(['\x1b', '\x07']), "{text:?}");
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("gone, board"), "{text}");
    }

    #[test]
    fn counts_and_endpoints_read_well() {
        assert_eq!(Count(1, "flow").to_string(), "1 flow");
        assert_eq!(Count(2429, "packet").to_string(), "2,429 packets");
        let any = "0.0.0.0".parse().unwrap();
        assert_eq!(Endpoint(any, 0).to_string(), "others");
        let host = "10.0.0.1".parse().unwrap();
        assert_eq!(Endpoint(host, 0).to_string(), "10.0.0.1");
        assert_eq!(Endpoint(host, 53).to_string(), "10.0.0.1:53");
    }
}
