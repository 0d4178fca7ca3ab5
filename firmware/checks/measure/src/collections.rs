//! The agent's seconds on the cloud helper's thread: those in which nothing is due, and a collection.

use netxduo_sys::NX_IP_PACKET_OUT;
use threadx_defender::defender::DefenderStorage;

use crate::packets::{V4, V6};
use crate::table::Table;
use crate::{hooks, stack};

/// Four levels that hold each other's results: the second, the message, its flows, a flow.
const STACK: u32 = 616;

/// Seconds of an agent with 64 flows of each IP version.
pub fn seconds(table: &mut Table, storage: &'static DefenderStorage<64, 64>) {
    let (mut idle, mut collection, mut depth, mut idle_depth) = (0, 0, 0, 0);
    // Twice the same, for the instructions and for the stack.
    for measures_stack in [false, true] {
        hooks::create_instances(1);
        let _defender = crate::enable(storage);
        for index in 0..64 {
            hooks::filter(V4.port(5000 + index).outgoing(), NX_IP_PACKET_OUT);
            hooks::filter(V6.port(5000 + index).outgoing(), NX_IP_PACKET_OUT);
        }
        for _ in 0..35 {
            let (before, _) = stand_in::sent();
            stand_in::next_second();
            let (mut all, mut deep) = (0, 0);
            if measures_stack {
                deep = stack::depth(stand_in::tick);
            } else {
                (all, _) = stand_in::measure(stand_in::tick);
            }
            let (after, _) = stand_in::sent();
            if after == before {
                idle = idle.max(all);
                idle_depth = idle_depth.max(deep);
            } else {
                collection = collection.max(all);
                depth = depth.max(deep);
            }
        }
    }
    assert!(collection > 0, "there was no collection");
    table.check(
        format_args!("instructions: a second in which nothing is due"),
        idle,
        500,
    );
    table.check(
        format_args!("instructions: collection of 64 + 64 flows, without sending"),
        collection,
        103_000,
    );
    table.tell(
        format_args!("bytes of stack: a second in which nothing is due"),
        idle_depth,
    );
    table.check_within(
        format_args!("bytes of stack: collection of 64 + 64 flows"),
        depth,
        600,
        STACK,
    );
}
