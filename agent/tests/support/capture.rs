//! The captures of `tests/data`, and what they hold.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use defender_agent::Protocol;
use defender_agent::packet::{Direction, Packet};
use defender_message::flow::Flow;
use pcap_parser::PcapCapture;

use super::packets;

/// Bytes in and out by what makes a flow.
pub type Totals = BTreeMap<FlowKey, (u64, u64)>;

/// What makes a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowKey {
    pub protocol: Protocol,
    pub local: (IpAddr, u16),
    pub remote: (IpAddr, u16),
}

/// A capture of `tests/data`.
pub struct Capture {
    name: &'static str,
    /// The device's addresses, as the README of the vectors says them.
    local: Vec<IpAddr>,
}

impl Capture {
    pub fn new(name: &'static str, local: &[&str]) -> Self {
        let local = local.iter().map(|address| address.parse().unwrap());
        Self {
            name,
            local: local.collect(),
        }
    }

    fn path(&self, file: &str) -> PathBuf {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        root.join("../tests/data").join(self.name).join(file)
    }

    /// Every IP packet with its time in seconds, padding of the frame included.
    pub fn packets(&self) -> Vec<(u32, Vec<u8>)> {
        let file = std::fs::read(self.path("input.pcap")).unwrap();
        let (_, capture) = pcap_parser::parse_pcap(&file).unwrap();
        let capture: PcapCapture<'_> = capture;
        let mut packets = Vec::new();
        for block in &capture.blocks {
            let frame: &[u8] = block.data;
            let Some((link, packet)) = frame.split_first_chunk::<14>() else {
                continue;
            };
            if matches!([link[12], link[13]], [0x08, 0x00] | [0x86, 0xDD]) {
                packets.push((block.ts_sec, packet.to_vec()));
            }
        }
        packets
    }

    /// The flows of `truth.json`.
    pub fn truth(&self) -> Totals {
        let file = std::fs::read_to_string(self.path("truth.json")).unwrap();
        let truth: serde_json::Value = serde_json::from_str(&file).unwrap();
        let flows: Vec<Flow<IpAddr>> = serde_json::from_value(truth["flows"].clone()).unwrap();
        let mut totals = Totals::new();
        for flow in flows {
            add(&mut totals, &flow);
        }
        totals
    }

    /// Which way a packet goes; `None` when it is for a group or for somebody else.
    pub fn direction(&self, packet: &Packet) -> Option<Direction> {
        let (source, destination) = packets::addresses(packet);
        if self.local.contains(&source) {
            Some(Direction::Out)
        } else if self.local.contains(&destination) {
            Some(Direction::In)
        } else {
            None
        }
    }
}

/// Adds a flow's bytes.
pub fn add(totals: &mut Totals, flow: &Flow<IpAddr>) {
    let key = FlowKey {
        protocol: flow.protocol,
        local: (flow.local_address, flow.local_port),
        remote: (flow.remote_address, flow.remote_port),
    };
    let (bytes_in, bytes_out) = totals.entry(key).or_default();
    *bytes_in += u64::from(flow.bytes_in);
    *bytes_out += u64::from(flow.bytes_out);
}

/// Adds a packet's bytes.
pub fn add_packet(totals: &mut Totals, direction: Direction, packet: &Packet) {
    add(totals, &packets::flow(direction, packet));
}
