//! What a file may be, and what its parts may be.

use std::time::Duration;

use defender_detect::{
    groups::Groups,
    rules::{Condition, Effect, NoEffect, Rules, RulesFile},
};

use crate::one;

const RULE: &str = r#"{"ruleType": "QueuePurgesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 1, "timeWindowSize": "PT5M"}"#;

fn names(text: &str) -> Vec<String> {
    let file = RulesFile::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    file.groups.into_iter().map(|group| group.name).collect()
}

#[test]
fn one_resource_several_or_a_listing() {
    let rules = format!(r#""properties": {{"timeWindowRules": [{RULE}]}}"#);
    let (a, b) = (
        format!(r#"{{"name": "a", {rules}}}"#),
        format!(r#"{{"name": "b", {rules}}}"#),
    );
    assert_eq!(names(&a), ["a"]);
    assert_eq!(names(&format!("\u{feff}{a}")), ["a"]);
    assert_eq!(names(&format!("[{a}, {b}]")), ["a", "b"]);
    assert_eq!(
        names(&format!(r#"{{"value": [{a}, {b}], "nextLink": null}}"#)),
        ["a", "b"]
    );
    assert_eq!(names("[]"), [""; 0]);
    // Without a name, and as tools show it that lift the properties.
    assert_eq!(names(&format!("{{{rules}}}")), ["default"]);
    assert_eq!(
        names(&format!(
            r#"{{"name": null, "timeWindowRules": [{RULE}], "denylistRules": null}}"#
        )),
        ["default"]
    );
}

#[test]
fn windows_are_of_iso_8601() {
    for (text, seconds) in [
        ("PT5M", 300),
        ("PT1H30M", 5400),
        ("P1D", 86_400),
        ("PT0.5H", 1800),
        ("P31D", 31 * 86_400),
        ("PT1S", 1),
        (" pt1m ", 60),
        // As PowerShell writes it.
        ("00:05:00", 300),
    ] {
        let text = one("timeWindowRules", &RULE.replace("PT5M", text));
        let file = RulesFile::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let Condition::Range { window, .. } = file.groups[0].rules[0].condition else {
            panic!("{file:?}")
        };
        assert_eq!(window, Some(Duration::from_secs(seconds)), "{text}");
    }
}

/// What could not raise an alert is said to be without effect, and is.
#[test]
fn without_effect() {
    let thresholds = RULE.replace(r#", "timeWindowSize": "PT5M""#, "");
    for (list, rule, effect) in [
        (
            "thresholdRules",
            thresholds.as_str(),
            Effect::None(NoEffect::NoWindow),
        ),
        ("thresholdRules", RULE, Effect::Acts),
        (
            "timeWindowRules",
            &RULE.replace(r#""maxThreshold": 1"#, r#""maxThreshold": 4294967295"#),
            Effect::None(NoEffect::EverythingAllowed),
        ),
        (
            "denylistRules",
            r#"{"ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "denylistValues": []}"#,
            Effect::None(NoEffect::NothingDenied),
        ),
        (
            "allowlistRules",
            r#"{"ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "allowlistValues": ["0.0.0.0/0", "::/0"]}"#,
            Effect::None(NoEffect::EverythingAllowed),
        ),
        (
            "allowlistRules",
            r#"{"ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "allowlistValues": ["0.0.0.0/0"]}"#,
            Effect::Acts,
        ),
        (
            "allowlistRules",
            r#"{"ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "allowlistValues": []}"#,
            Effect::Acts,
        ),
    ] {
        let file = RulesFile::parse(&one(list, rule)).unwrap();
        assert_eq!(file.groups[0].rules[0].effect(), effect, "{rule}");
        let acts = !Rules::new([file]).unwrap().of("g").is_empty();
        assert_eq!(acts, effect == Effect::Acts, "{rule}");
    }
}

#[test]
fn what_is_on_and_without_effect_is_said_with_its_place() {
    let thresholds = RULE.replace(r#", "timeWindowSize": "PT5M""#, "");
    let file = RulesFile::parse(&one("thresholdRules", &thresholds)).unwrap();
    let said = |groups: &Groups| file.without_effect(groups).collect::<Vec<_>>();
    let all = said(&Groups::default());
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(
        all[0].ends_with(": group g: without effect, the table of groups puts no device into it")
            && all[0].starts_with("line 1, column "),
        "{all:?}"
    );
    assert!(
        all[1].contains("NotInAllowedRange: without effect, it does not say within which time"),
        "{all:?}"
    );
    let groups = Groups::parse("g = [\"*\"]").unwrap();
    assert_eq!(said(&groups), all[1..]);
    let off = thresholds.replace("true", "false");
    let file = RulesFile::parse(&one("thresholdRules", &off)).unwrap();
    assert_eq!(file.without_effect(&groups).count(), 0);
}

/// An empty list of what is allowed allows nothing; what several rules allow is allowed.
#[test]
fn several_lists_of_one_type() {
    let rule = |values: &str| {
        format!(
            r#"{{"ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "allowlistValues": [{values}]}}"#
        )
    };
    let allows = |rules: &str, peer: &str| {
        let file = RulesFile::parse(&one("allowlistRules", rules)).unwrap();
        Rules::new([file])
            .unwrap()
            .of("g")
            .allows_to(peer.parse().unwrap())
    };
    assert!(!allows(&rule(""), "192.0.2.1"));
    let both = format!(
        r#"{}, {}"#,
        rule(r#""192.0.2.0/24""#),
        rule(r#""198.51.100.1""#)
    );
    assert!(allows(&both, "192.0.2.1"));
    assert!(allows(&both, "198.51.100.1"));
    assert!(!allows(&both, "198.51.100.2"));
}

#[test]
fn what_is_passed_over_is_said_when_it_looks_like_rules() {
    let file = RulesFile::parse(
        r#"{"value": [{"properties": {"timewindowRules": [], "allowlistRules": [], "colour": 3}}],
            "nextLink": "https://management.example/next"}"#,
    )
    .unwrap();
    let said: Vec<_> = file.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].starts_with(
            "line 1, column 47, value[0].properties.timewindowRules: this is not read"
        ),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("line 2, column 25, nextLink: the listing goes on elsewhere"),
        "{said:?}"
    );
}
