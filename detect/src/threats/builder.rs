//! Lists are read into a builder, one after the other, and then searched together.

use core::net::IpAddr;
use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net};

use super::{
    Format, ThreatLists, format,
    label::{Category, Description, Labels},
    named::Named,
    protected::Protected,
    report::{Fault, Reading},
    table::{Entry, INACTIVE, Label, Table, Words, words},
};
use crate::place::Place;

/// Reads threat lists.
#[derive(Debug)]
pub struct Builder {
    pub(super) names: Vec<String>,
    /// Names of Suricata's categories.
    pub(super) categories: BTreeMap<u8, String>,
    /// Seconds of Unix time, to leave out what has expired by then.
    pub(super) now: Option<i64>,
    labels: Labels,
    ipv4: Vec<Entry<u32>>,
    ipv6: Vec<Entry<Words>>,
    protected: Protected,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            names: Vec::new(),
            categories: BTreeMap::new(),
            now: None,
            labels: Labels::default(),
            ipv4: Vec::new(),
            ipv6: Vec::new(),
            protected: Protected::new(),
        }
    }

    /// The time, in seconds of Unix time. Indicators that say until when they are valid are left out after that.
    #[must_use]
    pub fn at(mut self, time: i64) -> Self {
        self.now = Some(time);
        self
    }

    /// Reads a list, in the format that it seems to have. What is wrong with a line takes no other line with it.
    pub fn read(&mut self, name: &str, text: &[u8]) -> Reading {
        self.read_as(Format::guess(text), name, text)
    }

    /// Reads a list in a format.
    pub fn read_as(&mut self, format: Format, name: &str, text: &[u8]) -> Reading {
        let list = self.names.len();
        self.names.push(name.to_owned());
        self.labels.of_list(list);
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut sink = Sink {
            list,
            reading: Reading::new(name, format),
            builder: self,
        };
        format::read(format, text, &mut sink);
        sink.reading
    }

    /// The lists, ready to be searched.
    #[must_use]
    pub fn build(mut self) -> ThreatLists {
        for prefix in self.protected.prefixes().collect::<Vec<_>>() {
            self.insert(prefix, INACTIVE);
        }
        let descriptions = self.labels.into_descriptions();
        let score = |label: Label| match label {
            // Wins against everything: what never acts stays so.
            INACTIVE => Some(u8::MAX),
            label => descriptions[usize::from(label) - 1].score,
        };
        let ipv4 = Table::new(self.ipv4, score);
        let ipv6 = Table::new(self.ipv6, score);
        let names = self.names.into();
        ThreatLists::new(ipv4, ipv6, Named::new(names, descriptions, self.categories))
    }

    fn insert(&mut self, prefix: IpNet, label: Label) {
        let length = prefix.prefix_len();
        match prefix {
            IpNet::V4(net) => {
                let start = net.network().to_bits();
                self.ipv4.push(Entry::new(start, length, label));
            }
            IpNet::V6(net) => {
                let start = words(net.network().to_bits());
                self.ipv6.push(Entry::new(start, length, label));
            }
        }
    }
}

/// What a list's format puts what it finds into.
pub(super) struct Sink<'a> {
    list: usize,
    pub reading: Reading,
    pub builder: &'a mut Builder,
}

impl Sink<'_> {
    /// An address or prefix of the list. Where it stands is worked out only when that is to be told.
    pub fn prefix(
        &mut self,
        place: impl FnOnce() -> Place,
        text: &str,
        category: Category,
        score: Option<u8>,
    ) {
        let Some(prefix) = parse(text) else {
            let text = text.to_owned();
            return self.fault(place, Fault::NotAnAddress { text });
        };
        if let Some(fault) = self.builder.protected.fault(prefix) {
            return self.fault(place, fault);
        }
        self.reading.acting += 1;
        let label = self.builder.labels.of(Description {
            list: self.list,
            category,
            score,
        });
        self.builder.insert(prefix, label);
        if prefix.prefix_len() < prefix.max_prefix_len()
            && let Some((address, whose)) = self.builder.protected.resolver_within(prefix)
        {
            let fault = Fault::ResolverWithin {
                prefix,
                address,
                whose,
            };
            self.fault(place, fault);
        }
    }

    pub fn fault(&mut self, place: impl FnOnce() -> Place, fault: Fault) {
        self.reading.push(place, fault);
    }

    /// Something that is right and no address.
    pub fn skip(&mut self) {
        self.reading.skipped += 1;
    }
}

/// An address or a prefix; bits beyond its length do not matter. IPv4 in IPv6 is IPv4.
fn parse(text: &str) -> Option<IpNet> {
    let prefix: IpNet = match text.contains('/') {
        false => text.parse::<IpAddr>().ok()?.into(),
        true => text.parse().ok()?,
    };
    Some(canonical(prefix).trunc())
}

fn canonical(prefix: IpNet) -> IpNet {
    /// How many bits of an IPv6 address say that it is an IPv4 one.
    const MAPPED: u8 = 96;
    if let IpNet::V6(net) = prefix
        && let Some(address) = net.addr().to_ipv4_mapped()
        && let Some(length) = net.prefix_len().checked_sub(MAPPED)
        && let Ok(net) = Ipv4Net::new(address, length)
    {
        return net.into();
    }
    prefix
}
