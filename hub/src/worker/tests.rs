//! The part without I/O, over crashes: whatever was committed when, the same comes out.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    time::Duration,
};

use defender_detect::{
    ChangeEvent, Policy, SignalKind, alert::AlertState, exceptions::Exceptions, input::Refusal,
};
use defender_message::{
    SecurityMessage,
    decode::{Event, EventId, Payload},
    flow::{Flow, Protocol},
};

use super::{Gather, Limits, gather::Stored};
use crate::{
    intake::What,
    store::{Batch, Bytes, Commit, DeviceRow, Entry, Progress, TrafficKey},
};

const START: u32 = 1_795_000_000;

pub(super) const LIMITS: Limits = Limits {
    devices: 100,
    forget_after: Duration::from_secs(24 * 60 * 60),
    portion: 2,
};

/// Takes a batch whole.
fn feed_whole(gather: &mut Gather, batch: &Batch) {
    let mut rest = gather.feed(batch);
    while gather.go_on(&mut rest) {}
    assert!(gather.has_news());
}

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

fn flow(remote: u8, port: u16, answered: bool) -> Flow<IpAddr> {
    Flow {
        protocol: Protocol::Tcp,
        local_address: IpAddr::from([10, 0, 0, 2]),
        local_port: 40_000 + port,
        remote_address: IpAddr::from([10, 1, 0, remote]),
        remote_port: port,
        bytes_in: if answered { 2000 } else { 0 },
        bytes_out: 40,
    }
}

/// A report of these flows, which comes when it is made.
fn report(device: &str, time: u32, flows: Vec<Flow<IpAddr>>) -> Entry {
    let mut message = SecurityMessage::new("module", 1);
    message.events.push(Event {
        id: EventId(u128::from(time).to_be_bytes()),
        time,
        collection_interval: 10,
        payload: Payload::NetworkActivity { flows },
    });
    let payload = message.to_bytes().unwrap().into();
    let what = What::Report {
        device: device.into(),
        payload,
    };
    Entry { time, what }
}

/// What devices do in an hour or so: scans, connections, silence, nonsense, repetitions.
fn journal(dice: &mut Dice) -> Vec<Batch> {
    let mut now = START;
    let mut last = None;
    let batches = 1..=60;
    let batch = batches.map(|number| {
        let mut entries = Vec::new();
        for _ in 0..dice.below(12) {
            now += dice.below(20) as u32;
            let device = format!("device-{}", dice.below(4));
            let what = match dice.below(10) {
                0 => What::Tick,
                1 => What::Signal {
                    device,
                    what: SignalKind::Connected {
                        source: Some(IpAddr::from([192, 0, 2, dice.below(3) as u8])),
                    },
                },
                2 => What::Signal {
                    device,
                    what: SignalKind::Refused {
                        reason: Refusal::SasTokenInvalid,
                        source: None,
                    },
                },
                3 => What::Report {
                    device,
                    payload: vec![0xFF; 9].into(),
                },
                4 if last.is_some() => last.clone().unwrap_or(What::Tick),
                kind => {
                    let remote = dice.below(3) as u8;
                    let flows = match kind {
                        5 | 6 => (1..=10).map(|port| flow(remote, port, false)).collect(),
                        _ => vec![flow(remote, 443, true)],
                    };
                    let mut message = SecurityMessage::new("module", 1);
                    message.events.push(Event {
                        id: EventId((u128::from(dice.below(u64::MAX)) + 1).to_be_bytes()),
                        time: now,
                        collection_interval: 10,
                        payload: Payload::NetworkActivity { flows },
                    });
                    let payload = message.to_bytes().unwrap().into();
                    let report = What::Report { device, payload };
                    last = Some(report.clone());
                    report
                }
            };
            entries.push(Entry { time: now, what });
        }
        if dice.below(8) == 0 {
            now += 4000;
        }
        Batch { number, entries }
    });
    batch.collect()
}

/// What a store would have.
#[derive(Default)]
struct Store {
    rows: BTreeMap<String, DeviceRow>,
    progress: Progress,
    traffic: BTreeMap<TrafficKey, (u64, u64)>,
    changes: Vec<String>,
}

impl Store {
    fn take(&mut self, commit: Commit) {
        for device in commit.forgotten {
            self.rows.remove(&device);
        }
        for row in commit.devices {
            self.rows.insert(row.device.clone(), row);
        }
        for (key, Bytes { received, sent }) in commit.traffic {
            let sum = self.traffic.entry(key).or_default();
            *sum = (sum.0 + received, sum.1 + sent);
        }
        let told = commit.changes.into_iter().map(|(_, change)| {
            let alert = change.alert;
            let told = (change.event, alert.count, alert.last_seen);
            format!("{} {told:?}", alert.id)
        });
        self.changes.extend(told);
        self.progress = commit.progress;
    }

    fn start(&self, journal: &[Batch]) -> Gather {
        let mut gather = Gather::new(Policy::default(), LIMITS);
        for row in self.rows.values() {
            let stored = Stored::from(row.clone());
            assert!(stored.is_of_use());
            gather.restore(stored);
        }
        gather.resume(self.progress);
        for batch in journal {
            if batch.number > self.progress.journal {
                feed_whole(&mut gather, batch);
            }
        }
        gather
    }
}

#[test]
fn crashes_at_any_moment_change_nothing() {
    let mut kinds = BTreeSet::new();
    for seed in 1..40_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let journal = journal(&mut dice);
        let mut straight = Store::default();
        let mut gather = straight.start(&journal);
        straight.take(gather.take());

        let mut crashing = Store::default();
        let mut gather = crashing.start(&[]);
        for (index, batch) in journal.iter().enumerate() {
            feed_whole(&mut gather, batch);
            match dice.below(5) {
                // What was gathered is lost with the process.
                0 => gather = crashing.start(&journal[..=index]),
                1 => crashing.take(gather.take()),
                _ => {}
            }
        }
        crashing.take(gather.take());
        assert_eq!(crashing.changes, straight.changes, "seed {seed}");
        assert_eq!(crashing.rows, straight.rows, "seed {seed}");
        assert_eq!(crashing.traffic, straight.traffic, "seed {seed}");
        assert_eq!(crashing.progress, straight.progress, "seed {seed}");
        let unique: BTreeSet<_> = straight.changes.iter().collect();
        assert_eq!(unique.len(), straight.changes.len(), "seed {seed}");
        for change in &straight.changes {
            kinds.insert(change.split(['-', ' ']).next().unwrap().to_owned());
        }
    }
    // There was something to lose.
    assert!(kinds.len() >= 2, "{kinds:?}");
}

/// Seven devices report that they are alive, every minute, and all stop at once; time goes on.
fn silence() -> Vec<Batch> {
    let minutes = (0..3).map(|minute| START + 60 * minute);
    let alive = minutes.map(|time| {
        let devices = (0..7).map(|device| Entry {
            time,
            what: What::Report {
                device: format!("device-{device}"),
                payload: heartbeat(time),
            },
        });
        devices.collect()
    });
    let ticks = (0..120).map(|number| {
        let time = START + 180 + 30 * number;
        let what = What::Tick;
        vec![Entry { time, what }]
    });
    let batches = alive.chain(ticks).zip(1..);
    batches
        .map(|(entries, number)| Batch { number, entries })
        .collect()
}

fn heartbeat(time: u32) -> bytes::Bytes {
    let mut message = SecurityMessage::new("module", 1);
    message.events.push(Event {
        id: EventId(u128::from(time).to_be_bytes()),
        time,
        collection_interval: 60,
        payload: Payload::Heartbeat,
    });
    message.to_bytes().unwrap().into()
}

#[test]
fn a_fleet_that_falls_silent_at_once_is_told_in_portions_also_over_crashes() {
    let journal = silence();
    let mut straight = Store::default();
    straight.take(straight.start(&journal).take());
    let is_raised = |change: &&String| change.contains("Raised");
    assert_eq!(straight.changes.iter().filter(is_raised).count(), 7);

    for seed in 1..40_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut crashing = Store::default();
        let (mut index, mut gather) = (0, crashing.start(&[]));
        while let Some(batch) = journal.get(index) {
            let mut rest = gather.feed(batch);
            let mut is_killed = false;
            while !is_killed && gather.go_on(&mut rest) {
                let commit = gather.take();
                assert!(commit.changes.len() <= LIMITS.portion);
                crashing.take(commit);
                is_killed = dice.below(3) == 0;
            }
            index += 1;
            if is_killed {
                gather = crashing.start(&[]);
                index = usize::try_from(crashing.progress.journal).unwrap();
            }
        }
        crashing.take(gather.take());
        assert_eq!(crashing.changes, straight.changes, "seed {seed}");
        assert_eq!(crashing.rows, straight.rows, "seed {seed}");
        assert_eq!(crashing.progress, straight.progress, "seed {seed}");
    }
}

#[test]
fn exceptions_for_all_of_a_fleet_close_its_alerts_in_portions() {
    let journal = silence();
    let mut gather = Store::default().start(&journal);
    gather.take();
    let everything =
        Exceptions::parse("[[exception]]\nrule = \"HeartbeatLost\"\nreason = \"moved\"\n");
    let mut policy = Policy::default();
    policy.exceptions = everything.unwrap();
    let mut rest = gather.exchange(policy.into());
    let mut closed = Vec::new();
    loop {
        let is_more = gather.go_on(&mut rest);
        let changes = gather.take().changes;
        assert!(changes.len() <= LIMITS.portion);
        closed.extend(changes.into_iter().map(|(_, change)| change.event));
        if !is_more {
            break;
        }
    }
    assert_eq!(closed, [ChangeEvent::Closed; 7]);
}

#[test]
fn devices_that_nobody_hears_of_are_forgotten_unless_an_alert_is_open() {
    let mut gather = Gather::new(Policy::default(), LIMITS);
    let day = 24 * 60 * 60;
    let later = START + day + 10;
    let scan = || (1..=10).map(|port| flow(9, port, false)).collect();
    let entries = vec![
        report("silent", START, vec![flow(1, 443, true)]),
        report("new", later, vec![flow(1, 443, true)]),
        report("hostile", later - day - 5, scan()),
    ];
    feed_whole(&mut gather, &Batch { number: 1, entries });
    gather.take();
    gather.forget_silent();
    let commit = gather.take();
    assert_eq!(commit.forgotten, ["silent"]);
    assert_eq!(gather.devices(), 2);
    // One that comes back begins anew.
    let entries = vec![report("silent", later + 1, vec![flow(1, 443, true)])];
    feed_whole(&mut gather, &Batch { number: 2, entries });
    let rows = gather.take().devices;
    assert_eq!(rows.iter().map(|row| row.reports).collect::<Vec<_>>(), [1]);
}

#[test]
fn alerts_of_a_state_that_is_lost_close_and_their_ids_are_not_used_again() {
    let scan = |number: u32| {
        let flows = (1..=20).map(|port| flow(9, port, false)).collect();
        Batch {
            number: number.into(),
            entries: vec![report("pump", START + number, flows)],
        }
    };
    let mut gather = Gather::new(Policy::default(), LIMITS);
    feed_whole(&mut gather, &scan(1));
    let mut commit = gather.take();
    let raised: Vec<_> = commit
        .changes
        .iter()
        .map(|(_, change)| &change.alert)
        .collect();
    assert!(!raised.is_empty());
    assert!(raised.iter().all(|alert| alert.opening() == 1));

    let mut row = commit.devices.remove(0);
    row.state[0] ^= 0xFF;
    let mut gather = Gather::new(Policy::default(), LIMITS);
    let stored = Stored::from(row);
    assert!(!stored.is_of_use());
    gather.restore(stored);
    gather.resume(commit.progress);
    gather.begin_anew(raised.iter().map(|&alert| alert.clone()).collect());
    let closed = gather.take().changes;
    assert_eq!(closed.len(), raised.len());
    for (_, change) in closed {
        let what = (change.event, change.alert.state);
        assert_eq!(what, (ChangeEvent::Closed, AlertState::Closed));
    }
    feed_whole(&mut gather, &scan(2));
    let again = gather.take().changes;
    assert_eq!(again.len(), raised.len());
    assert!(again.iter().all(|(_, change)| change.alert.opening() == 2));
}

#[test]
fn a_device_that_was_forgotten_and_comes_back_uses_no_id_again() {
    let scan = || (1..=20).map(|port| flow(9, port, false)).collect();
    let day = 24 * 60 * 60;
    let mut gather = Gather::new(Policy::default(), LIMITS);
    let ids = |commit: Commit| -> BTreeSet<String> {
        let changes = commit.changes.into_iter();
        let raised = changes.filter(|(_, change)| change.event == ChangeEvent::Raised);
        raised.map(|(_, change)| change.alert.id).collect()
    };
    let mut feed = |number: u32, entries| {
        let number = number.into();
        feed_whole(&mut gather, &Batch { number, entries });
        gather.forget_silent();
        gather.take()
    };
    let first = ids(feed(1, vec![report("pump", START, scan())]));
    // Its alert closes, and then it is forgotten.
    let tick = |time| {
        vec![Entry {
            time,
            what: What::Tick,
        }]
    };
    feed(2, tick(START + day));
    assert_eq!(feed(3, tick(START + 3 * day)).forgotten, ["pump"]);
    let second = ids(feed(4, vec![report("pump", START + 4 * day, scan())]));
    assert_eq!(first.len(), second.len());
    assert!(!first.is_empty() && first.is_disjoint(&second));
}
