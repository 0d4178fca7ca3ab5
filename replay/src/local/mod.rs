//! The device's own addresses, how they are guessed, and which way a packet goes seen from them.

mod direction;
mod guess;
mod survey;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

pub use self::{
    direction::{Direction, Identity},
    survey::{Guess, Survey},
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
    /// An address that no device may have.
    #[error("{0} is of the reserved block 240.0.0.0/4, which no device has; give another address")]
    Reserved(IpAddr),
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
        if !is_unicast(address) {
            Err(AddressError::NotUnicast(address))
        } else if is_reserved(address) {
            Err(AddressError::Reserved(address))
        } else {
            Ok(Self { address, prefix })
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
    pub(crate) fn is_broadcast(&self, address: Ipv4Addr) -> bool {
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

/// Whether an address is of class E, which IP stacks refuse.
pub(crate) fn is_reserved(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.octets()[0] >= 240)
}

/// Whether an address can be one device's own.
pub(crate) fn is_unicast(address: IpAddr) -> bool {
    let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    !(address.is_multicast() || address.is_unspecified() || broadcast)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for text in ["240.0.0.2", "255.255.255.254"] {
            let error = text.parse::<LocalAddress>().unwrap_err();
            assert!(matches!(error, AddressError::Reserved(_)), "{text}");
            assert!(error.to_string().contains(text));
        }
    }
}
