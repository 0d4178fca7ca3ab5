//! An IoT Hub's own settings, as they are exported.

use defender_detect::hygiene::{
    Kind,
    azure::{Export, Posture, read},
};
use serde_json::{Value, json};

fn recommended(files: &[Value]) -> Vec<(Kind, String)> {
    let mut posture = Posture::default();
    for file in files {
        posture.add(read(&file.to_string()).unwrap());
    }
    let all = posture.recommendations().into_iter();
    all.map(|it| (it.kind, it.reason)).collect()
}

fn kinds(files: &[Value]) -> Vec<Kind> {
    recommended(files)
        .into_iter()
        .map(|(kind, _)| kind)
        .collect()
}

fn hub(properties: Value) -> Value {
    json!({ "name": "plant", "type": "Microsoft.Devices/IotHubs", "properties": properties })
}

fn rules(default_action: &str, masks: &[&str]) -> Value {
    let rules: Vec<_> = masks
        .iter()
        .map(|mask| json!({ "filterName": "office", "action": "Allow", "ipMask": mask }))
        .collect();
    hub(json!({ "networkRuleSets": {
        "defaultAction": default_action, "applyToBuiltInEventHubEndpoint": true, "ipRules": rules,
    } }))
}

#[test]
fn who_is_let_in_by_default_shows_in_either_kind_of_rules() {
    let denied: &[Kind] = &[];
    let allowed = &[Kind::IpFilterDenyAll];
    let filter = |rules: &[(&str, &str)]| {
        let rules: Vec<_> = rules
            .iter()
            .map(|(action, mask)| json!({ "filterName": "x", "action": action, "ipMask": mask }))
            .collect();
        hub(json!({ "ipFilterRules": rules }))
    };
    for (file, expected) in [
        (rules("Deny", &["198.51.100.0/24"]), denied),
        (rules("Allow", &["198.51.100.0/24"]), allowed),
        (
            hub(json!({ "networkRuleSets": null, "ipFilterRules": [] })),
            allowed,
        ),
        (
            filter(&[("Accept", "198.51.100.7"), ("Reject", "0.0.0.0/0")]),
            denied,
        ),
        (filter(&[("Reject", "198.51.100.7")]), allowed),
        // Nobody reaches it from outside.
        (
            hub(json!({ "publicNetworkAccess": "Disabled", "networkRuleSets": null })),
            denied,
        ),
    ] {
        assert_eq!(kinds(std::slice::from_ref(&file)), expected, "{file}");
        // As a list, and as what the API returns.
        assert_eq!(kinds(&[json!([file])]), expected);
        assert_eq!(kinds(&[json!({ "value": [file] })]), expected);
    }
}

#[test]
fn a_rule_for_a_large_network_is_named() {
    let found = recommended(&[rules(
        "Deny",
        &["10.0.0.0/15", "10.0.0.0/16", "2001:db8::/32", "::1"],
    )]);
    let reasons: Vec<_> = found.iter().map(|(_, reason)| reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "The rule `office` of the hub `plant` lets all of 10.0.0.0/15 in",
            "The rule `office` of the hub `plant` lets all of 2001:db8::/32 in",
        ]
    );
    assert!(
        found
            .iter()
            .all(|(kind, _)| *kind == Kind::IpFilterPermissiveRule)
    );
}

#[test]
fn a_hub_without_a_log_of_connections_is_told_when_it_is_known() {
    let setting = |category: &str, enabled: bool| {
        json!({ "name": "s", "logs": [
            { "category": "Routes", "enabled": true },
            { category: if category == "category" { "Connections" } else { "allLogs" }, "enabled": enabled },
        ] })
    };
    let closed = rules("Deny", &[]);
    let missing: &[Kind] = &[Kind::DiagnosticLogs];
    for (settings, expected) in [
        (json!([setting("category", true)]), &[] as &[Kind]),
        (json!({ "value": [setting("categoryGroup", true)] }), &[]),
        (
            json!({ "name": "s", "type": "Microsoft.Insights/diagnosticSettings",
                 "properties": { "logs": [{ "category": "Connections", "enabled": true }] } }),
            &[],
        ),
        (json!([setting("category", false)]), missing),
        (json!([]), missing),
        (json!({ "value": [] }), missing),
    ] {
        assert_eq!(
            kinds(&[closed.clone(), settings.clone()]),
            expected,
            "{settings}"
        );
    }
    // Nothing was said of them.
    assert_eq!(kinds(&[closed]), []);
}

#[test]
fn identities_with_the_same_thumbprint_or_key_have_the_same_mark() {
    let certificate = |device: &str, thumbprint: &str| {
        json!({ "deviceId": device, "authentication": { "type": "selfSigned",
            "symmetricKey": { "primaryKey": null, "secondaryKey": null },
            "x509Thumbprint": { "primaryThumbprint": thumbprint, "secondaryThumbprint": null } } })
    };
    let key = |device: &str, key: &str| {
        json!({ "deviceId": device, "authentication": { "type": "sas",
            "symmetricKey": { "primaryKey": key, "secondaryKey": "other" },
            "x509Thumbprint": { "primaryThumbprint": null, "secondaryThumbprint": null } } })
    };
    // As a twin has it.
    let twin = json!({ "deviceId": "t", "x509Thumbprint": { "primaryThumbprint": "AB12", "secondaryThumbprint": null } });
    let file = json!([
        certificate("a", "AB12"),
        certificate("b", "ab12"),
        certificate("c", "CD34"),
        key("d", "secret"),
        key("e", "Secret"),
        key("f", "****"),
        twin,
    ]);
    let Export::Identities(found) = read(&file.to_string()).unwrap() else {
        panic!()
    };
    let marks = |device| found.iter().find(|it| it.device == device).unwrap().marks;
    assert_eq!(marks("a"), marks("b"));
    assert_eq!(marks("a"), marks("t"));
    assert_ne!(marks("a")[0], marks("c")[0]);
    assert_ne!(marks("d")[0], marks("e")[0]);
    // What is masked is unknown; both of these have the same second key.
    assert_eq!(marks("f")[0], 0);
    assert_eq!(marks("d")[1], marks("e")[1]);
}

#[test]
fn logs_are_told_from_settings() {
    let record = r#"{"time":"2027-01-31T12:00:00Z","operationName":"MICROSOFT.DEVICES/IOTHUBS/CERTIFICATES/WRITE"}"#;
    for text in [
        record.to_owned(),
        format!("[{record}]"),
        format!("{{\"records\": [{record}]}}"),
        format!("{record}\n{record}\n"),
    ] {
        assert_eq!(read(&text), Ok(Export::Log), "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, expected) in [
        ("", "line 1"),
        ("{", "line 1, column 1"),
        ("7", "this is none of"),
        ("{\"name\": \"x\"}", "this is none of"),
        (
            "[{\"deviceId\": \"a\"},\n {\"name\": \"x\"}]",
            "line 2, column 2: this is none of",
        ),
        (
            "{\"networkRuleSets\": {\"ipRules\": [\n{\"ipMask\": \"office\"}]}}",
            "line 2, column 12: networkRuleSets.ipRules[0].ipMask is `\"office\"`",
        ),
        ("{\"networkRuleSets\": {\"ipRules\": 7}}", "must be a list"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}
