//! Who is in the demonstration's fleet.

use std::{net::IpAddr, time::Duration};

use defender_hub::source::fleet::Fleet;
use defender_replay::scenario::{Options, ScenarioError, find};

/// A device that plays a scenario.
pub struct Member {
    /// Its name at the hub.
    pub name: &'static str,
    /// What it is.
    pub is: &'static str,
    scenario: &'static str,
    seed: u64,
}

/// The one that becomes a bot.
pub const BOT: &str = "lamp-3";

/// All of them. With its seed the bot begins 66 s after the start.
pub const MEMBERS: [Member; 8] = [
    member(
        "door-camera",
        "a camera, streams video to a recorder",
        "camera",
        1,
    ),
    member(
        "hall-sensor",
        "a sensor, asks servers on the Internet for news",
        "office",
        2,
    ),
    member("lab-sensor", "another one of its kind", "office", 3),
    member(
        "lamp-3",
        "a lamp, after a minute part of a botnet",
        "telnet-bot",
        1,
    ),
    member(
        "line-2",
        "a controller, polls 64 machines with Modbus/TCP",
        "plc-master",
        4,
    ),
    member(
        "meter-gateway",
        "a gateway, asked by many clients",
        "busy-server",
        5,
    ),
    member("plug-5", "a plug, found with mDNS and SSDP", "ssdp-mdns", 6),
    member(
        "pump-7",
        "a pump, reports and is asked for its health",
        "firmware-update",
        7,
    ),
];

const fn member(name: &'static str, is: &'static str, scenario: &'static str, seed: u64) -> Member {
    Member {
        name,
        is,
        scenario,
        seed,
    }
}

/// Longer than anybody looks on.
const LONG: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The fleet, whose time begins with this second.
pub fn fleet(start: u32) -> Result<Fleet, ScenarioError> {
    let mut fleet = Fleet::default();
    for (number, member) in (11..).zip(&MEMBERS) {
        let options = Options::new()
            .seed(member.seed)
            .start(Duration::from_secs(start.into()))
            .duration(LONG)
            .local(IpAddr::from([192, 168, 20, number]));
        // A test sees to it that there is one of each name.
        if let Some(scenario) = find(member.scenario) {
            fleet.join(member.name, scenario.run(&options)?);
        }
    }
    Ok(fleet)
}

#[cfg(test)]
mod tests {
    use defender_detect::{Detector, Input, Policy, Report, Severity, Signal};
    use defender_hub::intake::What;
    use defender_message::SecurityMessage;

    use super::*;

    /// Device, severity, kind and the time from the start of each alert, after so many seconds.
    fn alerts(start: u32, seconds: u32) -> Vec<(String, Severity, &'static str, u32)> {
        let mut detector = Detector::new(Policy::default());
        let mut found = Vec::new();
        let mut ticked = start;
        for delivery in fleet(start).unwrap() {
            let received = delivery.received;
            if received > start + seconds {
                break;
            }
            let mut feed = |input: Input<'_>| {
                found.extend(detector.feed(input));
            };
            if received >= ticked + 30 {
                ticked = received;
                feed(Input::Tick { time: received });
            }
            match &delivery.what {
                What::Report { device, payload } => feed(Input::Report(Report {
                    device,
                    received: Some(received),
                    message: &SecurityMessage::decode(payload).unwrap(),
                })),
                What::Signal { device, what } => feed(Input::Signal(Signal {
                    device,
                    received,
                    what: *what,
                })),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(detector.devices().count(), MEMBERS.len());
        let raised = found
            .into_iter()
            .filter(|change| change.event == defender_detect::ChangeEvent::Raised);
        raised
            .map(|change| {
                let alert = change.alert;
                (
                    alert.device,
                    alert.severity,
                    alert.kind.title(),
                    alert.first_seen - start,
                )
            })
            .collect()
    }

    /// Whenever it is shown, it shows the same: one attack, soon after a minute, and nothing else that anybody has to look after.
    #[test]
    fn the_bot_is_found_and_nobody_else_is_suspected() {
        const START: u32 = 1_795_700_000;
        let expected = alerts(START, 300);
        for later in [1, 7, 3599, 86_399] {
            assert_eq!(alerts(START + later, 300), expected);
        }
        let serious: Vec<_> = expected
            .iter()
            .filter(|(_, severity, ..)| *severity >= Severity::Medium)
            .collect();
        let [(device, Severity::High, "Scan of many hosts", since)] = serious[..] else {
            panic!("{expected:?}");
        };
        assert_eq!(device, BOT);
        assert!((60..=75).contains(since), "{since}");
    }

    /// Who lets it run sees no false alert either.
    #[test]
    fn it_can_be_left_running() {
        for (device, severity, title, since) in alerts(1_795_700_000, 900) {
            assert!(
                device == BOT || severity < Severity::Medium,
                "{device}: {title} after {since} s"
            );
        }
    }
}
