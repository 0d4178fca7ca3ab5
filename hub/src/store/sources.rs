//! How far a source has been read that can be read again.

use rusqlite::{OptionalExtension, params};

use super::{Reader, Store, StoreError, int, uint};

impl Store {
    /// So many pieces of a source are in the journal.
    pub(crate) fn taken(&self, source: String, count: u64) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("INSERT OR REPLACE INTO sources (name, taken) VALUES (?1, ?2)")?
                .execute(params![source, int(count)])?;
            Ok(())
        })
    }
}

impl Reader {
    /// How many pieces of a source are in the journal.
    pub(crate) fn pieces_taken(&self, source: &str) -> Result<u64, StoreError> {
        self.read(|connection| {
            let taken: Option<i64> = connection
                .query_row(
                    "SELECT taken FROM sources WHERE name = ?1",
                    [source],
                    |row| row.get(0),
                )
                .optional()?;
            Ok(taken.map_or(0, uint))
        })
    }
}
