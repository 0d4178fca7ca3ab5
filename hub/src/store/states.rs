//! Devices: states for detection, and what is known of each.

use std::ops::RangeInclusive;

use defender_detect::{HUB, Severity};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Reader, StoreError,
    commit::DeviceRow,
    int, seconds,
    traffic::{self, TrafficSum},
    uint,
};

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
    /// In which order, where not the worst come first.
    pub order: DeviceOrder,
    /// The hours of which their traffic is wanted, by their numbers since 1970.
    pub traffic: Option<RangeInclusive<u32>>,
}

/// In which order devices come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeviceOrder {
    /// By their ids.
    #[default]
    Name,
    /// Those first from which something came last.
    Latest,
    /// Those first from which nothing came for longest.
    Silent,
    /// Those first that sent the most messages.
    Messages,
}

/// A device as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// Its traffic in the hours that were asked for, if any were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<TrafficSum>,
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
            let mut wanted = String::new();
            let after = filter.after.as_str().max(FIRST_DEVICE);
            let mut values = vec![Value::from(after.to_owned())];
            if let Some(text) = &filter.search {
                wanted.push_str(" AND s.device LIKE ? ESCAPE '\\'");
                values.push(contains(text).into());
            }
            if let Some(group) = &filter.group {
                wanted.push_str(" AND s.grouped = ?");
                values.push(group.clone().into());
            }
            values.extend([filter.limit.into(), filter.skip.into()]);
            let query = match filter.has_alerts {
                true => with_alerts(&wanted),
                false => all(&wanted, filter.order),
            };
            let mut devices = connection
                .prepare_cached(&query)?
                .query_map(params_from_iter(values), record)?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            if let Some(hours) = &filter.traffic {
                for device in &mut devices {
                    device.traffic = Some(traffic::sum(connection, &device.device, hours)?);
                }
            }
            Ok(devices)
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
                .prepare_cached(&format!("{SELECT} FROM states s WHERE s.device = ?1"))?
                .query_row([id], record)
                .optional()
        })
    }
}

/// What is known of a device `s`.
const SELECT: &str = "SELECT s.device, s.grouped, s.seen, s.reports, s.refused,
    (SELECT count(*) FROM alerts a WHERE a.device = s.device AND a.open = 1) AS open_alerts,
    (SELECT coalesce(max(severity), 0) FROM alerts a WHERE a.device = s.device AND a.open = 1) AS worst,
    EXISTS (SELECT 1 FROM devices d WHERE d.id = s.device AND d.role = 'device')";

/// Devices, whatever their alerts. They are chosen first, in an index that has all that this takes; the rest is asked of few.
fn all(wanted: &str, order: DeviceOrder) -> String {
    let order = match order {
        DeviceOrder::Name => "device",
        DeviceOrder::Latest => "seen DESC, device",
        DeviceOrder::Silent => "seen, device",
        DeviceOrder::Messages => "reports DESC, device",
    };
    format!(
        "WITH chosen AS MATERIALIZED (
            SELECT device, grouped, seen, reports, refused FROM states s INDEXED BY states_listed
            WHERE s.device > ?{wanted} ORDER BY {order} LIMIT ? OFFSET ?
        ) {SELECT} FROM chosen s ORDER BY {order}"
    )
}

/// Devices with open alerts, the worst first. Who they are is known from these: there are far fewer of them than devices.
fn with_alerts(wanted: &str) -> String {
    format!(
        "WITH chosen AS MATERIALIZED (
            SELECT s.device, grouped, seen, reports, refused, open_alerts, worst
            FROM (SELECT device, count(*) AS open_alerts, max(severity) AS worst FROM alerts WHERE open = 1 GROUP BY device) a
            CROSS JOIN states s INDEXED BY states_listed ON s.device = a.device
            WHERE s.device > ?{wanted} ORDER BY worst DESC, open_alerts DESC, s.device LIMIT ? OFFSET ?
        ) SELECT device, grouped, seen, reports, refused, open_alerts, worst,
            EXISTS (SELECT 1 FROM devices d WHERE d.id = s.device AND d.role = 'device')
        FROM chosen s ORDER BY worst DESC, open_alerts DESC, device"
    )
}

/// A row of those above.
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
        traffic: None,
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
