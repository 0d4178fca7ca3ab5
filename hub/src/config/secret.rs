//! Secrets: never in the configuration, but in files of their own or in the environment.

use core::fmt;
use std::{env, fs, path::PathBuf};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// Where a secret is: `{ file = "PATH" }` or `{ env = "NAME" }`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Secret {
    /// In a file: its text, without white space at its ends.
    File(PathBuf),
    /// In a variable of the environment.
    Env(String),
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(place: D) -> Result<Self, D::Error> {
        place.deserialize_any(Place)
    }
}

/// What says where a secret is. What stands there in its stead may be the secret, and is not repeated.
struct Place;

impl Place {
    fn refuse<E: Error>() -> Result<Secret, E> {
        Err(E::custom(
            "a secret does not stand in the configuration: write { file = \"PATH\" } or { env = \"NAME\" }",
        ))
    }
}

impl<'de> Visitor<'de> for Place {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ file = \"PATH\" } or { env = \"NAME\" }")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
        Self::refuse()
    }

    fn visit_map<A: MapAccess<'de>>(self, place: A) -> Result<Secret, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            file: Option<PathBuf>,
            env: Option<String>,
        }
        match Fields::deserialize(MapAccessDeserializer::new(place))? {
            Fields {
                file: Some(path),
                env: None,
            } => Ok(Secret::File(path)),
            Fields {
                file: None,
                env: Some(name),
            } => Ok(Secret::Env(name)),
            _ => Self::refuse(),
        }
    }
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The file does not open.
    #[error("the secret in {path} cannot be read: {error}", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The variable is not set, or no text.
    #[error("the variable {0}, which has a secret, is not set")]
    Unset(String),
    /// There is nothing in it.
    #[error("the secret is empty: {0}")]
    Empty(String),
}

impl Secret {
    /// Reads it.
    ///
    /// # Errors
    /// [`SecretError`] when it is not there.
    pub fn read(&self) -> Result<String, SecretError> {
        let (text, place) = match self {
            Self::File(path) => {
                let text = fs::read_to_string(path).map_err(|error| SecretError::Unreadable {
                    path: path.clone(),
                    error,
                })?;
                (text, path.display().to_string())
            }
            Self::Env(name) => {
                let text = env::var(name).map_err(|_| SecretError::Unset(name.clone()))?;
                (text, name.clone())
            }
        };
        match text.trim() {
            "" => Err(SecretError::Empty(place)),
            secret => Ok(secret.to_owned()),
        }
    }

    /// The file, if it is in one.
    pub(super) fn path(&mut self) -> Option<&mut PathBuf> {
        match self {
            Self::File(path) => Some(path),
            Self::Env(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_without_the_line_that_editors_end_files_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "hush\n").unwrap();
        assert_eq!(Secret::File(path.clone()).read().unwrap(), "hush");
        fs::write(&path, " \n").unwrap();
        assert!(matches!(
            Secret::File(path).read(),
            Err(SecretError::Empty(_))
        ));
        let unset = Secret::Env("DEFENDER_NO_SUCH_VARIABLE".into());
        assert!(matches!(unset.read(), Err(SecretError::Unset(_))));
    }
}
