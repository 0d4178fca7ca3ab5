//! People who look after a hub from elsewhere: their names, what each may do, and their passwords, as what these hash to.

mod table;

use std::{fmt, path::Path, str::FromStr};

use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use self::table::SCHEMA;
pub use self::table::Users;
use crate::{
    identity::{IdentityError, password::Hashed},
    store::{self, StoreError},
};

/// The shortest password, in characters, and the longest, in bytes.
const PASSWORD: (usize, usize) = (10, 256);

/// Somebody who may use a hub's page and API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// Who it is.
    pub name: UserName,
    /// What they may do.
    pub role: UserRole,
    /// Their password.
    pub password: Hashed,
    /// Since when, in seconds of Unix time.
    pub added: u32,
}

impl User {
    /// Somebody.
    #[must_use]
    pub fn new(name: UserName, role: UserRole, password: Hashed, added: u32) -> Self {
        Self {
            name,
            role,
            password,
            added,
        }
    }
}

/// A user's name: 1 to 64 letters, digits, and `.`, `_`, `-`, `@`, of ASCII.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserName(String);

impl UserName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for UserName {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Self, UserError> {
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte);
        match (1..=64).contains(&text.len()) && text.bytes().all(is_of_name) {
            true => Ok(Self(text.to_owned())),
            false => Err(UserError::Name),
        }
    }
}

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum UserRole {
    /// Look.
    Reader,
    /// Look, and change: acknowledge, close, except, accept.
    Operator,
}

impl UserRole {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Reader, Self::Operator];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Operator => "operator",
        }
    }
}

/// Why something about users cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UserError {
    /// The name is none.
    #[error("a user's name has 1 to 64 letters, digits, or any of `.`, `_`, `-`, `@`")]
    Name,
    /// The password is too short, or too long.
    #[error("a password has at least 10 characters, and at most 256 bytes")]
    Password,
    /// There is such a user already.
    #[error("there is a user {0} already; `defender hub user password {0}` changes the password")]
    Exists(String),
    /// There is no such user.
    #[error("there is no user {0}")]
    Unknown(String),
    /// It cannot be hashed.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The hub's store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database fails.
    #[error("the database of users fails: {0}")]
    Database(#[from] rusqlite::Error),
}

/// The hash of a password that somebody has chosen.
///
/// # Errors
/// [`UserError::Password`] when it is too short or too long, [`UserError::Identity`] when there are no random numbers.
pub fn hash(password: &str) -> Result<Hashed, UserError> {
    let (shortest, longest) = PASSWORD;
    match password.chars().count() >= shortest && password.len() <= longest {
        true => Ok(Hashed::new(password.as_bytes())?),
        false => Err(UserError::Password),
    }
}

/// The users of the hub that keeps what it knows in a folder, beside that hub, which may be running.
///
/// # Errors
/// [`UserError::Store`] when the store cannot be opened, or a hub of another version is running.
pub fn open(folder: &Path) -> Result<Users, UserError> {
    Ok(Users::of(store::shared(folder)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_passwords_are_as_they_must_be() {
        for name in ["a", "ann", "Ann.B_c-d@example.org", &"x".repeat(64)] {
            assert_eq!(name.parse::<UserName>().unwrap().as_str(), name);
        }
        for name in ["", " ann", "a\nb", "änn", "<b>", &"x".repeat(65)] {
            assert!(name.parse::<UserName>().is_err(), "{name:?}");
        }
        assert!(hash("nine char").is_err() && hash(&"x".repeat(257)).is_err());
        assert!(hash("ten chars!").unwrap().is_of(b"ten chars!"));
    }
}
