//! What an attack looks at, and what it counts with.

use core::net::IpAddr;
use core::time::Duration;
use std::collections::BTreeMap;

use defender_message::flow::Flow;

use crate::alert::{Finding, Kind};
use crate::counts::Counts;
use crate::hash::Hasher;
use crate::policy::{Policy, Subject};
use crate::roles::{PeerKind, Traffic};
use crate::seconds;
use crate::time::Span;
use crate::window::{Counted, Distinct, Rates};

/// The flows of one event, and what there is to judge them by.
pub(crate) struct Look<'a> {
    pub policy: &'a Policy,
    pub device: &'a str,
    pub group: &'a str,
    pub span: Span,
    /// The time of receipt.
    pub received: u32,
    pub flows: &'a [Traffic],
    pub distinct: &'a mut Distinct,
    pub rates: &'a mut Rates,
    pub counts: &'a mut Counts,
    pub findings: &'a mut Vec<Finding>,
}

/// What different things are counted for.
pub(super) struct Count {
    pub kind: Kind,
    /// Tells sets of one kind apart.
    pub variant: u8,
    pub limit: u16,
    pub window: Duration,
    pub counted: Counted,
}

/// Whose set something belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub peer: Option<IpAddr>,
    pub port: Option<u16>,
}

impl Key {
    pub fn of_peer(peer: IpAddr) -> Self {
        Self {
            peer: Some(peer),
            port: None,
        }
    }

    pub fn of_port(port: u16) -> Self {
        Self {
            peer: None,
            port: Some(port),
        }
    }
}

/// A set that has reached its limit.
pub(super) struct Reached<'a> {
    pub key: Key,
    pub observed: u64,
    pub limit: u64,
    /// In seconds.
    pub window: u32,
    /// The flows of this event that belong to it.
    pub flows: Vec<&'a Traffic>,
}

impl Reached<'_> {
    /// A finding of these numbers and flows.
    pub fn finding(&self, kind: Kind) -> Finding {
        Finding::new(kind)
            .counted(self.observed, self.limit, self.window)
            .with_evidence(self.flows.iter().map(|traffic| traffic.flow))
    }
}

impl<'a> Look<'a> {
    /// The flows that an attack of this kind may count, of those that it selects: with hosts, and not excepted.
    pub fn flows_for(
        &self,
        kind: Kind,
        select: impl Fn(&Traffic) -> bool,
    ) -> impl Iterator<Item = &'a Traffic> {
        let (policy, device, group, time) = (self.policy, self.device, self.group, self.received);
        self.flows.iter().filter(move |traffic| {
            traffic.peer == PeerKind::Host
                && select(traffic)
                && !policy.excepts(&Subject {
                    kind,
                    device,
                    group,
                    peer: Some(traffic.flow.remote_address),
                    port: traffic.service.map(|service| service.port),
                    time,
                })
        })
    }

    /// Counts different things, and returns the sets that have reached their limit by what this event added.
    ///
    /// `select` says whether a flow counts: whose set it belongs to, and as what. With a scan of ports, that is its peer and
    /// its remote port.
    pub(super) fn count(
        &mut self,
        count: &Count,
        select: impl Fn(&Traffic) -> Option<(Key, u32)>,
    ) -> Vec<Reached<'a>> {
        let mut sets: BTreeMap<Key, (Vec<u32>, Vec<&'a Traffic>)> = BTreeMap::new();
        for traffic in self.flows_for(count.kind, |traffic| select(traffic).is_some()) {
            if let Some((key, member)) = select(traffic) {
                let (members, flows) = sets.entry(key).or_default();
                members.push(member);
                flows.push(traffic);
            }
        }
        let window = seconds(count.window);
        let mut reached = Vec::new();
        for (key, (mut members, flows)) in sets {
            members.sort_unstable();
            members.dedup();
            let (observed, limit, window) = match self.span.interval > window {
                true => self.count_alone(&members, count.limit, window),
                false => {
                    let most = match count.counted {
                        Counted::Seen => usize::from(count.limit),
                        Counted::New => REMEMBERED_CONNECTIONS,
                    };
                    let observed = self.distinct.add(
                        set(count.kind, count.variant, key),
                        &members,
                        self.span.end,
                        window,
                        most,
                        count.counted,
                    );
                    (observed as u64, u64::from(count.limit), window)
                }
            };
            if observed >= limit {
                reached.push(Reached {
                    key,
                    observed,
                    limit,
                    window,
                    flows,
                });
            }
        }
        reached
    }

    /// An event that is longer than the window stands for itself: in that time as many more are allowed.
    fn count_alone(&self, members: &[u32], limit: u16, window: u32) -> (u64, u64, u32) {
        let interval = self.span.interval;
        let limit = (u64::from(limit) * u64::from(interval)).div_ceil(u64::from(window.max(1)));
        (members.len() as u64, limit, interval)
    }

    /// Adds an amount to a rate of a peer, or of all of them, and returns it: how much there was within a minute.
    pub(super) fn rate(&mut self, kind: Kind, key: Key, amount: u64) -> u32 {
        let of = set(kind, 0, key);
        self.rates
            .add(of, amount, self.span.end, self.span.interval)
    }

    /// A port that answers later than its flow was first reported was not tried in vain.
    pub(super) fn take_back_what_answered(&mut self) {
        if self.distinct.is_empty() {
            return;
        }
        for traffic in self.flows {
            let Some(service) = traffic.service.filter(|_| !traffic.failed) else {
                continue;
            };
            let peer = Some(traffic.flow.remote_address);
            let port = Some(service.port);
            let host = host_member(traffic.flow.remote_address);
            let nobody = Key::default();
            for (kind, variant, key, member) in [
                (
                    Kind::PortScan,
                    0,
                    Key { peer, port: None },
                    service.port.into(),
                ),
                (
                    Kind::ScannedByPeer,
                    0,
                    Key { peer, port: None },
                    service.port.into(),
                ),
                (Kind::HostScan, 0, nobody, host),
                (Kind::HostScan, 1, Key { peer: None, port }, host),
            ] {
                self.distinct.remove(set(kind, variant, key), member);
            }
        }
    }
}

/// How many connections to one service are told from new ones.
const REMEMBERED_CONNECTIONS: usize = 64;

/// The name of a set.
fn set(kind: Kind, variant: u8, key: Key) -> u32 {
    let hasher = Hasher::new(b'w').number(u64::from(kind.number()) << 8 | u64::from(variant));
    let hasher = match key.peer {
        Some(peer) => hasher.address(peer),
        None => hasher,
    };
    match key.port {
        Some(port) => hasher.number(port.into()),
        None => hasher,
    }
    .finish32()
}

/// A host as a member of a set.
pub(super) fn host_member(address: IpAddr) -> u32 {
    Hasher::new(b'h').address(address).finish32()
}

/// A flow as a member of a set.
pub(super) fn flow_member(flow: &Flow<IpAddr>) -> u32 {
    let ports = u64::from(flow.local_port) << 16 | u64::from(flow.remote_port);
    Hasher::new(b'f')
        .number(ports << 8 | flow.protocol as u64)
        .address(flow.local_address)
        .address(flow.remote_address)
        .finish32()
}
