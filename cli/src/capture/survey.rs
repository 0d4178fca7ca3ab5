//! A first look through a whole capture.

use std::{collections::HashMap, net::IpAddr};

use super::{CaptureError, Reader, Reason};
use crate::local::{self, LocalAddress};

/// What a capture holds, and that it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Frames, whether they carry IP or not.
    pub packets: u64,
    /// When the first packet was captured, in seconds of Unix time.
    pub start: u32,
    /// The latest time of any packet, in seconds of Unix time; never before `start`.
    pub end: u32,
    /// The addresses that take part in most packets, at most one an IP version: the device's own, when
    /// the capture was taken at its network interface.
    pub busiest: Vec<LocalAddress>,
}

impl Survey {
    pub(super) fn of(mut reader: Reader) -> Result<Self, CaptureError> {
        let mut start = None;
        let mut end = 0;
        let mut packets_of = HashMap::<IpAddr, u64>::new();
        while let Some(packet) = reader.next_packet()? {
            start.get_or_insert(packet.time);
            end = end.max(packet.time);
            if let Some((source, destination)) = packet.ip.and_then(local::endpoints) {
                for address in [source, destination] {
                    *packets_of.entry(address).or_default() += 1;
                }
            }
        }
        let Some(start) = start else {
            return Err(Reason::NoPackets.of(reader.name()));
        };
        Ok(Self {
            packets: reader.packets(),
            start,
            end: end.max(start),
            busiest: busiest(&packets_of),
        })
    }
}

fn busiest(packets_of: &HashMap<IpAddr, u64>) -> Vec<LocalAddress> {
    let busiest_of = |is_wanted: fn(&IpAddr) -> bool| {
        packets_of
            .iter()
            .filter(|(address, _)| is_wanted(address) && local::is_unicast(**address))
            // Among equals the lowest address, so that the answer is always the same.
            .max_by_key(|(address, packets)| (**packets, std::cmp::Reverse(**address)))
            .map(|(address, _)| LocalAddress::from(*address))
    };
    [busiest_of(IpAddr::is_ipv4), busiest_of(IpAddr::is_ipv6)]
        .into_iter()
        .flatten()
        .collect()
}
