//! A resource as the service exports it, with every type of rule and every member that it has.

use std::{fmt::Write, time::Duration};

use defender_detect::{
    Kind,
    rules::{Condition, Effect, NoEffect, Rules, RulesFile},
};

/// Rules that count, and whether devices with ThreadX give cause for them.
const COUNTING: [(&str, bool); 16] = [
    ("ActiveConnectionsNotInAllowedRange", true),
    ("AmqpC2DMessagesNotInAllowedRange", true),
    ("MqttC2DMessagesNotInAllowedRange", true),
    ("HttpC2DMessagesNotInAllowedRange", true),
    ("AmqpC2DRejectedMessagesNotInAllowedRange", true),
    ("MqttC2DRejectedMessagesNotInAllowedRange", true),
    ("HttpC2DRejectedMessagesNotInAllowedRange", true),
    ("AmqpD2CMessagesNotInAllowedRange", true),
    ("MqttD2CMessagesNotInAllowedRange", true),
    ("HttpD2CMessagesNotInAllowedRange", true),
    ("DirectMethodInvokesNotInAllowedRange", true),
    ("FailedLocalLoginsNotInAllowedRange", false),
    ("FileUploadsNotInAllowedRange", false),
    ("QueuePurgesNotInAllowedRange", true),
    ("TwinUpdatesNotInAllowedRange", true),
    ("UnauthorizedOperationsNotInAllowedRange", true),
];

/// A resource with every rule, on or off.
fn exported(enabled: bool) -> String {
    let mut counting = String::new();
    for (number, (rule, _)) in COUNTING.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        write!(
            counting,
            r#"{comma}{{
                "ruleType": "{rule}", "displayName": "shown", "description": "said",
                "isEnabled": {enabled}, "minThreshold": 0, "maxThreshold": {number}, "timeWindowSize": "PT15M"
            }}"#
        )
        .unwrap();
    }
    format!(
        r#"{{
            "id": "/subscriptions/0/providers/Microsoft.Security/deviceSecurityGroups/cameras",
            "name": "cameras", "type": "Microsoft.Security/deviceSecurityGroups", "systemData": null,
            "properties": {{
                "thresholdRules": [], "timeWindowRules": [{counting}],
                "allowlistRules": [
                    {{"ruleType": "ConnectionToIpNotAllowed", "isEnabled": {enabled}, "valueType": "IpCidr",
                      "displayName": "shown", "allowlistValues": ["10.0.0.0/8", "2001:db8::/32", "192.0.2.77/24"]}},
                    {{"ruleType": "LocalUserNotAllowed", "isEnabled": {enabled}, "valueType": "String", "allowlistValues": ["root"]}},
                    {{"ruleType": "ProcessNotAllowed", "isEnabled": {enabled}, "valueType": "String", "allowlistValues": []}}
                ],
                "denylistRules": [
                    {{"ruleType": "ConnectionFromIpNotAllowed", "isEnabled": {enabled}, "denylistValues": ["203.0.113.0/24"]}}
                ]
            }}
        }}"#
    )
}

#[test]
fn every_type_of_rule_is_known() {
    let file = RulesFile::parse(&exported(true)).unwrap();
    assert_eq!(file.warnings, []);
    let [group] = &*file.groups else {
        panic!("{file:?}")
    };
    assert_eq!(group.name, "cameras");
    assert_eq!(group.rules.len(), 20);
    for (name, is_there) in COUNTING {
        let rule = group
            .rules
            .iter()
            .find(|rule| rule.rule_type.name() == name)
            .unwrap();
        let acts = rule.effect() == Effect::Acts;
        assert_eq!(acts, is_there, "{name}");
        // It is the alert that the service's own documents name.
        let kind = Kind::from_rule(name).map(Kind::alert_type);
        let expected = is_there.then(|| format!("IoT_CA_{name}"));
        assert_eq!(kind.map(str::to_owned), expected);
        let window = Some(Duration::from_secs(15 * 60));
        let Condition::Range { window: found, .. } = rule.condition else {
            panic!("{rule:?}")
        };
        assert_eq!(found, window);
    }
}

#[test]
fn rules_that_are_off_or_about_nothing_are_said() {
    let file = RulesFile::parse(&exported(false)).unwrap();
    for rule in &file.groups[0].rules {
        assert_eq!(rule.effect(), Effect::None(NoEffect::Off));
    }
    let rules = Rules::new([file]).unwrap();
    assert!(rules.of("cameras").is_empty());

    let said = RulesFile::parse(&exported(true))
        .unwrap()
        .explain()
        .to_string();
    for line in [
        "Group cameras: 16 of 20 rules act",
        "  ConnectionToIpNotAllowed: an alert when a device connects to a peer outside of 10.0.0.0/8, 2001:db8::/32, 192.0.2.0/24",
        "  ConnectionFromIpNotAllowed: an alert when a peer connects to a device in 203.0.113.0/24",
        "  LocalUserNotAllowed: without effect, ThreadX devices have no users",
        "  ActiveConnectionsNotInAllowedRange: an alert on any active connections",
        "  TwinUpdatesNotInAllowedRange: an alert on more than 14 updates of twins within 15m",
    ] {
        assert!(
            said.lines().any(|said| said == line),
            "{line}\nis not in\n{said}"
        );
    }
}

#[test]
fn rules_are_asked_by_group() {
    let file = RulesFile::parse(&exported(true)).unwrap();
    let rules = Rules::new([file]).unwrap();
    let cameras = rules.of("cameras");
    for (peer, to, from) in [
        ("10.1.2.3", true, true),
        ("::ffff:10.1.2.3", true, true),
        ("192.0.2.1", true, true),
        ("2001:db8::1", true, true),
        ("198.51.100.1", false, true),
        ("2001:db9::1", false, true),
        ("203.0.113.1", false, false),
    ] {
        let peer = peer.parse().unwrap();
        assert_eq!(
            (cameras.allows_to(peer), cameras.allows_from(peer)),
            (to, from),
            "{peer}"
        );
    }
    let ranges: Vec<_> = cameras.ranges().collect();
    assert_eq!(ranges.len(), 14);
    assert_eq!(
        (ranges[1].kind, ranges[1].max),
        (Kind::AmqpC2DMessagesNotInAllowedRange, 1)
    );
    assert!(ranges[1].allows(1) && !ranges[1].allows(2));
    assert!(rules.of("others").is_empty());
    assert!(rules.of("others").allows_to("203.0.113.1".parse().unwrap()));
}
