//! Between sources and sinks: what comes in is journaled, acknowledged, judged, and what it changes is committed.
//!
//! ```text
//! Intake ─▶ scribe: batch ─▶ journal ─▶ kept told ─▶ judge: detection, sums ─▶ commit ─▶ sinks are woken
//! ```
//!
//! Two threads, so that the journal is written while detection works. `gather` is the part without I/O, `pace` says when to write.

mod gather;
mod judge;
mod pace;
mod scribe;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    gather::{Gather, Limits},
    judge::{Judge, Order},
    scribe::Scribe,
};
