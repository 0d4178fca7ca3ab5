//! Which host a capture was taken at.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    net::IpAddr,
};

use super::survey::Host;

/// A hardware address with more addresses behind it is a router's.
const MOST_OF_ONE: usize = 8;

/// The most IPv4 and IPv6 addresses of a device.
const MOST_OWN: [usize; 2] = [4, 16];

/// Hosts whose score is no further below that of the best one might be the device as well.
const UNSURE: i32 = 2;

/// How many of those are named.
const MOST_OTHERS: usize = 3;

/// What is known about all hosts.
pub struct Known<'a> {
    hosts: &'a [(IpAddr, Host)],
    /// IPv4 and IPv6 packets from one host to another.
    unicast: [u64; 2],
    /// Cards whose hosts asked for an address.
    askers: &'a BTreeSet<[u8; 6]>,
    /// Who is behind a card.
    neighbours: HashMap<[u8; 6], Vec<usize>>,
    any_private: bool,
}

impl<'a> Known<'a> {
    pub fn new(
        hosts: &'a [(IpAddr, Host)],
        unicast: [u64; 2],
        askers: &'a BTreeSet<[u8; 6]>,
    ) -> Self {
        let mut neighbours = HashMap::<_, Vec<_>>::new();
        for (place, (_, host)) in hosts.iter().enumerate() {
            for hardware in &host.hardware {
                neighbours.entry(*hardware).or_default().push(place);
            }
        }
        Self {
            hosts,
            unicast,
            askers,
            neighbours,
            any_private: hosts.iter().any(|(address, _)| is_private(*address)),
        }
    }

    /// The addresses of the device, first that by which it is known best, and other hosts that might be it as well.
    ///
    /// A capture at a device's interface has the device in nearly every packet, and so has its only peer, or its router. Among
    /// those that take part in about as many as the busiest one, the rest decides.
    pub fn device(&self) -> Option<(Vec<IpAddr>, Vec<IpAddr>)> {
        let most = self.hosts.iter().map(|(_, host)| host.packets()).max()?;
        let candidates = self.hosts.iter().filter(|(_, host)| {
            // What the link says is worth more than numbers.
            is_sender(host) || host.packets() * 10 >= most * 9
        });
        let candidates: Vec<_> = candidates.collect();
        let most_unicast = candidates.iter().map(|(_, host)| host.unicast).max()?;
        let score = |(address, host): &(IpAddr, Host)| {
            self.score(*address, host) + 5 * i32::from(host.unicast == most_unicast)
        };
        let mut ranked: Vec<_> = candidates
            .into_iter()
            .map(|candidate| (score(candidate), candidate))
            .collect();
        // IPv4 before IPv6, and the lowest of equals, so that the answer is always the same.
        ranked.sort_by_key(|(score, (address, host))| {
            let place = (*score, host.packets(), address.is_ipv4());
            (Reverse(place), *address)
        });
        let ((best, (first, host)), rest) = ranked.split_first()?;
        let own = self.own(*first, host);
        let others = rest
            .iter()
            .take_while(|(score, _)| *score + UNSURE >= *best)
            .map(|(_, (address, _))| *address)
            .filter(|address| !own.contains(address))
            .take(MOST_OTHERS)
            .collect();
        Some((own, others))
    }

    /// How much speaks for a host.
    fn score(&self, address: IpAddr, host: &Host) -> i32 {
        let is_peer = host.received_here > host.sent_here;
        let asked = host.hardware.iter().any(|card| self.askers.contains(card));
        let is_inside = self.any_private && is_private(address);
        8 * i32::from(is_sender(host)) - 8 * i32::from(is_peer)
            + 4 * i32::from(host.is_configured || asked)
            - 4 * i32::from(host.configures)
            + 3 * i32::from(is_near(host))
            + 2 * i32::from(self.is_alone(host))
            + 2 * i32::from(is_inside)
            + i32::from(host.opens > host.opened)
            + i32::from(host.asks > 0)
    }

    /// Whether all that is behind the host's card is one host.
    fn is_alone(&self, host: &Host) -> bool {
        host.hardware.len() == 1
            && host
                .hardware
                .iter()
                .all(|card| self.neighbours[card].len() <= MOST_OF_ONE)
    }

    /// All addresses of the host that has this one: those behind its card that are no further away or, where cards are not known,
    /// the one of the other version that takes part in nearly all packets of that version, as a device does.
    fn own(&self, first: IpAddr, host: &Host) -> Vec<IpAddr> {
        let mut places: Vec<_> = if host.hardware.is_empty() {
            let all = (0..self.hosts.len()).filter(|place| {
                let (address, other) = &self.hosts[*place];
                let of_all = self.unicast[usize::from(address.is_ipv6())];
                address.is_ipv4() != first.is_ipv4()
                    && other.sent_here >= other.received_here
                    && other.unicast > 0
                    && other.unicast * 10 >= of_all * 9
            });
            // The peer of a device that has one only takes part in as many.
            all.max_by_key(|place| self.likeness(*place))
                .into_iter()
                .collect()
        } else if self.is_alone(host) {
            let cards = host.hardware.iter();
            let behind = cards.flat_map(|card| &self.neighbours[card]).copied();
            behind
                .filter(|place| is_near(&self.hosts[*place].1))
                .collect()
        } else {
            Vec::new()
        };
        places.sort_by_key(|place| Reverse(self.likeness(*place)));
        let mut own = vec![first];
        for version in [false, true] {
            let room = MOST_OWN[usize::from(version)] - usize::from(first.is_ipv6() == version);
            let addresses = places.iter().map(|place| self.hosts[*place].0);
            own.extend(
                addresses
                    .filter(|address| address.is_ipv6() == version && *address != first)
                    .take(room),
            );
        }
        own
    }

    /// What one address of a host comes before another by: link-local ones, by which little more than neighbours is asked for, come
    /// last.
    fn likeness(&self, place: usize) -> impl Ord + use<> {
        let (address, host) = &self.hosts[place];
        let is_link_local =
            matches!(address, IpAddr::V6(address) if address.is_unicast_link_local());
        let score = self.score(*address, host);
        (!is_link_local, score, host.packets(), Reverse(*address))
    }
}

/// Whether the link says that it was this host that sent its packets.
fn is_sender(host: &Host) -> bool {
    host.sent_here > host.received_here
}

/// Whether most of a host's packets came over no router.
fn is_near(host: &Host) -> bool {
    host.sent > 0 && host.sent_whole * 2 > host.sent
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private() || address.is_link_local() || address.is_loopback()
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}
