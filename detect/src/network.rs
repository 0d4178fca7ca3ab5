//! Networks of addresses.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is of the device's own surroundings, not of the Internet.
pub(crate) fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private() || address.is_link_local() || address.is_loopback()
        }
        IpAddr::V6(address) => {
            address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback()
        }
    }
}

/// The network of a peer: in a local one the host itself, since there every host is somebody's; else /24, and with IPv6 /48.
pub(crate) fn network(peer: IpAddr) -> IpAddr {
    match peer {
        _ if is_local(peer) => peer,
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Ipv4Addr::new(a, b, c, 0).into()
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_of_the_internet_stands_for_its_network_and_a_local_one_for_itself() {
        for (peer, its) in [
            ("203.0.113.77", "203.0.113.0"),
            ("2001:db8:1:2::7", "2001:db8:1::"),
            ("192.168.1.7", "192.168.1.7"),
            ("169.254.1.7", "169.254.1.7"),
            ("fd00:1:2:3::7", "fd00:1:2:3::7"),
            ("fe80::7", "fe80::7"),
            ("::1", "::1"),
        ] {
            let (peer, its): (IpAddr, IpAddr) = (peer.parse().unwrap(), its.parse().unwrap());
            assert_eq!(network(peer), its);
        }
    }
}
