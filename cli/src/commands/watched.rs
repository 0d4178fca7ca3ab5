//! What a watcher has learned, summed up.

use std::{cmp::Reverse, collections::HashMap, fmt, net::IpAddr};

use defender_message::{SecurityMessage, decode::Payload};
use defender_replay::device::Traffic;

use crate::output::{Count, Endpoint, parts};

/// How many peers are named.
const PEERS_SHOWN: usize = 5;

/// Messages summed up.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    messages: u64,
    bytes: u64,
    flows: u64,
    peers: HashMap<IpAddr, Traffic>,
}

impl Watched {
    /// Adds a message of `bytes` bytes.
    pub fn add(&mut self, bytes: usize, message: &SecurityMessage) {
        self.messages += 1;
        self.bytes += bytes as u64;
        for event in &message.events {
            if let Payload::NetworkActivity { flows } = &event.payload {
                self.flows += flows.len() as u64;
                for flow in flows {
                    let peer = self.peers.entry(flow.remote_address).or_default();
                    *peer += Traffic::of([flow]);
                }
            }
        }
    }

    /// How many messages were added.
    pub fn messages(&self) -> u64 {
        self.messages
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bytes_in, bytes_out) = parts(self.peers.values().copied().sum());
        write!(
            f,
            "watched {} ({}) with {}: {bytes_in} in, {bytes_out} out\nbusiest of {}:",
            Count(self.messages, "message"),
            indicatif::DecimalBytes(self.bytes),
            Count(self.flows, "flow record"),
            Count(self.peers.len() as u64, "peer"),
        )?;
        let mut peers: Vec<_> = self.peers.iter().collect();
        // By address among equals, so that the report is always the same.
        peers.sort_by_key(|(address, traffic)| (Reverse(traffic.total()), **address));
        peers.truncate(PEERS_SHOWN);
        let names: Vec<_> = peers
            .iter()
            .map(|(address, _)| Endpoint(**address, 0).to_string())
            .collect();
        let width = names.iter().map(String::len).max().unwrap_or_default();
        for (name, (_, traffic)) in names.iter().zip(peers) {
            let (bytes_in, bytes_out) = parts(*traffic);
            write!(f, "\n  {name:width$} {bytes_in:>9} in {bytes_out:>9} out")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use defender_message::{
        decode::{Event, EventId},
        flow::{Flow, Protocol},
    };

    use super::*;

    fn message(remote: &str, bytes_in: u32) -> SecurityMessage {
        let flow = |remote_port| Flow {
            protocol: Protocol::Udp,
            local_address: "10.0.0.2".parse().unwrap(),
            local_port: 1,
            remote_address: remote.parse().unwrap(),
            remote_port,
            bytes_in,
            bytes_out: 1,
        };
        let event = |payload| Event {
            id: EventId::default(),
            time: 0,
            collection_interval: 10,
            payload,
        };
        let mut message = SecurityMessage::new("module", 1);
        message.events = vec![
            event(Payload::NetworkActivity {
                flows: vec![flow(1), flow(2)],
            }),
            event(Payload::Heartbeat),
        ];
        message
    }

    #[test]
    fn the_busiest_peers_come_first() {
        let mut report = Watched::default();
        for last in 1..=7_u32 {
            report.add(100, &message(&format!("10.0.0.{last}"), last * 1000));
        }
        report.add(100, &message("10.0.0.1", 9000));
        assert_eq!(report.messages(), 8);
        let text = report.to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[0],
            "watched 8 messages (800 B) with 16 flow records: 74.00 kB in, 16 B out"
        );
        assert_eq!(lines[1], "busiest of 7 peers:");
        let peers: Vec<_> = lines[2..]
            .iter()
            .map(|line| line.split_whitespace().next().unwrap())
            .collect();
        assert_eq!(
            peers,
            ["10.0.0.1", "10.0.0.7", "10.0.0.6", "10.0.0.5", "10.0.0.4"]
        );
        assert!(lines[2].contains("20.00 kB in"), "{text}");
    }
}
