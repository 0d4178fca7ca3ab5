//! What a flow table should hold, computed the plain way.

use std::collections::BTreeMap;
use std::net::IpAddr;

use defender_agent::Protocol;

use super::samples::{AnyFlow, is_aggregate};

/// What makes a flow: protocol, local address and port, remote address and port.
pub type Key = (Protocol, IpAddr, u16, IpAddr, u16);

pub fn key(flow: &AnyFlow) -> Key {
    (
        flow.protocol,
        flow.local_address,
        flow.local_port,
        flow.remote_address,
        flow.remote_port,
    )
}

pub fn weight((received, sent): (u64, u64)) -> u64 {
    received + sent
}

/// The flows of one IP version as a table should hold them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub flows: BTreeMap<Key, (u64, u64)>,
    /// By protocol: the local address if it is the same for all, and the bytes.
    pub aggregates: BTreeMap<Protocol, (Option<IpAddr>, u64, u64)>,
}

impl Model {
    fn aggregate(&mut self, (protocol, local, ..): Key, (received, sent): (u64, u64)) {
        let entry = self.aggregates.entry(protocol);
        let aggregate = entry.or_insert((Some(local), 0, 0));
        if aggregate.0 != Some(local) {
            aggregate.0 = None;
        }
        aggregate.1 += received;
        aggregate.2 += sent;
    }

    /// Counts a packet. When a flow has to give way, it is `displaced`.
    pub fn count(&mut self, packet: &AnyFlow, displaced: Option<Key>) {
        if let Some(bytes) = displaced.and_then(|key| self.flows.remove(&key)) {
            self.aggregate(displaced.unwrap(), bytes);
        }
        let added = (u64::from(packet.bytes_in), u64::from(packet.bytes_out));
        let has = self.flows.entry(key(packet)).or_default();
        has.0 += added.0;
        has.1 += added.1;
    }

    /// What a collection is to find. Of the aggregates only what they add up to is said here.
    pub fn collected(version: u8, flows: &[AnyFlow]) -> Self {
        let mut collected = Self::default();
        for flow in flows {
            let bytes = (u64::from(flow.bytes_in), u64::from(flow.bytes_out));
            if flow.local_address.is_ipv4() != (version == 4) {
                continue;
            }
            if is_aggregate(flow) {
                assert_eq!((flow.local_port, flow.remote_port), (0, 0));
                let known = Some(flow.local_address).filter(|local| !local.is_unspecified());
                let entry = collected.aggregates.entry(flow.protocol);
                let aggregate = entry.or_insert((known, 0, 0));
                assert_eq!(aggregate.0, known, "parts of one aggregate");
                aggregate.1 += bytes.0;
                aggregate.2 += bytes.1;
            } else {
                // Several times only where no single one could state it.
                let has = collected.flows.entry(key(flow));
                let has = has.and_modify(|(received, sent)| {
                    let states = *received.max(sent);
                    assert!(states >= u64::from(u32::MAX), "a flow is there twice");
                });
                let has = has.or_default();
                has.0 += bytes.0;
                has.1 += bytes.1;
            }
        }
        collected
    }
}
