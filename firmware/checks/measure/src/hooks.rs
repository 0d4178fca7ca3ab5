//! Packets of known flows in the agent's hooks.

use core::hint::black_box;
use core::mem::MaybeUninit;

use netxduo_sys::{_nx_ip_created_ptr, NX_IP, NX_IP_PACKET_IN, NX_IP_PACKET_OUT, NX_PACKET};
use stand_in::Sections;
use threadx_defender::defender::DefenderStorage;

use crate::packets::{Flow, V4, V6};
use crate::stack;
use crate::table::Table;

/// The least that is measured: calls of a hook that does nothing.
extern "C" fn pass(_: *mut NX_IP, _: *mut NX_PACKET, _: u32) -> u32 {
    0
}

extern "C" fn keep(_: *mut NX_IP, _: *mut NX_PACKET) {}

/// The IP instance, as C sees it.
fn ip() -> *mut NX_IP {
    // SAFETY: there is one thread.
    unsafe { _nx_ip_created_ptr }
}

/// Creates as many IP instances as there are.
pub fn create_instances(count: usize) {
    static mut IPS: [MaybeUninit<NX_IP>; 64] = [const { MaybeUninit::zeroed() }; 64];
    let ips: *mut [MaybeUninit<NX_IP>; 64] = &raw mut IPS;
    // SAFETY: there is one thread, and instances that were created before are forgotten with this.
    if let Some(ips) = unsafe { (*ips).get_mut(..count) } {
        stand_in::create(ips);
    }
}

/// Instructions of the filter, and its sections.
pub fn filter(packet: *mut NX_PACKET, direction: u32) -> (u32, Sections) {
    // SAFETY: the instance is valid, and the agent is enabled, so that there is a filter.
    let filter = unsafe { (*ip()).nx_ip_packet_filter_extended.unwrap_unchecked() };
    let (ip, nothing) = (ip(), black_box(pass as extern "C" fn(_, _, _) -> _));
    let (empty, _) = stand_in::measure(|| {
        nothing(ip, packet, direction);
    });
    // SAFETY: the packet is as NetX Duo hands it to its filter.
    let (all, sections) = stand_in::measure(|| unsafe {
        filter(ip, packet, direction);
    });
    (all - empty, sections)
}

/// Bytes of stack that the filter takes on whatever thread sends.
pub fn filter_stack(packet: *mut NX_PACKET, direction: u32) -> u32 {
    // SAFETY: as in `filter`.
    let filter = unsafe { (*ip()).nx_ip_packet_filter_extended.unwrap_unchecked() };
    let ip = ip();
    // SAFETY: likewise.
    stack::depth(|| unsafe {
        filter(ip, packet, direction);
    })
}

/// Instructions of the receive function of UDP, and its sections.
pub fn receive(packet: *mut NX_PACKET) -> (u32, Sections) {
    // SAFETY: the instance is valid, and has a receive function.
    let receive = unsafe { (*ip()).nx_ip_udp_packet_receive.unwrap_unchecked() };
    let (ip, nothing) = (ip(), black_box(keep as extern "C" fn(_, _)));
    // What the agent's hook passes the packet to is part of it.
    let (empty, _) = stand_in::measure(|| nothing(ip, packet));
    // SAFETY: the packet is as NetX Duo hands it to its receive functions.
    let (all, sections) = stand_in::measure(|| unsafe { receive(ip, packet) });
    (all - empty, sections)
}

/// Instructions a packet, through all hooks that it passes.
pub fn known_flows(table: &mut Table, storage: &'static DefenderStorage<64, 64>) {
    create_instances(1);
    let mut passed_on = 0;
    // The limits are for both optimisation levels. A packet that comes in has the next receive function more than one
    // that goes out, and its addresses in the other byte order.
    for (version, flow, goal, limits) in
        [("IPv4", V4, 100, [100, 103]), ("IPv6", V6, 150, [136, 157])]
    {
        for count in [1, 32, 63] {
            let defender = crate::enable(storage);
            let flows = || (0..count).map(|index| flow.port(5000 + index));
            let out = most(flows(), |flow| filter(flow.outgoing(), NX_IP_PACKET_OUT).0);
            let received = most(flows(), |flow| receive(flow.received()).0);
            let passing = most(flows(), |flow| filter(flow.incoming(), NX_IP_PACKET_IN).0);
            passed_on = passed_on.max(passing);
            let known = format_args!("known flow, {count} in the table");
            table.check_within(
                format_args!("instructions: {version} out, {known}"),
                out,
                goal,
                limits[0],
            );
            table.check_within(
                format_args!("instructions: UDP over {version} in, both hooks, {known}"),
                received + passing,
                goal,
                limits[1],
            );
            let counted = defender
                .statistics()
                .map(|statistics| statistics.packets.packets_counted);
            assert_eq!(
                counted.ok(),
                Some(4 * u64::from(count)),
                "packets are not counted"
            );
        }
    }
    let _defender = crate::enable(storage);
    let long = Flow {
        extensions: 16,
        ..V6
    };
    let depths = [V4, V6, long].map(|flow| filter_stack(flow.outgoing(), NX_IP_PACKET_OUT));
    let depth = depths.into_iter().max().unwrap_or(0);
    table.tell(
        format_args!("bytes of stack: a packet, on the thread that sends it"),
        depth,
    );
    table.check_within(
        format_args!("instructions: the filter, for a packet that it only passes on"),
        passed_on,
        10,
        13,
    );
}

/// The most instructions of a packet, when each flow has had one.
fn most(flows: impl Iterator<Item = Flow> + Clone, packet: impl Fn(Flow) -> u32) -> u32 {
    for flow in flows.clone() {
        packet(flow);
    }
    flows.map(packet).max().unwrap_or(0)
}
