//! How fast, and how much: run by hand, in release.
//!
//! ```text
//! cargo test --release -p defender-hub --test service scale -- --ignored --nocapture
//! ```

use std::{path::Path, time::Instant};

use defender_hub::intake::{Delivery, What};
use tokio::sync::oneshot;

use crate::support::{connection, get, now, start};

/// Puts in so many reports of so many devices, and waits until the last is acknowledged and has had its effect.
async fn feed(folder: &Path, reports: u64, devices: u64) -> f64 {
    let (hub, _) = start(folder, "").await.unwrap();
    let begun = Instant::now();
    let mut last = None;
    for number in 0..reports {
        let peer = [10, 2, 0, (number % 200) as u8];
        let (told, kept) = oneshot::channel();
        let delivery = Delivery {
            received: now(),
            what: What::Report {
                device: format!("device-{}", number % devices),
                payload: connection(number.into(), peer),
            },
            kept: Some(told),
        };
        hub.intake().put(delivery).await.unwrap();
        last = Some(kept);
    }
    last.unwrap().await.unwrap();
    let kept = begun.elapsed().as_secs_f64();
    // What was journaled has had its effect when it has stopped.
    hub.stop().await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{reports} reports of {devices} devices: acknowledged within {kept:.1} s, effect within {seconds:.1} s: {:.0} a second",
        reports as f64 / seconds
    );
    seconds
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long, and measures"]
async fn reports_through_journal_and_detection() {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), 1_000_000, 10_000).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long, and measures"]
async fn a_million_devices_are_there_within_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), 1_000_000, 1_000_000).await;
    let size = folder.path().join("hub.db").metadata().unwrap().len();
    let begun = Instant::now();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status.lines().find(|line| line.starts_with("VmHWM"));
    println!(
        "start with a million devices: {seconds:.1} s; store {} MB; {}",
        size >> 20,
        memory.unwrap_or_default()
    );
    let devices = get(&hub, "/api/v1/devices?limit=1").await;
    assert_eq!(devices["devices"].as_array().unwrap().len(), 1);
    hub.stop().await.unwrap();
    assert!(seconds < 10.0);
}
