//! What is known of a device beside what it did, and what a person accepts.

use defender_hub::Hub;
use defender_message::decode::Payload;
use serde_json::{Value, json};

use crate::support::{connection, message, page, post, raw, report, scan, start, until_get};

const CLASS: &str = "TCP 443 out to the Internet";

/// What the group of a device knows of a class.
fn known<'a>(profile: &'a Value, class: &str) -> Option<&'a Value> {
    let classes = profile["baseline"]["classes"].as_array()?;
    classes.iter().find(|known| known["class"] == class)
}

/// Waits until so many devices are in the store.
async fn are_there(hub: &Hub, count: usize) {
    let is_so = |answer: &Value| answer["devices"].as_array().map(Vec::len) == Some(count);
    until_get(hub, "/api/v1/devices", is_so).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_shown_with_versions_recommendations_and_what_is_normal() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let system = Payload::SystemInformation {
        os_info: "Azure RTOS 6.1".into(),
        kernel_info: String::new(),
        hw_info: String::new(),
    };
    report(&hub, "pump", message(1, system)).await;
    report(&hub, "pump", connection(2, [192, 0, 2, 7])).await;
    let path = "/api/v1/devices/pump/profile";
    are_there(&hub, 1).await;
    let profile = until_get(&hub, path, |profile| known(profile, CLASS).is_some()).await;
    assert_eq!(profile["group"], "default");
    assert_eq!(profile["versions"]["system"]["azure_rtos"], "6.1");
    assert_eq!(profile["versions"]["agent"], "1.0.0");
    let recommended = &profile["recommendations"][0];
    assert_eq!(
        recommended["recommendation_type"],
        "Defender_KnownVulnerabilities"
    );
    let class = known(&profile, CLASS).unwrap();
    assert_eq!(
        (&class["origin"], &class["device"]),
        (&json!("candidate"), &json!("pump"))
    );

    let shown = page(&hub, "/devices/pump");
    for text in [
        "It runs Azure RTOS 6.1, with agent 1.0.0.",
        recommended["title"].as_str().unwrap(),
        "pump alone has shown it",
        "Accept TCP 443 out to the Internet",
        "MUD file",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    let none = raw(&hub, "/api/v1/devices/none/profile", "localhost");
    assert!(none.starts_with("HTTP/1.1 404"), "{none}");

    // A person accepts it, and takes that back.
    let decision = json!({ "class": CLASS });
    let group = "/api/v1/baselines/default";
    post(&hub, &format!("{group}/accept"), decision.clone())
        .await
        .unwrap();
    until_get(&hub, path, |profile| {
        known(profile, CLASS).is_some_and(|class| class["origin"] == "accepted")
    })
    .await;
    for path in ["/devices/pump", "/baselines/default"] {
        let shown = page(&hub, path);
        assert!(shown.contains("A person has accepted it"), "{shown}");
        assert!(!shown.contains("Accept TCP 443"), "{shown}");
        assert!(shown.contains("Forget TCP 443"), "{shown}");
    }
    assert!(page(&hub, "/baselines").contains("/baselines/default"));
    post(&hub, &format!("{group}/forget"), decision)
        .await
        .unwrap();
    until_get(&hub, path, |profile| known(profile, CLASS).is_none()).await;
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mud_file_says_what_is_normal_and_is_at_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    report(&hub, "silent", scan(1)).await;
    report(&hub, "pump", connection(2, [192, 0, 2, 7])).await;
    are_there(&hub, 2).await;
    let url = "url=https://pump.example/mud.json";
    let path = "/api/v1/devices/pump/mud";
    until_get(&hub, "/api/v1/devices/pump/profile", |it| {
        known(it, CLASS).is_some()
    })
    .await;
    let answer = raw(&hub, &format!("{path}?{url}"), "localhost");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains("application/mud+json") && head.contains("attachment"),
        "{head}"
    );
    let file = defender_detect::mud::MudFile::parse(body).unwrap();
    assert_eq!(file.url, "https://pump.example/mud.json");
    let classes: Vec<_> = file.classes().iter().map(ToString::to_string).collect();
    assert!(classes.contains(&CLASS.to_owned()), "{classes:?}");
    for (query, status, reason) in [
        ("url=http://pump.example/", 422, "https://"),
        ("url=javascript:alert(1)", 422, "https://"),
        ("", 400, "url"),
    ] {
        let answer = raw(&hub, &format!("{path}?{query}"), "localhost");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(answer.contains(reason), "{answer}");
    }
    // What only another device has shown is nothing that this one is meant to do.
    let silent = raw(
        &hub,
        &format!("/api/v1/devices/silent/mud?{url}"),
        "localhost",
    );
    assert!(silent.starts_with("HTTP/1.1 404"), "{silent}");
    assert!(silent.contains("nothing is known to be normal"), "{silent}");
    hub.stop().await.unwrap();
}
