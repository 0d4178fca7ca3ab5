//! The tables, and how those of an earlier version become today's.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;
use crate::identity;

/// Each brings the schema from the version of its place in the list to the next one. Those that were published stay as they are.
const MIGRATIONS: &[&str] = &[FIRST, identity::table::SCHEMA];

const FIRST: &str = "
CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    journal INTEGER NOT NULL,
    time INTEGER NOT NULL,
    position BLOB NOT NULL
);
CREATE TABLE journal (
    number INTEGER PRIMARY KEY,
    entries BLOB NOT NULL
);
CREATE TABLE states (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL UNIQUE,
    grouped TEXT NOT NULL,
    seen INTEGER NOT NULL,
    reports INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    state BLOB NOT NULL
);
CREATE TABLE traffic (
    device INTEGER NOT NULL REFERENCES states (id) ON DELETE CASCADE,
    hour INTEGER NOT NULL,
    peer BLOB NOT NULL,
    protocol INTEGER NOT NULL,
    port INTEGER NOT NULL,
    at_device INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    PRIMARY KEY (device, hour, peer, protocol, port, at_device)
) WITHOUT ROWID;
CREATE INDEX traffic_by_hour ON traffic (hour);
CREATE TABLE alerts (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    severity INTEGER NOT NULL,
    open INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    closed INTEGER,
    acknowledged INTEGER,
    alert TEXT NOT NULL
);
CREATE INDEX alerts_by_device ON alerts (device, open, severity);
CREATE INDEX alerts_open ON alerts (open, number);
CREATE TABLE history (
    alert INTEGER NOT NULL REFERENCES alerts (number) ON DELETE CASCADE,
    time INTEGER NOT NULL,
    event TEXT NOT NULL,
    count INTEGER NOT NULL,
    who TEXT NOT NULL,
    comment TEXT NOT NULL
);
CREATE INDEX history_by_alert ON history (alert);
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    event TEXT NOT NULL,
    alert TEXT NOT NULL
);
CREATE INDEX outbox_by_alert ON outbox (id, event);
CREATE TABLE sinks (
    name TEXT PRIMARY KEY,
    told INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sources (
    name TEXT PRIMARY KEY,
    taken INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE exceptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created INTEGER NOT NULL,
    who TEXT NOT NULL,
    text TEXT NOT NULL
);
";

fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// The version of the tables, if it is none that only a newer program knows.
fn version(connection: &Connection, path: &Path) -> Result<u32, StoreError> {
    let found: u32 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|error| StoreError::of(path, error))?;
    let known = known();
    if found > known {
        let path = path.into();
        return Err(StoreError::Newer { path, found, known });
    }
    Ok(found)
}

/// Whether the tables are up to date.
pub(super) fn is_current(connection: &Connection, path: &Path) -> Result<bool, StoreError> {
    Ok(version(connection, path)? == known())
}

/// Brings the tables up to date, all of it or nothing.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let of = |error| StoreError::of(path, error);
    let transaction = connection.transaction().map_err(of)?;
    let found = version(&transaction, path)?;
    for migration in &MIGRATIONS[found as usize..] {
        transaction.execute_batch(migration).map_err(of)?;
    }
    transaction
        .pragma_update(None, "user_version", known())
        .and_then(|()| transaction.commit())
        .map_err(of)
}
