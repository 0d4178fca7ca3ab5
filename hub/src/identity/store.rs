//! Identities in the hub's store.

use std::path::Path;

use super::{
    Device, Directory, DirectoryError, SealingKey,
    table::{self, TableDirectory},
};
use crate::store::{self, Reader, Store, StoreError};

/// The identities of the hub that keeps what it knows in a folder, beside that hub, which may be running. The folder is made if it is not
/// there.
///
/// # Errors
/// [`StoreError`] when the store cannot be opened, or a hub of another version is running.
pub fn open(folder: &Path) -> Result<TableDirectory, StoreError> {
    store::shared(folder).map(TableDirectory::new)
}

/// The directory of a hub's store, in the hub itself.
pub struct StoreDirectory {
    store: Store,
    reader: Reader,
}

impl StoreDirectory {
    /// That of a store.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn of(store: Store) -> Result<Self, StoreError> {
        let reader = store.reader()?;
        Ok(Self { store, reader })
    }

    /// Whether this key opens those of devices.
    ///
    /// # Errors
    /// [`DirectoryError::OtherKey`] when it does not.
    pub fn opens_with(&self, sealing: &SealingKey) -> Result<(), DirectoryError> {
        self.reader
            .read(|database| Ok(table::opens_with(database, sealing)))?
    }
}

impl Directory for StoreDirectory {
    fn find(&self, id: &str) -> Result<Option<Device>, DirectoryError> {
        self.reader.read(|database| Ok(table::find(database, id)))?
    }

    fn add(&self, device: &Device) -> Result<(), DirectoryError> {
        let device = device.clone();
        self.store
            .run(move |database| Ok(table::add(database, &device)))?
    }

    fn remove(&self, id: &str) -> Result<bool, DirectoryError> {
        let id = id.to_owned();
        self.store
            .run(move |database| Ok(table::remove(database, &id)))?
    }

    fn list(&self) -> Result<Vec<Device>, DirectoryError> {
        self.reader.read(|database| Ok(table::list(database)))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Credential, Role, SharedKey};

    fn device(id: &str, sealing: &SealingKey) -> Device {
        let sealed = sealing.seal(id, &SharedKey::make().unwrap()).unwrap();
        Device::new(
            id.parse().unwrap(),
            Role::Device,
            Credential::Key(sealed),
            1,
        )
    }

    #[test]
    fn a_hub_that_runs_and_a_command_beside_it_see_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("hub");
        let sealing = SealingKey::unkept().unwrap();
        // Before the first start of the hub, by two at once.
        let both = ["a", "b"].map(|id| {
            let (folder, device) = (folder.clone(), device(id, &sealing));
            std::thread::spawn(move || open(&folder).unwrap().add(&device).unwrap())
        });
        both.into_iter().for_each(|one| one.join().unwrap());
        let _lock = store::lock(&folder).unwrap();
        let hub = StoreDirectory::of(Store::open(&folder).unwrap()).unwrap();
        assert_eq!(hub.list().unwrap().len(), 2);
        let beside = open(&folder).unwrap();
        let third = device("c", &sealing);
        beside.add(&third).unwrap();
        assert_eq!(hub.find("c").unwrap(), Some(third.clone()));
        assert!(matches!(hub.add(&third), Err(DirectoryError::Exists(_))));
        assert!(hub.remove("a").unwrap());
        assert_eq!(beside.find("a").unwrap(), None);
        assert!(hub.opens_with(&sealing).is_ok());
        let other = SealingKey::unkept().unwrap();
        let refused = hub.opens_with(&other);
        assert!(matches!(refused, Err(DirectoryError::OtherKey)));
    }

    #[test]
    fn the_store_of_another_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()).unwrap());
        let database = rusqlite::Connection::open(folder.path().join(store::FILE)).unwrap();
        // An older hub runs.
        database.pragma_update(None, "user_version", 1).unwrap();
        let lock = store::lock(folder.path()).unwrap();
        let refused = open(folder.path());
        assert!(matches!(refused, Err(StoreError::InUse { .. })));
        drop(lock);
        database.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(
            open(folder.path()),
            Err(StoreError::Newer { found: 99, .. })
        ));
    }
}
