//! Devices that fall silent, as a hub that runs notices it by its own ticks; and hubs that were away, which is nobody's silence.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use defender_hub::{
    Hub,
    intake::{Delivery, What},
};
use defender_message::decode::Payload;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::support::{alerts, connection, get, message, now, report, scan, start};

/// The interval of heartbeats, and of what else `message` makes.
const INTERVAL: u32 = 10;

async fn heartbeat(hub: &Hub, device: &str, received: u32) {
    let payload = message(received.into(), Payload::Heartbeat);
    deliver(hub, device, received, payload).await;
}

/// A message that is received at a time.
async fn deliver(hub: &Hub, device: &str, received: u32, payload: Bytes) {
    let (told, kept) = oneshot::channel();
    let device = device.to_owned();
    let delivery = Delivery {
        received,
        what: What::Report { device, payload },
        kept: Some(told),
    };
    hub.intake().put(delivery).await.unwrap();
    kept.await.unwrap();
}

/// The configuration of a hub that calls a device silent after an interval and some seconds, and itself away after so many.
fn config(folder: &Path, jitter: u32, away: u32) -> String {
    let settings = folder.join("detect.toml");
    let text = format!("[liveness]\nintervals = 1\njitter = \"{jitter}s\"\naway = \"{away}s\"\n");
    fs::write(&settings, text).unwrap();
    format!("[detection]\nconfig = {settings:?}")
}

/// Alerts, once a device has one.
async fn alerts_with(hub: &Hub, device: &str) -> Vec<Value> {
    report(hub, device, scan(1)).await;
    alerts(hub, &format!("device={device}"), 1).await;
    get(hub, "/api/v1/alerts").await["alerts"]
        .as_array()
        .unwrap()
        .clone()
}

fn silent(alerts: &[Value]) -> Vec<&str> {
    let lost = alerts.iter().filter(|one| one["rule"] == "HeartbeatLost");
    lost.map(|one| one["device"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_which_heartbeats_stop_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), 15, 300);
    let (hub, _) = start(folder.path(), &config).await.unwrap();
    for ago in [2, 1, 0] {
        heartbeat(&hub, "pump", now() - ago * INTERVAL).await;
    }
    // Nothing but the hub's own time tells.
    let begun = Instant::now();
    let found = loop {
        let found = get(&hub, "/api/v1/alerts").await["alerts"].clone();
        let found = found.as_array().unwrap().clone();
        if !found.is_empty() {
            break found;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "nobody noticed");
        heartbeat(&hub, "lamp", now()).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    assert_eq!(silent(&found), ["pump"], "{found:#?}");
    assert_eq!(found.len(), 1, "{found:#?}");
    hub.stop().await.unwrap();
}

/// A hub that was stopped, or of which the machine slept, or the clock was set ahead: its time goes on with a leap. The time of a hub never goes
/// back, so that what was received later than now sets the clock of the next start.
#[tokio::test(flavor = "multi_thread")]
async fn a_time_in_which_the_hub_was_away_is_nobodys_silence() {
    const HOUR: u32 = 60 * 60;
    for (away, expected) in [(5 * 60, &[][..]), (2 * HOUR, &["pump"])] {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), 60, away);
        let (hub, _) = start(folder.path(), &config).await.unwrap();
        let begun = now();
        for number in 0..3 {
            heartbeat(&hub, "pump", begun + number * INTERVAL).await;
        }
        let other = || connection(1, [192, 0, 2, 7]);
        deliver(&hub, "other", begun + HOUR, other()).await;
        hub.stop().await.unwrap();
        // The first tick of this one is an hour later, and the pump has not had the time to report.
        let (hub, _) = start(folder.path(), &config).await.unwrap();
        let found = alerts_with(&hub, "first").await;
        assert_eq!(silent(&found), expected, "away: {away} s");
        // It is still silent, while the hub is there.
        deliver(&hub, "another", now() + 4 * 60, other()).await;
        hub.stop().await.unwrap();
        let (hub, _) = start(folder.path(), &config).await.unwrap();
        let found = alerts_with(&hub, "second").await;
        assert_eq!(silent(&found), ["pump"], "{found:#?}");
        hub.stop().await.unwrap();
    }
}
