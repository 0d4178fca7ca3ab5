//! What an attack looks at, and what it counts with.

use core::net::IpAddr;
use core::time::Duration;

use crate::alert::{Finding, Kind};
use crate::counts::Counts;
use crate::hash::Hasher;
use crate::policy::{Policy, Subject};
use crate::roles::{Facts, Traffic};
use crate::rules::RuleSet;
use crate::seconds;
use crate::time::Span;
use crate::window::{Counted, Distinct, Rates};

/// The flows of one event, and what there is to judge them by.
pub(crate) struct Look<'a> {
    pub policy: &'a Policy,
    pub device: &'a str,
    pub group: &'a str,
    /// The group's rules.
    pub rules: &'a RuleSet,
    pub span: Span,
    /// The time of receipt.
    pub received: u32,
    pub flows: &'a [Traffic<'a>],
    /// What the flows have together.
    pub facts: Facts,
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
    pub flows: Vec<&'a Traffic<'a>>,
}

impl Reached<'_> {
    /// A finding of these numbers and flows.
    pub fn finding(&self, kind: Kind) -> Finding {
        Finding::new(kind)
            .counted(self.observed, self.limit, self.window)
            .with_evidence(self.flows.iter().map(|traffic| *traffic.flow))
    }
}

impl<'a> Look<'a> {
    /// The flows that an attack of this kind may count, of those with hosts that have one of the facts: all that are not
    /// excepted.
    #[inline(always)]
    pub(super) fn flows_for(
        &self,
        kind: Kind,
        facts: Facts,
    ) -> impl Iterator<Item = &'a Traffic<'a>> + use<'a> {
        let (policy, device, group, time) = (self.policy, self.device, self.group, self.received);
        let has_exceptions = !policy.exceptions.is_empty();
        self.flows.iter().filter(move |traffic| {
            let subject = || Subject {
                kind,
                device,
                group,
                peer: Some(traffic.flow.remote_address),
                port: traffic.service.map(|service| service.port),
                time,
            };
            traffic.facts.has(facts) && !(has_exceptions && excepts(policy, subject))
        })
    }

    /// Counts different things among flows, and returns the sets that have reached their limit by what this event added.
    ///
    /// `select` says whether a flow counts: whose set it belongs to, and as what. With a scan of ports, that is its peer and
    /// its remote port.
    pub(super) fn count(
        &mut self,
        count: &Count,
        flows: impl Iterator<Item = &'a Traffic<'a>>,
        select: impl Fn(&Traffic<'_>) -> Option<(Key, u32)>,
    ) -> Vec<Reached<'a>> {
        let mut counted: Vec<(Key, u32, &Traffic<'a>)> = flows
            .filter_map(|traffic| select(traffic).map(|(key, member)| (key, member, traffic)))
            .collect();
        if counted.len() > 1 {
            // Flows of a set stay in their order.
            counted.sort_by_key(|(key, ..)| *key);
        }
        let window = seconds(count.window);
        let mut reached = Vec::new();
        for of_set in counted.chunk_by(|(a, ..), (b, ..)| a == b) {
            let key = of_set[0].0;
            let mut several: Vec<u32>;
            let members = match of_set {
                [(_, member, _)] => core::slice::from_ref(member),
                _ => {
                    several = of_set.iter().map(|(_, member, _)| *member).collect();
                    several.sort_unstable();
                    several.dedup();
                    &several
                }
            };
            let (observed, limit, window) = match self.span.interval > window {
                true => self.count_alone(members, count.limit, window),
                false => {
                    let most = match count.counted {
                        Counted::Seen => usize::from(count.limit),
                        Counted::New => REMEMBERED_CONNECTIONS,
                    };
                    let observed = self.distinct.add(
                        set(count.kind, count.variant, key),
                        members,
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
                    flows: of_set.iter().map(|(.., traffic)| *traffic).collect(),
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

    /// A port that answers later than it was first tried was not tried in vain.
    pub(super) fn take_back_what_answered(&mut self) {
        let flows = self.flows.iter();
        for traffic in flows.filter(|it| it.facts.has(Facts::ANSWERS)) {
            let peer = Key::of_peer(traffic.flow.remote_address);
            let mut take = |kind, variant, key, member| {
                self.distinct.remove(set(kind, variant, key), member);
            };
            if traffic.facts.has(Facts::PEER_ANSWERS) {
                let (port, host) = (traffic.flow.remote_port, traffic.host.finish32());
                take(Kind::PortScan, 0, peer, port.into());
                take(Kind::HostScan, 1, Key::of_port(port), host);
                if self.policy.config.is_administration(port) {
                    take(Kind::HostScan, 0, Key::default(), host);
                }
            }
            if traffic.facts.has(Facts::DEVICE_ANSWERS) {
                take(Kind::ScannedByPeer, 0, peer, traffic.flow.local_port.into());
            }
        }
    }
}

/// Out of the way of flows that nobody excepts.
#[cold]
#[inline(never)]
fn excepts<'a>(policy: &Policy, subject: impl Fn() -> Subject<'a>) -> bool {
    policy.excepts(&subject())
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

/// A flow as a member of a set.
pub(super) fn flow_member(Traffic { flow, host, .. }: &Traffic<'_>) -> u32 {
    let ports = u64::from(flow.local_port) << 16 | u64::from(flow.remote_port);
    host.number(ports << 8 | flow.protocol as u64)
        .address(flow.local_address)
        .finish32()
}
