//! Beacons: regular connections to a peer that nobody knows.
//!
//! The score is RITA's: skew and dispersion of the times between connections and of their sizes, a quarter each. What is new in a report
//! of one peer is one connection, since its interval is all that is known of its time. A TCP connection goes on as long as its ports are
//! seen, however long it was silent: signs of life in one are regular, too, and no beacon. A UDP flow that was silent begins anew.

use core::net::IpAddr;
use std::collections::VecDeque;

use defender_message::flow::Protocol;
use serde::{Deserialize, Serialize};

use crate::alert::Service;
use crate::config::Beacon as Limits;
use crate::roles::Traffic;
use crate::seconds;

/// The most peers that are watched at once. The one with the fewest connections gives way, of these the longest unseen.
const PEERS: usize = 6;

/// The most peers that are remembered after one connection. A peer is watched from its second one on, so that a crowd of which each comes
/// once displaces none that comes back.
const ONCE: usize = 64;

/// The most connections of a peer that are remembered.
const REMEMBERED: usize = 24;

/// The device's ports of a peer's latest connections that are remembered, so that what is open side by side is told apart.
const PORTS: usize = 8;

/// The best score.
const BEST: u32 = 1000;

/// The peers that are watched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Beacons {
    peers: Vec<Watched>,
    /// Names of peers and services that came once, with the device's port, and when; the latest last.
    once: Vec<(u32, u16, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Watched {
    peer: IpAddr,
    service: Service,
    /// When the first connection began, the latest one, and when it was seen last.
    first: u32,
    latest: u32,
    seen: u32,
    /// The device's ports in the latest ones, the latest last.
    ports: Vec<u16>,
    /// The bytes of the latest one so far.
    size: u32,
    /// How many there were.
    count: u32,
    /// The seconds before each connection and the bytes of the one before it, the latest last.
    #[serde(with = "pairs")]
    before: VecDeque<(u32, u32)>,
}

/// A deque as postcard knows it.
mod pairs {
    use std::collections::VecDeque;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(
        pairs: &VecDeque<(u32, u32)>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        pairs.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<VecDeque<(u32, u32)>, D::Error> {
        Vec::deserialize(deserializer).map(VecDeque::from)
    }
}

/// A beacon that was found.
pub(super) struct Found {
    pub peer: IpAddr,
    pub service: Service,
    pub count: u32,
    /// From the first to the latest connection, in seconds.
    pub over: u32,
}

impl Beacons {
    /// A connection that did not fail, in an event of `interval` seconds. Says whether it makes the peer's connections a beacon.
    pub fn add(
        &mut self,
        traffic: &Traffic<'_>,
        service: Service,
        end: u32,
        interval: u32,
        limits: &Limits,
    ) -> Option<Found> {
        let flow = traffic.flow;
        let port = flow.local_port;
        let bytes = flow.bytes_in.saturating_add(flow.bytes_out);
        let goes_on =
            |since: u32| flow.protocol == Protocol::Tcp || since <= interval.saturating_mul(2);
        let is_it = |it: &Watched| it.peer == flow.remote_address && it.service == service;
        let Some(it) = self.peers.iter_mut().find(|it| is_it(it)) else {
            let name = traffic.host.number(service.number()).finish32();
            let before = self.once.iter().position(|(it, ..)| *it == name);
            match before.map(|at| self.once.remove(at)) {
                Some((_, first_port, first))
                    if first < end && !(first_port == port && goes_on(end - first)) =>
                {
                    self.watch(Watched {
                        peer: flow.remote_address,
                        service,
                        first,
                        latest: end,
                        seen: end,
                        ports: vec![first_port, port],
                        size: bytes,
                        count: 2,
                        before: VecDeque::new(),
                    });
                }
                _ => {
                    if self.once.len() >= ONCE {
                        self.once.remove(0);
                    }
                    self.once.push((name, port, end));
                }
            }
            return None;
        };
        let since = end.saturating_sub(it.seen);
        it.seen = end;
        let known = it.ports.iter().position(|known| *known == port);
        if let Some(at) = known {
            it.ports.remove(at);
        } else if it.ports.len() >= PORTS {
            it.ports.remove(0);
        }
        it.ports.push(port);
        if since == 0 || known.is_some() && goes_on(since) {
            it.size = it.size.saturating_add(bytes);
            return None;
        }
        if it.before.len() >= REMEMBERED {
            it.before.pop_front();
        }
        it.before
            .push_back((end.saturating_sub(it.latest), it.size));
        it.latest = end;
        it.size = bytes;
        it.count = it.count.saturating_add(1);
        it.is_beacon(limits).then_some(Found {
            peer: it.peer,
            service,
            count: it.count,
            over: it.latest.saturating_sub(it.first),
        })
    }

    /// What is known by now is watched no more.
    pub fn forget(&mut self, is_known: impl Fn(IpAddr) -> bool) {
        self.peers.retain(|it| !is_known(it.peer));
    }

    pub fn clear(&mut self) {
        self.peers.clear();
        self.once.clear();
    }

    /// Whether it is as it can get by itself.
    pub fn is_valid(&self) -> bool {
        self.peers.len() <= PEERS
            && self.once.len() <= ONCE
            && self
                .peers
                .iter()
                .all(|it| it.before.len() <= REMEMBERED && it.ports.len() <= PORTS)
    }

    fn watch(&mut self, watched: Watched) {
        if self.peers.len() >= PEERS {
            let least = self
                .peers
                .iter()
                .enumerate()
                .min_by_key(|(_, it)| (it.before.len(), it.seen));
            self.peers.remove(least.map_or(0, |(at, _)| at));
        }
        self.peers.push(watched);
    }
}

impl Watched {
    fn is_beacon(&self, limits: &Limits) -> bool {
        let over = self.latest.saturating_sub(self.first);
        self.count >= u32::from(limits.connections)
            && over >= seconds(limits.duration)
            && self.score() >= u32::from(limits.score) * BEST / 100
    }

    fn score(&self) -> u32 {
        let of = |value: fn(&(u32, u32)) -> u32| {
            let mut values: Vec<u32> = self.before.iter().map(value).collect();
            values.sort_unstable();
            regularity(&values)
        };
        (of(|(time, _)| *time) + of(|(_, size)| *size)) / 2
    }
}

/// How regular sorted values are: the mean of a score for skew and one for dispersion, each of [`BEST`] at best.
fn regularity(sorted: &[u32]) -> u32 {
    let middle = quantile(sorted, 2);
    let mut apart: Vec<u32> = sorted.iter().map(|value| value.abs_diff(middle)).collect();
    apart.sort_unstable();
    let dispersion = match middle {
        0 => 0,
        middle => BEST.saturating_sub(share(quantile(&apart, 2), middle)),
    };
    (BEST.saturating_sub(skew(sorted)) + dispersion) / 2
}

/// Bowley's measure without its sign: how much closer the median is to one quartile than to the other.
fn skew(sorted: &[u32]) -> u32 {
    let [first, middle, third] = [1, 2, 3].map(|quarter| quantile(sorted, quarter));
    // With values this close there is no side to be on.
    if first == middle || middle == third {
        return 0;
    }
    let (below, above) = (middle - first, third - middle);
    share(below.abs_diff(above), below.saturating_add(above))
}

/// A part of a whole, in thousandths.
fn share(part: u32, whole: u32) -> u32 {
    let share = u64::from(part) * u64::from(BEST) / u64::from(whole.max(1));
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// A quartile of sorted values.
fn quantile(sorted: &[u32], quarter: usize) -> u32 {
    let at = sorted.len().saturating_sub(1) * quarter / 4;
    sorted.get(at).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_regular_scores_high_and_what_is_not_low() {
        assert_eq!(regularity(&[60; 10]), BEST);
        // Shaken by a fifth.
        assert!(regularity(&[48, 50, 55, 58, 60, 61, 64, 68, 71, 72]) > 800);
        // As people or busy programs do it.
        let irregular = regularity(&[1, 2, 5, 9, 20, 60, 200, 900, 2_000, 9_000]);
        assert!(irregular < 300, "{irregular}");
        assert_eq!(regularity(&[]), BEST / 2);
        assert_eq!(regularity(&[u32::MAX, u32::MAX]), BEST);
        let _ = regularity(&[0, u32::MAX, u32::MAX]);
    }
}
