//! A month and more in virtual time, with a device that does all it can to grow its state.

use std::net::IpAddr;

use defender_detect::{Detector, Kind, MOST_BYTES, MOST_GROUP_BYTES};
use defender_message::flow::{Flow, Protocol};

use crate::support::{Hub, flow};
use crate::{DAY, INTERVAL, live, new_classes, usual, with};

fn noise(step: u32) -> Vec<Flow<IpAddr>> {
    let mut flows = usual();
    flows.extend((0..60_u32).map(|n| {
        let number = step
            .wrapping_mul(60)
            .wrapping_add(n)
            .wrapping_mul(2_654_435_761);
        let [a, b, c, d] = number.to_be_bytes();
        let peer = IpAddr::from([
            0x2600,
            u16::from(a),
            u16::from_be_bytes([b, c]),
            0,
            0,
            0,
            0,
            d.into(),
        ]);
        let protocol = [Protocol::Tcp, Protocol::Udp][usize::from(d % 2)];
        let port = 1_000 + u16::from_be_bytes([c, d]) % 30_000;
        flow(protocol, 50_000 + n as u16, peer, port, 5_000, 4_000)
    }));
    flows
}

#[test]
fn states_stay_within_their_bounds_and_what_is_usual_stays_known() {
    let mut hub = Hub::new();
    let mut most = [0; 2];
    for step in 0..40 * DAY / INTERVAL / 12 {
        hub.now += 12 * INTERVAL;
        for (device, flows) in [
            ("quiet", usual()),
            ("wild", noise(step)),
            ("wilder", noise(!step)),
        ] {
            let event = hub.activity(hub.now, 12 * INTERVAL, &flows);
            hub.send(device, Some(hub.now), vec![event]);
        }
        for name in hub.detector.take_touched() {
            let length = hub.detector.state(&name).unwrap().len();
            let most = &mut most[usize::from(!Detector::is_device(&name))];
            *most = (*most).max(length);
        }
    }
    assert!(most[0] <= MOST_BYTES, "{} bytes a device", most[0]);
    assert!(most[1] <= MOST_GROUP_BYTES, "{} bytes a group", most[1]);
    assert!(most[1] > 8_000, "{} bytes a group are not much", most[1]);
    let quiet = hub.detector.state("quiet").unwrap().len();
    assert!(quiet <= 2_048, "{quiet} bytes a quiet device");
    assert_eq!(new_classes(&hub, "quiet"), 0);
    // The quiet one is judged as well as ever.
    let other = flow(
        Protocol::Tcp,
        50_009,
        IpAddr::from([198, 51, 100, 9]),
        31_999,
        500,
        500,
    );
    live(&mut hub, &[("quiet", with(other))], INTERVAL);
    assert_eq!(new_classes(&hub, "quiet"), 1);
    assert_eq!(
        hub.raised(Kind::NewPeer)
            .iter()
            .filter(|it| it.device == "quiet")
            .count(),
        0
    );
}
