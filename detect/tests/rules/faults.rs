//! What is wrong is told: line, column, path, what and why. Everything, not only the first.

use defender_detect::rules::{Rules, RulesFile};

use crate::one;

fn said(text: &str) -> String {
    match RulesFile::parse(text) {
        Ok(file) => panic!("{text}: {file:?}"),
        Err(error) => error.to_string(),
    }
}

/// Each in a file of one line: what stands where the problem is told to be, and what is told.
#[test]
fn one_thing_is_wrong() {
    const COUNT: &str = r#"{"ruleType": "QueuePurgesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 1, "timeWindowSize": "PT5M"}"#;
    const ALLOW: &str = r#"{"ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "allowlistValues": ["10.0.0.0/8"]}"#;
    let count = |from: &str, to: &str| one("timeWindowRules", &COUNT.replace(from, to));
    let allow = |from: &str, to: &str| one("allowlistRules", &ALLOW.replace(from, to));
    let rule = "properties.timeWindowRules[0]";
    let list = "properties.allowlistRules[0]";
    for (text, at, path, told) in [
        (
            "3".to_owned(),
            "3",
            "",
            "`3` stands where a resource, or a list of resources, must be",
        ),
        (
            "{}".into(),
            "{}",
            "",
            "there are no rules: a resource has them in `properties`",
        ),
        (
            r#"[{"name": "x", "properties": {}}]"#.into(),
            r#"{"name""#,
            "[0]",
            "there are no rules",
        ),
        (
            count("QueuePurgesNotInAllowedRange", "Queue"),
            "\"Queue\"",
            &format!("{rule}.ruleType"),
            "`Queue` is no type of rule; it is one of ActiveConnectionsNotInAllowedRange, ",
        ),
        (
            count(", \"isEnabled\": true", ""),
            "{\"ruleType",
            rule,
            "`isEnabled` is missing",
        ),
        (
            count("true", "\"yes\""),
            "\"yes\"",
            &format!("{rule}.isEnabled"),
            "`\"yes\"` stands where `true` or `false` must be",
        ),
        (
            count("\"minThreshold\": 0", "\"minThreshold\": -1"),
            "-1",
            &format!("{rule}.minThreshold"),
            "`-1` must be a whole number from 0 to 4294967295",
        ),
        (
            count("\"minThreshold\": 0", "\"minThreshold\": 2"),
            "{\"ruleType",
            rule,
            "no number is allowed: `minThreshold` 2 is more than `maxThreshold` 1",
        ),
        (
            count("PT5M", "5 minutes or so"),
            "\"5 min",
            &format!("{rule}.timeWindowSize"),
            "`5 minutes or so` is no time from one second to 31 days as ISO 8601 writes it, such as `PT5M`",
        ),
        (
            count(", \"timeWindowSize\": \"PT5M\"", ""),
            "{\"ruleType",
            rule,
            "`timeWindowSize` is missing",
        ),
        (
            allow("10.0.0.0/8", "10.0.0.0/33"),
            "\"10.0",
            &format!("{list}.allowlistValues[0]"),
            "`10.0.0.0/33` is neither an address nor a prefix",
        ),
        (
            allow("allowlistValues", "values"),
            "{\"ruleType",
            list,
            "`allowlistValues` is missing",
        ),
        (
            allow("[\"10.0.0.0/8\"]", "\"10.0.0.0/8\""),
            "\"10.0",
            &format!("{list}.allowlistValues"),
            "`\"10.0.0.0/8\"` stands where a list of texts must be",
        ),
        (
            one("denylistRules", COUNT),
            "\"QueueP",
            "properties.denylistRules[0].ruleType",
            "QueuePurgesNotInAllowedRange does not belong into `denylistRules`, but into `thresholdRules` or `timeWindowRules`",
        ),
        (
            one("timeWindowRules", ALLOW),
            "\"Connec",
            &format!("{rule}.ruleType"),
            "ConnectionToIpNotAllowed does not belong into `timeWindowRules`, but into `allowlistRules` or `denylistRules`",
        ),
        (
            r#"[{"name": "a", "allowlistRules": []}, {"name": "a" , "allowlistRules": []}]"#.into(),
            "\"a\" ",
            "[1].name",
            "the group `a` has rules already, in line 1",
        ),
    ] {
        let said = said(&text);
        let comma = if path.is_empty() { "" } else { ", " };
        let column = 1 + text.find(at).unwrap();
        let expected = format!("line 1, column {column}{comma}{path}: {told}");
        assert!(said.starts_with(&expected), "{text}\n{said}\n{expected}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    assert_eq!(
        said(""),
        "line 1, column 1: this is no JSON: EOF while parsing a value"
    );
    let said = said("{\n  \"a\": 1,\n}");
    assert_eq!(
        said,
        "line 3, column 1: this is no JSON: key must be a string"
    );
}

#[test]
fn times_that_are_none() {
    for window in ["P1M", "P1Y", "PT0S", "-PT5M", "P32D", "PT", "5", ""] {
        let rule = format!(
            r#"{{"ruleType": "TwinUpdatesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 1, "timeWindowSize": "{window}"}}"#
        );
        let said = said(&one("timeWindowRules", &rule));
        assert!(said.contains(&format!("`{window}` is no time")), "{said}");
    }
}

#[test]
fn everything_that_is_wrong_is_told() {
    let text = r#"{"properties": {
        "allowlistRules": [{"ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "allowlistValues": ["x", "10.0.0.0/8", 3]}],
        "timeWindowRules": [{"ruleType": "x"}, {"ruleType": 7}, 8]
    }}"#;
    let said = said(text);
    assert_eq!(said.lines().count(), 7, "{said}");
}

#[test]
fn one_group_in_two_files() {
    let file = || RulesFile::parse(r#"{"name": "a", "allowlistRules": []}"#).unwrap();
    let error = Rules::new([file(), file()]).unwrap_err().to_string();
    assert_eq!(
        error,
        "line 1, column 1: the group `a` has rules already, in line 1"
    );
}
