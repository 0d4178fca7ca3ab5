//! Files as sources.

use std::{fs, io::Write};

use defender_message::{Record, SecurityMessage};

use crate::support::{alerts, get, now, scan, start};

fn line(device: &str, number: u128) -> String {
    let message = SecurityMessage::decode(&scan(number)).unwrap();
    let record = Record::new(message)
        .from_device(device)
        .received_at(now().into());
    serde_json::to_string(&record).unwrap() + "\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_read_as_the_file_grows_and_once_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.jsonl");
    let config = format!("[[source.file]]\npath = {path:?}");
    // The file comes later.
    let (hub, _) = start(folder.path(), &config).await.unwrap();
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(line("a", 1).as_bytes()).unwrap();
    alerts(&hub, "", 1).await;
    let next = line("b", 2);
    let (half, rest) = next.split_at(50);
    file.write_all(half.as_bytes()).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    file.write_all(rest.as_bytes()).unwrap();
    alerts(&hub, "", 2).await;
    hub.stop().await.unwrap();

    file.write_all(line("c", 3).as_bytes()).unwrap();
    let (hub, _) = start(folder.path(), &config).await.unwrap();
    alerts(&hub, "", 3).await;
    let devices = get(&hub, "/api/v1/devices").await;
    for device in devices["devices"].as_array().unwrap() {
        assert_eq!(device["reports"], 1, "{devices}");
    }
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_and_logs_are_read_to_their_end() {
    let folder = tempfile::tempdir().unwrap();
    let messages = folder.path().join("pump.bin");
    fs::write(&messages, [scan(1), scan(2)].concat()).unwrap();
    let log = folder.path().join("log.json");
    let record = r#"{"time": "2026-11-26T12:00:00Z", "category": "DirectMethods", "operationName": "send", "level": "Information", "properties": "{\"deviceId\":\"lobby\"}"}"#;
    fs::write(&log, record).unwrap();
    let bad = folder.path().join("bad.jsonl");
    fs::write(&bad, "{\"security_module_id\": 5}\n").unwrap();
    let config = [&messages, &log, &bad]
        .map(|path| format!("[[source.file]]\npath = {path:?}\n"))
        .concat();
    let (hub, said) = start(folder.path(), &config).await.unwrap();
    let found = alerts(&hub, "", 1).await;
    assert_eq!(found[0]["device"], "pump");
    crate::support::until("the bad line is told", || {
        said.texts()
            .iter()
            .any(|text| text.contains("bad.jsonl, line 1"))
    })
    .await;
    hub.stop().await.unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let devices = get(&hub, "/api/v1/devices").await["devices"].to_string();
    assert!(devices.contains("lobby"), "{devices}");
    hub.stop().await.unwrap();
}
