//! Users in a database: one row each, in the table `users`.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{User, UserError, UserRole};
use crate::{
    identity::password::Hashed,
    store::{Reader, StoreError},
};

/// The table, as a step of the store's schema.
pub(crate) const SCHEMA: &str = "
CREATE TABLE users (
    name TEXT NOT NULL PRIMARY KEY,
    -- 'reader' or 'operator'
    role TEXT NOT NULL,
    -- What the password hashes to.
    password TEXT NOT NULL,
    -- Seconds of Unix time.
    added INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// The user of this name.
fn find(database: &Connection, name: &str) -> rusqlite::Result<Option<User>> {
    let found = database
        .prepare_cached("SELECT name, role, password, added FROM users WHERE name = ?1")?
        .query_row([name], user)
        .optional()?;
    Ok(found.flatten())
}

/// A row; `None` when this program has not written it, so that it lets nobody in.
fn user(row: &Row<'_>) -> rusqlite::Result<Option<User>> {
    let (name, role, password): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let added = row.get(3)?;
    let read = || {
        Some(User {
            name: name.parse().ok()?,
            role: UserRole::ALL.into_iter().find(|it| it.name() == role)?,
            password: Hashed::from_text(&password)?,
            added,
        })
    };
    Ok(read())
}

impl Reader {
    /// The user of this name.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub(crate) fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        self.read(|database| find(database, name))
    }

    /// Whether there is any user.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub(crate) fn has_users(&self) -> Result<bool, StoreError> {
        self.read(|database| {
            database.query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |row| row.get(0))
        })
    }
}

/// All users of a hub.
pub struct Users(Mutex<Connection>);

impl Users {
    pub(super) fn of(database: Connection) -> Self {
        Self(Mutex::new(database))
    }

    /// Adds one.
    ///
    /// # Errors
    /// [`UserError::Exists`] when there is one of this name, [`UserError::Database`] when it cannot be kept.
    pub fn add(&self, user: &User) -> Result<(), UserError> {
        let added = self.change(
            "INSERT INTO users (name, role, password, added) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![
                user.name.as_str(),
                user.role.name(),
                user.password.as_str(),
                user.added
            ],
        )?;
        match added {
            true => Ok(()),
            false => Err(UserError::Exists(user.name.to_string())),
        }
    }

    /// Gives one another password. Whoever is logged in as this user is logged out.
    ///
    /// # Errors
    /// [`UserError::Unknown`] when there is none of this name, [`UserError::Database`] when it cannot be kept.
    pub fn set_password(&self, name: &str, password: &Hashed) -> Result<(), UserError> {
        let change = "UPDATE users SET password = ?2 WHERE name = ?1";
        self.known(name, self.change(change, [name, password.as_str()])?)
    }

    /// Removes one, and logs them out.
    ///
    /// # Errors
    /// [`UserError::Unknown`] when there is none of this name, [`UserError::Database`] when it cannot be kept.
    pub fn remove(&self, name: &str) -> Result<(), UserError> {
        self.known(
            name,
            self.change("DELETE FROM users WHERE name = ?1", [name])?,
        )
    }

    /// All, in the order of their names.
    ///
    /// # Errors
    /// [`UserError::Database`] when they cannot be read.
    pub fn list(&self) -> Result<Vec<User>, UserError> {
        let database = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all =
            database.prepare("SELECT name, role, password, added FROM users ORDER BY name")?;
        let all = all.query_map([], user)?;
        Ok(all
            .filter_map(Result::transpose)
            .collect::<rusqlite::Result<_>>()?)
    }

    fn change(&self, change: &str, values: impl rusqlite::Params) -> Result<bool, UserError> {
        let database = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(database.execute(change, values)? > 0)
    }

    fn known(&self, name: &str, is_known: bool) -> Result<(), UserError> {
        match is_known {
            true => Ok(()),
            false => Err(UserError::Unknown(name.to_owned())),
        }
    }
}
