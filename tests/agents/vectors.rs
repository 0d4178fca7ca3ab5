//! The recorded traffic of `tests/data`, passed through the packet hooks of a device. The original agent sends the recorded
//! messages again, byte for byte but for event ids; this library's says the same in its own bytes.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use defender_message::SecurityMessage;
use defender_message::decode::{EventId, Payload};
use pcap_parser::PcapCapture;
use threadx_defender::agent::packet::Direction;
use threadx_defender::azure::{AzureIot, HubClient};
use threadx_defender::defender::{Defender, Implementation};
use threadx_defender::host::ManualClock;
use threadx_defender::kernel::Kernel;
use threadx_defender::net::{Ip, PacketPool};

use crate::both::builder;
use crate::device::hub::Published;
use crate::device::talk::{Tally, tally, totals};
use crate::device::{AZURE, HUBS, IPS, POOL, connect};

on_both_agents!(
    office,
    exotic,
    scan,
    malformed,
    a_hub_that_comes_late,
    a_hub_with_a_gap,
    a_hub_that_refuses,
    a_hub_that_comes_after_it_is_suspended,
    a_hub_that_is_away_until_it_is_suspended,
);

/// The seconds that pass after the last packet.
const AFTER: u32 = 11;

/// The Unix second of uptime 0.
static START: AtomicU32 = AtomicU32::new(0);

fn unix_time() -> Option<u32> {
    let uptime = Kernel::current().ok()?.uptime().as_secs() as u32;
    Some(START.load(Ordering::Relaxed) + uptime)
}

/// A vector, and the device that it was recorded at.
struct Vector {
    name: &'static str,
    v4: &'static str,
    v6: Option<&'static str>,
}

impl Vector {
    const fn new(name: &'static str, v4: &'static str, v6: Option<&'static str>) -> Self {
        Self { name, v4, v6 }
    }

    fn path(&self, file: &str) -> PathBuf {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        data.join(self.name).join(file)
    }

    fn json(&self, file: &str) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.path(file)).unwrap()).unwrap()
    }

    /// The IP packets of each second.
    fn packets(&self) -> BTreeMap<u32, Vec<(Direction, Vec<u8>)>> {
        let file = std::fs::read(self.path("input.pcap")).unwrap();
        let (_, capture) = pcap_parser::parse_pcap(&file).unwrap();
        let capture: PcapCapture<'_> = capture;
        let mut packets = BTreeMap::<u32, Vec<_>>::new();
        for block in &capture.blocks {
            let frame: &[u8] = block.data;
            let of_second = packets.entry(block.ts_sec).or_default();
            let Some((link, packet)) = frame.split_first_chunk::<14>() else {
                continue;
            };
            let source = match [link[12], link[13]] {
                [0x08, 0x00] => address::<4>(packet, 12),
                [0x86, 0xDD] => address::<16>(packet, 8),
                _ => continue,
            };
            let is_own = [Some(self.v4), self.v6]
                .into_iter()
                .flatten()
                .any(|own| source == own.parse::<IpAddr>().ok());
            let direction = if is_own {
                Direction::Out
            } else {
                Direction::In
            };
            of_second.push((direction, packet.to_vec()));
        }
        packets
    }

    /// The flows of the capture, counted by nobody's agent.
    fn truth(&self) -> Tally {
        let truth = self.json("truth.json");
        let event = serde_json::json!({
            "type": "NetworkActivity", "time": 0, "collection_interval": 0, "flows": truth["flows"],
        });
        let message = serde_json::json!({
            "security_module_id": "truth", "security_module_version": 0, "events": [event],
        });
        let message: SecurityMessage = serde_json::from_value(message).unwrap();
        tally([&message])
    }

    /// The original's messages, with the Unix seconds at which they were sent.
    fn messages(&self) -> Vec<(u32, Vec<u8>)> {
        let mut files: Vec<_> = std::fs::read_dir(self.path("messages"))
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        let time_of = |file: &Path| {
            let name = file.file_stem()?.to_str()?;
            name.split_once('-')?.1.parse().ok()
        };
        files
            .iter()
            .map(|file| (time_of(file).unwrap(), std::fs::read(file).unwrap()))
            .collect()
    }

    /// The device with an agent, at the second of the first packet.
    fn replay(&self, kernel: Kernel, agent: Implementation) -> Replay {
        let packets = self.packets();
        let start = *packets.keys().next().unwrap();
        START.store(start, Ordering::Relaxed);
        let clock = ManualClock::stop(kernel);
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let mut ip = Ip::builder(c"ip", self.v4.parse().unwrap(), [255, 255, 255, 0].into());
        if let Some(v6) = self.v6 {
            ip = ip.ipv6_address(v6.parse().unwrap(), 64);
        }
        let ip = ip.create(kernel, &IPS[0], &pool).unwrap();
        let azure = AzureIot::builder(c"azure", unix_time)
            .defender(builder(agent))
            .create(kernel, &AZURE, &ip, &pool)
            .unwrap();
        let client = connect(0, "device", "", &azure);
        Replay {
            client,
            azure,
            ip,
            _pool: pool,
            clock,
            start,
            packets,
        }
    }
}

/// A vector on its way.
struct Replay {
    // In the order in which they are to be dropped.
    client: HubClient,
    azure: AzureIot,
    ip: Ip,
    _pool: PacketPool,
    clock: ManualClock,
    start: u32,
    packets: BTreeMap<u32, Vec<(Direction, Vec<u8>)>>,
}

impl Replay {
    /// All of it. `before` happens before the periodic event of each second.
    fn run(&self, before: impl Fn(u32)) {
        let last = *self.packets.keys().last().unwrap();
        for second in self.start..=last + AFTER {
            before(second - self.start);
            if second > self.start {
                self.clock.advance(Duration::from_secs(1)).unwrap();
            }
            for (direction, packet) in self.packets.get(&second).into_iter().flatten() {
                // Packets for somebody else are dropped, as they were then.
                let _ = self.ip.inject(*direction, packet);
            }
        }
    }

    fn agent(&self) -> &Defender {
        self.azure.defender().unwrap()
    }

    /// What the hub took, with the Unix seconds.
    fn taken(&self) -> Vec<(u32, Published)> {
        let taken = HUBS[0].taken().into_iter();
        taken
            .map(|message| (self.start + message.at as u32, message))
            .collect()
    }
}

/// An IP address in a header.
fn address<const LENGTH: usize>(packet: &[u8], at: usize) -> Option<IpAddr>
where
    IpAddr: From<[u8; LENGTH]>,
{
    let bytes: [u8; LENGTH] = packet.get(at..at + LENGTH)?.try_into().ok()?;
    Some(bytes.into())
}

/// What system information says on this ThreadX, in place of the one that the vectors were recorded on.
fn os_info() -> String {
    format!(
        "Azure RTOS {}.{}",
        threadx_sys::THREADX_MAJOR_VERSION,
        threadx_sys::THREADX_MINOR_VERSION
    )
}

const RECORDED_OS_INFO: &str = "Azure RTOS 6.4";

/// A message of the original with its event ids blanked, and the recorded version of ThreadX as the one in use.
fn comparable_bytes(message: &[u8]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    let replace = |bytes: &mut Vec<u8>, what: &[u8], with: &[u8]| {
        let at = bytes.windows(what.len()).position(|window| window == what);
        if let Some(at) = at {
            bytes[at..at + what.len()].copy_from_slice(with);
        }
    };
    let message = SecurityMessage::decode(message).unwrap();
    // Recorded was the agent of NetX Duo 6.3; other versions have others.
    if netxduo_sys::NETXDUO_MINOR_VERSION != 3 {
        let version = message.security_module_version.to_le_bytes();
        replace(&mut bytes, &version, &[0; 4]);
    }
    for event in message.events {
        replace(&mut bytes, &event.id.0, &[0; 16]);
    }
    assert_eq!(os_info().len(), RECORDED_OS_INFO.len());
    replace(
        &mut bytes,
        RECORDED_OS_INFO.as_bytes(),
        os_info().as_bytes(),
    );
    bytes
}

/// What a message says, without what two agents need not agree on: ids, their version, the order of flows, and what this library's
/// adds to system information.
fn comparable(message: &[u8]) -> SecurityMessage {
    let mut message = SecurityMessage::decode(message).unwrap();
    message.security_module_version = 0;
    for event in &mut message.events {
        event.id = EventId([0; 16]);
        match &mut event.payload {
            Payload::NetworkActivity { flows } => flows.sort_by_key(|flow| {
                (
                    flow.protocol,
                    flow.local_address,
                    flow.local_port,
                    flow.remote_address,
                    flow.remote_port,
                )
            }),
            Payload::SystemInformation {
                os_info: name,
                kernel_info,
                ..
            } => {
                *name = os_info();
                kernel_info.clear();
            }
            _ => {}
        }
    }
    message
}

/// Every recorded message was sent again, at its second.
fn says_what_was_recorded(vector: &Vector, replay: &Replay) {
    let taken = replay.taken();
    let recorded = vector.messages();
    let times = |message: &(u32, _)| message.0;
    assert_eq!(
        taken.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        recorded.iter().map(times).collect::<Vec<_>>()
    );
    for ((at, ours), (_, theirs)) in taken.iter().zip(&recorded) {
        assert_eq!(comparable(&ours.payload), comparable(theirs), "at {at}");
        if !matches!(replay.agent().implementation(), Implementation::Rust) {
            assert_eq!(
                comparable_bytes(&ours.payload),
                comparable_bytes(theirs),
                "at {at}"
            );
        }
    }
}

fn office(kernel: Kernel, agent: Implementation) {
    let vector = Vector::new("office", "10.77.0.2", Some("fd77::2"));
    let replay = vector.replay(kernel, agent);
    replay.run(|_| ());
    says_what_was_recorded(&vector, &replay);
    assert_eq!(HUBS[0].tally(), vector.truth());
}

fn exotic(kernel: Kernel, agent: Implementation) {
    let vector = Vector::new("exotic", "10.79.0.2", Some("fd79::2"));
    let replay = vector.replay(kernel, agent);
    replay.run(|_| ());
    says_what_was_recorded(&vector, &replay);
    assert_eq!(HUBS[0].tally(), vector.truth());
}

fn scan(kernel: Kernel, agent: Implementation) {
    let vector = Vector::new("scan", "10.78.0.2", Some("fd78::2"));
    let replay = vector.replay(kernel, agent);
    replay.run(|_| ());
    if matches!(agent, Implementation::Rust) {
        assert_eq!(totals(&HUBS[0].tally()), totals(&vector.truth()));
    } else {
        says_what_was_recorded(&vector, &replay);
    }
}

fn malformed(kernel: Kernel, agent: Implementation) {
    let vector = Vector::new("malformed", "10.79.0.2", Some("fd79::2"));
    let replay = vector.replay(kernel, agent);
    replay.run(|_| ());
    assert!(!HUBS[0].messages().is_empty());
}

fn a_hub_that_comes_late(kernel: Kernel, agent: Implementation) {
    states(kernel, agent, "late");
}

fn a_hub_with_a_gap(kernel: Kernel, agent: Implementation) {
    states(kernel, agent, "gap");
}

fn a_hub_that_refuses(kernel: Kernel, agent: Implementation) {
    states(kernel, agent, "refused");
}

fn a_hub_that_comes_after_it_is_suspended(kernel: Kernel, agent: Implementation) {
    states(kernel, agent, "suspended");
}

fn a_hub_that_is_away_until_it_is_suspended(kernel: Kernel, agent: Implementation) {
    states(kernel, agent, "suspended-later");
}

/// Runs a schedule of the hub client.
fn states(kernel: Kernel, agent: Implementation, schedule: &str) {
    let vector = Vector::new("states", "10.80.0.2", None);
    let schedules = std::fs::read_to_string(vector.path("sends.jsonl")).unwrap();
    let mut schedules = schedules
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let recorded = schedules
        .find(|recorded| recorded["name"] == schedule)
        .unwrap();
    let hub = recorded["hub"].as_str().unwrap();
    let replay = vector.replay(kernel, agent);
    replay.run(|second| {
        for event in hub.split(',') {
            let (event, at) = event.split_once('@').unwrap();
            if at.parse() != Ok(second) {
                continue;
            }
            match event {
                "up" => replay.client.set_connection(true).unwrap(),
                "down" => replay.client.set_connection(false).unwrap(),
                "fail" => HUBS[0].refuse(true),
                "ok" => HUBS[0].refuse(false),
                other => panic!("{other}"),
            }
        }
    });
    let (taken, failed): (Vec<_>, Vec<_>) = HUBS[0]
        .published()
        .into_iter()
        .partition(|message| message.taken);
    if matches!(agent, Implementation::Rust) {
        assert_eq!(HUBS[0].tally(), vector.truth());
        return;
    }
    let times = |messages: &[Published]| messages.iter().map(|message| message.at).collect();
    let (taken, failed): (Vec<u64>, Vec<u64>) = (times(&taken), times(&failed));
    let seconds = |key: &str| -> Vec<u64> {
        let seconds = recorded[key].as_array().unwrap().iter();
        seconds.map(|second| second.as_u64().unwrap()).collect()
    };
    let mut sent = seconds("sent");
    // The recorded one lost its network activity when it was suspended: the filter that it had left behind filled its table.
    // Fenced in, it goes on every 10 s as long as there is something to say.
    if let Some(resumed) = sent.windows(2).position(|pair| pair[1] - pair[0] == 60) {
        sent = [
            &sent[..resumed],
            &(sent[resumed]..=700 + 10).step_by(10).collect::<Vec<_>>(),
        ]
        .concat();
    }
    let last = *sent.last().unwrap();
    assert_eq!(failed, seconds("failed"));
    assert_eq!(
        taken
            .iter()
            .copied()
            .filter(|at| *at <= last)
            .collect::<Vec<_>>(),
        sent
    );
    assert!(taken.iter().all(|at| *at <= last), "{taken:?}");
}
