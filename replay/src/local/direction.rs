//! Which way a packet goes, seen from the device.

use std::net::IpAddr;

use super::LocalAddress;
use crate::{ip, packet::Packet};

/// What a device is known by on its network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    addresses: Vec<LocalAddress>,
    hardware: Vec<[u8; 6]>,
}

/// Which way a packet goes, seen from the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The device sent it.
    Outgoing,
    /// The device is to receive it.
    Incoming,
    /// It went by: the device has nothing to do with it.
    Elsewhere,
}

impl Identity {
    /// A device with these IP addresses and, as far as they are known, hardware addresses.
    pub fn new(addresses: Vec<LocalAddress>, hardware: Vec<[u8; 6]>) -> Self {
        Self {
            addresses,
            hardware,
        }
    }

    /// Its IP addresses.
    pub fn addresses(&self) -> &[LocalAddress] {
        &self.addresses
    }

    /// Which way `packet` goes. `ip` is its IP packet.
    ///
    /// A packet too short to have addresses counts as incoming: a network interface takes it, and to
    /// see that it is broken is up to the receiver.
    pub fn direction(&self, packet: &Packet<'_>, ip: &[u8]) -> Direction {
        let Some((source, destination)) = ip::endpoints(ip) else {
            return Direction::Incoming;
        };
        if self.owns(source) || (source.is_unspecified() && self.sent(packet, ip)) {
            Direction::Outgoing
        } else if self.owns(destination) || self.is_for_group(destination) {
            Direction::Incoming
        } else {
            Direction::Elsewhere
        }
    }

    fn owns(&self, address: IpAddr) -> bool {
        self.addresses.iter().any(|own| own.address == address)
    }

    fn is_for_group(&self, address: IpAddr) -> bool {
        address.is_multicast()
            || match address {
                IpAddr::V4(address) => {
                    address.is_broadcast()
                        || self.addresses.iter().any(|own| own.is_broadcast(address))
                }
                IpAddr::V6(_) => false,
            }
    }

    /// Whether the device sent a packet from nobody's address: it asks for an address, or whether somebody has the one that it is
    /// about to take. The frame tells; where it does not, what is asked for; and else it is the device's own, as nothing says
    /// that there is another.
    fn sent(&self, packet: &Packet<'_>, ip: &[u8]) -> bool {
        if let Some(sent_here) = packet.link.sent_here {
            return sent_here;
        }
        if let (Some(source), [_, ..]) = (packet.link.source, &self.hardware[..]) {
            return self.hardware.contains(&source);
        }
        match solicited(ip) {
            Some(address) => self.owns(address),
            None => true,
        }
    }
}

/// The address that a neighbour solicitation asks for.
fn solicited(packet: &[u8]) -> Option<IpAddr> {
    const ICMPV6: u8 = 58;
    const SOLICITATION: u8 = 135;

    let (protocol, message) = ip::transport(packet)?;
    if protocol != ICMPV6 || *message.first()? != SOLICITATION {
        return None;
    }
    let target: &[u8; 16] = message.get(8..)?.first_chunk()?;
    Some((*target).into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::packet::Link;

    const OWN: [u8; 6] = [2, 0, 0, 0, 0, 2];
    const OTHER: [u8; 6] = [2, 0, 0, 0, 0, 3];

    fn device(addresses: &[&str], hardware: &[[u8; 6]]) -> Identity {
        let addresses = addresses.iter().map(|text| text.parse().unwrap());
        Identity::new(addresses.collect(), hardware.to_vec())
    }

    fn packet(source: &str, destination: &str) -> Vec<u8> {
        let octets = |address: &str| match address.parse().unwrap() {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let (head, first) = if source.contains(':') {
            (8, 0x60)
        } else {
            (12, 0x45)
        };
        let mut packet = vec![0; head];
        packet[0] = first;
        packet.extend(octets(source));
        packet.extend(octets(destination));
        packet
    }

    fn direction(device: &Identity, ip: &[u8], link: Link) -> Direction {
        let packet = Packet {
            link,
            ..Packet::new(Duration::ZERO, ip)
        };
        device.direction(&packet, ip)
    }

    #[test]
    fn directions_are_seen_from_the_device() {
        use Direction::{Elsewhere, Incoming, Outgoing};
        let device = device(&["10.77.0.2/16", "fd77::2"], &[]);
        for (source, destination, expected) in [
            ("10.77.0.2", "10.77.0.1", Outgoing),
            ("10.77.0.2", "10.77.0.2", Outgoing),
            ("10.77.0.2", "224.0.0.251", Outgoing),
            ("10.77.0.1", "10.77.0.2", Incoming),
            ("10.77.0.1", "224.0.0.251", Incoming),
            ("10.77.0.1", "255.255.255.255", Incoming),
            ("10.77.0.1", "10.77.255.255", Incoming),
            ("10.77.0.1", "10.77.0.255", Elsewhere),
            ("10.77.0.1", "10.77.0.3", Elsewhere),
            ("fd77::2", "fd77::4", Outgoing),
            ("fe80::1", "fd77::2", Incoming),
            ("fe80::1", "ff02::fb", Incoming),
            ("fe80::1", "fe80::2", Elsewhere),
        ] {
            let ip = packet(source, destination);
            let seen = direction(&device, &ip, Link::UNKNOWN);
            assert_eq!(seen, expected, "{source} -> {destination}");
        }
    }

    #[test]
    fn a_packet_too_short_for_addresses_comes_in() {
        let device = device(&["10.77.0.2"], &[]);
        let whole = packet("10.77.0.1", "10.77.0.3");
        for length in 0..whole.len() {
            let seen = direction(&device, &whole[..length], Link::UNKNOWN);
            assert_eq!(seen, Direction::Incoming);
        }
        let seen = direction(&device, &[0x55; 60], Link::UNKNOWN);
        assert_eq!(seen, Direction::Incoming);
    }

    #[test]
    fn a_host_route_has_no_broadcast_address() {
        let device = device(&["10.0.0.2"], &[]);
        let itself = packet("10.0.0.1", "10.0.0.3");
        let seen = direction(&device, &itself, Link::UNKNOWN);
        assert_eq!(seen, Direction::Elsewhere);
    }

    #[test]
    fn nobodys_address_is_the_devices_when_its_frame_is() {
        let discover = packet("0.0.0.0", "255.255.255.255");
        let from = |source| Link {
            source: Some(source),
            ..Link::UNKNOWN
        };
        let known = device(&["10.0.0.2"], &[OWN]);
        assert_eq!(direction(&known, &discover, from(OWN)), Direction::Outgoing);
        assert_eq!(
            direction(&known, &discover, from(OTHER)),
            Direction::Incoming
        );
        let unknown = device(&["10.0.0.2"], &[]);
        assert_eq!(
            direction(&unknown, &discover, from(OTHER)),
            Direction::Outgoing
        );
        let went_in = Link {
            sent_here: Some(false),
            ..from(OWN)
        };
        assert_eq!(direction(&known, &discover, went_in), Direction::Incoming);
    }

    #[test]
    fn who_asks_for_an_address_that_it_is_about_to_take_is_told_by_that_address() {
        let device = device(&["fe80::2"], &[]);
        let mut ask = packet("::", "ff02::1:ff00:2");
        ask[6] = 58;
        ask.extend([135, 0, 0, 0, 0, 0, 0, 0]);
        ask.extend("fe80::2".parse::<std::net::Ipv6Addr>().unwrap().octets());
        assert_eq!(direction(&device, &ask, Link::UNKNOWN), Direction::Outgoing);
        *ask.last_mut().unwrap() = 3;
        assert_eq!(direction(&device, &ask, Link::UNKNOWN), Direction::Incoming);
    }
}
