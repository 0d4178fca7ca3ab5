//! The sentence that explains an alert: what was seen, against which limit, in which flows.

use core::fmt::Write;
use core::net::IpAddr;

use defender_message::flow::{Flow, Protocol};

use super::{Kind, Service, Side};

/// The most flows that a sentence names; the evidence has more.
const NAMED_FLOWS: usize = 2;

/// What a sentence is about.
pub(super) struct Facts<'a> {
    pub kind: Kind,
    pub device: &'a str,
    pub observed: u64,
    pub limit: u64,
    pub window: u32,
    pub peer: Option<IpAddr>,
    pub service: Option<Service>,
    pub detail: &'a str,
    /// How many findings it sums up, for which there was no room.
    pub sums_up: Option<u32>,
    pub evidence: &'a [Flow<IpAddr>],
}

/// Writes the sentence, without a full stop: names may follow it.
pub(super) fn write(facts: &Facts<'_>) -> String {
    let mut sentence = match facts.sums_up {
        Some(count) => {
            format!("{count} more findings of this kind than are told one by one; the latest: ")
        }
        None => String::new(),
    };
    let mut rest = facts.kind.sentence();
    while let Some((before, after)) = rest.split_once('{') {
        sentence.push_str(before);
        let Some((place, after)) = after.split_once('}') else {
            break;
        };
        fill_in(&mut sentence, place, facts);
        rest = after;
    }
    sentence.push_str(rest);
    for (index, flow) in facts.evidence.iter().take(NAMED_FLOWS).enumerate() {
        sentence.push_str(if index == 0 { "; flows: " } else { ", " });
        push_flow(&mut sentence, flow);
    }
    let others = facts.evidence.len().saturating_sub(NAMED_FLOWS);
    if others > 0 {
        push(&mut sentence, format_args!(" and {others} more"));
    }
    sentence
}

fn fill_in(sentence: &mut String, place: &str, facts: &Facts<'_>) {
    let offers = facts.service.map_or(Side::Peer, |service| service.at);
    let place = match (place, offers) {
        ("client", Side::Peer) | ("server", Side::Device) => "device",
        ("client" | "server", _) => "peer",
        (place, _) => place,
    };
    match place {
        "device" if facts.device.is_empty() => sentence.push_str("the hub"),
        "device" => sentence.push_str(facts.device),
        "flows" if facts.limit == 1 => sentence.push_str("1 flow"),
        "flows" => push(sentence, format_args!("{} flows", Grouped(facts.limit))),
        "observed" => push(sentence, format_args!("{}", Grouped(facts.observed))),
        "limit" => push(sentence, format_args!("{}", Grouped(facts.limit))),
        "window" => push(sentence, format_args!("{}", Window(facts.window))),
        "peer" => match facts.peer {
            Some(peer) => push(sentence, format_args!("{peer}")),
            None => sentence.push_str("an unknown address"),
        },
        "service" => match facts.service {
            Some(service) => push(sentence, format_args!("{service}")),
            None if facts
                .evidence
                .iter()
                .any(|flow| flow.protocol == Protocol::Icmp) =>
            {
                sentence.push_str("ICMP");
            }
            None => sentence.push_str("an unknown service"),
        },
        _ => sentence.push_str(facts.detail),
    }
}

fn push_flow(sentence: &mut String, flow: &Flow<IpAddr>) {
    let (local, remote) = (flow.local_address, flow.remote_address);
    let is_sum = remote.is_unspecified() && flow.local_port == 0 && flow.remote_port == 0;
    match flow.protocol {
        protocol if is_sum => push(sentence, format_args!("{protocol} {local} in sum")),
        Protocol::Icmp => push(sentence, format_args!("ICMP {local} with {remote}")),
        protocol => {
            let local = core::net::SocketAddr::new(local, flow.local_port);
            let remote = core::net::SocketAddr::new(remote, flow.remote_port);
            push(sentence, format_args!("{protocol} {local} with {remote}"));
        }
    }
}

fn push(sentence: &mut String, what: core::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = sentence.write_fmt(what);
}

/// A number as people read it: thousands apart.
struct Grouped(u64);

impl core::fmt::Display for Grouped {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            0..1_000 => write!(f, "{}", self.0),
            number => write!(f, "{},{:03}", Self(number / 1_000), number % 1_000),
        }
    }
}

/// A time as people say it.
struct Window(u32);

impl core::fmt::Display for Window {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            60 => f.write_str("a minute"),
            seconds if seconds > 0 && seconds % 3600 == 0 => write!(f, "{} h", seconds / 3600),
            seconds if seconds > 0 && seconds % 60 == 0 => write!(f, "{} min", seconds / 60),
            seconds => write!(f, "{seconds} s"),
        }
    }
}
