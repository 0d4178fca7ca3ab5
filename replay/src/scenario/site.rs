//! The addresses of a scenario: the device, its network, and who else is there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::dice::Dice;

/// Where the device lives. Hosts on the Internet have addresses that are reserved for documentation and benchmarks, so
/// that no scenario names somebody's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    /// The device's own address.
    pub(super) device: IpAddr,
    /// The main peer when the user named one.
    peer: Option<IpAddr>,
}

impl Site {
    pub(super) fn new(device: IpAddr, peer: Option<IpAddr>) -> Self {
        Self { device, peer }
    }

    /// The host number `host` of the device's network (/24 or /64). Never the device itself.
    pub(super) fn neighbour(&self, host: u8) -> IpAddr {
        let numbered = |host| match self.device {
            IpAddr::V4(own) => {
                let [a, b, c, _] = own.octets();
                IpAddr::V4(Ipv4Addr::new(a, b, c, host))
            }
            IpAddr::V6(own) => {
                let network = own.to_bits() >> 64 << 64;
                IpAddr::V6(Ipv6Addr::from_bits(network | 0x100 | u128::from(host)))
            }
        };
        match numbered(host) {
            itself if itself == self.device => numbered(if host == 250 { 251 } else { 250 }),
            neighbour => neighbour,
        }
    }

    /// The router, which answers names and time, too.
    pub(super) fn router(&self) -> IpAddr {
        self.neighbour(1)
    }

    /// Server number `host` on the Internet.
    pub(super) fn server(&self, host: u8) -> IpAddr {
        match self.device {
            IpAddr::V4(_) => Ipv4Addr::new(203, 0, 113, host).into(),
            IpAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0x113, 0, 0, 0, 0, host.into()).into(),
        }
    }

    /// The hub that the device reports to.
    pub(super) fn hub(&self) -> IpAddr {
        self.server(10)
    }

    /// Any host on the Internet.
    pub(super) fn stranger(&self, dice: &mut Dice) -> IpAddr {
        match self.device {
            // 198.18.0.0/15 is for benchmarks.
            IpAddr::V4(_) => {
                let any = u32::try_from(dice.number(1..=0x1_fffe)).unwrap_or(1);
                Ipv4Addr::from_bits(0xc612_0000 | any).into()
            }
            IpAddr::V6(_) => {
                let network = u128::from(dice.number(0x1000..=0xffff_ffff)) << 64;
                Ipv6Addr::from_bits(0x2001_0db8 << 96 | network | 1).into()
            }
        }
    }

    /// The main peer: who was named, or else somebody on the Internet.
    pub(super) fn peer_outside(&self) -> IpAddr {
        let outside = match self.device {
            IpAddr::V4(_) => Ipv4Addr::new(198, 51, 100, 66).into(),
            IpAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0x51, 0x100, 0, 0, 0, 0x66).into(),
        };
        self.peer.unwrap_or(outside)
    }

    /// The main peer: who was named, or else somebody in the device's network.
    pub(super) fn peer_inside(&self) -> IpAddr {
        self.peer.unwrap_or_else(|| self.neighbour(40))
    }

    /// Whether a host is in the device's network, and so near.
    pub(super) fn is_near(&self, host: IpAddr) -> bool {
        match (self.device, host) {
            (IpAddr::V4(own), IpAddr::V4(host)) => own.octets()[..3] == host.octets()[..3],
            (IpAddr::V6(own), IpAddr::V6(host)) => own.segments()[..4] == host.segments()[..4],
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_has_the_devices_address() {
        for device in ["192.0.2.250", "192.0.2.7", "fd00::1fa", "fd00::107"] {
            let site = Site::new(device.parse().unwrap(), None);
            for host in 0..=u8::MAX {
                let neighbour = site.neighbour(host);
                assert_ne!(neighbour, site.device);
                assert!(site.is_near(neighbour), "{neighbour}");
            }
            assert!(!site.is_near(site.hub()) || device.starts_with("203"));
        }
    }

    #[test]
    fn strangers_are_of_the_devices_ip_version() {
        let mut dice = Dice::new(3);
        for device in ["10.0.0.2", "fd00::2"] {
            let site = Site::new(device.parse().unwrap(), None);
            for _ in 0..100 {
                let stranger = site.stranger(&mut dice);
                assert_eq!(stranger.is_ipv4(), site.device.is_ipv4());
                let text = stranger.to_string();
                assert!(
                    ["198.18.", "198.19.", "2001:db8:"]
                        .iter()
                        .any(|start| text.starts_with(start)),
                    "{text}"
                );
            }
        }
    }
}
