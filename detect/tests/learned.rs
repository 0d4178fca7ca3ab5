//! Hostile scenarios that nothing but a baseline finds, after a day of learning what the same device does otherwise.

#[path = "scenarios/oracle.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod oracle;

use std::time::Duration;

use defender_detect::{Change, ChangeEvent, Detector, Input, Kind, Policy, Report, Severity};
use defender_message::SecurityMessage;
use defender_replay::{
    Plan, Replay,
    local::{Identity, LocalAddress},
    scenario::{self, Options},
};

const DAY: u64 = 24 * 60 * 60;
const HOUR: u64 = 60 * 60;
/// The interval of reports of traffic.
const INTERVAL: u64 = 10;
/// Midnight on 1 January 2026, when scenarios begin.
const START: u64 = 1_767_225_600;

/// Plays a scenario to a detector, and returns when what was told.
fn play(detector: &mut Detector, name: &str, options: &Options) -> Vec<(u64, Change)> {
    let run = scenario::find(name).unwrap().run(options).unwrap();
    let identity = Identity::new(vec![LocalAddress::from(run.device())], Vec::new());
    let mut replay = Replay::new(run, Plan::new(name, identity));
    let mut told = Vec::new();
    while let Ok(Some(message)) = replay.next_message() {
        let received = u32::try_from(message.time).unwrap();
        let decoded = SecurityMessage::decode(&message.bytes).unwrap();
        let report = Report {
            device: "device",
            received: Some(received),
            message: &decoded,
        };
        let mut changes = detector.feed(Input::Tick { time: received });
        changes.extend(detector.feed(Input::Report(report)));
        told.extend(changes.into_iter().map(|change| (message.time, change)));
    }
    told
}

/// When the harm of a scenario begins.
fn began(name: &str, options: &Options) -> u64 {
    let mut run = scenario::find(name).unwrap().run(options).unwrap();
    run.by_ref().for_each(drop);
    run.happenings()[0].time
}

/// The state of a detector for which a day has passed.
fn a_day(options: &Options) -> Vec<(String, Vec<u8>)> {
    let mut detector = Detector::new(Policy::default());
    let options = options.duration(Duration::from_secs(DAY + HOUR));
    let told = play(&mut detector, "office", &options);
    let loud = told
        .iter()
        .filter(|(_, it)| it.alert.severity >= Severity::Low);
    assert_eq!(loud.count(), 0, "{told:?}");
    let touched = detector.take_touched();
    let states = touched
        .iter()
        .map(|name| (name.to_string(), detector.state(name).unwrap()));
    states.collect()
}

/// What is found by nothing but a baseline: minutes of the scenario, and within how many seconds of its beginning. An upload is found with the
/// report of the first interval that is full of it.
const NEEDS: [(&str, u64, Kind, Severity, u64); 5] = [
    (
        "slow-scan",
        30,
        Kind::NewTrafficClass,
        Severity::Medium,
        10 * 60,
    ),
    ("beacon", 150, Kind::Beacon, Severity::Medium, 2 * HOUR),
    (
        "exfiltration",
        15,
        Kind::VolumeAnomaly,
        Severity::Medium,
        2 * INTERVAL,
    ),
    (
        "mining-pool",
        15,
        Kind::NewTrafficClass,
        Severity::Medium,
        5 * 60,
    ),
    // Somebody else about the same: that is information.
    (
        "new-peer",
        15,
        Kind::NewPeer,
        Severity::Informational,
        10 * 60,
    ),
];

#[test]
fn every_hostile_scenario_is_found_by_what_is_told_here_or_without_learning() {
    for scenario in scenario::all() {
        let name = scenario.name();
        let is_here = NEEDS.iter().any(|(needs, ..)| *needs == name);
        let is_loud = oracle::expected(name).is_some();
        let is_hostile = scenario.label() == scenario::Label::Hostile;
        assert_eq!(is_here ^ is_loud, is_hostile, "{name}");
    }
}

#[test]
fn what_needs_a_baseline_is_found_with_one() {
    for seed in [1, 2] {
        let options = Options::new().seed(seed);
        let options = if seed == 2 { options.ipv6() } else { options };
        let day = a_day(&options);
        for (name, minutes, kind, severity, within) in NEEDS {
            let mut detector = Detector::new(Policy::default());
            for (name, state) in &day {
                detector.restore(name, state).unwrap();
            }
            let options = options
                .start(Duration::from_secs(START + DAY + 2 * HOUR))
                .duration(Duration::from_secs(minutes * 60));
            let began = began(name, &options);
            let told = play(&mut detector, name, &options);
            let is_it = |change: &Change| {
                change.event == ChangeEvent::Raised
                    && (change.alert.kind, change.alert.severity) == (kind, severity)
            };
            match told.iter().find(|(_, change)| is_it(change)) {
                Some((time, _)) => assert!(
                    *time <= began + within,
                    "{name} seed {seed}: found after {} s",
                    time - began
                ),
                None => panic!("{name} seed {seed} was not found, but {told:#?}"),
            }
        }
    }
}
