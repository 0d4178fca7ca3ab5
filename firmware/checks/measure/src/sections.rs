//! How long interrupts stay off, at worst: through the hooks, the seconds and the calls of the safe layer.

use core::hint::black_box;
use core::time::Duration;

use netxduo_sys::NX_IP_PACKET_OUT;
use threadx_defender::agent::{Collector, Priority, Protocol};
use threadx_defender::defender::{Defender, DefenderStorage};

use crate::hooks;
use crate::packets::{Flow, V4, V6};
use crate::table::Table;

/// No section is longer.
const BUDGET: u32 = 300;
/// A packet, of which a part is read with interrupts on.
const PACKET_GOAL: u32 = 1_000;
/// As long as that is not reached.
const PACKET_LIMIT: u32 = 1_260;

/// The longest section of everything that has one, with a table of `SLOTS` flows of each IP version.
pub fn worst<const SLOTS: usize>(
    table: &mut Table,
    storage: &'static DefenderStorage<SLOTS, SLOTS>,
) {
    for (version, flow) in [("IPv4", V4), ("IPv6", V6)] {
        hooks::create_instances(1);
        let defender = crate::enable(storage);
        packets(table, version, flow, SLOTS);
        settings(table, SLOTS, &defender);
        seconds(table, SLOTS);
        check(table, "disabling", SLOTS, section(|| drop(defender)));
    }
    for instances in [1, 4, 64] {
        hooks::create_instances(instances);
        let mut defender = None;
        let enabling = section(|| defender = Some(crate::enable(storage)));
        let what = format_args!("{instances} NX_IP, enabling on a used table and first second");
        table.check(
            format_args!("interrupts off, {SLOTS} + {SLOTS} flows: {what}"),
            enabling,
            BUDGET,
        );
        let second = section(stand_in::pass_second);
        table.check(
            format_args!(
                "interrupts off, {SLOTS} + {SLOTS} flows: {instances} NX_IP, further seconds"
            ),
            second,
            BUDGET,
        );
    }
}

fn check(table: &mut Table, what: &str, slots: usize, longest: u32) {
    table.check(
        format_args!("interrupts off, {slots} + {slots} flows: {what}"),
        longest,
        BUDGET,
    );
}

/// The longest section in `work`.
fn section(work: impl FnOnce()) -> u32 {
    stand_in::measure(work).1.longest
}

/// Packets that change the table, which is full of different flows in the end.
fn packets(table: &mut Table, version: &str, flow: Flow, slots: usize) {
    let count = slots as u16;
    let numbered = |index: u16| Flow {
        local_port: 1024 + index,
        remote: index % 7,
        ..flow
    };
    let longest = |flow: Flow| hooks::filter(flow.outgoing(), NX_IP_PACKET_OUT).1.longest;
    let most = |flows: core::ops::Range<u16>| {
        flows
            .map(|index| longest(numbered(index)))
            .max()
            .unwrap_or(0)
    };

    let mut check = |what: &str, longest| {
        table.check(
            format_args!("interrupts off, {slots} + {slots} flows: {version}, {what}"),
            longest,
            BUDGET,
        );
    };
    check("first flow of an empty table", most(0..1));
    check("newcomers until the table is full", most(1..count));
    check("newcomers of a full table", most(count..count + 500));
    // Flows that have grown to different sizes, so that none is known to be the smallest.
    let mut growing = 0;
    for round in 0..4 {
        for index in 0..count + 500 {
            let payload = 64 + 8 * usize::from(round + index % 5);
            growing = growing.max(longest(Flow {
                payload,
                ..numbered(index)
            }));
        }
    }
    check("all flows grow, and newcomers", growing);
    check("newcomers after that", most(count + 500..count + 2_500));
    if flow.v6 {
        // As many as are walked, and more.
        for extensions in [8, 16] {
            let long = Flow {
                extensions,
                ..numbered(40_000 + extensions as u16)
            };
            let (all, sections) = hooks::filter(long.outgoing(), NX_IP_PACKET_OUT);
            let what = format_args!("IPv6, newcomer with {extensions} extension headers");
            table.check(
                format_args!("interrupts off, {slots} + {slots} flows: {what}"),
                sections.longest,
                BUDGET,
            );
            table.check_within(
                format_args!("instructions, {slots} + {slots} flows: {what}"),
                all,
                PACKET_GOAL,
                PACKET_LIMIT,
            );
        }
    }
}

/// Changes of settings on a full table.
fn settings(table: &mut Table, slots: usize, defender: &Defender) {
    let changes: [(&str, &dyn Fn() -> bool); 6] = [
        ("an interval changes", &|| {
            defender
                .set_interval(Priority::High, Duration::from_secs(20))
                .is_ok()
        }),
        ("a collector is turned off", &|| {
            defender
                .set_collector_enabled(Collector::Heartbeat, false)
                .is_ok()
        }),
        ("a protocol is turned off", &|| {
            defender.set_protocol_enabled(Protocol::Udp, false).is_ok()
        }),
        ("a protocol is turned on", &|| {
            defender.set_protocol_enabled(Protocol::Udp, true).is_ok()
        }),
        ("an interval changes back", &|| {
            defender
                .set_interval(Priority::High, Duration::from_secs(10))
                .is_ok()
        }),
        ("statistics", &|| black_box(defender.statistics()).is_ok()),
    ];
    for (what, change) in changes {
        let longest = section(|| assert!(change(), "{what}: refused"));
        check(table, what, slots, longest);
    }
}

/// Seconds until everything was collected.
fn seconds(table: &mut Table, slots: usize) {
    let seconds = (0..40).map(|_| section(stand_in::pass_second));
    let longest = seconds.max().unwrap_or(0);
    check(
        table,
        "seconds with collections, table full",
        slots,
        longest,
    );
}
