//! Flows that all look alike to the flow table: how long interrupts stay off for their packets, in whole hooks.

use core::net::{Ipv4Addr, Ipv6Addr};

use netxduo_sys::NX_IP_PACKET_OUT;
use threadx_defender::agent::packet::{Direction, Observation, Packet};
use threadx_defender::agent::{FlowTable, Protocol};
use threadx_defender::defender::DefenderStorage;

use crate::RANDOM;
use crate::hooks;
use crate::packets::{Flow, V4, V6};
use crate::table::Table;

/// No section is longer.
const BUDGET: u32 = 300;
/// Nor is a packet, whoever sends it.
const PACKET_GOAL: u32 = 1_000;
/// One of an unknown flow whose chain is full is read, looked up, looked at in vain for room, and counted in sum.
const PACKET_LIMIT: u32 = 980;
/// Flows of which none fits the chain any more.
const LONGEST: usize = 8;

/// Packets of flows that are all in one chain, and of flows that have the same mark, which only their addresses tell apart.
pub fn chains<const SLOTS: usize>(
    table: &mut Table,
    storage: &'static DefenderStorage<SLOTS, SLOTS>,
) {
    for (version, flow) in [("IPv4", V4), ("IPv6", V6)] {
        // A table that does the same with the same seed, which is that of the first flow.
        let mut model = FlowTable::<1, 1>::new();
        model.set_seed(u32::from_ne_bytes([RANDOM; 4]));
        model.observe(Direction::Out, &packet(flow));
        let chain = |flow| model.chain_of(2 * SLOTS, Direction::Out, &packet(flow));
        let mut numbers = (0..u16::MAX).map(|number| Flow {
            local_port: 1024 + number % 32_768,
            remote: number,
            ..flow
        });
        let mut in_chain = || numbers.find(|flow| chain(*flow) == 3);
        let first = in_chain().unwrap_or(flow);
        let mut check = |what: &str, packets: &[(u32, stand_in::Sections)]| {
            // The section in which a usual packet is counted has no calls that could be noted: it is the whole packet at most.
            let longest = packets.iter().map(|(all, sections)| match sections.count {
                0 => *all,
                _ => sections.longest,
            });
            let longest = longest.max();
            let all = packets.iter().map(|(all, _)| *all).max();
            table.check(
                format_args!("interrupts off, {SLOTS} + {SLOTS} flows: {version}, {what}"),
                longest.unwrap_or(0),
                BUDGET,
            );
            table.check_within(
                format_args!("instructions, {SLOTS} + {SLOTS} flows: {version}, {what}"),
                all.unwrap_or(0),
                PACKET_GOAL,
                PACKET_LIMIT,
            );
        };

        let defender = {
            hooks::create_instances(1);
            crate::enable(storage)
        };
        let send = |flow: Flow| hooks::filter(flow.outgoing(), NX_IP_PACKET_OUT);
        send(first);
        for _ in 1..LONGEST {
            send(in_chain().unwrap_or(flow));
        }
        let received = || hooks::receive(first.received());
        check(
            "known flow, last of a full chain",
            &[send(first), received()],
        );
        let unknown = in_chain().unwrap_or(flow);
        check(
            "unknown flow of a full chain",
            &[send(unknown), send(unknown)],
        );
        drop(defender);

        let _defender = crate::enable(storage);
        let alike = [1, 2, 3].map(|remote| {
            let other = Flow { remote, ..first };
            let ports = model.look_alike(Direction::Out, &packet(first), &packet(other));
            let [a, b, c, d] = ports.to_ne_bytes();
            Flow {
                local_port: u16::from_be_bytes([a, b]),
                remote_port: u16::from_be_bytes([c, d]),
                ..other
            }
        });
        let packets = [first, alike[0], alike[1], alike[2], first, alike[0]].map(send);
        check("flows of one mark", &packets);
    }
}

/// The packet that the device sends, as the table sees it.
fn packet(flow: Flow) -> Packet {
    let [source_port, destination_port] = [flow.local_port, flow.remote_port];
    let (protocol, bytes) = (Protocol::Udp, 8 + flow.payload as u32);
    if flow.v6 {
        Packet::V6(Observation {
            protocol,
            source: Ipv6Addr::from(crate::packets::DEVICE_V6),
            destination: Ipv6Addr::from(flow.peer_v6()),
            source_port,
            destination_port,
            bytes,
        })
    } else {
        Packet::V4(Observation {
            protocol,
            source: Ipv4Addr::from(crate::packets::DEVICE_V4),
            destination: Ipv4Addr::from(flow.peer_v4()),
            source_port,
            destination_port,
            bytes,
        })
    }
}
