//! The journal: batches of what sources have seen, in order, until they have had their effect.

use defender_detect::Position;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Reader, Store, StoreError, malformed};
use crate::intake::What;

/// The version of the bytes of a batch.
const VERSION: u8 = 1;

/// Something that was seen, with the time of receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub time: u32,
    pub what: What,
}

/// A batch: what one row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Numbers grow by one from batch to batch.
    pub number: i64,
    pub entries: Vec<Entry>,
}

/// How far the journal has had its effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The last batch that has.
    pub journal: i64,
    /// The time of the latest entry, in seconds of Unix time.
    pub time: u32,
    /// Where detection stood then.
    pub position: Position,
}

/// Bytes of the journal that are no batch.
#[derive(Debug, thiserror::Error)]
#[error("the journal has a batch that this version cannot read")]
struct Unreadable;

impl Batch {
    pub fn to_bytes(&self) -> Vec<u8> {
        // Serialization into a growing vector has nothing to fail on.
        postcard::to_extend(&self.entries, vec![VERSION]).unwrap_or_default()
    }

    fn of_bytes(number: i64, bytes: &[u8]) -> rusqlite::Result<Self> {
        let entries = match bytes.split_first() {
            Some((&VERSION, bytes)) => postcard::from_bytes(bytes).ok(),
            _ => None,
        };
        let entries = entries.ok_or_else(|| malformed(Unreadable))?;
        Ok(Self { number, entries })
    }
}

impl Store {
    /// Puts a batch behind all others. When it returns, a crash does not lose it.
    pub(crate) fn append(&self, number: i64, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("INSERT INTO journal (number, entries) VALUES (?1, ?2)")?
                .execute(params![number, bytes])?;
            Ok(())
        })
    }
}

impl Reader {
    /// How far the journal has had its effect.
    pub(crate) fn progress(&self) -> Result<Progress, StoreError> {
        self.read(|connection| {
            let found = connection
                .query_row("SELECT journal, time, position FROM progress", [], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?))
                })
                .optional()?;
            let Some((journal, time, position)) = found else {
                return Ok(Progress::default());
            };
            let position = postcard::from_bytes(&position).map_err(malformed)?;
            Ok(Progress {
                journal,
                time: super::seconds(time),
                position,
            })
        })
    }

    /// The number of the last batch that was ever written.
    pub(crate) fn last_batch(&self) -> Result<i64, StoreError> {
        self.read(|connection| {
            connection.query_row(
                "SELECT max(coalesce((SELECT max(number) FROM journal), 0), coalesce((SELECT journal FROM progress), 0))",
                [],
                |row| row.get(0),
            )
        })
    }

    /// A batch that was written and has not had its effect yet.
    pub(crate) fn batch(&self, number: i64) -> Result<Batch, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT entries FROM journal WHERE number = ?1")?
                .query_row([number], |row| {
                    Batch::of_bytes(number, &row.get::<_, Vec<u8>>(0)?)
                })
        })
    }

    /// The first batch after the one of a number.
    pub(crate) fn batch_after(&self, number: i64) -> Result<Option<Batch>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT number, entries FROM journal WHERE number > ?1 ORDER BY number LIMIT 1",
                )?
                .query_row([number], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))
                .optional()?
                .map(|(number, bytes)| Batch::of_bytes(number, &bytes))
                .transpose()
        })
    }
}

/// The journal up to a batch has had its effect.
pub(super) fn advance(connection: &Connection, progress: &Progress) -> rusqlite::Result<()> {
    let position = postcard::to_stdvec(&progress.position).map_err(malformed)?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO progress (one, journal, time, position) VALUES (1, ?1, ?2, ?3)",
        )?
        .execute(params![progress.journal, progress.time, position])?;
    Ok(())
}
