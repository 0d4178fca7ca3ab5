//! Devices' states for detection, and those of groups.

use defender_detect::HUB;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Reader, StoreError, commit::DeviceRow, int, seconds, uint};

/// States of groups stand under names that begin with the character before it.
pub(super) const FIRST_DEVICE: &str = "\u{1}";

pub(super) fn write(connection: &Connection, devices: &[DeviceRow]) -> rusqlite::Result<()> {
    // Nearly all are known, in the group in which they were: an insert that finds them there takes longer, and a column that is not
    // named leaves its index as it is.
    let mut update = connection.prepare_cached(
        "UPDATE states SET seen = ?3, reports = ?4, refused = ?5, state = ?6 WHERE device = ?1 AND grouped = ?2",
    )?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO states (device, grouped, seen, reports, refused, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (device) DO UPDATE SET grouped = ?2, seen = ?3, reports = ?4, refused = ?5, state = ?6",
    )?;
    for row in devices {
        let values = params![
            row.device,
            row.group,
            row.seen,
            int(row.reports),
            int(row.refused),
            row.state
        ];
        if update.execute(values)? == 0 {
            insert.execute(values)?;
        }
    }
    Ok(())
}

pub(super) fn forget(connection: &Connection, devices: &[String]) -> rusqlite::Result<()> {
    let mut delete = connection.prepare_cached("DELETE FROM states WHERE device = ?1")?;
    for device in devices {
        delete.execute([device])?;
    }
    Ok(())
}

impl Reader {
    /// Hands each device to `take`.
    pub(crate) fn each_device(
        &self,
        mut take: impl FnMut(DeviceRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let taken = self.read(|connection| {
            let mut select = connection
                .prepare("SELECT device, grouped, seen, reports, refused, state FROM states")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let taken = take(DeviceRow {
                    device: row.get(0)?,
                    group: row.get(1)?,
                    seen: seconds(row.get(2)?),
                    reports: uint(row.get(3)?),
                    refused: uint(row.get(4)?),
                    state: row.get(5)?,
                });
                if taken.is_err() {
                    return Ok(taken);
                }
            }
            Ok(Ok(()))
        });
        taken?
    }

    /// The states of groups, with the names under which they stand.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub(crate) fn groups(&self) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT device, state FROM states WHERE device > ?1 AND device < ?2",
                )?
                .query_map([HUB, FIRST_DEVICE], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// The state of a device for detection, or of what stands under another name.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub(crate) fn state(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT state FROM states WHERE device = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()
        })
    }
}
