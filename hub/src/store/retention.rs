//! What is kept for how long, and that the file gets smaller again.

use std::time::Duration;

use rusqlite::{Connection, params};

use super::{Store, StoreError, traffic::HOUR};

/// Rows that are deleted at a time, so that the journal does not wait for long.
const STEP: usize = 5000;

/// Pages that are given back to the disk at a time.
const PAGES: u32 = 2000;

/// For how long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keep {
    pub traffic: Duration,
    /// After they have closed.
    pub alerts: Duration,
}

impl Store {
    /// Deletes some of what is older than it is to be. Returns whether there is more.
    pub(crate) fn delete_old(&self, keep: Keep, now: u32) -> Result<bool, StoreError> {
        self.run(move |connection| {
            let before = |kept: Duration| i64::from(now) - kept.as_secs() as i64;
            let traffic = connection
                .prepare_cached(
                    "DELETE FROM traffic WHERE (device, hour, peer, protocol, port, at_device) IN
                     (SELECT device, hour, peer, protocol, port, at_device FROM traffic WHERE hour < ?1 LIMIT ?2)",
                )?
                .execute(params![before(keep.traffic) / i64::from(HOUR), STEP as i64])?;
            let alerts = connection
                .prepare_cached(
                    "DELETE FROM alerts WHERE number IN
                     (SELECT number FROM alerts WHERE open = 0 AND closed < ?1 LIMIT ?2)",
                )?
                .execute(params![before(keep.alerts), STEP as i64])?;
            let is_more = traffic == STEP || alerts == STEP;
            Ok(give_back(connection)? || is_more)
        })
    }
}

/// Gives free pages back to the disk; returns whether there are more.
fn give_back(connection: &Connection) -> rusqlite::Result<bool> {
    let mut step = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut pages = step.query([])?;
    // A row for each page, which is given back when the next is asked for.
    while pages.next()?.is_some() {}
    // Some stay, to be used again.
    connection.query_row("PRAGMA freelist_count", [], |row| {
        Ok(row.get::<_, u32>(0)? > PAGES)
    })
}
