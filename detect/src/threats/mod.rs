//! Threat lists: addresses that others know to be hostile.
//!
//! A list is plain text, Suricata's, Zeek's, a table, or STIX ([`Format`]). Lists are read into a [`Builder`], each with a
//! [`Reading`] that says what came of it, and searched together:
//!
//! ```
//! use defender_detect::threats::ThreatLists;
//!
//! let mut lists = ThreatLists::builder();
//! let reading = lists.read("blocklist", b"203.0.113.0/24 # a botnet\n10.0.0.1\n");
//! assert_eq!((reading.acting, reading.inactive), (1, 1));
//!
//! let lists = lists.build();
//! let threat = lists.find("203.0.113.9".parse().unwrap()).unwrap();
//! assert_eq!(threat.list, "blocklist");
//! ```
//!
//! Lists from outside are checked: private networks, what everybody has, and public resolvers have been in feeds, and would accuse
//! every device. They are warned about and do not act, not even within a prefix that does. Prefixes wider than /8 (IPv6: /16) are refused.
//!
//! Of nested prefixes the most specific one speaks; of equal ones that with the highest score, then that of the list that was
//! read first. A prefix takes 8 bytes, with IPv6 20, and what finds it quickly a half more, up to 1 MB. By two bytes more, with IPv6 one,
//! and up to 2 MB for each version, most addresses that no list has are told at once.

mod builder;
mod filter;
mod format;
mod label;
mod named;
mod protected;
mod report;
mod table;

use core::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

pub use self::{
    builder::Builder,
    format::Format,
    report::{Fault, MAX_LISTED, Problem, Reading},
};
use self::{
    filter::{Filter, Sites},
    named::Named,
    table::{Entry, Key, Label, Table, Words, words},
};

/// All threat lists together. An empty one knows no threat.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThreatLists {
    /// Of the prefixes that act.
    filter: Filter,
    sites: Sites,
    ipv4: Table<u32>,
    ipv6: Table<Words>,
    named: Named,
}

/// What the lists say of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Threat<'a> {
    /// The name of the list.
    pub list: &'a str,
    /// The prefix that it lists.
    pub prefix: IpNet,
    /// What it says is there.
    pub category: Option<&'a str>,
    /// How sure it is, in its own measure: 1 to 127 with Suricata's lists, to 100 with STIX.
    pub score: Option<u8>,
}

impl ThreatLists {
    /// Begins to read lists.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }

    fn new(ipv4: Table<u32>, ipv6: Table<Words>, named: Named) -> Self {
        let parts = ipv4.acting().map(Entry::range);
        let sites = ipv6.acting().map(|row| (row.start.top(), row.length));
        Self {
            filter: Filter::new(parts, ipv4.acting().count()),
            sites: Sites::new(sites, ipv6.acting().count()),
            ipv4,
            ipv6,
            named,
        }
    }

    /// What the lists say of an address, if they do.
    #[must_use]
    #[inline]
    pub fn find(&self, address: IpAddr) -> Option<Threat<'_>> {
        let address = address.to_canonical();
        let (length, label) = match address {
            IpAddr::V4(address) if !self.filter.may_have(address.to_bits()) => return None,
            IpAddr::V4(address) => self.ipv4.find(address.to_bits())?,
            IpAddr::V6(address) if !self.sites.may_have(top(address)) => return None,
            IpAddr::V6(address) => self.ipv6.find(words(address.to_bits()))?,
        };
        self.threat(address, length, label)
    }

    /// Whether a prefix may have an address, which is not one of IPv4 in the form of IPv6: quick, and mostly not so.
    #[inline]
    pub(crate) fn may_have(&self, address: &IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.filter.may_have(address.to_bits()),
            IpAddr::V6(address) => self.sites.may_have(top(*address)),
        }
    }

    /// What a list says of a prefix with an address.
    fn threat(&self, address: IpAddr, length: u8, label: Label) -> Option<Threat<'_>> {
        let (list, category, score) = self.named.get(label)?;
        let prefix = match address {
            IpAddr::V4(address) => Ipv4Net::new(address, length).ok()?.into(),
            IpAddr::V6(address) => Ipv6Net::new(address, length).ok()?.into(),
        };
        Some(Threat {
            list,
            prefix: IpNet::trunc(&prefix),
            category,
            score,
        })
    }

    /// How many different prefixes act.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ipv4.acting().count() + self.ipv6.acting().count()
    }

    /// Whether no prefix acts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of the lists.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        self.named.lists()
    }

    /// Bytes of memory that the lists hold.
    #[must_use]
    pub fn size(&self) -> usize {
        self.filter.size()
            + self.sites.size()
            + self.ipv4.size()
            + self.ipv6.size()
            + self.named.size()
    }
}

/// The highest half of an address.
fn top(address: Ipv6Addr) -> u64 {
    // The rest is cut.
    (address.to_bits() >> 64) as u64
}
