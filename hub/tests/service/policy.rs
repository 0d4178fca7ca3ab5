//! What decides at present, as a person reads it.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::{alerts, connection, get, page, post, report, scan, start};

const RULES: &str = r#"{ "name": "cameras", "properties": { "timeWindowRules": [
    { "ruleType": "ActiveConnectionsNotInAllowedRange", "isEnabled": true,
      "minThreshold": 0, "maxThreshold": 20, "timeWindowSize": "PT5M" },
    { "ruleType": "FileUploadsNotInAllowedRange", "isEnabled": true,
      "minThreshold": 0, "maxThreshold": 1, "timeWindowSize": "PT5M" } ] } }"#;

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    format!("{path:?}")
}

/// The parts of a kind.
fn parts(policy: &Value, kind: &str) -> Vec<Value> {
    let parts = policy["parts"].as_array().unwrap().iter();
    parts.filter(|part| part["kind"] == kind).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_decides_is_said_with_file_count_and_warnings() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path();
    let config = format!(
        "[detection]\nconfig = {}\ngroups = {}\nrules = [{}]\nexceptions = {}\nthreats = [{}]",
        write(files, "detect.toml", "[port-scan]\nports = 12"),
        write(files, "groups.toml", "cameras = [\"cam-*\"]"),
        write(files, "rules.json", RULES),
        write(
            files,
            "exceptions.toml",
            "[[exception]]\ngroup = \"lamps\"\nreason = \"<b>ours</b>\""
        ),
        write(files, "bad.txt", "198.51.100.7\n10.0.0.1\n"),
    );
    let (hub, _) = start(&files.join("hub"), &config).await.unwrap();
    let policy = get(&hub, "/api/v1/policy").await;
    assert!(policy["since"].as_u64().unwrap() > 1_700_000_000);

    let rules = &parts(&policy, "rules")[0];
    assert!(rules["file"].as_str().unwrap().ends_with("rules.json"));
    assert_eq!(rules["entries"], 2);
    let sentence = "more than 20 active connections within 5m";
    assert!(rules["says"].to_string().contains(sentence), "{rules}");
    let warned = rules["warnings"].to_string();
    assert!(warned.contains("without effect"), "{rules}");
    let exceptions = parts(&policy, "exceptions");
    assert_eq!(exceptions[0]["entries"], 1);
    let warned = exceptions[0]["warnings"].to_string();
    assert!(warned.contains("has no such group"), "{warned}");
    assert_eq!(exceptions[1]["entries"], 0);
    let threats = &parts(&policy, "threats")[0];
    assert_eq!(threats["entries"], 1);
    let warned = threats["warnings"].to_string();
    assert!(warned.contains("10.0.0.1"), "{warned}");
    assert_eq!(
        parts(&policy, "settings")[0]["says"],
        json!(["port-scan.ports is 12; as it comes it is 10"])
    );
    assert_eq!(
        parts(&policy, "groups")[0]["says"],
        json!(["Group cameras"])
    );
    assert!(parts(&policy, "advisories")[0]["entries"].as_u64() > Some(0));

    let shown = page(&hub, "/policy");
    for text in [
        sentence,
        "rules.json",
        "2 rules, 1 warning",
        "has no such group",
        "&lt;b&gt;ours&lt;/b&gt;",
        "1 address or network",
        "As they come with this program",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(!shown.contains("<b>"), "{shown}");
    assert!(!shown.contains("Made on this page"), "{shown}");

    let exception = json!({ "who": "ann", "reason": "our scanner", "device": "cam-1" });
    post(&hub, "/api/v1/exceptions", exception).await.unwrap();
    let shown = page(&hub, "/policy");
    assert!(
        shown.contains("Made on this page or over the API"),
        "{shown}"
    );
    assert!(shown.contains("our scanner"), "{shown}");

    // What is read again is shown as it is then; what is of no use leaves all as it was.
    write(
        files,
        "groups.toml",
        "cameras = [\"cam-*\"]\nlamps = [\"lamp-*\"]",
    );
    hub.reload().await;
    let policy = get(&hub, "/api/v1/policy").await;
    assert_eq!(parts(&policy, "groups")[0]["entries"], 2);
    assert_eq!(parts(&policy, "exceptions")[0]["warnings"], json!([]));
    write(files, "groups.toml", "cameras = 5");
    hub.reload().await;
    assert_eq!(get(&hub, "/api/v1/policy").await, policy);
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_thousands_fits_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let exceptions: String = (0..3000)
        .map(|number| {
            format!("[[exception]]\ndevice = \"device-{number}\"\nreason = \"<known>\"\n")
        })
        .collect();
    let file = write(folder.path(), "exceptions.toml", &exceptions);
    let config = format!("[detection]\nexceptions = {file}");
    let (hub, _) = start(&folder.path().join("hub"), &config).await.unwrap();
    let shown = page(&hub, "/policy");
    assert!(shown.contains("3000 exceptions"), "{shown}");
    assert!(shown.contains("more lines"), "{shown}");
    assert!(shown.len() < 100_000, "{} bytes", shown.len());
    hub.stop().await.unwrap();
}

/// What SIGHUP does.
#[tokio::test(flavor = "multi_thread")]
async fn rules_and_lists_that_are_read_again_decide_from_then_on_and_broken_ones_do_not() {
    const HOSTILE: [u8; 4] = [198, 51, 100, 7];
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path();
    let at_most = |count: u32| {
        let rule = json!({ "ruleType": "MqttD2CMessagesNotInAllowedRange", "isEnabled": true,
            "minThreshold": 0, "maxThreshold": count, "timeWindowSize": "PT30M" });
        let rules = json!({ "name": "default", "properties": { "timeWindowRules": [rule] } });
        write(files, "rules.json", &rules.to_string())
    };
    let config = format!(
        "[detection]\nrules = [{}]\nthreats = [{}]",
        at_most(1000),
        write(files, "bad.txt", "198.51.100.99\n"),
    );
    let (hub, said) = start(&files.join("hub"), &config).await.unwrap();
    // Three messages, one of them of a connection to an address that may be on the list; and what is an alert in any case, after which there are
    // no others to come.
    let act = async |device: &'static str, count: usize| -> Vec<String> {
        report(&hub, device, connection(1, HOSTILE)).await;
        report(&hub, device, connection(2, [192, 0, 2, 7])).await;
        report(&hub, device, scan(3)).await;
        let found = alerts(&hub, &format!("device={device}"), count).await;
        let rules = found.iter().map(|alert| alert["rule"].as_str().unwrap());
        let mut rules: Vec<_> = rules.map(str::to_owned).collect();
        rules.sort_unstable();
        rules
    };
    let nothing_new = ["PortScan"];
    let all = [
        "MqttD2CMessagesNotInAllowedRange",
        "PortScan",
        "SuspiciousIPAddressCommunication",
    ];
    assert_eq!(act("before", 1).await, nothing_new);
    at_most(2);
    write(files, "bad.txt", "198.51.100.7\n");
    hub.reload().await;
    assert_eq!(act("after", 3).await, all);
    // A rule of no use: neither it nor the list, which is good, is taken.
    write(files, "rules.json", "{");
    write(files, "bad.txt", "198.51.100.99\n");
    let before = said.texts().len();
    hub.reload().await;
    let texts = said.texts().split_off(before).join("\n");
    assert!(
        texts.contains("rules.json") && texts.contains("stay as they were"),
        "{texts}"
    );
    assert_eq!(act("later", 3).await, all);
    hub.stop().await.unwrap();
}
