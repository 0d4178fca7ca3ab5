//! Any course of events, against a model that is too slow and too large for a device.

use defender_agent::flow::{Cursor, Verdict};
use defender_agent::packet::Rejection;
use defender_agent::{FlowSource, FlowTable, Settings};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::drain;
use crate::support::cases;
use crate::support::flow_model::{Key, Model, key, weight};
use crate::support::samples::{AnyFlow, Sample, any_sample, any_version, totals};

/// Something that happens to a table.
#[derive(Clone, Copy, Debug)]
enum Event {
    Packet(Sample),
    Reject(Rejection),
    /// A collection that takes so many flows at most.
    Take(usize),
    Limits(usize, usize),
}

fn any_event() -> impl Strategy<Value = Event> {
    let rejection = prop_oneof![
        Just(Rejection::OtherProtocol),
        Just(Rejection::Malformed),
        Just(Rejection::HeadTooShort { given: 20 }),
    ];
    prop_oneof![
        40 => any_sample().prop_map(Event::Packet),
        1 => rejection.prop_map(Event::Reject),
        1 => (0..100_usize).prop_map(Event::Take),
        1 => (1..80_usize, 1..80_usize).prop_map(|(v4, v6)| Event::Limits(v4, v6)),
    ]
}

/// A table after `events`, and what was taken out of it on the way.
fn table_after<const N: usize>(seed: u32, events: &[Event]) -> (FlowTable<N, N>, Vec<AnyFlow>) {
    let mut table = FlowTable::new();
    table.set_seed(seed);
    let mut taken = Vec::new();
    for event in events {
        match *event {
            Event::Packet(sample) => {
                let verdict = table.observe(sample.direction, &sample.packet());
                assert_eq!(verdict, Verdict::Counted);
            }
            Event::Reject(reason) => table.reject(reason),
            Event::Take(flows) => {
                let mut cursor = Cursor::START;
                let some = std::iter::from_fn(|| table.take(&mut cursor)).take(flows);
                taken.extend(some.map(any_version));
            }
            Event::Limits(ipv4, ipv6) => {
                let mut settings = Settings::new();
                settings.set_flow_limits(ipv4, ipv6).unwrap();
                table.apply(&settings);
            }
        }
    }
    (table, taken)
}

/// The contents of a table after each of `events`, in order. A table tells its contents only by giving them away, so
/// each time the same events are played to a new one.
fn check_every_step<const N: usize>(seed: u32, events: &[Event]) -> Result<(), TestCaseError> {
    let mut limits = (N, N);
    let mut before = [Model::default(), Model::default()];
    // The flow of each version that came last, while it is there.
    let mut newest = [None, None];
    for step in 1..=events.len() {
        let (mut table, _) = table_after::<N>(seed, &events[..step]);
        let flows_held = table.len();
        let flows = drain(&mut table);
        let after = [4, 6].map(|version| Model::collected(version, &flows));
        let kept = after.iter().map(|model| model.flows.len()).sum::<usize>();
        prop_assert_eq!(flows_held, kept);
        match events[step - 1] {
            Event::Packet(sample) => {
                let (index, limit) = if sample.version == 4 {
                    (0, limits.0)
                } else {
                    (1, limits.1)
                };
                let model = &mut before[index];
                let displaced =
                    displaced_by::<N>(&sample, model, &after[index], limit, newest[index])?;
                let flow = sample.flow();
                if !model.flows.contains_key(&key(&flow)) {
                    newest[index] = Some(key(&flow));
                }
                model.count(&flow, displaced);
                prop_assert_eq!(&before, &after);
            }
            Event::Reject(_) => prop_assert_eq!(&before, &after),
            Event::Limits(ipv4, ipv6) => {
                limits = (ipv4.min(N), ipv6.min(N));
                prop_assert_eq!(&before, &after);
            }
            // What was taken is looked at in the other property.
            Event::Take(_) => {
                before = after;
                for (newest, model) in newest.iter_mut().zip(&before) {
                    *newest = newest.filter(|newest| model.flows.contains_key(newest));
                }
            }
        }
    }
    Ok(())
}

/// The flow that gave way to a packet, if one had to: not the newest unless that was alone, and in a small table, of which
/// all is looked at, the lightest of the others.
fn displaced_by<const N: usize>(
    sample: &Sample,
    before: &Model,
    after: &Model,
    limit: usize,
    newest: Option<Key>,
) -> Result<Option<Key>, TestCaseError> {
    let known = before.flows.contains_key(&key(&sample.flow()));
    let gone: Vec<Key> = before
        .flows
        .keys()
        .filter(|&key| !after.flows.contains_key(key))
        .copied()
        .collect();
    if known || before.flows.len() < limit {
        prop_assert!(gone.is_empty(), "{:?} gave way for nothing", gone);
        return Ok(None);
    }
    if gone.is_empty() && limit < N {
        // Below a limit that was lowered, none may be found.
        return Ok(None);
    }
    prop_assert_eq!(gone.len(), 1, "exactly one flow gives way");
    // Weights are compared as the table can: a flow is at most as heavy as a counter of 32 bits can say.
    let compared = |bytes| weight(bytes).min(u64::from(u32::MAX));
    if before.flows.len() == 1 {
        return Ok(Some(gone[0]));
    }
    prop_assert_ne!(Some(gone[0]), newest, "the newest gave way");
    if N > 3 || limit < N {
        return Ok(Some(gone[0]));
    }
    let others = before.flows.iter().filter(|&(&key, _)| Some(key) != newest);
    let smallest = others.map(|(_, &bytes)| compared(bytes)).min();
    prop_assert_eq!(Some(compared(before.flows[&gone[0]])), smallest);
    Ok(Some(gone[0]))
}

fn check_totals<const N: usize>(seed: u32, events: &[Event]) -> Result<(), TestCaseError> {
    let (mut table, mut taken) = table_after::<N>(seed, events);
    taken.extend(drain(&mut table));
    let packets = events.iter().filter_map(|event| match event {
        Event::Packet(sample) => Some(sample.flow()),
        _ => None,
    });
    let packets: Vec<AnyFlow> = packets.collect();
    prop_assert_eq!(totals(taken.iter()), totals(packets.iter()));

    let rejected = |wanted: fn(&Rejection) -> bool| {
        let matching = |event: &&Event| matches!(event, Event::Reject(reason) if wanted(reason));
        events.iter().filter(matching).count() as u64
    };
    let statistics = table.statistics();
    prop_assert_eq!(statistics.packets_counted, packets.len() as u64);
    let other = |reason: &Rejection| *reason == Rejection::OtherProtocol;
    prop_assert_eq!(statistics.packets_ignored, rejected(other));
    prop_assert_eq!(
        statistics.packets_malformed,
        rejected(|reason| *reason != Rejection::OtherProtocol)
    );
    Ok(())
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn each_packet_does_what_it_does_to_the_model(
        seed: u32,
        events in vec(any_event(), 1..if cfg!(miri) { 16 } else { 120 }),
    ) {
        check_every_step::<1>(seed, &events)?;
        check_every_step::<2>(seed, &events)?;
        check_every_step::<3>(seed, &events)?;
        check_every_step::<4>(seed, &events)?;
        check_every_step::<17>(seed, &events)?;
        check_every_step::<64>(seed, &events)?;
    }

    #[test]
    fn all_bytes_add_up(
        seed: u32,
        events in vec(any_event(), 1..if cfg!(miri) { 60 } else { 2000 }),
    ) {
        check_totals::<1>(seed, &events)?;
        check_totals::<4>(seed, &events)?;
        check_totals::<64>(seed, &events)?;
    }

    #[test]
    fn a_collection_ends_whatever_comes_meanwhile(
        seed: u32,
        first in vec(any_sample(), 0..20),
        meanwhile in vec(any_sample(), if cfg!(miri) { 16..32 } else { 64..200 }),
    ) {
        let mut table = FlowTable::<4, 4>::new();
        table.set_seed(seed);
        for sample in &first {
            table.observe(sample.direction, &sample.packet());
        }
        let mut taken = Vec::new();
        let mut cursor = Cursor::START;
        let mut observed = first;
        let mut coming = meanwhile.chunks(8).cycle();
        while let Some(flow) = table.take(&mut cursor) {
            taken.push(any_version(flow));
            // Eight slots and six aggregates; those that were there may need several flows each.
            prop_assert!(taken.len() <= 8 + 6 + 20, "it does not end");
            for sample in coming.next().unwrap() {
                let sample = Sample { bytes: sample.bytes % 2000, ..*sample };
                table.observe(sample.direction, &sample.packet());
                observed.push(sample);
            }
        }
        prop_assert_eq!(table.take(&mut cursor), None);
        taken.extend(drain(&mut table));
        let observed: Vec<AnyFlow> = observed.iter().map(Sample::flow).collect();
        prop_assert_eq!(totals(taken.iter()), totals(observed.iter()));
    }
}
