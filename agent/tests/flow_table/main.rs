//! The flow table: which flows it keeps apart, which give way, and that no byte is lost or doubled.

#[path = "../support/mod.rs"]
mod support;

mod apart;
mod churn;
mod heavy;
mod model;
mod rules;

use defender_agent::flow::Cursor;
use defender_agent::{FlowSource, FlowTable};
use support::samples::{AnyFlow, any_version};

/// Takes everything out, in one collection.
fn drain<const V4: usize, const V6: usize>(table: &mut FlowTable<V4, V6>) -> Vec<AnyFlow> {
    let mut cursor = Cursor::START;
    let flows = std::iter::from_fn(|| table.take(&mut cursor));
    let flows = flows.map(any_version).collect();
    assert!(table.is_empty());
    assert_eq!(table.len(), 0);
    flows
}
