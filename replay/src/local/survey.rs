//! What packets tell of the hosts that take part in them.

use std::{
    collections::{BTreeSet, HashMap},
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use super::{Identity, LocalAddress, guess::Known, is_reserved, is_unicast};
use crate::{ip, packet::Packet};

/// How many addresses are looked at; those that come later are left out. A scan may bring millions.
const MOST_ADDRESSES: usize = 1 << 16;

/// How many hardware addresses are kept of a host.
const MOST_CARDS: usize = 4;

/// What is known about a host by one of its addresses.
#[derive(Clone, Debug, Default)]
pub(super) struct Host {
    /// Packets from and to it.
    pub sent: u64,
    pub received: u64,
    /// Those of them that go from one host to another, not to a group.
    pub unicast: u64,
    /// Packets from it with as many hops left as senders give, so that they came over no router, or are about to.
    pub sent_whole: u64,
    /// Packets that the link says the capturing machine sent from it, or received.
    pub sent_here: u64,
    pub received_here: u64,
    /// It got this address by DHCP.
    pub is_configured: bool,
    /// It gave addresses away by DHCP.
    pub configures: bool,
    /// It asked for others by ARP.
    pub asks: u64,
    /// Connections that it opened, and that were opened to it.
    pub opens: u64,
    pub opened: u64,
    /// Where its packets came from. More than one: it moved, or a router passes them on.
    pub hardware: BTreeSet<[u8; 6]>,
}

impl Host {
    pub fn packets(&self) -> u64 {
        self.sent + self.received
    }

    fn add_hardware(&mut self, hardware: [u8; 6]) {
        // Loopback interfaces, and programs that make captures of what they know, say nothing by zeros.
        if self.hardware.len() < MOST_CARDS && hardware != [0; 6] {
            self.hardware.insert(hardware);
        }
    }
}

/// The device at whose network interface packets were captured, most likely.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Guess {
    /// The device.
    pub device: Identity,
    /// Hosts for which nearly as much speaks, the likeliest first.
    pub others: Vec<IpAddr>,
}

/// What packets tell of the hosts that take part in them.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    packets: u64,
    start: Option<Duration>,
    end: Duration,
    /// IPv4 and IPv6 packets from one host to another.
    unicast: [u64; 2],
    hosts: Vec<(IpAddr, Host)>,
    places: HashMap<IpAddr, usize>,
    /// Cards whose hosts asked for an address.
    askers: BTreeSet<[u8; 6]>,
}

impl Survey {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at a packet.
    pub fn observe(&mut self, packet: &Packet<'_>) {
        self.packets += 1;
        self.start.get_or_insert(packet.time);
        self.end = self.end.max(packet.time);
        if let Some(arp) = packet.link.arp
            && let Some(host) = self.host(arp.sender.into())
        {
            host.asks += 1;
            host.add_hardware(arp.hardware);
        }
        let Some(ip) = packet.ip else {
            return;
        };
        let Some((source, destination)) = ip::endpoints(ip) else {
            return;
        };
        let opening = opening(ip);
        let configured = configured(ip);
        let unicast = u64::from(is_host(source) && is_host(destination));
        self.unicast[usize::from(source.is_ipv6())] += unicast;
        if let Some(host) = self.host(source) {
            host.sent += 1;
            host.unicast += unicast;
            host.sent_whole += u64::from(matches!(ip::hops_left(ip), Some(32 | 64 | 128 | 255)));
            host.opens += u64::from(opening == Some(true));
            host.opened += u64::from(opening == Some(false));
            host.configures |= configured.is_some();
            match packet.link.sent_here {
                Some(true) => host.sent_here += 1,
                Some(false) => host.received_here += 1,
                None => {}
            }
            if let Some(hardware) = packet.link.source {
                host.add_hardware(hardware);
            }
        }
        if let Some(host) = self.host(destination) {
            host.received += 1;
            host.unicast += unicast;
            host.opened += u64::from(opening == Some(true));
            host.opens += u64::from(opening == Some(false));
        }
        if let Some((address, hardware)) = configured
            && let Some(host) = self.host(address.into())
        {
            host.is_configured = true;
            host.add_hardware(hardware);
        }
        // Who asks for an address is known by its card only.
        if source.is_unspecified()
            && let Some(hardware) = packet.link.source
            && self.askers.len() < MOST_ADDRESSES
        {
            self.askers.insert(hardware);
        }
    }

    /// Packets that were looked at.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// When the first packet came, and the latest time of any.
    pub fn span(&self) -> Option<(Duration, Duration)> {
        self.start.map(|start| (start, self.end.max(start)))
    }

    /// Whether an address sends or receives.
    pub fn has(&self, address: IpAddr) -> bool {
        self.places.contains_key(&address)
    }

    /// The addresses that take part in most packets, at most `count`, the most frequent first.
    pub fn busiest(&self, count: usize) -> Vec<IpAddr> {
        let mut hosts: Vec<_> = self.hosts.iter().collect();
        // Among equals the lowest address, so that the answer is always the same.
        hosts.sort_by_key(|(address, host)| (std::cmp::Reverse(host.packets()), *address));
        hosts
            .into_iter()
            .take(count)
            .map(|(address, _)| *address)
            .collect()
    }

    /// The device that has these addresses.
    pub fn identify(&self, addresses: Vec<LocalAddress>) -> Identity {
        let hardware: BTreeSet<_> = addresses
            .iter()
            .filter_map(|own| self.places.get(&own.address))
            .flat_map(|&place| self.hosts[place].1.hardware.iter().copied())
            .collect();
        Identity::new(addresses, hardware.into_iter().collect())
    }

    /// The device at whose network interface these packets were captured, most likely.
    pub fn guess(&self) -> Option<Guess> {
        let known = Known::new(&self.hosts, self.unicast, &self.askers);
        let (addresses, others) = known.device()?;
        let addresses = addresses.into_iter().map(LocalAddress::from).collect();
        Some(Guess {
            device: self.identify(addresses),
            others,
        })
    }

    /// What is known about a host that could be the device.
    fn host(&mut self, address: IpAddr) -> Option<&mut Host> {
        let place = match self.places.get(&address) {
            Some(place) => *place,
            None => {
                let place = self.hosts.len();
                if place == MOST_ADDRESSES || !is_host(address) {
                    return None;
                }
                self.places.insert(address, place);
                self.hosts.push((address, Host::default()));
                place
            }
        };
        Some(&mut self.hosts[place].1)
    }
}

/// Whether an address can be one host's.
fn is_host(address: IpAddr) -> bool {
    is_unicast(address) && !is_reserved(address)
}

/// Whether the sender of a packet opens a connection with it (`true`), or the receiver has (`false`), if that can be told.
fn opening(packet: &[u8]) -> Option<bool> {
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    const SYN: u8 = 0x02;
    const ACK: u8 = 0x10;
    /// Below these are the ports of services.
    const SERVICES: u16 = 1024;

    let (protocol, header) = ip::transport(packet)?;
    let port = |at: usize| Some(u16::from_be_bytes([*header.get(at)?, *header.get(at + 1)?]));
    match protocol {
        TCP => match header.get(13)? & (SYN | ACK) {
            SYN => Some(true),
            flags if flags == SYN | ACK => Some(false),
            _ => None,
        },
        UDP => match (port(0)? < SERVICES, port(2)? < SERVICES) {
            (false, true) => Some(true),
            (true, false) => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The address that a DHCP server gives away, and to whom.
fn configured(packet: &[u8]) -> Option<(Ipv4Addr, [u8; 6])> {
    const UDP: u8 = 17;
    const SERVER_TO_CLIENT: [u8; 4] = [0, 67, 0, 68];
    const REPLY: u8 = 2;

    let (protocol, datagram) = ip::transport(packet)?;
    if protocol != UDP || !datagram.starts_with(&SERVER_TO_CLIENT) {
        return None;
    }
    let message = datagram.get(8..)?;
    let address = Ipv4Addr::from(*message.get(16..)?.first_chunk::<4>()?);
    let hardware = *message.get(28..)?.first_chunk()?;
    (message[0] == REPLY && !address.is_unspecified()).then_some((address, hardware))
}
