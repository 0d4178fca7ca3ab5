//! A message as people read it, in lines of at most 80 columns as long as nothing in it has no place to break.

use std::{cmp::Reverse, fmt, net::IpAddr};

use anstyle::{AnsiColor, Style};
use defender_message::{
    Record,
    decode::{Event, Payload},
    flow::Flow,
};
use defender_replay::device::Traffic;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Count, Endpoint, Escaped, UnixTime, parts};

/// The columns of a line.
pub const WIDTH: usize = 80;

/// Flows that are shown of one event; the others are summed up.
const FLOWS_SHOWN: usize = 5;

/// The columns of any IPv4 address with its port.
const SHORT: usize = 21;

/// The columns of a device's name, and of a security module's. A longer one is shortened.
const NAME: usize = 52;

const TIME: Style = Style::new().dimmed();
const DEVICE: Style = Style::new().bold();
const EVENT: Style = AnsiColor::Cyan.on_default();

/// A message for people.
pub struct Text<'a> {
    /// The message.
    pub record: &'a Record,
    /// Whether it has colours.
    pub in_colour: bool,
}

impl Text<'_> {
    /// A style, if there are any.
    fn style(&self, style: Style) -> Style {
        if self.in_colour { style } else { Style::new() }
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.record;
        let message = &record.message;
        // A message that was kept in a file has the time of what it says.
        let of_events = || message.events.iter().map(|event| event.time.into()).max();
        let time = record.received.or_else(of_events);
        let time = time.map(|seconds| UnixTime(seconds).to_string());
        let device = record.device.as_deref().map(name);
        let version = message.security_module_version.to_be_bytes();
        let content = format!(
            "{}from {} {}.{}.{}",
            record
                .bytes
                .map_or_else(String::new, |bytes| format!("{bytes} bytes ")),
            name(&message.security_module_id),
            version[0],
            version[1],
            u16::from_be_bytes([version[2], version[3]]),
        );
        let mut column = 0;
        for (text, style) in [(&time, TIME), (&device, DEVICE)] {
            if let Some(text) = text {
                let style = self.style(style);
                let space = if column == 0 { "" } else { "  " };
                write!(f, "{space}{style}{text}{style:#}")?;
                column += space.len() + text.width();
            }
        }
        let space = match column {
            0 => "",
            column if column + 2 + content.width() > WIDTH => "\n  ",
            _ => "  ",
        };
        writeln!(f, "{space}{content}")?;
        message
            .events
            .iter()
            .try_for_each(|event| write_event(event, self.style(EVENT), f))
    }
}

/// A name that somebody else chose, harmless and of some columns at most.
fn name(name: &str) -> String {
    let text = Escaped(name).to_string();
    if text.width() <= NAME {
        return text;
    }
    let mut column = 0;
    let fits = |character: &char| {
        column += character.width().unwrap_or_default();
        column < NAME
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

fn write_event(event: &Event, style: Style, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let head = |name: &str| format!("{style}{name}{style:#}");
    match &event.payload {
        Payload::NetworkActivity { flows } => {
            let (bytes_in, bytes_out) = parts(Traffic::of(flows));
            writeln!(
                f,
                "  {}, {} s: {}, {bytes_in} in, {bytes_out} out",
                head("network activity"),
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
            let known: Vec<_> = [os_info, kernel_info, hw_info]
                .into_iter()
                .filter(|info| !info.is_empty())
                .map(|info| Escaped(info).to_string())
                .collect();
            const NAME: &str = "system information";
            let text = format!("  {NAME}: {}", known.join(", "));
            let options = textwrap::Options::new(WIDTH).subsequent_indent("    ");
            let text = textwrap::fill(text.trim_end(), options);
            writeln!(f, "{}", text.replacen(NAME, &head(NAME), 1))
        }
        Payload::Heartbeat => writeln!(f, "  {}", head("heartbeat")),
        Payload::Other { kind } => writeln!(f, "  {}", head(&format!("event of kind {kind}"))),
        _ => writeln!(f, "  {}", head("event of an unknown kind")),
    }
}

/// The largest flows, and how many others there are.
fn write_flows(flows: &[Flow<IpAddr>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut largest: Vec<_> = flows.iter().collect();
    largest.sort_by_key(|flow| Reverse(Traffic::of([*flow]).total()));
    largest.truncate(FLOWS_SHOWN);
    let rows: Vec<_> = largest
        .iter()
        .map(|flow| {
            let local = Endpoint(flow.local_address, flow.local_port).to_string();
            let remote = Endpoint(flow.remote_address, flow.remote_port).to_string();
            (flow, local, remote)
        })
        .collect();
    let widest = |column: fn(&(&&Flow<IpAddr>, String, String)) -> usize| {
        rows.iter().map(column).max().unwrap_or_default()
    };
    let local_width = widest(|(_, local, _)| local.len());
    let remote_width = widest(|(_, _, remote)| remote.len());
    // What a line has beside the two: an indent, the protocol, the bytes, and spaces between.
    let fits = |(local, remote): &(usize, usize)| 9 + local + 1 + remote + 27 <= WIDTH;
    // Of events with short addresses the columns are the same.
    let widths = [
        (local_width.max(SHORT), remote_width.max(SHORT)),
        (local_width, remote_width),
    ];
    let widths = widths.into_iter().find(fits);
    for (flow, local, remote) in rows {
        let protocol = flow.protocol;
        match widths {
            Some((left, right)) => write!(f, "    {protocol:4} {local:left$} {remote:right$}")?,
            None => write!(f, "    {protocol:4} {local}\n      {remote:remote_width$}")?,
        }
        let (bytes_in, bytes_out) = parts(Traffic::of([*flow]));
        writeln!(f, " {bytes_in:>9} in {bytes_out:>9} out")?;
    }
    match flows.len() - largest.len() {
        0 => Ok(()),
        others => writeln!(f, "    and {}", Count(others as u64, "smaller flow")),
    }
}

#[cfg(test)]
mod tests {
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

    fn flow(local: &str, remote: &str, remote_port: u16, bytes_in: u32) -> Flow<IpAddr> {
        Flow {
            protocol: Protocol::Tcp,
            local_address: local.parse().unwrap(),
            local_port: 40_000,
            remote_address: remote.parse().unwrap(),
            remote_port,
            bytes_in,
            bytes_out: 7,
        }
    }

    fn message(events: Vec<Event>) -> Record {
        let mut message = SecurityMessage::new("module", 0x0305_0004);
        message.events = events;
        Record::new(message).of_bytes(1702)
    }

    /// The lines of a message, without colours. None is too long.
    fn lines(record: &Record) -> Vec<String> {
        let text = |in_colour| Text { record, in_colour }.to_string();
        let plain = text(false);
        let coloured = text(true);
        assert!(coloured.contains("\x1b["), "{coloured:?}");
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
        let lines: Vec<_> = plain.lines().map(str::to_owned).collect();
        for line in &lines {
            assert!(line.width() <= WIDTH, "{} columns: {line}", line.width());
        }
        lines
    }

    #[test]
    fn time_version_and_the_largest_flows_show() {
        let flows = (1..=7)
            .map(|port| flow("10.0.0.2", "fd00::1", port, u32::from(port) * 1000))
            .collect();
        let record = message(vec![
            event(Payload::NetworkActivity { flows }),
            event(Payload::Heartbeat),
        ]);
        let lines = lines(
            &record
                .clone()
                .from_device("dev1")
                .received_at(1_795_379_400),
        );
        assert_eq!(
            lines[0],
            "2026-11-22T20:30:00Z  dev1  1702 bytes from module 3.5.4"
        );
        assert_eq!(
            lines[1],
            "  network activity, 10 s: 7 flows, 28.00 kB in, 49 B out"
        );
        assert!(lines[2].contains("[fd00::1]:7"), "{lines:?}");
        assert!(lines[6].contains("[fd00::1]:3"), "{lines:?}");
        assert_eq!(lines[7], "    and 2 smaller flows");
        assert_eq!(lines[8], "  heartbeat");
        assert_eq!(lines.len(), 9);
        // Without a hub, the time is that of the events.
        assert!(super::tests::lines(&record)[0].starts_with("2026-11-22T20:28:31Z  1702"));
    }

    #[test]
    fn columns_align_for_both_ip_versions() {
        let short = vec![
            flow("10.0.0.2", "10.0.0.1", 1, 1),
            flow("10.0.0.2", "192.168.100.100", 65_535, 4_000_000_000),
            flow("fd00::2", "fd00::1", 1, 100_000),
        ];
        let long = vec![
            flow("10.0.0.2", "10.0.0.1", 1, 1),
            flow(
                "fd77:1111:2222:3333:4444:5555:6666:7777",
                "fd77:1111:2222:3333:4444:5555:6666:8888",
                65_535,
                4_000_000_000,
            ),
        ];
        for flows in [short, long] {
            let lines = lines(&message(vec![event(Payload::NetworkActivity { flows })]));
            let columns: Vec<_> = lines
                .iter()
                .skip(2)
                .filter_map(|line| line.find(" in "))
                .collect();
            assert!(columns.len() >= 2, "{lines:#?}");
            assert!(
                columns.iter().all(|column| *column == columns[0]),
                "{lines:#?}"
            );
        }
    }

    #[test]
    fn hostile_text_stays_within_its_place() {
        let mut record = message(vec![event(Payload::SystemInformation {
            os_info: "\x1b[2Jgone \u{9b}2J".into(),
            kernel_info: "x".repeat(500),
            hw_info: "board\n\u{202e}".into(),
        })]);
        record.message.security_module_id = format!("\x07bell {}", "東".repeat(100));
        let record = record.from_device("d\u{2028}".repeat(60));
        let text = lines(&record).join("\n");
        for hostile in ['\x1b', '\x07', '\u{9b}', '\u{202e}', '\u{2028}'] {
            assert!(!text.contains(hostile), "{text:?}");
        }
        assert!(text.contains("gone"), "{text}");
        assert!(text.contains("board\\n\\u{202e}"), "{text}");
    }
}
