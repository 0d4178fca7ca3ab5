//! A rules file in sentences.

use core::fmt;

use ipnet::IpNet;

use super::{
    RulesFile,
    rule::{Condition, Effect, Group, NoEffect, Rule, RuleType},
};
use crate::{alert::Kind, place::lines};

/// How many networks a sentence names.
const NAMED: usize = 5;

/// A rules file in sentences: its groups, and beneath each its rules, a line each.
#[derive(Debug, Clone, Copy)]
pub struct Explanation<'a> {
    file: &'a RulesFile,
}

impl<'a> Explanation<'a> {
    pub(super) fn new(file: &'a RulesFile) -> Self {
        Self { file }
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file } = self;
        if file.groups.is_empty() {
            f.write_str("There are no groups in it.")?;
        }
        lines(f, file.groups.iter().map(Described))?;
        for warning in &file.warnings {
            write!(f, "\n{warning}")?;
        }
        Ok(())
    }
}

/// A group and its rules.
struct Described<'a>(&'a Group);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Group { name, rules, .. } = self.0;
        let acting = rules.iter().filter(|rule| rule.effect() == Effect::Acts);
        let (acting, count) = (acting.count(), rules.len());
        write!(f, "Group {name}: {acting} of {count} rules act")?;
        for rule in rules {
            write!(f, "\n  {}", Sentence(rule))?;
        }
        Ok(())
    }
}

/// A rule of a group in a sentence, and where it is.
pub(super) fn idle(group: &Group, rule: &Rule) -> String {
    format!("{}: group {}: {}", rule.place, group.name, Sentence(rule))
}

/// A rule in a sentence.
struct Sentence<'a>(&'a Rule);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(rule) = self;
        let name = rule.rule_type;
        match rule.effect() {
            Effect::Acts => write!(f, "{name}: {}", Acting(rule)),
            Effect::None(NoEffect::Off) => write!(f, "{name}: off"),
            Effect::None(NoEffect::NotOnTheseDevices(what)) => {
                write!(f, "{name}: without effect, ThreadX devices have no {what}")
            }
            Effect::None(NoEffect::NoWindow) => write!(
                f,
                "{name}: without effect, it does not say within which time to count; give it a `timeWindowSize` in `timeWindowRules`"
            ),
            Effect::None(NoEffect::EverythingAllowed) => {
                write!(f, "{name}: without effect, it allows everything")
            }
            Effect::None(NoEffect::NothingDenied) => {
                write!(f, "{name}: without effect, it denies nothing")
            }
        }
    }
}

/// What a rule that has an effect does.
struct Acting<'a>(&'a Rule);

impl fmt::Display for Acting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(rule) = self;
        let is_from = rule.rule_type == RuleType::Alert(Kind::ConnectionFromIpNotAllowed);
        let who = match is_from {
            true => "an alert when a peer connects to a device",
            false => "an alert when a device connects to a peer",
        };
        match &rule.condition {
            Condition::AllowedPeers(nets) if nets.is_empty() => {
                write!(f, "{who}, whichever: the list of allowed ones is empty")
            }
            Condition::AllowedPeers(nets) => write!(f, "{who} outside of {}", Nets(nets)),
            Condition::DeniedPeers(nets) => write!(f, "{who} in {}", Nets(nets)),
            // Rules about names have no effect.
            Condition::Names => Ok(()),
            Condition::Range { min, max, window } => {
                let what = counted(rule.rule_type);
                let window = window.unwrap_or_default();
                let window = humantime::format_duration(window);
                match (*min, *max) {
                    (0, 0) => write!(f, "an alert on any {what}"),
                    (0, max) => {
                        write!(f, "an alert on more than {max} {what} within {window}")
                    }
                    (min, u32::MAX) => {
                        write!(f, "an alert on fewer than {min} {what} within {window}")
                    }
                    (min, max) => write!(
                        f,
                        "an alert on fewer than {min} or more than {max} {what} within {window}"
                    ),
                }
            }
        }
    }
}

/// What a rule counts.
fn counted(rule_type: RuleType) -> &'static str {
    let RuleType::Alert(kind) = rule_type else {
        return "of these";
    };
    match kind {
        Kind::ActiveConnectionsNotInAllowedRange => "active connections",
        Kind::MqttC2DMessagesNotInAllowedRange => "messages to the device over MQTT",
        Kind::MqttD2CMessagesNotInAllowedRange => "messages of the device over MQTT",
        Kind::MqttC2DRejectedMessagesNotInAllowedRange => {
            "messages over MQTT that the device rejects"
        }
        Kind::AmqpC2DMessagesNotInAllowedRange => "messages to the device over AMQP",
        Kind::AmqpD2CMessagesNotInAllowedRange => "messages of the device over AMQP",
        Kind::AmqpC2DRejectedMessagesNotInAllowedRange => {
            "messages over AMQP that the device rejects"
        }
        Kind::HttpC2DMessagesNotInAllowedRange => "messages to the device over HTTP",
        Kind::HttpD2CMessagesNotInAllowedRange => "messages of the device over HTTP",
        Kind::HttpC2DRejectedMessagesNotInAllowedRange => {
            "messages over HTTP that the device rejects"
        }
        Kind::DirectMethodInvokesNotInAllowedRange => "direct methods invoked",
        Kind::TwinUpdatesNotInAllowedRange => "updates of twins",
        Kind::QueuePurgesNotInAllowedRange => "purges of the queue of commands",
        Kind::UnauthorizedOperationsNotInAllowedRange => "unauthorized operations",
        _ => "of these",
    }
}

/// Networks in a sentence.
struct Nets<'a>(&'a [IpNet]);

impl fmt::Display for Nets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, net) in self.0.iter().take(NAMED).enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{net}")?;
        }
        match self.0.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
