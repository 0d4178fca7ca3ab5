//! How often something happens to a device, against the ranges that its group's rules allow.
//!
//! Too many are found as soon as they are there. Too few are found when a window is over, from the first on: before it, nobody
//! knows whether the hub tells of such things at all.

mod connections;
mod occurrences;

use serde::{Deserialize, Serialize};

pub(crate) use self::connections::Connections;
use self::occurrences::Occurrences;
use crate::alert::{Finding, Kind};
use crate::input::{SignalKind, Transport};
use crate::rules::{RangeRule, RuleSet};
use crate::seconds;

/// The most things that are counted at once: each kind, in each of the windows that rules name. Past it, what has not happened
/// for longest gives way.
const MOST: usize = 16;

/// What is counted of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    counts: Vec<Count>,
    pub connections: Connections,
}

/// How often one thing happened within one window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Count {
    kind: Kind,
    /// In seconds.
    window: u32,
    occurrences: Occurrences,
}

impl Counts {
    /// Something happened.
    pub fn signal(&mut self, what: &SignalKind, rules: &RuleSet, now: u32) -> Vec<Finding> {
        let Some(kind) = counted_as(what) else {
            return Vec::new();
        };
        let rules: Vec<_> = rules.ranges().filter(|rule| rule.kind == kind).collect();
        let mut windows: Vec<_> = rules.iter().map(|rule| seconds(rule.window)).collect();
        windows.sort_unstable();
        windows.dedup();
        let mut findings = Vec::new();
        for window in windows {
            let count = self.count(kind, window, now).add(window, now);
            let of_window = rules.iter().filter(|rule| seconds(rule.window) == window);
            let broken = of_window.filter(|rule| count > rule.max);
            findings.extend(broken.map(|rule| finding(rule, count, rule.max, window)));
        }
        findings
    }

    /// Time has come to `now`: has something happened too rarely?
    pub fn pass(&mut self, rules: &RuleSet, now: u32) -> Vec<Finding> {
        let mut findings = Vec::new();
        for count in &mut self.counts {
            let (kind, window) = (count.kind, count.window);
            let Some(seen) = count.occurrences.pass(window, now) else {
                continue;
            };
            let rules = matching(rules, kind, window).filter(|rule| seen < rule.min);
            findings.extend(rules.map(|rule| finding(rule, seen, rule.min, window)));
        }
        self.counts.retain(|count| {
            let mut rules = matching(rules, count.kind, count.window);
            // What is not waited for is counted anew when it happens.
            rules.any(|rule| rule.min > 0 || !count.occurrences.is_over(count.window, now))
        });
        findings
    }

    /// When time must pass for it.
    pub fn due(&self, rules: &RuleSet) -> Option<u32> {
        let waited_for = self.counts.iter().filter(|count| {
            let mut rules = matching(rules, count.kind, count.window);
            rules.any(|rule| rule.min > 0)
        });
        let due = waited_for.map(|count| count.occurrences.due(count.window));
        due.min()
    }

    /// Whether it is as it can get by itself.
    pub fn is_valid(&self) -> bool {
        self.counts.len() <= MOST
            && self.counts.iter().all(|count| count.occurrences.is_valid())
            && self.connections.is_valid()
    }

    fn count(&mut self, kind: Kind, window: u32, now: u32) -> &mut Occurrences {
        let is_it = |count: &Count| count.kind == kind && count.window == window;
        let at = self.counts.iter().position(is_it).unwrap_or_else(|| {
            let oldest = self.counts.iter().enumerate();
            let oldest = oldest.min_by_key(|(_, count)| count.occurrences.latest());
            if let Some((at, _)) = oldest.filter(|_| self.counts.len() >= MOST) {
                self.counts.remove(at);
            }
            self.counts.push(Count {
                kind,
                window,
                occurrences: Occurrences::from(now),
            });
            self.counts.len() - 1
        });
        &mut self.counts[at].occurrences
    }
}

fn matching(rules: &RuleSet, kind: Kind, window: u32) -> impl Iterator<Item = &RangeRule> {
    let is_it = move |rule: &&RangeRule| rule.kind == kind && seconds(rule.window) == window;
    rules.ranges().filter(is_it)
}

/// A count that breaks a rule.
pub(crate) fn finding(rule: &RangeRule, count: u32, limit: u32, window: u32) -> Finding {
    let allowed = match (rule.min, rule.max) {
        (0, 0) => "none".to_owned(),
        (min, u32::MAX) => format!("at least {min}"),
        (min, max) => format!("{min} to {max}"),
    };
    Finding::new(rule.kind)
        .counted(count.into(), limit.into(), window)
        .with_detail(allowed)
}

/// The rule that counts a signal.
fn counted_as(what: &SignalKind) -> Option<Kind> {
    Some(match what {
        SignalKind::CloudToDevice { transport } => match transport {
            Transport::Mqtt => Kind::MqttC2DMessagesNotInAllowedRange,
            Transport::Amqp => Kind::AmqpC2DMessagesNotInAllowedRange,
            Transport::Http => Kind::HttpC2DMessagesNotInAllowedRange,
        },
        SignalKind::CloudToDeviceRejected { transport } => match transport {
            Transport::Mqtt => Kind::MqttC2DRejectedMessagesNotInAllowedRange,
            Transport::Amqp => Kind::AmqpC2DRejectedMessagesNotInAllowedRange,
            Transport::Http => Kind::HttpC2DRejectedMessagesNotInAllowedRange,
        },
        SignalKind::DeviceToCloud { transport } => match transport {
            Transport::Mqtt => Kind::MqttD2CMessagesNotInAllowedRange,
            Transport::Amqp => Kind::AmqpD2CMessagesNotInAllowedRange,
            Transport::Http => Kind::HttpD2CMessagesNotInAllowedRange,
        },
        SignalKind::DirectMethod => Kind::DirectMethodInvokesNotInAllowedRange,
        SignalKind::TwinUpdate => Kind::TwinUpdatesNotInAllowedRange,
        SignalKind::QueuePurge => Kind::QueuePurgesNotInAllowedRange,
        // To connect is an operation, too.
        SignalKind::UnauthorizedOperation { .. } | SignalKind::Refused { .. } => {
            Kind::UnauthorizedOperationsNotInAllowedRange
        }
        SignalKind::Connected { .. }
        | SignalKind::Disconnected
        | SignalKind::TakenOver { .. }
        | SignalKind::Hub(_)
        | SignalKind::Credentials { .. } => return None,
    })
}
