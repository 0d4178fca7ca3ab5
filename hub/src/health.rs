//! Whether the hub does its work.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// What `/healthz` says.
#[derive(Debug, Default)]
pub(crate) struct Health {
    is_ready: AtomicBool,
    is_failing: AtomicBool,
    is_stopping: AtomicBool,
    closed: OnceLock<Instant>,
}

impl Health {
    /// What the journal had when the hub started has had its effect.
    pub fn ready(&self) {
        self.is_ready.store(true, Ordering::Release);
    }

    /// The store takes what it is given, or does not.
    pub fn failing(&self, is_failing: bool) {
        self.is_failing.store(is_failing, Ordering::Release);
    }

    /// Sources are to stop.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
    }

    /// Sources have stopped: what is in the intake is the last.
    pub fn close(&self) {
        self.closed.get_or_init(Instant::now);
    }

    pub fn is_closed(&self) -> bool {
        self.closed.get().is_some()
    }

    /// For how long they have.
    pub fn closed_for(&self) -> Option<Duration> {
        self.closed.get().map(Instant::elapsed)
    }

    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    /// `None` when all is well; else what is not.
    pub fn trouble(&self) -> Option<&'static str> {
        if !self.is_ready.load(Ordering::Acquire) {
            Some("starting: the journal is read")
        } else if self.is_failing.load(Ordering::Acquire) {
            Some("the store takes nothing")
        } else if self.is_stopping() {
            Some("stopping")
        } else {
            None
        }
    }
}
