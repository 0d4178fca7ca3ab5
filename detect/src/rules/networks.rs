//! Networks as a set of addresses, quick to ask.

use core::net::IpAddr;

use ipnet::IpNet;

/// A bit for each first byte of an IPv4 address.
pub(super) type FirstBytes = [u64; 4];

/// How many addresses have the same one.
const PART: u64 = 1 << 24;

/// Addresses of both versions, as ranges that are sorted and apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Networks {
    ipv4: Vec<(u32, u32)>,
    ipv6: Vec<(u128, u128)>,
}

impl Networks {
    /// Whether an address is among them. One of IPv4 must not be in the form of IPv6.
    pub fn contain(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => is_in(&self.ipv4, address.to_bits()),
            IpAddr::V6(address) => is_in(&self.ipv6, address.to_bits()),
        }
    }

    /// A bit for each first byte of IPv4 addresses of which all are among them.
    pub fn whole(&self) -> FirstBytes {
        self.by_first_byte(|first, last| (first.div_ceil(PART), (last + 1) / PART))
    }

    /// A bit for each first byte of IPv4 addresses of which one or more are among them.
    pub fn touched(&self) -> FirstBytes {
        self.by_first_byte(|first, last| (first / PART, last / PART + 1))
    }

    fn by_first_byte(&self, bytes: impl Fn(u64, u64) -> (u64, u64)) -> FirstBytes {
        let mut bits = FirstBytes::default();
        for (first, last) in &self.ipv4 {
            let (begin, end) = bytes((*first).into(), (*last).into());
            for byte in begin..end {
                bits[byte as usize / 64] |= 1 << (byte % 64);
            }
        }
        bits
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ipv4.is_empty() && self.ipv6.is_empty()
    }
}

impl Extend<IpNet> for Networks {
    fn extend<I: IntoIterator<Item = IpNet>>(&mut self, networks: I) {
        for network in networks {
            match network {
                IpNet::V4(net) => {
                    let range = (net.network().to_bits(), net.broadcast().to_bits());
                    self.ipv4.push(range);
                }
                IpNet::V6(net) => {
                    let range = (net.network().to_bits(), net.broadcast().to_bits());
                    self.ipv6.push(range);
                }
            }
        }
        merge(&mut self.ipv4);
        merge(&mut self.ipv6);
    }
}

fn is_in<N: Ord + Copy>(ranges: &[(N, N)], address: N) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= address);
    after > 0 && address <= ranges[after - 1].1
}

fn merge<N: Ord + Copy>(ranges: &mut Vec<(N, N)>) {
    ranges.sort_unstable();
    ranges.dedup_by(|next, before| {
        let overlap = next.0 <= before.1;
        if overlap {
            before.1 = before.1.max(next.1);
        }
        overlap
    });
}

#[cfg(test)]
mod tests {
    use core::net::{Ipv4Addr, Ipv6Addr};

    use ipnet::{Ipv4Net, Ipv6Net};
    use proptest::prelude::*;

    use super::*;

    fn network() -> impl Strategy<Value = IpNet> {
        // Few addresses, so that networks nest, touch and repeat.
        let ipv4 = (0..16_u32, 26..=32_u8).prop_map(|(low, length)| {
            let address = Ipv4Addr::from_bits((low << 28) | (low * 5));
            IpNet::from(Ipv4Net::new(address, length).unwrap())
        });
        let ipv6 = (0..16_u128, 120..=128_u8).prop_map(|(low, length)| {
            let address = Ipv6Addr::from_bits((low << 124) | (low * 9));
            IpNet::from(Ipv6Net::new(address, length).unwrap())
        });
        prop_oneof![
            ipv4,
            ipv6,
            Just("0.0.0.0/0".parse().unwrap()),
            Just("::/0".parse().unwrap())
        ]
    }

    proptest! {
        /// As each of them says.
        #[test]
        fn an_address_is_in_one_of_them(
            networks in proptest::collection::vec(network(), 0..20),
            of in 0..16_u128,
            noise in 0..160_u128,
            is_ipv4: bool,
        ) {
            let address = match is_ipv4 {
                true => IpAddr::from(Ipv4Addr::from_bits((of << 28 | noise) as u32)),
                false => IpAddr::from(Ipv6Addr::from_bits(of << 124 | noise)),
            };
            let mut set = Networks::default();
            set.extend(networks.iter().copied());
            let is_in = networks.iter().any(|network| network.contains(&address));
            prop_assert_eq!(set.contain(address), is_in);
            if let IpAddr::V4(address) = address {
                let first = address.octets()[0];
                let has = |bits: FirstBytes| bits[usize::from(first / 64)] >> (first % 64) & 1 != 0;
                prop_assert!(is_in || !has(set.whole()));
                prop_assert!(!is_in || has(set.touched()));
            }
            prop_assert_eq!(set.is_empty(), networks.is_empty());
        }
    }
}
