//! The outbox: changes of alerts that some sink has not been told yet.
//!
//! Its size is bounded by the number of alerts: what is told of an alert is that it opened, the latest of what it has come to, and that it
//! closed. An update gives way to a later one that stands behind it; an opening and a closing stay until every sink has them.

use defender_detect::{Change, ChangeEvent};
use rusqlite::{Connection, params};

use super::{
    Reader, Store, StoreError,
    alerts::{self, of_json},
};

/// A change on its way to a sink.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outgoing {
    /// Its place in the outbox.
    pub number: i64,
    pub change: Change,
}

pub(super) fn has_sinks(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM sinks)")?
        .query_row([], |row| row.get(0))
}

pub(super) fn write(connection: &Connection, change: &Change) -> rusqlite::Result<()> {
    let event = alerts::event(change.event);
    let id = &change.alert.id;
    if change.event == ChangeEvent::Again {
        connection
            .prepare_cached("DELETE FROM outbox WHERE id = ?1 AND event = ?2")?
            .execute(params![id, event])?;
    }
    let json = serde_json::to_string(&change.alert).map_err(super::malformed)?;
    connection
        .prepare_cached("INSERT INTO outbox (id, event, alert) VALUES (?1, ?2, ?3)")?
        .execute(params![id, event, json])?;
    Ok(())
}

impl Store {
    /// From now on these are the sinks. A new one is told what happens from here on; one that is not there any more holds nothing back.
    pub(crate) fn set_sinks(&self, names: Vec<String>) -> Result<(), StoreError> {
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            let known: Vec<String> = transaction
                .prepare("SELECT name FROM sinks")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for gone in known.iter().filter(|known| !names.contains(known)) {
                transaction.execute("DELETE FROM sinks WHERE name = ?1", [gone])?;
            }
            for name in &names {
                transaction.execute(
                    "INSERT OR IGNORE INTO sinks (name, told)
                     VALUES (?1, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0))",
                    [name],
                )?;
            }
            clear(&transaction)?;
            transaction.commit()
        })
    }

    /// A sink has been told everything up to a number.
    pub(crate) fn told(&self, sink: String, number: i64) -> Result<(), StoreError> {
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            transaction
                .prepare_cached("UPDATE sinks SET told = max(told, ?2) WHERE name = ?1")?
                .execute(params![sink, number])?;
            clear(&transaction)?;
            transaction.commit()
        })
    }
}

/// Takes out what every sink has been told.
fn clear(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM outbox WHERE number <= coalesce((SELECT min(told) FROM sinks), 9223372036854775807)",
        )?
        .execute([])?;
    Ok(())
}

impl Reader {
    /// Up to `limit` changes that a sink has not been told yet, in order.
    pub(crate) fn untold(&self, sink: &str, limit: u32) -> Result<Vec<Outgoing>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT number, event, alert FROM outbox
                     WHERE number > (SELECT told FROM sinks WHERE name = ?1) ORDER BY number LIMIT ?2",
                )?
                .query_map(params![sink, limit], |row| {
                    Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
                })?
                .map(|row| {
                    let (number, event, alert) = row?;
                    let event = match event.as_str() {
                        "raised" => ChangeEvent::Raised,
                        "closed" => ChangeEvent::Closed,
                        _ => ChangeEvent::Again,
                    };
                    let alert = of_json(&alert)?;
                    Ok(Outgoing {
                        number,
                        change: Change { event, alert },
                    })
                })
                .collect()
        })
    }

    /// How many changes wait for the slowest sink.
    pub(crate) fn waiting(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            connection
                .query_row("SELECT count(*) FROM outbox", [], |row| row.get(0))
                .map(super::uint)
        })
    }
}
