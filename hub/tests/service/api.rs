//! The API: what came in, what was found, and what a person does with it.

use defender_detect::{Alert, SignalKind};
use defender_hub::intake::What;
use serde_json::json;

use crate::support::{
    alerts, connection, delete, get, message, post, put, raw, report, scan, start, until,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_has_the_fields_of_detect_and_a_history() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    report(&hub, "pump", scan(1)).await;
    let found = alerts(&hub, "", 1).await;
    // As `defender detect --json` writes it: what serde makes of an alert, and nothing else.
    let alert: Alert = serde_json::from_value(found[0].clone()).unwrap();
    assert_eq!(serde_json::to_value(&alert).unwrap(), found[0]);
    assert_eq!(
        (alert.device.as_str(), alert.kind.rule()),
        ("pump", "PortScan")
    );
    for (query, count) in [
        ("state=open", 1),
        ("state=closed", 0),
        ("severity=High", 0),
        ("severity=Low", 1),
        ("device=pump", 1),
        ("device=other", 0),
        ("acknowledged=true", 0),
        ("limit=0", 0),
        ("state=open&device=pump&acknowledged=false", 1),
    ] {
        alerts(&hub, query, count).await;
    }
    let path = format!("/api/v1/alerts/{}", alert.id);
    let act = json!({ "who": "ann", "comment": "looking at it" });
    post(&hub, &format!("{path}/acknowledge"), act.clone())
        .await
        .unwrap();
    let one = get(&hub, &path).await;
    assert!(one["acknowledged"].is_u64());
    let history = one["history"].as_array().unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|entry| (&entry["event"], &entry["who"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("raised"), &json!("")),
            (&json!("acknowledged"), &json!("ann"))
        ]
    );
    assert!(
        post(&hub, "/api/v1/alerts/none/acknowledge", act)
            .await
            .is_err()
    );

    // The latest first, page by page.
    for device in ["b", "c"] {
        report(&hub, device, scan(2)).await;
        alerts(&hub, &format!("device={device}"), 1).await;
    }
    let latest = alerts(&hub, "limit=2", 2).await;
    assert_eq!(
        (&latest[0]["device"], &latest[1]["device"]),
        (&json!("c"), &json!("b"))
    );
    let before = latest[1]["id"].as_str().unwrap();
    let rest = alerts(&hub, &format!("before={before}"), 1).await;
    assert_eq!(rest[0]["device"], "pump");
    // What is behind an alert that is not there would be taken for the last page.
    let unknown = raw(&hub, "/api/v1/alerts?before=unknown", "localhost");
    assert!(
        unknown.starts_with("HTTP/1.1 400") && unknown.contains("no alert of this id"),
        "{unknown}"
    );
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_closes_an_alert_and_makes_exceptions() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, said) = start(folder.path(), "").await.unwrap();
    report(&hub, "pump", scan(1)).await;
    let first = alerts(&hub, "state=open", 1).await[0]["id"].clone();
    let path = format!("/api/v1/alerts/{}/close", first.as_str().unwrap());
    let act = json!({ "who": "ann" });
    post(&hub, &path, act.clone()).await.unwrap();
    let closed = alerts(&hub, "state=closed", 1).await;
    assert_eq!(closed[0]["id"], first);
    assert!(
        post(&hub, &path, act)
            .await
            .unwrap_err()
            .contains("closed already")
    );
    // It goes on: that is another one.
    report(&hub, "pump", scan(2)).await;
    let second = alerts(&hub, "state=open", 1).await[0]["id"].clone();
    assert_ne!(second, first);

    let exceptions = "/api/v1/exceptions";
    for (wrong, reason) in [
        (json!({ "who": "ann", "reason": "x" }), "every alert"),
        (
            json!({ "who": "ann", "rule": "PortScann", "reason": "x" }),
            "PortScann",
        ),
        (
            json!({ "who": "ann", "rule": "PortScan", "until": "soon", "reason": "x" }),
            "until",
        ),
        (
            json!({ "who": "ann", "rule": "PortScan", "reason": " " }),
            "reason",
        ),
        (json!({ "rule": "PortScan", "reason": "x" }), "who"),
    ] {
        let error = post(&hub, exceptions, wrong).await.unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
    let made = json!({ "who": "ann", "rule": "PortScan", "device": "pump", "until": "2099-01-31", "reason": "our scanner" });
    let made = post(&hub, exceptions, made).await.unwrap();
    // What it covers closes, and is not told again.
    alerts(&hub, "state=open", 0).await;
    report(&hub, "pump", scan(3)).await;
    report(&hub, "other", scan(4)).await;
    let open = alerts(&hub, "state=open", 1).await;
    assert_eq!(open[0]["device"], "other");
    assert_eq!(get(&hub, exceptions).await["exceptions"][0]["who"], "ann");
    delete(&hub, &format!("{exceptions}/{}", made["id"]))
        .await
        .unwrap();
    assert!(
        delete(&hub, &format!("{exceptions}/{}", made["id"]))
            .await
            .is_err()
    );
    report(&hub, "pump", scan(5)).await;
    alerts(&hub, "state=open", 2).await;
    hub.stop().await.unwrap();
    assert_eq!(said.changes().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_have_counts_and_traffic() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, said) = start(folder.path(), "").await.unwrap();
    report(&hub, "b", connection(1, [192, 0, 2, 7])).await;
    // The same once more, and something that is no message.
    report(&hub, "b", connection(1, [192, 0, 2, 7])).await;
    report(&hub, "b", vec![0xFF; 100_000].into()).await;
    report(&hub, "a", scan(1)).await;
    let device = "c".to_owned();
    let what = SignalKind::Connected { source: None };
    put(hub.intake(), What::Signal { device, what }).await;
    alerts(&hub, "", 1).await;
    let devices = get(&hub, "/api/v1/devices").await["devices"].clone();
    let row = |index: usize| {
        let row = &devices[index];
        let names = ["device", "reports", "refused", "open_alerts"];
        names.map(|name| row[name].to_string())
    };
    assert_eq!(row(0), ["\"a\"", "1", "0", "1"]);
    assert_eq!(row(1), ["\"b\"", "3", "1", "0"]);
    assert_eq!(row(2), ["\"c\"", "0", "0", "0"]);
    assert_eq!(devices.as_array().unwrap().len(), 3);
    let page = get(&hub, "/api/v1/devices?after=a&limit=1").await;
    assert_eq!(page["devices"][0]["device"], "b");
    for (query, expected) in [
        ("alerts=true", &["a"][..]),
        ("alerts=true&search=b", &[]),
        ("search=B", &["b"]),
        // What stands for others in a pattern stands for itself here.
        ("search=_", &[]),
        ("search=%25", &[]),
        ("group=default", &["a", "b", "c"]),
        ("group=other", &[]),
        ("skip=1&limit=1", &["b"]),
        ("order=name", &["a", "b", "c"]),
        ("order=messages", &["b", "a", "c"]),
        ("order=messages&skip=1&limit=1", &["a"]),
        ("order=messages&after=b&at=3", &["a", "c"]),
        ("order=messages&after=b", &["a", "c"]),
        ("order=messages&after=b&at=1&group=default", &["a", "c"]),
        ("order=messages&after=gone", &[]),
        ("order=silent&after=a&at=0&search=z", &[]),
    ] {
        let found = get(&hub, &format!("/api/v1/devices?{query}")).await;
        let found = found["devices"].as_array().unwrap().iter();
        let found: Vec<_> = found.map(|row| row["device"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{query}");
    }
    for wrong in ["order=colour", "traffic=1000"] {
        let refused = raw(&hub, &format!("/api/v1/devices?{wrong}"), "localhost");
        assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
    }
    let moved = get(&hub, "/api/v1/devices?traffic=true").await["devices"].clone();
    assert_eq!(
        moved[1]["traffic"],
        json!({ "bytes_in": 2000, "bytes_out": 1000 })
    );
    assert_eq!(moved[2]["traffic"]["bytes_in"], 0);
    let one = get(&hub, "/api/v1/devices/a").await;
    assert_eq!(one, devices[0]);
    assert_eq!(one["worst"], 3);
    let none = raw(&hub, "/api/v1/devices/d", "localhost");
    assert!(none.starts_with("HTTP/1.1 404"), "{none}");
    let status = get(&hub, "/api/v1/status").await;
    assert_eq!(
        (
            &status["devices"],
            &status["open_alerts"],
            &status["trouble"]
        ),
        (&json!(3), &json!([0, 0, 1, 0]), &json!(null))
    );
    let traffic = get(&hub, "/api/v1/devices/b/traffic").await["traffic"].clone();
    assert_eq!(traffic.as_array().unwrap().len(), 1);
    let sum = &traffic[0];
    // What is repeated does not count again.
    assert_eq!(
        (&sum["bytes_in"], &sum["bytes_out"]),
        (&json!(2000), &json!(1000))
    );
    assert_eq!(
        (&sum["peer"], &sum["port"]),
        (&json!("192.0.2.7"), &json!(443))
    );
    hub.stop().await.unwrap();
    let told = said.texts();
    let is_told = |text: &String| text.contains("device b: message of 100000 bytes");
    assert!(told.iter().any(is_told), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_name_no_device() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    report(&hub, "a-certain-device", scan(1)).await;
    report(
        &hub,
        "a-certain-device",
        message(2, defender_message::decode::Payload::Heartbeat),
    )
    .await;
    alerts(&hub, "", 1).await;
    let ask = |path: &str| raw(&hub, path, "localhost");
    let text = ask("/metrics");
    for line in [
        "defender_reports_total 2",
        "defender_devices 1",
        "defender_alert_changes_total{event=\"raised\",severity=\"Medium\"} 1",
        "defender_outbox_changes 0",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}: {text}");
    }
    assert!(!text.contains("a-certain-device"));
    assert!(ask("/healthz").starts_with("HTTP/1.1 200"));
    assert!(ask("/nothing").starts_with("HTTP/1.1 404"));
    // A page of somebody else, whose name leads here.
    assert!(raw(&hub, "/api/v1/alerts", "evil.example").starts_with("HTTP/1.1 403"));
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_too_many_is_turned_away_and_others_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, said) = start(folder.path(), "[limits]\ndevices = 3").await.unwrap();
    for number in 0..1000 {
        report(
            &hub,
            &format!("device-{number}"),
            connection(number, [192, 0, 2, 7]),
        )
        .await;
    }
    report(&hub, "device-1", scan(2000)).await;
    alerts(&hub, "", 1).await;
    let devices = get(&hub, "/api/v1/devices").await;
    assert_eq!(devices["devices"].as_array().unwrap().len(), 3);
    until("it is told", || {
        said.texts()
            .iter()
            .any(|text| text.contains("limits.devices is 3"))
    })
    .await;
    hub.stop().await.unwrap();
}
