//! Devices: states for detection, and what is known of each.

use defender_detect::HUB;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::{Reader, StoreError, commit::DeviceRow, int, seconds, uint};

/// States of groups stand under names that begin with the character before it.
const FIRST_DEVICE: &str = "\u{1}";

/// A device as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DeviceRecord {
    /// Its id.
    pub device: String,
    /// Its security group.
    pub group: String,
    /// Whether a device of this id is enrolled at the hub's own endpoint.
    pub enrolled: bool,
    /// When something last came from it, in seconds of Unix time.
    pub last_seen: u32,
    /// Messages that came.
    pub reports: u64,
    /// Messages that were no security messages.
    pub refused: u64,
    /// Open alerts.
    pub open_alerts: u64,
    /// The worst of these: 1 is informational, 4 is high; 0 without any.
    pub worst: u8,
}

pub(super) fn write(connection: &Connection, devices: &[DeviceRow]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO states (device, grouped, seen, reports, refused, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (device) DO UPDATE SET grouped = ?2, seen = ?3, reports = ?4, refused = ?5, state = ?6",
    )?;
    for row in devices {
        insert.execute(params![
            row.device,
            row.group,
            row.seen,
            int(row.reports),
            int(row.refused),
            row.state
        ])?;
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
    pub(crate) fn each_device(&self, mut take: impl FnMut(DeviceRow)) -> Result<(), StoreError> {
        self.read(|connection| {
            let mut select = connection
                .prepare("SELECT device, grouped, seen, reports, refused, state FROM states")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                take(DeviceRow {
                    device: row.get(0)?,
                    group: row.get(1)?,
                    seen: seconds(row.get(2)?),
                    reports: uint(row.get(3)?),
                    refused: uint(row.get(4)?),
                    state: row.get(5)?,
                });
            }
            Ok(())
        })
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

    /// Up to `limit` devices by their ids, beginning after the id `after`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn devices(&self, after: &str, limit: u32) -> Result<Vec<DeviceRecord>, StoreError> {
        let after = after.max(FIRST_DEVICE);
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT device, grouped, seen, reports, refused,
                     (SELECT count(*) FROM alerts a WHERE a.device = s.device AND a.open = 1),
                     (SELECT coalesce(max(severity), 0) FROM alerts a WHERE a.device = s.device AND a.open = 1),
                     EXISTS (SELECT 1 FROM devices d WHERE d.id = s.device AND d.role = 'device')
                     FROM states s WHERE device > ?1 ORDER BY device LIMIT ?2",
                )?
                .query_map(params![after, limit], |row| {
                    Ok(DeviceRecord {
                        device: row.get(0)?,
                        group: row.get(1)?,
                        last_seen: seconds(row.get(2)?),
                        reports: uint(row.get(3)?),
                        refused: uint(row.get(4)?),
                        open_alerts: uint(row.get(5)?),
                        worst: row.get(6)?,
                        enrolled: row.get(7)?,
                    })
                })?
                .collect()
        })
    }
}
