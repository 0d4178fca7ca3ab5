//! Identities that are forgotten with the program.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Device, Directory, DirectoryError};

/// A directory in memory: for demonstrations and tests.
#[derive(Debug, Default)]
pub struct MemoryDirectory(Mutex<BTreeMap<String, Device>>);

impl MemoryDirectory {
    fn devices(&self) -> MutexGuard<'_, BTreeMap<String, Device>> {
        // No code panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory for MemoryDirectory {
    fn find(&self, id: &str) -> Result<Option<Device>, DirectoryError> {
        Ok(self.devices().get(id).cloned())
    }

    fn add(&self, device: &Device) -> Result<(), DirectoryError> {
        let id = device.id.as_str();
        let mut devices = self.devices();
        if devices.contains_key(id) {
            return Err(DirectoryError::Exists(id.to_owned()));
        }
        devices.insert(id.to_owned(), device.clone());
        Ok(())
    }

    fn remove(&self, id: &str) -> Result<bool, DirectoryError> {
        Ok(self.devices().remove(id).is_some())
    }

    fn list(&self) -> Result<Vec<Device>, DirectoryError> {
        Ok(self.devices().values().cloned().collect())
    }
}
