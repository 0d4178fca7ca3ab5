//! The device's own addresses, and which way a packet goes seen from them.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// An address of the device, with the length of its network's prefix when that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalAddress {
    /// The address.
    pub address: IpAddr,
    /// How many of its leading bits are the network's; all of them when unknown.
    pub prefix: u8,
}

/// Text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither IPv4 nor IPv6.
    #[error("'{0}' is no IP address; give one like 10.77.0.2, fd77::2 or 10.77.0.2/16")]
    NoAddress(String),
    /// A prefix that is no number, or too long.
    #[error("'{text}' has no valid prefix length; it must be 0 to {max}")]
    Prefix {
        /// What was given.
        text: String,
        /// The length of an address in bits.
        max: u8,
    },
    /// An address that no single device has.
    #[error("{0} is no device's own address; give a unicast address")]
    NotUnicast(IpAddr),
}

impl FromStr for LocalAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address
            .parse()
            .map_err(|_| AddressError::NoAddress(text.to_owned()))?;
        let max = bits(address);
        let prefix = match prefix.map(str::parse) {
            None => max,
            Some(Ok(prefix)) if prefix <= max => prefix,
            Some(_) => {
                return Err(AddressError::Prefix {
                    text: text.to_owned(),
                    max,
                });
            }
        };
        if is_unicast(address) {
            Ok(Self { address, prefix })
        } else {
            Err(AddressError::NotUnicast(address))
        }
    }
}

impl From<IpAddr> for LocalAddress {
    fn from(address: IpAddr) -> Self {
        let prefix = bits(address);
        Self { address, prefix }
    }
}

impl fmt::Display for LocalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefix == bits(self.address) {
            write!(f, "{}", self.address)
        } else {
            write!(f, "{}/{}", self.address, self.prefix)
        }
    }
}

impl LocalAddress {
    /// The IPv4 address and the mask of its network.
    pub fn ipv4(&self) -> Option<(Ipv4Addr, Ipv4Addr)> {
        match self.address {
            IpAddr::V4(address) => Some((address, mask(self.prefix))),
            IpAddr::V6(_) => None,
        }
    }

    /// The IPv6 address and the length of its network's prefix.
    pub fn ipv6(&self) -> Option<(Ipv6Addr, u8)> {
        match self.address {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some((address, self.prefix)),
        }
    }

    /// Whether `address` is the broadcast address of this address's network.
    fn is_broadcast(&self, address: Ipv4Addr) -> bool {
        match self.ipv4() {
            // Networks of one or two addresses have no broadcast address.
            Some((own, mask)) if self.prefix < 31 => address == (own | !mask),
            _ => false,
        }
    }
}

fn bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn mask(prefix: u8) -> Ipv4Addr {
    let host_bits = 32 - u32::from(prefix);
    Ipv4Addr::from_bits(u32::MAX.checked_shl(host_bits).unwrap_or(0))
}

/// Whether an address can be one device's own.
pub fn is_unicast(address: IpAddr) -> bool {
    let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    !(address.is_multicast() || address.is_unspecified() || broadcast)
}

/// Source and destination of an IP packet, when it is long enough to have them.
pub fn endpoints(packet: &[u8]) -> Option<(IpAddr, IpAddr)> {
    fn field<const N: usize>(packet: &[u8], at: usize) -> Option<[u8; N]> {
        packet.get(at..)?.first_chunk().copied()
    }
    match packet.first()? >> 4 {
        4 => Some((
            field::<4>(packet, 12)?.into(),
            field::<4>(packet, 16)?.into(),
        )),
        6 => Some((
            field::<16>(packet, 8)?.into(),
            field::<16>(packet, 24)?.into(),
        )),
        _ => None,
    }
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

impl Direction {
    /// Which way `packet` goes for a device that has the addresses `local`.
    ///
    /// A packet too short to have addresses counts as incoming: a network interface takes it, and to
    /// see that it is broken is up to the receiver.
    pub fn of(packet: &[u8], local: &[LocalAddress]) -> Self {
        let Some((source, destination)) = endpoints(packet) else {
            return Self::Incoming;
        };
        let is_local = |address| local.iter().any(|own| own.address == address);
        let is_broadcast = |address| match address {
            IpAddr::V4(address) => {
                address.is_broadcast() || local.iter().any(|own| own.is_broadcast(address))
            }
            IpAddr::V6(_) => false,
        };
        if is_local(source) {
            Self::Outgoing
        } else if is_local(destination) || destination.is_multicast() || is_broadcast(destination) {
            Self::Incoming
        } else {
            Self::Elsewhere
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> Vec<LocalAddress> {
        ["10.77.0.2/16", "fd77::2"]
            .map(|text| text.parse().unwrap())
            .to_vec()
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

    #[test]
    fn directions_are_seen_from_the_device() {
        use Direction::{Elsewhere, Incoming, Outgoing};
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
            assert_eq!(
                Direction::of(&packet(source, destination), &local()),
                expected,
                "{source} -> {destination}"
            );
        }
    }

    #[test]
    fn a_packet_too_short_for_addresses_comes_in() {
        let whole = packet("10.77.0.1", "10.77.0.3");
        for length in 0..whole.len() {
            assert_eq!(
                Direction::of(&whole[..length], &local()),
                Direction::Incoming
            );
        }
        assert_eq!(Direction::of(&[0x55; 60], &local()), Direction::Incoming);
    }

    #[test]
    fn a_host_route_has_no_broadcast_address() {
        let local = ["10.0.0.2".parse().unwrap()];
        let itself = packet("10.0.0.1", "10.0.0.3");
        assert_eq!(Direction::of(&itself, &local), Direction::Elsewhere);
    }

    #[test]
    fn addresses_are_read_with_and_without_prefix() {
        let address: LocalAddress = "10.77.0.2/16".parse().unwrap();
        let (own, mask) = address.ipv4().unwrap();
        assert_eq!(own, Ipv4Addr::new(10, 77, 0, 2));
        assert_eq!(mask, Ipv4Addr::new(255, 255, 0, 0));
        assert_eq!(address.to_string(), "10.77.0.2/16");
        let address: LocalAddress = "0.0.0.1/0".parse().unwrap();
        assert_eq!(address.ipv4().unwrap().1, Ipv4Addr::UNSPECIFIED);
        let address: LocalAddress = "fd77::2".parse().unwrap();
        assert_eq!(address.ipv6().unwrap().1, 128);
        assert_eq!(address.to_string(), "fd77::2");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "10.77.0",
            "10.77.0.256",
            "host",
            "10.0.0.1/x",
            "10.0.0.1/33",
            "::1/129",
        ] {
            assert!(text.parse::<LocalAddress>().is_err(), "{text}");
        }
        for text in ["0.0.0.0", "255.255.255.255", "224.0.0.1", "::", "ff02::1"] {
            let error = text.parse::<LocalAddress>().unwrap_err();
            assert!(matches!(error, AddressError::NotUnicast(_)), "{text}");
        }
    }
}
