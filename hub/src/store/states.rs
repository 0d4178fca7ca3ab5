//! Devices: states for detection, and what is known of each.

use defender_detect::{HUB, Severity};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::Value};
use serde::{Deserialize, Serialize};

use super::{Reader, StoreError, commit::DeviceRow, int, seconds, uint};

/// States of groups stand under names that begin with the character before it.
const FIRST_DEVICE: &str = "\u{1}";

/// Which devices are wanted.
#[derive(Debug, Clone, Default)]
pub struct DeviceFilter {
    /// Only those with open alerts, the worst first; else all, by their ids.
    pub has_alerts: bool,
    /// Only those of which the id has this in it, whatever the case of ASCII letters.
    pub search: Option<String>,
    /// Only those of this security group.
    pub group: Option<String>,
    /// Only those with ids after this one.
    pub after: String,
    /// So many of the first ones are left out.
    pub skip: u32,
    /// The most of them.
    pub limit: u32,
}

/// A device as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

impl DeviceRecord {
    /// The severity of the worst open alert.
    #[must_use]
    pub fn worst_severity(&self) -> Option<Severity> {
        match self.worst {
            4 => Some(Severity::High),
            3 => Some(Severity::Medium),
            2 => Some(Severity::Low),
            1 => Some(Severity::Informational),
            _ => None,
        }
    }
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

    /// Devices that a filter lets through.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn devices(&self, filter: &DeviceFilter) -> Result<Vec<DeviceRecord>, StoreError> {
        self.read(|connection| {
            // Who has open alerts is known from these: there are far fewer of them than devices.
            let mut query = format!(
                "{} WHERE s.device > ?",
                match filter.has_alerts {
                    true => SELECT_WITH_ALERTS,
                    false => SELECT,
                }
            );
            let after = filter.after.as_str().max(FIRST_DEVICE);
            let mut values = vec![Value::from(after.to_owned())];
            if let Some(text) = &filter.search {
                query.push_str(" AND s.device LIKE ? ESCAPE '\\'");
                values.push(contains(text).into());
            }
            if let Some(group) = &filter.group {
                query.push_str(" AND s.grouped = ?");
                values.push(group.clone().into());
            }
            query.push_str(match filter.has_alerts {
                true => " ORDER BY worst DESC, open_alerts DESC, s.device LIMIT ? OFFSET ?",
                false => " ORDER BY s.device LIMIT ? OFFSET ?",
            });
            values.extend([filter.limit.into(), filter.skip.into()]);
            connection
                .prepare_cached(&query)?
                .query_map(params_from_iter(values), record)?
                .collect()
        })
    }

    /// A device by its id.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn device(&self, id: &str) -> Result<Option<DeviceRecord>, StoreError> {
        if id < FIRST_DEVICE {
            return Ok(None);
        }
        self.read(|connection| {
            connection
                .prepare_cached(&format!("{SELECT} WHERE s.device = ?1"))?
                .query_row([id], record)
                .optional()
        })
    }
}

const SELECT: &str = "SELECT s.device, s.grouped, s.seen, s.reports, s.refused,
    (SELECT count(*) FROM alerts a WHERE a.device = s.device AND a.open = 1) AS open_alerts,
    (SELECT coalesce(max(severity), 0) FROM alerts a WHERE a.device = s.device AND a.open = 1) AS worst,
    EXISTS (SELECT 1 FROM devices d WHERE d.id = s.device AND d.role = 'device')
    FROM states s";

const SELECT_WITH_ALERTS: &str = "SELECT s.device, s.grouped, s.seen, s.reports, s.refused, open_alerts, worst,
    EXISTS (SELECT 1 FROM devices d WHERE d.id = s.device AND d.role = 'device')
    FROM (SELECT device, count(*) AS open_alerts, max(severity) AS worst FROM alerts WHERE open = 1 GROUP BY device) a
    CROSS JOIN states s ON s.device = a.device";

/// A row of the two above.
fn record(row: &Row<'_>) -> rusqlite::Result<DeviceRecord> {
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
}

/// The pattern of texts that have this one in them.
fn contains(text: &str) -> String {
    let mut pattern = "%".to_owned();
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
