//! Time that goes in jumps brings the same messages as time that goes second by second.

use std::{convert::Infallible, net::IpAddr, time::Duration};

use defender_replay::{
    Packet, PacketSource, Plan, Replay,
    device::{Message, Summary},
    local::{Identity, LocalAddress},
    timeline::{Ending, Pace},
};
use proptest::{collection::vec, prelude::*, sample::select};

const DEVICE: [u8; 4] = [10, 0, 0, 2];

/// Datagrams of a device to one of its peers, and their seconds.
struct Datagrams<'a>(std::slice::Iter<'a, (u64, u8)>, [u8; 28]);

impl PacketSource for Datagrams<'_> {
    type Error = Infallible;

    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, Infallible> {
        Ok(self.0.next().map(|&(second, peer)| {
            let header = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0];
            let udp = [0xc0, 0, 0, 53, 0, 8, 0, 0];
            let packet = [&header[..], &DEVICE, &[10, 0, 0, peer], &udp].concat();
            self.1.copy_from_slice(&packet);
            Packet::new(Duration::from_secs(second), &self.1)
        }))
    }
}

fn replay(
    datagrams: &[(u64, u8)],
    hub: &str,
    step: u64,
    ending: Ending,
) -> (Vec<Message>, Summary) {
    let own = LocalAddress::from(IpAddr::from(DEVICE));
    let mut plan = Plan::new("device", Identity::new(vec![own], Vec::new()));
    plan.schedule = hub.parse().unwrap();
    plan.pace = Pace::FAST.ending(ending);
    plan.pace.step = step;
    plan.pace.longest_gap = u64::MAX;
    let mut replay = Replay::new(Datagrams(datagrams.iter(), [0; 28]), plan);
    let mut messages = Vec::new();
    while let Some(message) = replay.next_message().unwrap() {
        messages.push(message);
    }
    (messages, replay.summary())
}

/// A hub that comes, goes, refuses and accepts over three hours, often within the same few seconds.
fn hub() -> impl Strategy<Value = String> {
    let second = prop_oneof![0..30_u32, 0..11_000_u32];
    let event = select(vec!["up", "down", "fail", "ok"]);
    let events = vec((event, second), 1..6);
    events.prop_map(|events| {
        let events: Vec<_> = events
            .iter()
            .map(|(event, second)| format!("{event}@{second}"))
            .collect();
        events.join(",")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn jumps_leave_nothing_out_but_time(
        datagrams in vec((prop_oneof![0..20_u64, 0..4000_u64], 3..20_u8), 1..12),
        hub in hub(),
        step in prop_oneof![Just(u64::MAX), 2..200_u64],
    ) {
        let mut second = 1000;
        let datagrams: Vec<_> = datagrams
            .into_iter()
            .map(|(gap, peer)| {
                second += gap;
                (second, peer)
            })
            .collect();
        // After the last packet a hub that does not come any more ends the replay at once, and that once is a look.
        let jumps = replay(&datagrams, &hub, step, Ending::Cut);
        let seconds = replay(&datagrams, &hub, 1, Ending::Cut);
        // Short, and first: what is seen when it fails.
        let times = |messages: &[Message]| messages.iter().map(|message| message.time).collect::<Vec<_>>();
        prop_assert_eq!(times(&jumps.0), times(&seconds.0));
        prop_assert_eq!(jumps.1, seconds.1);
        prop_assert!(jumps.0 == seconds.0, "other bytes");
    }
}

#[test]
fn a_year_before_a_hub_that_refuses_is_nothing() {
    let year = 365 * 24 * 60 * 60;
    let datagrams = [(1000, 3), (1000 + year, 3)];
    let begun = std::time::Instant::now();
    let hub = format!("up@0,fail@0,ok@{}", year + 60);
    let (messages, summary) = replay(&datagrams, &hub, u64::MAX, Ending::Report);
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(!messages.is_empty());
    // The first collection is the first try, and there is one every three seconds from then on.
    let first = 30;
    assert_eq!(summary.retries, (year + 60 - first).div_ceil(3));
}
