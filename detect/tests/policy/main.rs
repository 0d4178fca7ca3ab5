//! The service's alerts, built in and custom, row by row of its tables: raised when they must be, and not otherwise.

mod built_in;
mod connections;
mod counted;
mod exchange;
#[path = "../engine/support.rs"]
#[allow(dead_code, reason = "the engine's tests have it, too")]
mod support;

use defender_detect::{
    Policy,
    rules::{Rules, RulesFile},
    threats::ThreatLists,
};

use support::Hub;

/// A policy with one rule of a list, for everybody.
fn rule(list: &str, rule: &str) -> Policy {
    let text = format!(r#"{{"properties": {{"{list}": [{rule}]}}}}"#);
    let mut policy = Policy::default();
    policy.rules = Rules::new([RulesFile::parse(&text).unwrap()]).unwrap();
    policy
}

/// A policy with a rule that counts, within five minutes.
fn range(rule_type: &str, min: u32, max: u32) -> Policy {
    rule(
        "timeWindowRules",
        &format!(
            r#"{{"ruleType": "{rule_type}", "isEnabled": true, "minThreshold": {min}, "maxThreshold": {max}, "timeWindowSize": "PT5M"}}"#
        ),
    )
}

/// A policy with a threat list.
fn threats(name: &str, text: &str) -> Policy {
    let mut lists = ThreatLists::builder();
    lists.read(name, text.as_bytes());
    let mut policy = Policy::default();
    policy.threats = lists.build();
    policy
}

/// The alerts that were raised, by type.
fn raised(hub: &Hub) -> Vec<&'static str> {
    let raised = hub.changes.iter();
    let raised = raised.filter(|change| change.event == defender_detect::ChangeEvent::Raised);
    raised
        .map(|change| change.alert.kind.alert_type())
        .collect()
}
