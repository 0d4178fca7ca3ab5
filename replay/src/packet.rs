//! Packets and the times at which they come.

use std::{net::Ipv4Addr, time::Duration};

/// A packet that comes by a device's network interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// When it comes, since 1970.
    pub time: Duration,
    /// The IP packet, from its IP header on; `None` when the frame carries something else.
    ///
    /// It has its whole length: what a capture left out is zero.
    pub ip: Option<&'a [u8]>,
    /// Who is at the other end of the link, as far as the link tells.
    pub link: Link,
}

impl<'a> Packet<'a> {
    /// An IP packet of which no more is known than its bytes.
    pub const fn new(time: Duration, ip: &'a [u8]) -> Self {
        Self {
            time,
            ip: Some(ip),
            link: Link::UNKNOWN,
        }
    }
}

/// What a link layer says about a frame beyond its packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The hardware address of the sender.
    pub source: Option<[u8; 6]>,
    /// The hardware address of the receiver.
    pub destination: Option<[u8; 6]>,
    /// Whether the capturing machine itself sent the frame (`true`) or received it (`false`).
    pub sent_here: Option<bool>,
    /// What an ARP packet says, if the frame carries one.
    pub arp: Option<Arp>,
}

/// What an ARP packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// Who asks or answers.
    pub sender: Ipv4Addr,
    /// The hardware address of the sender.
    pub hardware: [u8; 6],
    /// Who is asked for.
    pub target: Ipv4Addr,
}

impl Link {
    /// Nothing.
    pub const UNKNOWN: Self = Self {
        source: None,
        destination: None,
        sent_here: None,
        arp: None,
    };
}

/// Where packets come from, one after the other: a capture, a scenario.
pub trait PacketSource {
    /// Why there is no next packet when there should be one.
    type Error;

    /// The next packet, or `None` after the last one.
    ///
    /// # Errors
    /// Those of the source.
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, Self::Error>;
}
