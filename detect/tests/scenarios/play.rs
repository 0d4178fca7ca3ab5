//! A scenario through the pure agent and the detector.

use std::{convert::Infallible, time::Duration};

use defender_detect::{ChangeEvent, Detector, Input, Kind, Policy, Report, Severity};
use defender_message::SecurityMessage;
use defender_replay::{
    Packet, PacketSource, Plan, Replay,
    local::{Identity, LocalAddress},
    scenario::Run,
};

use super::oracle::Oracle;

/// An alert that was raised.
#[derive(Debug)]
pub struct Found {
    /// When the report came by which it was.
    pub time: u64,
    pub kind: Kind,
    pub severity: Severity,
    pub explanation: String,
}

/// What came of a scenario.
pub struct Played {
    /// The times of all reports.
    pub reports: Vec<u64>,
    pub found: Vec<Found>,
    /// When the oracle says that the threshold was passed, since 1970.
    pub passed: Option<Duration>,
}

/// Plays a scenario. An alert that becomes more severe counts as found again.
pub fn play(run: Run, oracle: Option<Oracle>) -> Played {
    let identity = Identity::new(vec![LocalAddress::from(run.device())], Vec::new());
    let device = run.device();
    let source = Watched { run, oracle };
    let mut replay = Replay::new(source, Plan::new("device", identity));
    let mut detector = Detector::new(Policy::default());
    let (mut reports, mut found) = (Vec::new(), Vec::new());
    while let Ok(Some(message)) = replay.next_message() {
        let time = message.time;
        reports.push(time);
        let message = SecurityMessage::decode(&message.bytes).unwrap();
        let report = Report {
            device: "device",
            received: Some(u32::try_from(time).unwrap()),
            message: &message,
        };
        let mut changes = detector.feed(Input::Report(report));
        changes.extend(detector.feed(Input::Tick {
            time: u32::try_from(time).unwrap(),
        }));
        for change in changes {
            if change.event != ChangeEvent::Closed {
                found.push(Found {
                    time,
                    kind: change.alert.kind,
                    severity: change.alert.severity,
                    explanation: change.alert.explanation,
                });
            }
        }
    }
    // A collection may come in several messages.
    reports.dedup();
    let passed = replay
        .source()
        .oracle
        .as_ref()
        .and_then(|oracle| oracle.passed);
    assert!(reports.len() > 10, "{device} reports");
    Played {
        reports,
        found,
        passed,
    }
}

/// A scenario at which an oracle looks, too.
struct Watched {
    run: Run,
    oracle: Option<Oracle>,
}

impl PacketSource for Watched {
    type Error = Infallible;

    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, Infallible> {
        let device = self.run.device();
        let packet = self.run.next_packet()?;
        if let (Some(oracle), Some(packet)) = (&mut self.oracle, &packet)
            && let Some(ip) = packet.ip
        {
            oracle.look(packet.time, ip, device);
        }
        Ok(packet)
    }
}
