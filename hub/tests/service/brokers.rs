//! Another broker as the source: mosquitto, which is killed and comes back. Without it this test says so; where the variable CI is set it must
//! be there.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use defender_hub::{
    Hub,
    mqtt::{Endpoint, Publisher, PublisherOptions},
};
use tokio::task;

use crate::{
    client::OURS,
    receivers::{Program, free_port, program},
    support::{alerts, get, scan, start, until},
};

fn mosquitto(path: &Path, folder: &Path, port: u16) -> Child {
    let settings = folder.join("mosquitto.conf");
    // What it holds for the hub is on disk, so that a broker that is killed has it still. Started by root it would become somebody who may not
    // write there.
    let text = format!(
        "user root\nlistener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {}/\nautosave_on_changes true\nautosave_interval 1\n",
        folder.display()
    );
    fs::write(&settings, text).unwrap();
    Command::new(path)
        .arg("-c")
        .arg(settings)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn publish(port: u16, device: &str, number: u128) {
    let device = device.to_owned();
    let published = task::spawn_blocking(move || {
        let url = format!("mqtt://127.0.0.1:{port}");
        let endpoint = Endpoint::new(url.parse().unwrap(), None).unwrap();
        let id = device.parse().unwrap();
        let publisher = Publisher::connect(&endpoint, &id, PublisherOptions::default()).unwrap();
        let topic = format!("devices/{device}/messages/events/{OURS}");
        publisher.publish(&topic, &scan(number)).unwrap();
    });
    published.await.unwrap();
}

async fn reports(hub: &Hub, device: &str) -> Option<u64> {
    let known = get(hub, "/api/v1/devices").await["devices"].clone();
    let row = known.as_array().unwrap().iter();
    let row = row.into_iter().find(|row| row["device"] == device)?;
    row["reports"].as_u64()
}

async fn listens(port: u16) {
    until("the broker listens", || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_and_comes_back_loses_nothing_that_it_has() {
    let Some(path) = program("mosquitto", "mosquitto") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let broker = Program(mosquitto(&path, folder.path(), port));
    listens(port).await;
    let data = folder.path().join("hub");
    let config = format!("[[source.mqtt]]\nurl = \"mqtt://127.0.0.1:{port}\"\nsession = \"hub\"");
    let (hub, said) = start(&data, &config).await.unwrap();
    until("the hub is subscribed", || {
        said.texts()
            .iter()
            .any(|text| text.contains("source mqtt: "))
    })
    .await;
    publish(port, "before", 1).await;
    alerts(&hub, "device=before", 1).await;
    // What comes while the hub is away waits at the broker.
    hub.stop().await.unwrap();
    publish(port, "away", 2).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    drop(broker);
    let broker = Program(mosquitto(&path, folder.path(), port));
    listens(port).await;
    let (hub, said) = start(&data, &config).await.unwrap();
    alerts(&hub, "device=away", 1).await;
    // Killed under a hub that listens: it complains, and is there again when the broker is.
    drop(broker);
    until("it is told", || {
        said.texts()
            .iter()
            .any(|text| text.contains("source mqtt: ") && !text.contains("is back"))
    })
    .await;
    let _broker = Program(mosquitto(&path, folder.path(), port));
    listens(port).await;
    until("it is back", || {
        said.texts().iter().any(|text| text.contains("is back"))
    })
    .await;
    publish(port, "after", 3).await;
    alerts(&hub, "device=after", 1).await;
    alerts(&hub, "", 3).await;
    // A broker that did not see an acknowledgement may send once more; what is repeated opens nothing.
    let away = reports(&hub, "away").await.unwrap();
    assert!((1..=2).contains(&away), "{away}");
    hub.stop().await.unwrap();
}
