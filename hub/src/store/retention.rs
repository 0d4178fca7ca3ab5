//! What is kept for how long, and that the file gets smaller again.
//!
//! The connection that writes does it in steps between two batches of the journal, so a step must be short, whatever there is to do: it ends
//! after some time. What a step does not come to is done in the next one.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError, traffic::HOUR};

/// How long a step may take. A piece more may be done, and what was done is to be written.
const STEP: Duration = Duration::from_millis(15);

/// Rows of traffic that are deleted before the time is looked at: a few pages.
const ROWS: u32 = 256;

/// Alerts, likewise. Each has a history.
const ALERTS: u32 = 16;

/// Batches of the journal, likewise. Each may have megabytes.
const BATCHES: u32 = 4;

/// Of the pages of the file, so many stay free: what comes in the next hours needs them.
const RESERVE: u32 = 16;

/// For how long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keep {
    pub traffic: Duration,
    /// After they have closed.
    pub alerts: Duration,
}

impl Store {
    /// Gives free pages back to the disk, and deletes some of what is older than it is to be. Returns whether there is more.
    pub(crate) fn delete_old(&self, keep: Keep, now: u32) -> Result<bool, StoreError> {
        let before = move |kept: Duration| i64::from(now) - kept.as_secs() as i64;
        let hour = before(keep.traffic) / i64::from(HOUR);
        let closed = before(keep.alerts);
        self.run(move |connection| {
            let step = Step::begin();
            let transaction = connection.transaction()?;
            // What is free goes first: so the file is never fuller of it than by one step. What the last step made free goes, too.
            let is_done = give_back(&transaction, &step)?
                && step.repeat(|| delete_traffic(&transaction, hour))?
                && step.repeat(|| delete_alerts(&transaction, closed))?
                && give_back(&transaction, &step)?;
            transaction.commit()?;
            Ok(!is_done)
        })
    }

    /// Deletes some of what is left of the journal and has had its effect. Returns whether there is more.
    pub(crate) fn clear_journal(&self) -> Result<bool, StoreError> {
        self.run(|connection| {
            let transaction = connection.transaction()?;
            let is_more = clear_journal(&transaction)?;
            transaction.commit()?;
            Ok(is_more)
        })
    }
}

/// The same within a transaction.
pub(super) fn clear_journal(connection: &Connection) -> rusqlite::Result<bool> {
    let mut delete = connection.prepare_cached(
        "DELETE FROM journal WHERE number IN (SELECT number FROM journal
         WHERE number <= (SELECT journal FROM progress) ORDER BY number LIMIT ?1)",
    )?;
    let is_done = Step::begin().repeat(|| Ok(delete.execute([BATCHES])? < BATCHES as usize))?;
    Ok(!is_done)
}

/// The time of a step.
struct Step(Instant);

impl Step {
    fn begin() -> Self {
        Self(Instant::now())
    }

    fn is_over(&self) -> bool {
        self.0.elapsed() >= STEP
    }

    /// Does piece after piece, one at least, until one says that it was the last, or the time is over. Says whether it was the last.
    fn repeat(&self, mut piece: impl FnMut() -> rusqlite::Result<bool>) -> rusqlite::Result<bool> {
        loop {
            if piece()? {
                return Ok(true);
            }
            if self.is_over() {
                return Ok(false);
            }
        }
    }
}

/// Deletes the first rows of hours before this one, which stand together. Returns whether they were the last.
fn delete_traffic(connection: &Connection, hour: i64) -> rusqlite::Result<bool> {
    type Key = (i64, i64, Vec<u8>, i64, i64, i64);
    let last: Option<Key> = connection
        .prepare_cached(
            "SELECT hour, device, peer, protocol, port, at_device FROM traffic WHERE hour < ?1
             ORDER BY hour, device, peer, protocol, port, at_device LIMIT 1 OFFSET ?2",
        )?
        .query_row(params![hour, ROWS - 1], |row| row.try_into())
        .optional()?;
    match &last {
        Some(last) => connection
            .prepare_cached(
                "DELETE FROM traffic WHERE (hour, device, peer, protocol, port, at_device) <= (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![last.0, last.1, last.2, last.3, last.4, last.5])?,
        None => connection
            .prepare_cached("DELETE FROM traffic WHERE hour < ?1")?
            .execute([hour])?,
    };
    Ok(last.is_none())
}

/// Deletes the alerts that closed first, before this time. Returns whether they were the last.
fn delete_alerts(connection: &Connection, closed: i64) -> rusqlite::Result<bool> {
    let deleted = connection
        .prepare_cached(
            "DELETE FROM alerts WHERE number IN
             (SELECT number FROM alerts WHERE open = 0 AND closed < ?1 ORDER BY closed LIMIT ?2)",
        )?
        .execute(params![closed, ALERTS])?;
    Ok(deleted < ALERTS as usize)
}

/// Gives free pages back to the disk, but for some; returns whether that is done.
fn give_back(connection: &Connection, step: &Step) -> rusqlite::Result<bool> {
    let pages = |what| connection.pragma_query_value(None, what, |row| row.get::<_, u32>(0));
    let spare = pages("freelist_count")?.saturating_sub(pages("page_count")? / RESERVE);
    if spare == 0 {
        return Ok(true);
    }
    let mut give = connection.prepare(&format!("PRAGMA incremental_vacuum({spare})"))?;
    let mut given = give.query([])?;
    // A row for each page, which is given back when the next is asked for.
    while given.next()?.is_some() {
        if step.is_over() {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    /// The tables, with so many rows of traffic in each of two hours.
    fn filled(rows: u32) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .pragma_update(None, "auto_vacuum", "INCREMENTAL")
            .unwrap();
        schema::migrate(&mut connection, ":memory:".as_ref()).unwrap();
        let fill = "INSERT INTO traffic SELECT h.value, n.value % 10, CAST(n.value AS BLOB), 6, 443, 0, 1, 1
             FROM json_each('[7, 8]') h, json_each(?1) n";
        let numbers = format!("{:?}", (0..rows).collect::<Vec<_>>());
        connection.execute(fill, [numbers]).unwrap();
        connection
    }

    fn count(connection: &Connection, of: &str) -> u32 {
        let count = format!("SELECT count(*) FROM {of}");
        connection.query_row(&count, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_step_ends_when_its_time_is_over() {
        let past = Instant::now().checked_sub(STEP).unwrap();
        let mut pieces = 0;
        // It goes on, however slow the machine is.
        let one = Step(past).repeat(|| {
            pieces += 1;
            Ok(false)
        });
        assert_eq!((one, pieces), (Ok(false), 1));
        let all = Step(Instant::now() + Duration::from_secs(60)).repeat(|| {
            pieces += 1;
            Ok(pieces == 11)
        });
        assert_eq!((all, pieces), (Ok(true), 11));
    }

    #[test]
    fn a_piece_of_traffic_is_bounded_and_takes_nothing_that_is_young() {
        let connection = filled(1000);
        let mut pieces = Vec::new();
        loop {
            let before = count(&connection, "traffic");
            let is_last = delete_traffic(&connection, 8).unwrap();
            pieces.push(before - count(&connection, "traffic"));
            if is_last {
                break;
            }
        }
        assert_eq!(pieces, [ROWS, ROWS, ROWS, 1000 - 3 * ROWS]);
        assert_eq!(count(&connection, "traffic WHERE hour = 8"), 1000);
        assert!(delete_traffic(&connection, 8).unwrap());
    }

    #[test]
    fn a_piece_of_alerts_is_bounded_and_takes_the_first_that_closed() {
        let connection = filled(0);
        for number in 0..40 {
            let closed = (number != 3).then_some(1000 - number);
            connection
                .execute(
                    "INSERT INTO alerts VALUES (?1, ?1, 'd', 1, ?2, 0, ?3, NULL, '')",
                    params![number, closed.is_none(), closed],
                )
                .unwrap();
        }
        assert!(!delete_alerts(&connection, 1001).unwrap());
        assert_eq!(count(&connection, "alerts"), 40 - ALERTS);
        assert_eq!(count(&connection, "alerts WHERE number = 39"), 0);
        while !delete_alerts(&connection, 999).unwrap() {}
        // The one that is open, and two that closed too late.
        assert_eq!(count(&connection, "alerts"), 3);
    }

    #[test]
    fn the_journal_is_cleared_up_to_what_has_had_its_effect() {
        let connection = filled(0);
        for number in 1..=100 {
            connection
                .execute("INSERT INTO journal VALUES (?1, x'00')", [number])
                .unwrap();
        }
        let none = clear_journal(&connection);
        assert_eq!((none, count(&connection, "journal")), (Ok(false), 100));
        connection
            .execute("INSERT INTO progress VALUES (1, 90, 0, x'')", [])
            .unwrap();
        while clear_journal(&connection).unwrap() {}
        assert_eq!(count(&connection, "journal"), 10);
        assert_eq!(count(&connection, "journal WHERE number > 90"), 10);
    }

    #[test]
    fn free_pages_are_given_back_as_far_as_there_is_time_and_some_stay() {
        let connection = filled(20_000);
        let pages = |what| -> u32 {
            connection
                .pragma_query_value(None, what, |row| row.get(0))
                .unwrap()
        };
        while !delete_traffic(&connection, 8).unwrap() {}
        let free = pages("freelist_count");
        assert!(free > pages("page_count") / 3);
        // A page, then the time is over.
        let past = Instant::now().checked_sub(STEP).unwrap();
        assert!(!give_back(&connection, &Step(past)).unwrap());
        assert_eq!(free - pages("freelist_count"), 1);
        while !give_back(&connection, &Step::begin()).unwrap() {}
        let (free, all) = (pages("freelist_count"), pages("page_count"));
        assert!((all / 20..all / 8).contains(&free), "{free} of {all}");
        assert_eq!(count(&connection, "traffic"), 20_000);
    }
}
