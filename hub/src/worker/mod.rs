//! Between sources and sinks: what comes in is journaled, acknowledged, judged, and what it changes is committed.
//!
//! ```text
//! Intake ─▶ scribe: batch ─▶ journal ─▶ kept told ─▶ handover ─▶ judge: detection, sums ─▶ commit ─▶ sinks are woken
//! ```
//!
//! Two threads, so that the journal is written while detection works, which may take long. `gather` is the part without I/O, `pace` says when to
//! write.

mod gather;
mod handover;
mod judge;
mod pace;
mod scribe;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod together;

pub(crate) use self::{
    gather::{Gather, Limits},
    handover::{Giver, Gone, Order, Taker, handover},
    judge::Judge,
    scribe::Scribe,
};
