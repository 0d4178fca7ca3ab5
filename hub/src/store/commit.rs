//! What detection has made of a stretch of the journal, written at once.

use std::sync::Arc;

use defender_detect::{Alert, Change};
use rusqlite::Connection;

use super::{
    Store, StoreError, alerts, journal,
    journal::Progress,
    outbox, retention, states,
    traffic::{self, Bytes, TrafficKey},
};

/// Everything that has changed since the last commit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Commit {
    pub progress: Progress,
    pub devices: Vec<DeviceRow>,
    /// Devices that are not looked after any more.
    pub forgotten: Vec<String>,
    pub traffic: Vec<(TrafficKey, Bytes)>,
    /// Open alerts as they stand, of which nobody is told.
    pub alerts: Vec<Alert>,
    /// What sinks are told, in order, with the time of the entry that caused it.
    pub changes: Vec<(u32, Change)>,
}

/// A device as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeviceRow {
    pub device: String,
    pub group: String,
    pub seen: u32,
    pub reports: u64,
    pub refused: u64,
    pub state: Vec<u8>,
}

impl Store {
    /// Writes all of it, or nothing; what was not written is given back. Returns whether more of the journal is to be cleared than there
    /// was time for.
    pub(crate) fn commit(&self, commit: Commit) -> Result<bool, Box<(StoreError, Commit)>> {
        let kept = Arc::new(commit);
        let written = Arc::clone(&kept);
        let result = self.run(move |connection| {
            let transaction = connection.transaction()?;
            write(&transaction, &written)?;
            let is_more = retention::clear_journal(&transaction)?;
            transaction.commit()?;
            Ok(is_more)
        });
        // The thread is done with it in either case.
        result.map_err(|error| Box::new((error, Arc::unwrap_or_clone(kept))))
    }
}

fn write(connection: &Connection, commit: &Commit) -> rusqlite::Result<()> {
    // First: one that was forgotten may have come back.
    states::forget(connection, &commit.forgotten)?;
    states::write(connection, &commit.devices)?;
    traffic::write(connection, &commit.traffic)?;
    let is_told = outbox::has_sinks(connection)?;
    for (time, change) in &commit.changes {
        alerts::change(connection, *time, change)?;
        if is_told {
            outbox::write(connection, change)?;
        }
    }
    // Behind the changes, after the last of which an alert may have gone on.
    for alert in &commit.alerts {
        alerts::refresh(connection, alert)?;
    }
    journal::advance(connection, &commit.progress)
}
