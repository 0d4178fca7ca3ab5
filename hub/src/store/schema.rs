//! The tables, and how those of an earlier version become today's.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;
use crate::{identity, users};

/// Each brings the schema from the version of its place in the list to the next one. Those that were published stay as they are.
const MIGRATIONS: &[&str] = &[
    FIRST,
    identity::table::SCHEMA,
    BY_HOUR,
    OPENINGS,
    LISTED,
    users::SCHEMA,
    ORDERED,
];

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

/// Traffic by hour first: what is written now, and what is too old, stands together. Numbers of devices are not used again, so that
/// what is left of one that was forgotten is nobody's.
const BY_HOUR: &str = "
ALTER TABLE traffic RENAME TO traffic_by_device;
CREATE TABLE traffic (
    hour INTEGER NOT NULL,
    device INTEGER NOT NULL,
    peer BLOB NOT NULL,
    protocol INTEGER NOT NULL,
    port INTEGER NOT NULL,
    at_device INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    PRIMARY KEY (hour, device, peer, protocol, port, at_device)
) WITHOUT ROWID;
INSERT INTO traffic
    SELECT hour, device, peer, protocol, port, at_device, bytes_in, bytes_out FROM traffic_by_device
    ORDER BY hour, device, peer, protocol, port, at_device;
DROP TABLE traffic_by_device;
ALTER TABLE states RENAME TO states_before;
CREATE TABLE states (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device TEXT NOT NULL UNIQUE,
    grouped TEXT NOT NULL,
    seen INTEGER NOT NULL,
    reports INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    state BLOB NOT NULL
);
INSERT INTO states SELECT id, device, grouped, seen, reports, refused, state FROM states_before ORDER BY id;
DROP TABLE states_before;
CREATE INDEX alerts_closed ON alerts (closed) WHERE open = 0;
";

/// The position of detection has one more number: how often alerts of devices that were forgotten were opened.
const OPENINGS: &str = "UPDATE progress SET position = CAST(position || x'00' AS BLOB)";

/// What lists of devices show and go by, beside their states, which are large.
const LISTED: &str =
    "CREATE INDEX states_listed ON states (device, grouped, seen, reports, refused)";

/// In each order in which people see devices and alerts, what chooses among them: nothing else is read, and nothing sorted. A name, a
/// group and whose an alert is hardly ever change, so those indexes cost no commit anything.
const ORDERED: &str = "
DROP INDEX states_listed;
CREATE INDEX states_grouped ON states (grouped, device);
CREATE INDEX states_seen ON states (seen, device, grouped);
CREATE INDEX states_messages ON states (reports, device, grouped);
DROP INDEX alerts_by_device;
CREATE INDEX alerts_by_device ON alerts (device);
CREATE INDEX alerts_open_by_device ON alerts (device, severity, open) WHERE open = 1;
DROP INDEX alerts_open;
CREATE INDEX alerts_listed ON alerts (open, number, severity, acknowledged);
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
        // The transaction takes back what was done of it.
        transaction
            .execute_batch(migration)
            .map_err(|error| match of(error) {
                StoreError::Unusable { path, reason } => StoreError::Unusable {
                    path,
                    reason: format!(
                        "its tables could not be brought up to date, and are as they were: {reason}"
                    ),
                },
                other => other,
            })?;
    }
    transaction
        .pragma_update(None, "user_version", known())
        .and_then(|()| transaction.commit())
        .map_err(of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Commit, DeviceRow, Store};

    /// All that a file has: its tables, what is in them, and their version.
    fn content(connection: &Connection) -> Vec<String> {
        let rows = |query: &str| -> Vec<String> {
            let mut statement = connection.prepare(query).unwrap();
            let columns = statement.column_count();
            let row = |row: &rusqlite::Row<'_>| {
                let values = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at));
                Ok(format!("{:?}", values.collect::<Result<Vec<_>, _>>()?))
            };
            let rows = statement.query_map([], row).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let mut content = rows("PRAGMA user_version");
        content.extend(rows("SELECT * FROM sqlite_schema ORDER BY name"));
        for table in ["progress", "states", "traffic"] {
            content.extend(rows(&format!("SELECT * FROM {table}")));
        }
        content
    }

    #[test]
    fn a_change_that_fails_half_way_leaves_all_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(crate::store::FILE);
        let old = Connection::open(&path).unwrap();
        old.execute_batch(FIRST).unwrap();
        old.execute_batch(identity::table::SCHEMA).unwrap();
        old.pragma_update(None, "user_version", 2).unwrap();
        // In the way of the last but one of the changes.
        old.execute_batch(
            "INSERT INTO progress VALUES (1, 3, 7, x'0705');
             INSERT INTO states VALUES (4, 'a', 'default', 7, 1, 0, x'00');
             INSERT INTO traffic VALUES (4, 500, x'0A000001', 6, 443, 0, 10, 20);
             CREATE TABLE users (x);",
        )
        .unwrap();
        let before = content(&old);
        drop(old);
        let error = Store::open(folder.path()).err().unwrap();
        assert!(matches!(error, StoreError::Unusable { .. }), "{error}");
        let said = error.to_string();
        assert!(
            said.contains("are as they were") && said.contains("users already exists"),
            "{said}"
        );
        let after = Connection::open(&path).unwrap();
        assert_eq!(content(&after), before);
        // Without what is in the way all goes well.
        after.execute_batch("DROP TABLE users").unwrap();
        drop(after);
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.reader().unwrap().progress().unwrap().journal, 3);
    }

    #[test]
    fn what_an_older_version_has_kept_is_there_after_the_change() {
        let folder = tempfile::tempdir().unwrap();
        let old = Connection::open(folder.path().join(crate::store::FILE)).unwrap();
        old.execute_batch(FIRST).unwrap();
        old.execute_batch(identity::table::SCHEMA).unwrap();
        old.pragma_update(None, "user_version", 2).unwrap();
        old.execute_batch(
            "INSERT INTO progress VALUES (1, 3, 7, x'0705');
             INSERT INTO states VALUES (4, 'a', 'default', 7, 1, 0, x'00'), (9, 'b', 'default', 7, 1, 0, x'01');
             INSERT INTO traffic VALUES (9, 500, x'0A000001', 6, 443, 0, 10, 20), (4, 501, x'', 17, 53, 1, 3, 4),
                (9, 502, x'0A000002', 6, 80, 0, 5, 6);",
        )
        .unwrap();
        drop(old);
        let store = Store::open(folder.path()).unwrap();
        let reader = store.reader().unwrap();
        assert_eq!(reader.progress().unwrap().journal, 3);
        let traffic = |device, since| -> Vec<_> {
            let records = reader.traffic(device, since).unwrap();
            let each = |one: &crate::store::TrafficRecord| {
                (one.hour / 3600, one.port, one.bytes_in, one.bytes_out)
            };
            records.iter().map(each).collect()
        };
        assert_eq!(traffic("b", 0), [(500, 443, 10, 20), (502, 80, 5, 6)]);
        assert_eq!(traffic("b", 501 * 3600), [(502, 80, 5, 6)]);
        assert_eq!(traffic("a", 0), [(501, 53, 3, 4)]);
        assert_eq!(traffic("a", 600 * 3600), []);
        // A device that comes when the last was forgotten is another one.
        let row = |device: &str| DeviceRow {
            device: device.into(),
            group: "default".into(),
            seen: 8,
            reports: 1,
            refused: 0,
            state: Vec::new(),
        };
        let forgotten = Commit {
            forgotten: vec!["b".into()],
            devices: vec![row("c"), row("a")],
            ..Commit::default()
        };
        assert!(store.commit(forgotten).is_ok());
        assert_eq!(traffic("c", 0), []);
        assert_eq!(traffic("a", 0), [(501, 53, 3, 4)]);
        let again = Commit {
            devices: vec![row("b")],
            ..Commit::default()
        };
        assert!(store.commit(again).is_ok());
        assert_eq!(traffic("b", 0), []);
    }
}
