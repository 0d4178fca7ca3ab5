//! Reads exceptions: every problem is found, not only the first.

use core::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;
use toml::{Spanned, value::Datetime};

use super::{Exception, Mark};
use crate::{
    alert::Kind,
    place::{Faulty, Located, Place, quoted},
    toml_file,
};

/// Why exceptions cannot be used.
pub type ExceptionsError = Faulty<Fault>;

/// What is wrong with exceptions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// They are no TOML, or have a key that is not known.
    #[error("{message}; an exception begins with `[[exception]]`")]
    Syntax {
        /// What is wrong.
        message: String,
    },
    /// The exception would silence everything.
    #[error("this would silence every alert: name a `rule`, `device`, `group`, `peer` or `port`")]
    Everything,
    /// Nobody would know what it is for.
    #[error("the `reason` is missing: who finds the exception in a year wants to know it")]
    NoReason,
    /// There is no such rule.
    #[error("{} is neither the name of a rule nor a type of alert", quoted(.text))]
    Rule {
        /// What stands there.
        text: String,
    },
    /// The text is no prefix.
    #[error("{} is neither an address nor a prefix such as `192.0.2.0/24`", quoted(.text))]
    Peer {
        /// What stands there.
        text: String,
    },
    /// The number is no port.
    #[error("{number} is no port: these are 1 to 65535")]
    Port {
        /// What stands there.
        number: i64,
    },
    /// The time is none that everybody understands alike.
    #[error("{} is no date such as `2027-01-31`, to the end of which it is valid in UTC, nor a time such as `2027-01-31T12:00:00Z`", quoted(.text))]
    Until {
        /// What stands there.
        text: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    exception: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: Option<Spanned<String>>,
    device: Option<String>,
    group: Option<String>,
    peer: Option<Spanned<String>>,
    port: Option<Spanned<i64>>,
    until: Option<Spanned<Datetime>>,
    reason: Option<String>,
}

pub(super) fn file(text: &str) -> Result<Vec<Exception>, ExceptionsError> {
    let reading = toml_file::read::<File>(text);
    let entries = reading.value.map(|file| file.exception).unwrap_or_default();
    let syntax = reading.problems.into_iter();
    let mut reader = Reader {
        text,
        problems: syntax
            .map(|one| one.map(|message| Fault::Syntax { message }))
            .collect(),
    };
    let starts: Vec<_> = entries.iter().map(|entry| entry.span().start).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let entries = entries.into_iter().zip(ends);
    let exceptions = entries.map(|(entry, end)| reader.exception(entry, end));
    let exceptions = Some(exceptions.collect());
    Faulty::unless(exceptions, reader.problems)
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<Located<Fault>>,
}

impl Reader<'_> {
    fn exception(&mut self, entry: Spanned<Entry>, end: usize) -> Exception {
        let start = entry.span().start;
        let entry = entry.into_inner();
        // What is missing may be what is wrong.
        let [from, to] = [start, end].map(|offset| Place::of(self.text.as_bytes(), offset));
        let mut places = self.problems.iter().map(|problem| problem.place);
        let is_whole = !places.any(|place| from <= place && place < to);
        let names_something = entry.rule.is_some()
            || entry.device.is_some()
            || entry.group.is_some()
            || entry.peer.is_some()
            || entry.port.is_some();
        if !names_something && is_whole {
            self.fault(start, Fault::Everything);
        }
        let reason = entry.reason.unwrap_or_default().trim().to_owned();
        if reason.is_empty() && is_whole {
            self.fault(start, Fault::NoReason);
        }
        Exception {
            kind: self.value(entry.rule, kind),
            device: entry.device,
            group: entry.group,
            peer: self.value(entry.peer, peer),
            port: self.value(entry.port, port),
            until: self.value(entry.until, until),
            reason,
            mark: Mark::default(),
        }
    }

    fn value<T, U>(
        &mut self,
        value: Option<Spanned<T>>,
        read: fn(T) -> Result<U, Fault>,
    ) -> Option<U> {
        let value = value?;
        let start = value.span().start;
        match read(value.into_inner()) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.fault(start, fault);
                None
            }
        }
    }

    fn fault(&mut self, offset: usize, fault: Fault) {
        self.problems.push(Located::new(self.text, offset, fault));
    }
}

fn kind(text: String) -> Result<Kind, Fault> {
    let by_type = || {
        Kind::ALL
            .iter()
            .copied()
            .find(|kind| kind.alert_type() == text)
    };
    let kind = Kind::from_rule(&text).or_else(by_type);
    kind.ok_or(Fault::Rule { text })
}

/// Bits beyond the prefix's length do not matter; IPv4 in IPv6 is IPv4, as with the peers that are compared with it.
fn peer(text: String) -> Result<IpNet, Fault> {
    let address = text.parse::<IpAddr>().map(|address| address.to_canonical());
    let net = address.map(IpNet::from).or_else(|_| text.parse());
    net.map(|net| net.trunc()).map_err(|_| Fault::Peer { text })
}

fn port(number: i64) -> Result<u16, Fault> {
    let port = u16::try_from(number).ok().filter(|port| *port > 0);
    port.ok_or(Fault::Port { number })
}

/// The second at which it ends. A date is the whole of the day.
fn until(time: Datetime) -> Result<u32, Fault> {
    let text = time.to_string();
    let end = if time.time.is_none() {
        let day = text.parse::<jiff::civil::Date>().ok();
        let next = day.and_then(|day| day.tomorrow().ok());
        let next = next.and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC).ok());
        next.map(|next| next.timestamp())
    } else {
        // Without an offset it is not said which clock is meant.
        text.parse::<jiff::Timestamp>().ok()
    };
    let second = end.map(|end| end.as_second().max(0));
    let second = second.map(|second| u32::try_from(second).unwrap_or(u32::MAX));
    second.ok_or(Fault::Until { text })
}
