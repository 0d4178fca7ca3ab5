//! How many reports a second one core decodes and looks at: 17 flows each, ten rules, a million prefixes.
//!
//! By the time on the core, so that others on the machine do not count. Fails below the budget of 200,000. `cargo bench -p defender-detect --bench detect`

use std::error::Error;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use defender_detect::rules::{Rules, RulesFile};
use defender_detect::threats::ThreatLists;
use defender_detect::{Detector, Input, Policy, Report};
use defender_message::SecurityMessage;
use defender_message::decode::{Event, EventId, Payload};
use defender_message::flow::{Flow, Protocol};

const DEVICES: u32 = 2_000;
const REPORTS_EACH: u32 = 20;
const FLOWS: u16 = 17;
const PREFIXES: u32 = 1_000_000;
const BUDGET: f64 = 200_000.0;
const START: u32 = 1_795_000_000;

/// Who sent it, when it came, and its bytes.
type Received = (String, u32, Vec<u8>);

fn main() -> Result<(), Box<dyn Error>> {
    let reports = reports()?;
    let mut policy = Policy::default();
    policy.rules = Rules::new([RulesFile::parse(RULES)?])?;
    policy.threats = threats();
    let mut best = f64::MAX;
    let mut decoding = f64::MAX;
    let mut changes = 0;
    for _ in 0..5 {
        let began = on_core()?;
        for (_, _, bytes) in &reports {
            std::hint::black_box(SecurityMessage::decode(bytes)?);
        }
        decoding = decoding.min((on_core()? - began).as_secs_f64());

        let mut detector = Detector::new(policy.clone());
        let began = on_core()?;
        for (device, received, bytes) in &reports {
            let message = SecurityMessage::decode(bytes)?;
            let report = Report {
                device,
                received: Some(*received),
                message: &message,
            };
            changes = detector.feed(Input::Report(report)).len();
        }
        best = best.min((on_core()? - began).as_secs_f64());
    }
    let count = f64::from(DEVICES * REPORTS_EACH);
    let rate = count / best;
    println!(
        "{rate:.0} reports/s decoded and looked at, {changes} changes at the end; {:.0} /s decoded",
        count / decoding
    );
    if rate < BUDGET {
        return Err(format!("below the budget of {BUDGET} reports/s").into());
    }
    Ok(())
}

/// How long this program has run on a core: where the system does not say it, how long it has run.
fn on_core() -> Result<Duration, Box<dyn Error>> {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let began = BEGAN.get_or_init(Instant::now);
    match std::fs::read_to_string("/proc/self/schedstat") {
        Ok(text) => {
            let nanoseconds = text.split(' ').next().unwrap_or_default();
            Ok(Duration::from_nanos(nanoseconds.parse()?))
        }
        Err(_) => Ok(began.elapsed()),
    }
}

/// Messages as devices send them every ten seconds: connections that go on, a few new ones, names that are asked for.
fn reports() -> Result<Vec<Received>, Box<dyn Error>> {
    let mut reports = Vec::new();
    for step in 0..REPORTS_EACH {
        for device in 0..DEVICES {
            let time = START + 10 * step + device % 10;
            let flows = (0..FLOWS).map(|n| flow(device, step, n)).collect();
            let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
            message.events.push(Event {
                id: EventId((u128::from(device + 1) << 64 | u128::from(step)).to_be_bytes()),
                time,
                collection_interval: 10,
                payload: Payload::NetworkActivity { flows },
            });
            reports.push((format!("device-{device:06}"), time, message.to_bytes()?));
        }
    }
    Ok(reports)
}

fn flow(device: u32, step: u32, n: u16) -> Flow<IpAddr> {
    let [_, a, b, c] = device.to_be_bytes();
    let lasts = n < 12;
    let (protocol, remote_port) = match n % 4 {
        0 => (Protocol::Tcp, 8883),
        1 | 2 => (Protocol::Tcp, 443),
        _ => (Protocol::Udp, 53),
    };
    let step = if lasts { 0 } else { step as u16 };
    Flow {
        protocol,
        local_address: IpAddr::from([10, a, b, c]),
        local_port: 40_000 + 20 * step + n,
        remote_address: IpAddr::from([93, 184, n as u8, c]),
        remote_port,
        bytes_in: 4000,
        bytes_out: if protocol == Protocol::Udp { 120 } else { 1500 },
    }
}

/// Prefixes all over the address space, but for those that the flows are in.
fn threats() -> ThreatLists {
    let mut text = String::new();
    for n in 0..PREFIXES {
        let address = n.wrapping_mul(2_654_435_761) | 1 << 31;
        text += &format!("{}\n", std::net::Ipv4Addr::from_bits(address));
    }
    let mut lists = ThreatLists::builder();
    lists.read("bench", text.as_bytes());
    lists.build()
}

const RULES: &str = r#"{ "name": "default", "properties": {
    "allowlistRules": [
        { "ruleType": "ConnectionToIpNotAllowed", "isEnabled": true, "allowlistValues": ["93.184.0.0/16", "10.0.0.0/8"] },
        { "ruleType": "ConnectionFromIpNotAllowed", "isEnabled": true, "allowlistValues": ["10.0.0.0/8"] } ],
    "timeWindowRules": [
        { "ruleType": "ActiveConnectionsNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "MqttD2CMessagesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "MqttC2DMessagesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "AmqpD2CMessagesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "DirectMethodInvokesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "TwinUpdatesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "QueuePurgesNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" },
        { "ruleType": "UnauthorizedOperationsNotInAllowedRange", "isEnabled": true, "minThreshold": 0, "maxThreshold": 400, "timeWindowSize": "PT5M" } ] } }"#;
