//! Security messages as people and as programs read them.

mod escape;
mod text;

use std::{
    fmt,
    io::{self, BufWriter, IsTerminal, Write},
    time::{Duration, UNIX_EPOCH},
};

use anstream::AutoStream;
use defender_message::Record;
use defender_replay::device::Traffic;
use indicatif::DecimalBytes;
use serde::Serialize;

use text::Text;

pub use escape::Escaped;
pub use text::WIDTH;

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

    /// Text for somebody who sits at a terminal, JSON for a program.
    pub fn by_reader() -> Self {
        Self::from_json_flag(!io::stdout().is_terminal())
    }
}

/// A sentence in lines that are not too long.
pub fn fill(text: &str) -> String {
    textwrap::fill(text, WIDTH)
}

/// Where messages are written: standard output, in one format.
pub struct Output {
    out: BufWriter<Box<dyn Write + Send>>,
    format: Format,
    in_colour: bool,
    line: Vec<u8>,
}

impl Output {
    /// Standard output, with colours where text goes to a terminal that has them.
    pub fn stdout(format: Format) -> Self {
        let in_colour = format == Format::Text
            && AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        if in_colour {
            // It knows what old consoles have in place of escape sequences.
            Self::to(Box::new(anstream::stdout()), format, true)
        } else {
            Self::to(Box::new(io::stdout()), format, false)
        }
    }

    fn to(out: Box<dyn Write + Send>, format: Format, in_colour: bool) -> Self {
        Self {
            out: BufWriter::with_capacity(64 << 10, out),
            format,
            in_colour,
            line: Vec::new(),
        }
    }

    /// Writes a message. Others may wait with it until [`flush`](Self::flush).
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        match self.format {
            Format::Text => {
                let in_colour = self.in_colour;
                self.line.clear();
                write!(self.line, "{}", Text { record, in_colour })?;
                self.out.write_all(&self.line)
            }
            Format::Json => self.write_json(record),
        }
    }

    /// Writes a value as JSON on a line of its own.
    pub fn write_json(&mut self, value: &impl Serialize) -> io::Result<()> {
        // To a line first: errors of the output are to stay what they are.
        self.line.clear();
        serde_json::to_writer(&mut self.line, value)?;
        self.line.push(b'\n');
        escape::write_json(&mut self.out, &self.line)
    }

    /// Writes text for people as it is, but for colours that are not wanted. Nothing in it may come from anybody else.
    pub fn write_text(&mut self, text: impl fmt::Display) -> io::Result<()> {
        let text = text.to_string();
        if self.in_colour {
            writeln!(self.out, "{text}")
        } else {
            writeln!(self.out, "{}", anstream::adapter::strip_str(&text))
        }
    }

    /// Makes sure that all that was written arrives now.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Bytes in and out as people read them.
pub fn parts(traffic: Traffic) -> (String, String) {
    let text = |bytes| DecimalBytes(bytes).to_string();
    (text(traffic.bytes_in), text(traffic.bytes_out))
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
    use std::sync::{Arc, Mutex};

    use defender_message::{
        SecurityMessage,
        decode::{Event, EventId, Payload},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn json_is_one_object_a_line() {
        let mut message = SecurityMessage::new("module\u{202e}", 0x0305_0004);
        message.events = vec![Event {
            id: EventId([0xA5; 16]),
            time: 1_795_379_311,
            collection_interval: 10,
            payload: Payload::Heartbeat,
        }];
        let record = Record::new(message)
            .from_device("dev1\u{9b}2J")
            .received_at(1_795_379_312)
            .of_bytes(1702);
        let sink = Sink::default();
        let mut output = Output::to(Box::new(sink.clone()), Format::Json, false);
        output.write(&record).unwrap();
        output.flush().unwrap();
        let line = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            line,
            concat!(
                r#"{"device":"dev1\u009b2J","received":1795379312,"bytes":1702,"#,
                r#""security_module_id":"module\u202e","security_module_version":50659332,"#,
                r#""events":[{"type":"Heartbeat","event_id":"a5a5a5a5-a5a5-a5a5-a5a5-a5a5a5a5a5a5","#,
                r#""time":1795379311,"collection_interval":10}]}"#,
                "\n"
            )
        );
        assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
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
