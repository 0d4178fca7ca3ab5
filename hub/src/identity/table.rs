//! Identities in a database: one row each, in the table `devices`.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Credential, Device, Directory, DirectoryError, Role, SealingKey, password::Hashed};

/// The table, as a step of the store's schema.
pub const SCHEMA: &str = "
CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,
    -- 'device' or 'service'
    role TEXT NOT NULL,
    -- A sealed symmetric key, a password's hash, or a certificate's thumbprint: one of them.
    key BLOB,
    password TEXT,
    thumbprint TEXT,
    -- Seconds of Unix time.
    added INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// The identity of this name.
///
/// # Errors
/// [`DirectoryError`] when the database fails, or the row is damaged.
pub fn find(database: &Connection, id: &str) -> Result<Option<Device>, DirectoryError> {
    let mut statement = database.prepare_cached(
        "SELECT id, role, key, password, thumbprint, added FROM devices WHERE id = ?1",
    )?;
    let row = statement.query_row([id], fields).optional()?;
    row.map(device).transpose()
}

/// Enrols an identity.
///
/// # Errors
/// [`DirectoryError`] when it is there already, or the database fails.
pub fn add(database: &Connection, device: &Device) -> Result<(), DirectoryError> {
    let (mut key, mut password, mut thumbprint) = (None, None, None);
    match &device.credential {
        Credential::Key(sealed) => key = Some(sealed),
        Credential::Password(hash) => password = Some(hash.as_str()),
        Credential::Certificate(of) => thumbprint = Some(of.to_string()),
    }
    let added = database.execute(
        "INSERT INTO devices (id, role, key, password, thumbprint, added) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT DO NOTHING",
        params![
            device.id.as_str(),
            name(device.role),
            key,
            password,
            thumbprint,
            device.added
        ],
    )?;
    match added {
        0 => Err(DirectoryError::Exists(device.id.to_string())),
        _ => Ok(()),
    }
}

/// Removes an identity, and says whether it was there.
///
/// # Errors
/// [`DirectoryError`] when the database fails.
pub fn remove(database: &Connection, id: &str) -> Result<bool, DirectoryError> {
    Ok(database.execute("DELETE FROM devices WHERE id = ?1", [id])? > 0)
}

/// All identities, in the order of their names.
///
/// # Errors
/// [`DirectoryError`] when the database fails, or a row is damaged.
pub fn list(database: &Connection) -> Result<Vec<Device>, DirectoryError> {
    let mut statement = database
        .prepare("SELECT id, role, key, password, thumbprint, added FROM devices ORDER BY id")?;
    let rows = statement.query_map([], fields)?;
    rows.map(|row| device(row?)).collect()
}

/// Whether a key opens those of devices: tried with one of them, as all are sealed with the same.
///
/// # Errors
/// [`DirectoryError::OtherKey`] when it does not.
pub fn opens_with(database: &Connection, sealing: &SealingKey) -> Result<(), DirectoryError> {
    let one = database
        .query_row(
            "SELECT id, key FROM devices WHERE key IS NOT NULL LIMIT 1",
            [],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)),
        )
        .optional()?;
    match one {
        Some((id, key)) if sealing.unseal(&id, &key).is_err() => Err(DirectoryError::OtherKey),
        _ => Ok(()),
    }
}

fn name(role: Role) -> &'static str {
    match role {
        Role::Device => "device",
        Role::Service => "service",
    }
}

/// A row as it is kept.
struct Fields {
    id: String,
    role: String,
    key: Option<Vec<u8>>,
    password: Option<String>,
    thumbprint: Option<String>,
    added: u32,
}

fn fields(row: &Row<'_>) -> rusqlite::Result<Fields> {
    Ok(Fields {
        id: row.get(0)?,
        role: row.get(1)?,
        key: row.get(2)?,
        password: row.get(3)?,
        thumbprint: row.get(4)?,
        added: row.get(5)?,
    })
}

fn device(row: Fields) -> Result<Device, DirectoryError> {
    let read = || {
        let credential = match (&row.key, &row.password, &row.thumbprint) {
            (Some(sealed), None, None) => Credential::Key(sealed.clone()),
            (None, Some(hash), None) => Credential::Password(Hashed::from_text(hash)?),
            (None, None, Some(of)) => Credential::Certificate(of.parse().ok()?),
            _ => return None,
        };
        let role = [Role::Device, Role::Service]
            .into_iter()
            .find(|role| name(*role) == row.role)?;
        Some(Device::new(
            row.id.parse().ok()?,
            role,
            credential,
            row.added,
        ))
    };
    read().ok_or_else(|| DirectoryError::Damaged(row.id.clone()))
}

/// The directory of a database. Its connection is its own.
#[derive(Debug)]
pub struct TableDirectory(Mutex<Connection>);

impl TableDirectory {
    /// The directory of a database that has the table.
    #[must_use]
    pub fn new(database: Connection) -> Self {
        Self(Mutex::new(database))
    }

    /// Whether a key opens those of devices.
    ///
    /// # Errors
    /// [`DirectoryError::OtherKey`] when it does not.
    pub fn opens_with(&self, sealing: &SealingKey) -> Result<(), DirectoryError> {
        self.with(|database| opens_with(database, sealing))
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        work(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Directory for TableDirectory {
    fn find(&self, id: &str) -> Result<Option<Device>, DirectoryError> {
        self.with(|database| find(database, id))
    }

    fn add(&self, device: &Device) -> Result<(), DirectoryError> {
        self.with(|database| add(database, device))
    }

    fn remove(&self, id: &str) -> Result<bool, DirectoryError> {
        self.with(|database| remove(database, id))
    }

    fn list(&self) -> Result<Vec<Device>, DirectoryError> {
        self.with(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{MemoryDirectory, Thumbprint};

    fn devices() -> [Device; 3] {
        let id = |name: &str| name.parse().unwrap();
        let hash = Hashed::new(b"secret").unwrap();
        let thumbprint = Thumbprint::of(b"certificate");
        [
            Device::new(id("a"), Role::Device, Credential::Key(vec![1, 2, 3]), 7),
            Device::new(id("b"), Role::Service, Credential::Password(hash), 8),
            Device::new(
                id("c"),
                Role::Device,
                Credential::Certificate(thumbprint),
                u32::MAX,
            ),
        ]
    }

    fn table() -> TableDirectory {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch(SCHEMA).unwrap();
        TableDirectory::new(database)
    }

    fn keeps(directory: &dyn Directory) {
        let devices = devices();
        for device in devices.iter().rev() {
            directory.add(device).unwrap();
        }
        assert_eq!(directory.list().unwrap(), devices);
        for device in &devices {
            let found = directory.find(device.id.as_str()).unwrap();
            assert_eq!(found.as_ref(), Some(device));
            let again = directory.add(device);
            assert!(matches!(again, Err(DirectoryError::Exists(_))));
        }
        assert_eq!(directory.find("d").unwrap(), None);
        assert!(directory.remove("a").unwrap());
        assert!(!directory.remove("a").unwrap());
        assert_eq!(directory.find("a").unwrap(), None);
    }

    #[test]
    fn identities_are_kept_and_removed() {
        keeps(&table());
        keeps(&MemoryDirectory::default());
    }

    #[test]
    fn a_damaged_row_is_told_by_its_name() {
        let directory = table();
        for values in [
            "('x', 'king', x'00', NULL, NULL, 0)",
            "('x', 'device', NULL, NULL, NULL, 0)",
            "('x', 'device', x'00', NULL, 'AA', 0)",
            "('x', 'device', NULL, 'secret', NULL, 0)",
        ] {
            directory.with(|database| {
                let insert = format!("INSERT OR REPLACE INTO devices VALUES {values}");
                database.execute_batch(&insert).unwrap();
            });
            let error = directory.find("x").unwrap_err();
            assert!(error.to_string().contains("entry of x"), "{error}");
        }
    }
}
