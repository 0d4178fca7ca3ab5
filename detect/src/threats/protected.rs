//! What never acts, though a list has it: it would accuse every device, or says nothing about anybody.

use core::net::IpAddr;

use ipnet::IpNet;

use super::report::Fault;

/// The widest prefixes that a list may have.
const WIDEST_IPV4: u8 = 8;
const WIDEST_IPV6: u8 = 16;

const RESOLVERS: &str = include_str!("../../data/public-resolvers.tsv");

/// Networks that no list speaks of: everybody has such addresses. Those for documentation are not among them, since nobody has
/// one: lists for tests are made of them.
const NETWORKS: [(&str, &str); 14] = [
    ("0.0.0.0/8", "unspecified addresses"),
    ("10.0.0.0/8", "a private network"),
    ("100.64.0.0/10", "a provider's private network"),
    ("127.0.0.0/8", "the device itself (loopback)"),
    ("169.254.0.0/16", "a link's own addresses"),
    ("172.16.0.0/12", "a private network"),
    ("192.168.0.0/16", "a private network"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved, or broadcast"),
    ("::/127", "the unspecified address, or the device itself"),
    ("fc00::/7", "a private network"),
    ("fe80::/10", "a link's own addresses"),
    ("fec0::/10", "a private network"),
    ("ff00::/8", "multicast"),
];

/// What there is to know before a prefix of a list acts.
#[derive(Debug, Clone)]
pub(super) struct Protected {
    /// Sorted by their first addresses, and apart from each other.
    networks: Vec<(u128, IpNet, &'static str)>,
    resolvers: Vec<(u128, IpAddr, &'static str)>,
}

/// An address of either version as a number, which is quicker to compare.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl Protected {
    pub fn new() -> Self {
        let networks = NETWORKS.iter();
        let networks = networks.filter_map(|(net, what)| {
            let net: IpNet = net.parse().ok()?;
            Some((number(net.network()), net, *what))
        });
        let resolvers = RESOLVERS.lines().filter(|line| !line.starts_with('#'));
        let resolvers = resolvers.filter_map(|line| {
            let (address, whose) = line.split_once('\t')?;
            let address = address.parse().ok()?;
            Some((number(address), address, whose))
        });
        let mut resolvers: Vec<_> = resolvers.collect();
        resolvers.sort_unstable();
        let mut networks: Vec<_> = networks.collect();
        networks.sort_unstable();
        Self {
            networks,
            resolvers,
        }
    }

    /// Why the prefix does not act, if so.
    pub fn fault(&self, prefix: IpNet) -> Option<Fault> {
        let widest = match prefix {
            IpNet::V4(_) => WIDEST_IPV4,
            IpNet::V6(_) => WIDEST_IPV6,
        };
        let address = number(prefix.network());
        let before = self
            .networks
            .partition_point(|(first, ..)| *first <= address);
        if let Some((_, net, what)) = before.checked_sub(1).map(|at| self.networks[at])
            && net.contains(&prefix)
        {
            return Some(Fault::Special { prefix, what });
        }
        if prefix.prefix_len() < widest {
            return Some(Fault::TooBroad { prefix, widest });
        }
        if prefix.prefix_len() < prefix.max_prefix_len() {
            return None;
        }
        self.whose(prefix.addr())
            .map(|whose| Fault::PublicResolver { prefix, whose })
    }

    /// A public resolver within a prefix that is wider than it.
    pub fn resolver_within(&self, prefix: IpNet) -> Option<(IpAddr, &'static str)> {
        let network = number(prefix.network());
        let first = self.resolvers.partition_point(|(at, ..)| *at < network);
        let (_, address, whose) = *self.resolvers.get(first)?;
        prefix.contains(&address).then_some((address, whose))
    }

    fn whose(&self, address: IpAddr) -> Option<&'static str> {
        let address = number(address);
        let at = self
            .resolvers
            .binary_search_by_key(&address, |(at, ..)| *at);
        at.ok().map(|at| self.resolvers[at].2)
    }

    /// Everything that never acts.
    pub fn prefixes(&self) -> impl Iterator<Item = IpNet> {
        let resolvers = self
            .resolvers
            .iter()
            .map(|(_, address, _)| (*address).into());
        self.networks
            .iter()
            .map(|(_, net, _)| *net)
            .chain(resolvers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_the_tables_is_read() {
        let protected = Protected::new();
        assert_eq!(protected.networks.len(), NETWORKS.len());
        let lines = RESOLVERS.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(protected.resolvers.len(), lines.count());
        let mut seen = protected.resolvers.clone();
        seen.dedup_by_key(|(number, ..)| *number);
        assert_eq!(seen.len(), protected.resolvers.len(), "one stands twice");
    }

    #[test]
    fn documentation_addresses_act() {
        let protected = Protected::new();
        for prefix in [
            "192.0.2.0/24",
            "198.51.100.0/24",
            "203.0.113.7/32",
            "2001:db8::/32",
            "198.18.0.0/15",
        ] {
            assert_eq!(protected.fault(prefix.parse().unwrap()), None, "{prefix}");
        }
    }
}
