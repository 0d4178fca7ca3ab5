//! IP addresses as they are kept and certified: their octets.

use std::net::IpAddr;

/// The address that has these octets, four or sixteen.
pub(crate) fn from_octets(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from))
        .ok()
}
