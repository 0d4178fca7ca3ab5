//! The Common Event Format: a line for each change.

use std::fmt::Write;

use defender_detect::{ChangeEvent, Severity, alert::Side};

use super::uid;
use crate::store::Outgoing;

/// A change as a line of CEF. Nothing that a device says can end a field, or the line.
pub(super) fn line(outgoing: &Outgoing) -> String {
    let change = &outgoing.change;
    let alert = &change.alert;
    let mut line = format!(
        "CEF:0|threadx-defender|threadx-defender|{}|{}|{}|{}|",
        env!("CARGO_PKG_VERSION"),
        alert.kind.alert_type(),
        Header(alert.kind.title()),
        severity(alert.severity),
    );
    let mut is_first = true;
    let mut add = |name: &str, value: &dyn std::fmt::Display| {
        let space = if std::mem::take(&mut is_first) {
            ""
        } else {
            " "
        };
        // Nothing that is written to a string fails.
        let _ = write!(line, "{space}{name}={}", Extension(&value.to_string()));
    };
    add("externalId", &uid(outgoing));
    add("act", &name(change.event));
    add("cat", &alert.kind.rule());
    add("cnt", &alert.count);
    add("start", &(u64::from(alert.first_seen) * 1000));
    add("end", &(u64::from(alert.last_seen) * 1000));
    if !alert.device.is_empty() {
        add("deviceExternalId", &alert.device);
    }
    if let Some(peer) = alert.peer {
        add("dst", &peer);
    }
    if let Some(service) = alert.service {
        add("proto", &service.protocol);
        if service.port > 0 {
            add("dpt", &service.port);
        }
        let at = match service.at {
            Side::Device => "device",
            Side::Peer => "peer",
        };
        add("cs2", &at);
        add("cs2Label", &"serviceAt");
    }
    add("cs1", &alert.id);
    add("cs1Label", &"alertId");
    add("msg", &alert.explanation);
    line
}

/// What happened, as a word.
pub(super) fn name(event: ChangeEvent) -> &'static str {
    match event {
        ChangeEvent::Raised => "raised",
        ChangeEvent::Again => "again",
        ChangeEvent::Closed => "closed",
    }
}

fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 3,
        Severity::Medium => 6,
        Severity::High => 9,
    }
}

/// A text within the header, where bars separate.
struct Header<'a>(&'a str);

/// A text within the extension, where equals signs separate.
struct Extension<'a>(&'a str);

impl std::fmt::Display for Header<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        escape(f, self.0, '|')
    }
}

impl std::fmt::Display for Extension<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        escape(f, self.0, '=')
    }
}

fn escape(f: &mut std::fmt::Formatter<'_>, text: &str, separator: char) -> std::fmt::Result {
    for character in text.chars() {
        match character {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\\' => f.write_str("\\\\")?,
            _ if character == separator => write!(f, "\\{character}")?,
            // What is no text: other controls, separators of lines, marks that turn the direction of text.
            '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
                f.write_char('?')?;
            }
            _ if character.is_control() => f.write_char('?')?,
            _ => f.write_char(character)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::tests::outgoing, *};

    #[test]
    fn a_line_has_what_the_format_asks_for() {
        let line = line(&outgoing("pump", ChangeEvent::Raised));
        let version = env!("CARGO_PKG_VERSION");
        let start = format!("CEF:0|threadx-defender|threadx-defender|{version}|Defender_PortScan|");
        assert!(line.starts_with(&start), "{line}");
        for part in [
            "externalId=PortScan-pump-1/raised ",
            " deviceExternalId=pump ",
            " dst=192.0.2.7 proto=TCP dpt=22 ",
            " start=1795000000000 end=1795000060000 ",
            " msg=pump tried 10 ports",
        ] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }

    #[test]
    fn a_hostile_name_stays_in_its_field() {
        let line = line(&outgoing(
            "a=b\nCEF:0|x|\\\u{202e}\u{7}",
            ChangeEvent::Closed,
        ));
        assert_eq!(line.lines().count(), 1);
        let escaped = "deviceExternalId=a\\=b\\nCEF:0|x|\\\\??";
        assert!(line.contains(escaped), "{line}");
    }
}
