//! Settings of detection: problems stand within the text, and with whatever is taken a detector works, and keeps its bounds.

#![no_main]

use arbitrary::Arbitrary;
use defender_detect::{Config, Detector, Input, MOST_BYTES, Policy, config, input::Report};
use defender_message::{
    SecurityMessage,
    decode::{Event, EventId, Payload},
    flow::{Flow, Protocol},
};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    /// In place of the value on a line of the defaults.
    values: Vec<(u8, Value<'a>)>,
    /// Behind all of them.
    rest: &'a str,
    /// Reports: after so many seconds, of so many flows of so many bytes.
    reports: Vec<(u32, u8, u32)>,
}

#[derive(Arbitrary, Debug)]
enum Value<'a> {
    Any(&'a str),
    Number(u64),
    Seconds(u64),
    Fraction(f64),
}

fuzz_target!(|case: Case| {
    let mut lines: Vec<_> = config::DEFAULT.lines().map(str::to_owned).collect();
    let settings: Vec<_> = (0..lines.len())
        .filter(|&line| lines[line].contains(" = "))
        .collect();
    for (number, value) in &case.values {
        let line = &mut lines[settings[usize::from(*number) % settings.len()]];
        if let Some((name, _)) = line.split_once(" = ") {
            let value = match value {
                Value::Any(text) => (*text).to_owned(),
                Value::Number(number) => number.to_string(),
                Value::Seconds(seconds) => format!("\"{seconds}s\""),
                Value::Fraction(fraction) => fraction.to_string(),
            };
            *line = format!("{name} = {value}");
        }
    }
    let text = lines.join("\n") + "\n" + case.rest;
    let count = text.split('\n').count();
    let config = match Config::parse(&text) {
        Ok(config) => config,
        Err(error) => {
            let mut places = error.problems.iter().map(|problem| problem.place.line);
            assert!(places.all(|line| (1..=count).contains(&line)));
            return;
        }
    };
    let mut detector = Detector::new(Policy::new(config));
    let mut time = 1_800_000_000_u32;
    for (number, (later, flows, bytes)) in case.reports.iter().enumerate() {
        time = time.saturating_add(*later);
        let message = message(number as u128 + 1, time, *flows, *bytes);
        detector.feed(Input::Report(Report {
            device: "device",
            received: Some(time),
            message: &message,
        }));
        detector.feed(Input::Tick { time });
    }
    if let Some(state) = detector.state("device") {
        assert!(state.len() <= MOST_BYTES);
        let mut again = Detector::new(detector.policy().clone());
        again.restore("device", &state).expect("it was given");
        assert_eq!(again.state("device").as_ref(), Some(&state));
    }
});

fn message(number: u128, time: u32, flows: u8, bytes: u32) -> SecurityMessage {
    let flows = (0..flows).map(|flow| Flow {
        protocol: [Protocol::Tcp, Protocol::Udp, Protocol::Icmp][usize::from(flow) % 3],
        local_address: [10, 0, 0, 2].into(),
        local_port: 40_000 + u16::from(flow),
        remote_address: [10, 1, flow / 16, flow].into(),
        remote_port: u16::from(flow) * 7,
        bytes_in: bytes / 2,
        bytes_out: bytes,
    });
    let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
    message.events.push(Event {
        id: EventId(number.to_be_bytes()),
        time,
        collection_interval: 10,
        payload: Payload::NetworkActivity {
            flows: flows.collect(),
        },
    });
    message
}
