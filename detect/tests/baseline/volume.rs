//! Days that are too busy.

use std::net::IpAddr;

use defender_detect::Kind;
use defender_message::flow::Flow;

use crate::support::{Hub, ip, tcp};
use crate::{DAY, HOUR, INTERVAL, learned, live};

fn to(peer: &str, bytes_in: u32, bytes_out: u32) -> Vec<Flow<IpAddr>> {
    let mut flow = tcp(50_002, ip(peer), 8883);
    (flow.bytes_in, flow.bytes_out) = (bytes_in, bytes_out);
    vec![flow]
}

/// 144 reports of 10 kB each way: 2.9 MB a day, half of it out.
fn busy() -> Hub {
    let mut hub = Hub::new();
    live(
        &mut hub,
        &[("a", to("203.0.113.10", 10_000, 10_000))],
        DAY + INTERVAL,
    );
    hub
}

#[test]
fn ten_times_the_busiest_day_is_too_much_at_once() {
    let mut hub = busy();
    live(
        &mut hub,
        &[("a", to("203.0.113.10", 14_000_000, 14_000_000))],
        INTERVAL,
    );
    assert!(hub.raised(Kind::VolumeAnomaly).is_empty());
    live(
        &mut hub,
        &[("a", to("203.0.113.10", 1_000_000, 1_000_000))],
        INTERVAL,
    );
    let raised = hub.raised(Kind::VolumeAnomaly);
    assert_eq!(raised.len(), 1);
    let text = &raised[0].explanation;
    assert!(text.starts_with("a moved 30,"), "{text}");
    assert!(
        text.contains(" bytes within 24 h, the limit is 28,800,000"),
        "{text}"
    );
}

#[test]
fn it_is_days_that_are_compared() {
    let mut hub = busy();
    // Three times as much, ten days long.
    live(
        &mut hub,
        &[("a", to("203.0.113.10", 30_000, 30_000))],
        10 * DAY,
    );
    assert!(hub.raised(Kind::VolumeAnomaly).is_empty());
}

#[test]
fn below_a_megabyte_nothing_is_too_much() {
    let mut hub = learned();
    // A thousand times what is usual.
    live(
        &mut hub,
        &[("a", to("203.0.113.10", 450_000, 450_000))],
        INTERVAL,
    );
    assert!(hub.raised(Kind::VolumeAnomaly).is_empty());
}

#[test]
fn what_goes_out_to_strangers_is_compared_with_all_that_went_out() {
    let mut hub = busy();
    // 1.44 MB went out a day.
    live(
        &mut hub,
        &[("a", to("198.51.100.66", 100, 900_000))],
        3 * INTERVAL,
    );
    assert!(hub.raised(Kind::VolumeAnomaly).is_empty());
    live(
        &mut hub,
        &[("a", to("198.51.100.66", 100, 400_000))],
        INTERVAL,
    );
    let raised = hub.raised(Kind::VolumeAnomaly);
    assert!(
        raised[0]
            .explanation
            .contains("a sent peers that it has not before 3,100,000 bytes within 24 h"),
        "{}",
        raised[0].explanation
    );
    // What comes in is fetched, such as an update.
    let mut hub = busy();
    live(
        &mut hub,
        &[("a", to("198.51.100.66", 20_000_000, 200_000))],
        INTERVAL,
    );
    assert!(hub.raised(Kind::VolumeAnomaly).is_empty());
}

#[test]
fn ten_times_the_busiest_report_is_too_much_at_once_for_strangers() {
    let mut hub = Hub::new();
    // 29 MB went out a day, 334 bytes a second.
    live(
        &mut hub,
        &[("a", to("203.0.113.10", 10_000, 200_000))],
        DAY + INTERVAL,
    );
    live(
        &mut hub,
        &[("a", to("198.51.100.66", 100, 2_000_000))],
        INTERVAL,
    );
    assert!(hub.raised(Kind::VolumeAnomaly).is_empty());
    // A report of a longer time has more.
    hub.report("a", 3 * INTERVAL, &to("198.51.100.66", 100, 6_000_000));
    assert!(hub.raised(Kind::VolumeAnomaly).is_empty());
    // To those that it knows it is only much.
    live(
        &mut hub,
        &[("a", to("203.0.113.10", 100, 30_000_000))],
        INTERVAL,
    );
    assert!(hub.raised(Kind::VolumeAnomaly).is_empty());
    live(
        &mut hub,
        &[("a", to("198.51.100.66", 100, 2_010_000))],
        INTERVAL,
    );
    let raised = hub.raised(Kind::VolumeAnomaly);
    let text = &raised[0].explanation;
    let expected =
        "a sent peers that it has not before 2,010,000 bytes within 10 min, the limit is 2,004,000";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn nothing_is_too_much_while_a_device_learns() {
    let mut hub = Hub::new();
    live(&mut hub, &[("a", to("203.0.113.10", 100, 100))], HOUR);
    live(
        &mut hub,
        &[("a", to("203.0.113.10", 900_000_000, 900_000_000))],
        INTERVAL,
    );
    assert!(hub.raised(Kind::VolumeAnomaly).is_empty());
}
