//! How large pages are, and how long they take: sizes always, times by hand, in release.
//!
//! ```text
//! cargo test --release -p defender-hub --test service pages -- --ignored --nocapture
//! ```

use std::time::{Duration, Instant};

use defender_hub::{
    Hub,
    intake::{Delivery, What},
};
use serde_json::json;

use crate::{
    scale::load_average,
    support::{alerts, connection, connections, now, page, post, report, scan, start, until_get},
};

/// The most bytes of a page, and how long it may take at worst.
const LARGEST: usize = 100_000;
const WITHIN: Duration = Duration::from_millis(100);

fn name(number: usize) -> String {
    format!(
        "plant-{}/line-{}/sensor-{number:06}",
        number % 7,
        number % 50
    )
}

async fn put(hub: &Hub, device: String, payload: bytes::Bytes) {
    let delivery = Delivery {
        received: now(),
        what: What::Report { device, payload },
        kept: None,
    };
    hub.intake().put(delivery).await.unwrap();
}

/// Devices, each with traffic, and some with an open alert. Returns one of these alerts.
async fn fill(hub: &Hub, devices: usize, alerting: usize) -> String {
    for number in 0..devices {
        let peer = [192, 0, 2, (number % 200) as u8];
        put(hub, name(number), connection(number as u128, peer)).await;
    }
    for number in 0..alerting {
        let device = name(number * (devices / alerting));
        put(hub, device, scan((devices + number) as u128)).await;
    }
    let status = |status: &serde_json::Value| {
        let open = status["open_alerts"].as_array().unwrap().iter();
        let open: u64 = open.map(|count| count.as_u64().unwrap()).sum();
        status["devices"] == devices && open == alerting as u64
    };
    until_get(hub, "/api/v1/status", status).await;
    let found = alerts(hub, "limit=1", 1).await;
    found[0]["id"].as_str().unwrap().to_owned()
}

fn escaped(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The pages, by what a person may ask of each.
fn pages(devices: usize, alert: &str) -> Vec<String> {
    let (quiet, middle) = (escaped(&name(1)), escaped(&name(devices / 2)));
    [
        "/",
        "/?order=latest",
        "/?order=messages",
        "/?order=silent",
        "/?search=sensor-0001",
        "/?search=line-7&order=latest",
        "/?search=nothing-at-all",
        "/?group=default",
        "/?group=none",
        "/?skip=100",
        "/alerts",
        "/alerts?state=open&severity=Medium&acknowledged=no",
        "/alerts?state=closed",
        "/alerts?severity=High",
        "/alerts?acknowledged=yes",
        "/alerts?state=open&acknowledged=yes&severity=Low",
        "/?group=default&search=nothing&order=messages",
        "/exceptions",
        "/baselines",
        "/baselines/default",
        "/policy",
        "/login",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        format!("/?after={middle}"),
        format!("/?order=latest&after={middle}"),
        format!("/?order=messages&after={middle}"),
        format!("/?order=messages&group=none&after={middle}"),
        format!("/alerts?device={quiet}"),
        format!("/alerts/{alert}"),
        format!("/devices/{quiet}"),
        format!("/devices/{}", escaped(&name(0))),
    ])
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_no_larger_than_its_share_of_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let alert = fill(&hub, 500, 250).await;
    // A group with as many classes as it may have, and exceptions.
    for port in 1..=520 {
        let class = json!({ "class": format!("TCP {port} out to the Internet") });
        post(&hub, "/api/v1/baselines/default/accept", class)
            .await
            .unwrap();
    }
    let known = |answer: &serde_json::Value| {
        let classes = answer["baselines"][0]["classes"].as_array();
        classes.is_some_and(|classes| classes.len() >= 512)
    };
    until_get(&hub, "/api/v1/baselines", known).await;
    for path in pages(500, &alert) {
        let size = page(&hub, &path).len();
        assert!(size < LARGEST, "{path}: {size} bytes");
        assert!(size > 500, "{path}: {size} bytes");
    }
    hub.stop().await.unwrap();
}

/// A name of the greatest length, of characters that take most room.
fn hostile(kind: &str, number: usize) -> String {
    let filling = ["<", "&", "\"", "'", "<&\"'", "\u{202e}", "\u{7}"][number % 7];
    let mut name = format!("{kind}-{number:03}-");
    while name.len() + filling.len() <= 128 {
        name.push_str(filling);
    }
    name
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_made_to_be_long_make_no_page_longer() {
    const DEVICES: usize = 120;
    let folder = tempfile::tempdir().unwrap();
    let names = (0..DEVICES).map(|number| (hostile("group", number), [hostile("device", number)]));
    let groups: std::collections::BTreeMap<_, _> = names.collect();
    let file = folder.path().join("groups.toml");
    std::fs::write(&file, toml::to_string(&groups).unwrap()).unwrap();
    let config = format!("[detection]\ngroups = {file:?}");
    let (hub, _) = start(&folder.path().join("data"), &config).await.unwrap();
    for number in 0..DEVICES {
        let device = hostile("device", number);
        put(&hub, device.clone(), connections(number as u128, 1..=64)).await;
        put(&hub, device, scan((DEVICES + number) as u128)).await;
    }
    let found = alerts(&hub, "", DEVICES).await;
    let alert = |number: usize| {
        let device = hostile("device", number);
        let of_device = found
            .iter()
            .find(|alert| alert["device"] == device.as_str());
        of_device.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let said = hostile("comment", 2).repeat(8)[..1000].to_owned();
    for _ in 0..60 {
        let act = json!({ "who": hostile("who", 2), "comment": said });
        let path = format!("/api/v1/alerts/{}/acknowledge", alert(2));
        post(&hub, &path, act).await.unwrap();
        let (who, device) = (hostile("who", 2), hostile("other", 2));
        let exception =
            json!({ "who": who, "device": device, "group": hostile("group", 2), "reason": said });
        post(&hub, "/api/v1/exceptions", exception).await.unwrap();
    }
    for number in 0..7 {
        let group = escaped(&hostile("group", number));
        for port in 1..=100 {
            let class = json!({ "class": format!("TCP {port} out to the Internet") });
            let path = format!("/api/v1/baselines/{group}/accept");
            post(&hub, &path, class).await.unwrap();
        }
    }
    let mut pages: Vec<String> = [
        "/",
        "/?order=latest",
        "/?order=messages",
        "/?skip=50",
        "/alerts",
        "/alerts?state=open",
        "/baselines",
        "/baselines?skip=100",
        "/exceptions",
        "/policy",
    ]
    .map(str::to_owned)
    .into();
    for number in 0..7 {
        let (device, group) = (hostile("device", number), hostile("group", number));
        let (device, group) = (escaped(&device), escaped(&group));
        pages.extend([
            format!("/?search={device}&group={group}&order=messages"),
            format!("/?group={group}"),
            format!("/?after={device}"),
            format!("/alerts?device={device}"),
            format!("/alerts/{}", alert(number)),
            format!("/devices/{device}"),
            format!("/baselines/{group}"),
        ]);
    }
    let mut largest = 0;
    for path in pages {
        let page = page(&hub, &path);
        assert!(page.len() < LARGEST, "{path}: {} bytes", page.len());
        largest = largest.max(page.len());
    }
    // They are as full as pages are: what would be too long is shortened, not left out.
    let rows = page(&hub, "/").matches("<tr>").count();
    assert_eq!(rows, 2 * (50 + 1));
    let shown = page(&hub, "/alerts").matches("<article").count();
    assert_eq!(shown, 50);
    assert!(page(&hub, "/").contains(">device-049-"));
    println!("the largest page has {largest} bytes");
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long, and measures"]
async fn pages_of_a_hundred_thousand_devices() {
    const DEVICES: usize = 100_000;
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let begun = Instant::now();
    let alert = fill(&hub, DEVICES, 10_000).await;
    println!(
        "filled within {:.1} s; load {}",
        begun.elapsed().as_secs_f64(),
        load_average()
    );
    let mut slow = Vec::new();
    for path in pages(DEVICES, &alert) {
        let mut times: Vec<_> = (0..15)
            .map(|_| {
                let begun = Instant::now();
                let size = page(&hub, &path).len();
                (begun.elapsed(), size)
            })
            .collect();
        times.sort();
        let (median, worst, size) = (times[7].0, times[14].0, times[14].1);
        println!("{path}: median {median:.1?}, worst {worst:.1?}, {size} bytes");
        assert!(size < LARGEST, "{path}: {size} bytes");
        if worst > WITHIN {
            slow.push(path);
        }
    }
    // From the report to the page.
    let mut times = Vec::new();
    for number in 0..20 {
        let device = format!("new-{number}");
        let begun = Instant::now();
        report(&hub, &device, scan(1)).await;
        while !page(&hub, "/alerts?state=open").contains(&device) {
            assert!(begun.elapsed() < Duration::from_secs(10));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        times.push(begun.elapsed());
    }
    times.sort();
    println!(
        "from the report to the page: median {:.0?}, worst {:.0?}; load {}",
        times[10],
        times[19],
        load_average()
    );
    hub.stop().await.unwrap();
    assert!(slow.is_empty(), "{slow:?}");
    assert!(times[19] < Duration::from_secs(1));
}
