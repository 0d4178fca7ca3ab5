//! Exceptions that were made over the API. Those of a file stay in their file.

use rusqlite::params;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Reader, Store, StoreError, seconds};

/// An exception as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[non_exhaustive]
pub struct ExceptionRecord {
    /// Its number, by which it is deleted.
    pub id: i64,
    /// When it was made, in seconds of Unix time.
    pub created: u32,
    /// Who made it.
    pub who: String,
    /// What it says, in TOML.
    pub text: String,
}

impl Store {
    /// Keeps an exception, and returns its number.
    pub(crate) async fn add_exception(
        &self,
        created: u32,
        who: String,
        text: String,
    ) -> Result<i64, StoreError> {
        self.work(move |connection| {
            connection.execute(
                "INSERT INTO exceptions (created, who, text) VALUES (?1, ?2, ?3)",
                params![created, who, text],
            )?;
            Ok(connection.last_insert_rowid())
        })
        .await
    }

    /// Deletes an exception; returns whether there was one.
    pub(crate) async fn delete_exception(&self, id: i64) -> Result<bool, StoreError> {
        self.work(move |connection| {
            let deleted = connection.execute("DELETE FROM exceptions WHERE id = ?1", [id])?;
            Ok(deleted > 0)
        })
        .await
    }
}

impl Reader {
    /// All exceptions that were made over the API.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn exceptions(&self) -> Result<Vec<ExceptionRecord>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT id, created, who, text FROM exceptions ORDER BY id")?
                .query_map([], |row| {
                    Ok(ExceptionRecord {
                        id: row.get(0)?,
                        created: seconds(row.get(1)?),
                        who: row.get(2)?,
                        text: row.get(3)?,
                    })
                })?
                .collect()
        })
    }
}
