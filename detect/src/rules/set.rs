//! Rules as detection asks them.

use core::{net::IpAddr, time::Duration};
use std::{collections::HashMap, sync::Arc};

use super::{
    RulesFile,
    fault::{Fault, Problem, RulesError},
    networks::{FirstBytes, Networks},
    rule::{Condition, Effect, Group, RuleType},
};
use crate::alert::Kind;

/// The rules of all groups that have an effect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    groups: HashMap<String, Arc<RuleSet>>,
    none: Arc<RuleSet>,
}

impl Rules {
    /// The rules of files.
    ///
    /// # Errors
    /// [`RulesError`] says which groups have rules in more than one of them.
    pub fn new(files: impl IntoIterator<Item = RulesFile>) -> Result<Self, RulesError> {
        let mut rules = Self::default();
        let mut lines: HashMap<String, usize> = HashMap::new();
        let mut problems = Vec::new();
        for group in files.into_iter().flat_map(|file| file.groups) {
            let name = group.name.clone();
            if let Some(line) = lines.insert(name.clone(), group.place.line) {
                problems.push(Problem {
                    place: group.place,
                    path: String::new(),
                    fault: Fault::SameGroup { name, line },
                });
            } else {
                rules.groups.insert(name, RuleSet::new(&group).into());
            }
        }
        match problems.is_empty() {
            true => Ok(rules),
            false => Err(RulesError { problems }),
        }
    }

    /// The rules of a group; none if there are none.
    #[must_use]
    pub fn of(&self, group: &str) -> &Arc<RuleSet> {
        self.groups.get(group).unwrap_or(&self.none)
    }
}

/// The rules of a group that have an effect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleSet {
    outbound: Peers,
    inbound: Peers,
    ranges: Vec<RangeRule>,
}

/// A rule about how often something may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RangeRule {
    /// The kind of alert that it raises, by which it is known what is counted.
    pub kind: Kind,
    /// The least that is allowed.
    pub min: u32,
    /// The most that is allowed.
    pub max: u32,
    /// The time in which it is counted.
    pub window: Duration,
}

impl RangeRule {
    /// Whether a count breaks the rule, once its window is over. Before that, only too many do.
    #[must_use]
    pub fn allows(&self, count: u32) -> bool {
        (self.min..=self.max).contains(&count)
    }
}

/// Which peers connections may be with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Peers {
    /// With several rules, what any of them allows; without a rule, everything.
    allowed: Option<Networks>,
    denied: Networks,
    /// Of IPv4, a bit for each first byte that decides alone: all such peers are allowed.
    free: FirstBytes,
}

impl Peers {
    #[inline]
    fn allow(&self, peer: &IpAddr) -> bool {
        let is_free = |first: u8| self.free[usize::from(first / 64)] >> (first % 64) & 1 != 0;
        match peer {
            IpAddr::V4(address) if is_free(address.octets()[0]) => true,
            _ => self.allow_one(*peer),
        }
    }

    fn allow_one(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        let is_in = |networks: &Networks| networks.contain(peer);
        self.allowed.as_ref().is_none_or(is_in) && !is_in(&self.denied)
    }

    fn allow_all(&self) -> bool {
        self.allowed.is_none() && self.denied.is_empty()
    }

    /// Works out what first bytes decide alone.
    fn finish(&mut self) {
        let allowed = self.allowed.as_ref();
        let allowed = allowed.map_or([u64::MAX; 4], Networks::whole);
        let denied = self.denied.touched();
        self.free = core::array::from_fn(|at| allowed[at] & !denied[at]);
    }

    fn add(&mut self, condition: Condition) {
        match condition {
            Condition::AllowedPeers(nets) => self.allowed.get_or_insert_default().extend(nets),
            Condition::DeniedPeers(nets) => self.denied.extend(nets),
            Condition::Names | Condition::Range { .. } => {}
        }
    }
}

impl RuleSet {
    fn new(group: &Group) -> Self {
        let mut set = Self::default();
        let acting = group.rules.iter();
        for rule in acting.filter(|rule| rule.effect() == Effect::Acts) {
            let RuleType::Alert(kind) = rule.rule_type else {
                continue;
            };
            match (kind, rule.condition.clone()) {
                (Kind::ConnectionToIpNotAllowed, peers) => set.outbound.add(peers),
                (Kind::ConnectionFromIpNotAllowed, peers) => set.inbound.add(peers),
                (
                    kind,
                    Condition::Range {
                        min,
                        max,
                        window: Some(window),
                    },
                ) => set.ranges.push(RangeRule {
                    kind,
                    min,
                    max,
                    window,
                }),
                _ => {}
            }
        }
        set.outbound.finish();
        set.inbound.finish();
        set
    }

    /// Whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.allows_all_peers() && self.ranges.is_empty()
    }

    /// Whether any connection is allowed.
    #[must_use]
    pub fn allows_all_peers(&self) -> bool {
        self.outbound.allow_all() && self.inbound.allow_all()
    }

    /// Whether a device may open a connection to a peer.
    #[must_use]
    #[inline]
    pub fn allows_to(&self, peer: IpAddr) -> bool {
        self.outbound.allow(&peer)
    }

    /// Whether a peer may open a connection to a device.
    #[must_use]
    #[inline]
    pub fn allows_from(&self, peer: IpAddr) -> bool {
        self.inbound.allow(&peer)
    }

    /// How often something may happen, in the order of the file.
    pub fn ranges(&self) -> impl Iterator<Item = &RangeRule> + Clone {
        self.ranges.iter()
    }
}
