//! The recorded schedules of hub events, with the recorded traffic.

use defender_agent::packet::{NetworkOrder, parse};

use crate::support::capture::{self, Capture, Totals};
use crate::support::simulation::Simulation;

/// One line of `sends.jsonl`.
struct Schedule {
    name: String,
    /// Second and event.
    events: Vec<(u32, String)>,
}

fn schedules() -> Vec<Schedule> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/data/states/sends.jsonl"
    );
    let file = std::fs::read_to_string(path).unwrap();
    let schedule = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let events = line["hub"].as_str().unwrap().split(',').map(|event| {
            let (name, second) = event.split_once('@').unwrap();
            (second.parse().unwrap(), name.to_owned())
        });
        Schedule {
            name: line["name"].as_str().unwrap().to_owned(),
            events: events.collect(),
        }
    };
    file.lines().map(schedule).collect()
}

/// Whether messages pass in each second, from the schedule alone.
fn passing(schedule: &Schedule, seconds: u32) -> Vec<bool> {
    let (mut up, mut ok) = (false, true);
    let mut passing = Vec::new();
    for second in 0..seconds {
        for (_, event) in schedule.events.iter().filter(|(at, _)| *at == second) {
            match event.as_str() {
                "up" => up = true,
                "down" => up = false,
                "fail" => ok = false,
                "ok" => ok = true,
                other => panic!("{other} is no hub event"),
            }
        }
        passing.push(up && ok);
    }
    passing
}

fn run(schedule: &Schedule, capture: &Capture) -> Simulation {
    let packets = capture.packets();
    let start = packets[0].0;
    let last = packets[packets.len() - 1].0 - start;
    let mut device = Simulation::new();
    device.connect(false);
    apply(schedule, 0, &mut device);
    device.run_through(last + 11, |device| {
        let second = device.second;
        for (_, bytes) in packets.iter().filter(|(time, _)| *time == start + second) {
            let packet = parse::<NetworkOrder>(bytes, bytes.len()).unwrap();
            device.observe(capture.direction(&packet).unwrap(), &packet);
        }
        // Those of the next second, so that they come before its periodic event.
        apply(schedule, second + 1, device);
    });
    device
}

fn apply(schedule: &Schedule, second: u32, device: &mut Simulation) {
    for (_, event) in schedule.events.iter().filter(|(at, _)| *at == second) {
        match event.as_str() {
            "up" | "down" => device.connect(event == "up"),
            _ => device.pass(event == "ok"),
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn every_recorded_schedule_goes_as_the_vectors_ask() {
    let capture = Capture::new("states", &["10.80.0.2"]);
    let schedules = schedules();
    assert_eq!(schedules.len(), 5);
    for schedule in &schedules {
        let device = run(schedule, &capture);
        let name = &schedule.name;
        let passing = passing(schedule, device.second);
        let sent = device.seconds();

        // Nothing while down or failing.
        for &second in &sent {
            assert!(passing[second as usize], "{name}: sent at {second}");
        }
        // The seconds in which the first message after an outage may come.
        let resumed: Vec<u32> = (31..device.second)
            .filter(|&at| passing[at as usize] && !passing[at as usize - 1])
            .collect();
        let catching_up = |second: u32| {
            let window = |&at: &u32| (at..=at + 4).contains(&second);
            resumed.iter().any(window)
        };
        for &at in &resumed {
            let first = sent.iter().find(|&&second| second >= at).unwrap();
            assert!(*first <= at + 4, "{name}: resumed at {at}, sent at {first}");
        }
        // Everything else is exactly the grid.
        let grid = (30..device.second).step_by(10).filter(|&second| {
            let traffic = second <= 709;
            traffic && passing[second as usize] && !catching_up(second)
        });
        let regular = sent.iter().copied().filter(|&second| !catching_up(second));
        assert!(regular.eq(grid), "{name}: {sent:?}");

        let mut reported = Totals::new();
        for flow in device.reported() {
            capture::add(&mut reported, flow);
        }
        assert_eq!(reported, capture.truth(), "{name}");
        device.assert_all_reported();
        let outage = name == "refused";
        assert_eq!(!device.refused.is_empty(), outage, "{name}");
    }
}
