//! Devices as people see them: lists in an order, page by page, and one of them.

use std::ops::RangeInclusive;

use defender_detect::Severity;
use rusqlite::{OptionalExtension, Row, params_from_iter, types::Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Reader, StoreError, int, seconds,
    states::FIRST_DEVICE,
    traffic::{self, TrafficSum},
    uint,
};

/// Which devices are wanted.
#[derive(Debug, Clone, Default)]
pub struct DeviceFilter {
    /// Only those with open alerts, the worst first; else all, in `order`, from `after` on.
    pub has_alerts: bool,
    /// Only those of which the id has this in it, whatever the case of ASCII letters.
    pub search: Option<String>,
    /// Only those of this security group.
    pub group: Option<String>,
    /// Only those that come after the device of this id.
    pub after: Option<String>,
    /// What that device had of what orders them, which it may have no more: [`DeviceOrder::place`].
    pub at: Option<u64>,
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

impl DeviceOrder {
    /// What a device has of what orders it; by names nothing else is needed.
    #[must_use]
    pub fn place(self, device: &DeviceRecord) -> Option<u64> {
        match self {
            Self::Name => None,
            Self::Latest | Self::Silent => Some(device.last_seen.into()),
            Self::Messages => Some(device.reports),
        }
    }
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

impl Reader {
    /// Devices that a filter lets through.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn devices(&self, filter: &DeviceFilter) -> Result<Vec<DeviceRecord>, StoreError> {
        let (query, values) = match filter.has_alerts {
            true => with_alerts(filter),
            false => all(filter),
        };
        self.read(|connection| {
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
    (SELECT count(*) FROM alerts a WHERE a.device = s.device AND a.open = 1),
    (SELECT coalesce(max(severity), 0) FROM alerts a WHERE a.device = s.device AND a.open = 1),
    EXISTS (SELECT 1 FROM devices d WHERE d.id = s.device AND d.role = 'device')";

/// Devices, whatever their alerts. Those that are wanted are chosen first, along an index that is in their order and has all that
/// chooses: what else is known is asked of few.
fn all(filter: &DeviceFilter) -> (String, Vec<Value>) {
    let (column, index, is_falling) = match (filter.order, &filter.group) {
        (DeviceOrder::Name, None) => ("", "", false),
        (DeviceOrder::Name, Some(_)) => ("", "INDEXED BY states_grouped", false),
        (DeviceOrder::Latest, _) => ("seen", "INDEXED BY states_seen", true),
        (DeviceOrder::Silent, _) => ("seen", "INDEXED BY states_seen", false),
        (DeviceOrder::Messages, _) => ("reports", "INDEXED BY states_messages", true),
    };
    let (than, direction) = if is_falling {
        ("<", "DESC")
    } else {
        (">", "ASC")
    };
    let mut wanted = "device > ?".to_owned();
    let mut values = vec![Value::from(FIRST_DEVICE.to_owned())];
    match &filter.after {
        Some(after) if column.is_empty() => {
            values = vec![after.as_str().max(FIRST_DEVICE).to_owned().into()];
        }
        Some(after) => {
            let now = format!("(SELECT {column} FROM states WHERE device = ?)");
            let place = format!(" AND ({column}, device) {than} (coalesce(?, {now}), ?)");
            wanted.push_str(&place);
            values.push(filter.at.map(int).into());
            values.extend([after.clone().into(), after.clone().into()]);
        }
        None => {}
    }
    narrow(filter, &mut wanted, &mut values, "grouped = ?");
    values.extend([filter.limit.into(), filter.skip.into()]);
    let by = match column {
        "" => format!("s.device {direction}"),
        column => format!("s.{column} {direction}, s.device {direction}"),
    };
    let query = format!(
        "WITH chosen AS MATERIALIZED (
            SELECT device FROM states s {index} WHERE {wanted} ORDER BY {by} LIMIT ? OFFSET ?
        ) {SELECT} FROM chosen CROSS JOIN states s ON s.device = chosen.device ORDER BY {by}"
    );
    (query, values)
}

/// Devices with open alerts, the worst first. Who they are is known from these: there are far fewer of them than devices.
fn with_alerts(filter: &DeviceFilter) -> (String, Vec<Value>) {
    let mut wanted = "open = 1 AND device > ?".to_owned();
    let mut values = vec![Value::from(FIRST_DEVICE.to_owned())];
    let is_grouped = "EXISTS (SELECT 1 FROM states s INDEXED BY states_grouped WHERE s.device = a.device AND s.grouped = ?)";
    narrow(filter, &mut wanted, &mut values, is_grouped);
    values.extend([filter.limit.into(), filter.skip.into()]);
    let by = "worst DESC, open_alerts DESC";
    let query = format!(
        "WITH chosen AS MATERIALIZED (
            SELECT device, count(*) AS open_alerts, max(severity) AS worst FROM alerts a INDEXED BY alerts_open_by_device
            WHERE {wanted} GROUP BY device ORDER BY {by}, device LIMIT ? OFFSET ?
        ) {SELECT} FROM chosen CROSS JOIN states s ON s.device = chosen.device ORDER BY {by}, s.device"
    );
    (query, values)
}

/// Those whose names have a text in them, and those of a group, which is said in a way of its own.
fn narrow(filter: &DeviceFilter, wanted: &mut String, values: &mut Vec<Value>, is_grouped: &str) {
    if let Some(text) = &filter.search {
        wanted.push_str(" AND device LIKE ? ESCAPE '\\'");
        values.push(contains(text).into());
    }
    if let Some(group) = &filter.group {
        wanted.push_str(&format!(" AND {is_grouped}"));
        values.push(group.clone().into());
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Commit, DeviceRow, Store};

    const ORDERS: [DeviceOrder; 4] = [
        DeviceOrder::Name,
        DeviceOrder::Latest,
        DeviceOrder::Silent,
        DeviceOrder::Messages,
    ];

    /// Devices of which many have the same of what orders them, beside the state of a group.
    fn filled() -> (tempfile::TempDir, Store, Reader) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let reader = store.reader().unwrap();
        let row = |number: u32| DeviceRow {
            device: format!("lamp-{number:02}"),
            group: if number.is_multiple_of(3) {
                "hall"
            } else {
                "default"
            }
            .into(),
            seen: 100 + number * 7 % 5,
            reports: u64::from(number * 11 % 4),
            refused: 0,
            state: Vec::new(),
        };
        let mut devices: Vec<_> = (0..40).map(row).collect();
        devices.push(DeviceRow {
            device: "\0hall".into(),
            ..row(0)
        });
        let commit = Commit {
            devices,
            ..Commit::default()
        };
        assert!(store.commit(commit).is_ok());
        (folder, store, reader)
    }

    /// All that a filter lets through, page by page.
    fn paged(reader: &Reader, filter: &DeviceFilter) -> Vec<DeviceRecord> {
        let (mut all, mut filter) = (Vec::new(), filter.clone());
        loop {
            let page = reader.devices(&filter).unwrap();
            assert!(page.len() <= filter.limit as usize);
            let Some(last) = page.last() else {
                return all;
            };
            filter.after = Some(last.device.clone());
            filter.at = filter.order.place(last);
            all.extend(page);
        }
    }

    #[test]
    fn devices_come_in_the_order_that_is_asked_for_each_once_whatever_the_size_of_a_page() {
        let (_folder, _store, reader) = filled();
        for order in ORDERS {
            for (group, search) in [
                (None, None),
                (Some("hall"), None),
                (Some("hall"), Some("P-1")),
            ] {
                let filter = DeviceFilter {
                    order,
                    group: group.map(str::to_owned),
                    search: search.map(str::to_owned),
                    limit: 7,
                    ..DeviceFilter::default()
                };
                let found = paged(&reader, &filter);
                let expected = (0..40).filter(|number| group.is_none() || number % 3 == 0);
                let expected = expected.filter(|number| search.is_none() || number / 10 == 1);
                assert_eq!(
                    found.len(),
                    expected.count(),
                    "{order:?} {group:?} {search:?}"
                );
                let is_ordered = found.is_sorted_by(|a, b| match order {
                    DeviceOrder::Name => a.device < b.device,
                    DeviceOrder::Latest => (a.last_seen, &a.device) > (b.last_seen, &b.device),
                    DeviceOrder::Silent => (a.last_seen, &a.device) < (b.last_seen, &b.device),
                    DeviceOrder::Messages => (a.reports, &a.device) > (b.reports, &b.device),
                });
                assert!(is_ordered, "{order:?}: {found:?}");
            }
        }
    }

    #[test]
    fn a_device_that_moved_meanwhile_does_not_begin_the_list_anew() {
        let (_folder, store, reader) = filled();
        let mut filter = DeviceFilter {
            order: DeviceOrder::Latest,
            limit: 10,
            ..DeviceFilter::default()
        };
        let first = reader.devices(&filter).unwrap();
        let last = first.last().unwrap();
        (filter.after, filter.at) = (Some(last.device.clone()), filter.order.place(last));
        let before = reader.devices(&filter).unwrap();
        let moved = DeviceRow {
            device: last.device.clone(),
            group: "other".into(),
            seen: 500,
            reports: 1,
            refused: 0,
            state: Vec::new(),
        };
        let commit = Commit {
            devices: vec![moved],
            ..Commit::default()
        };
        assert!(store.commit(commit).is_ok());
        assert_eq!(reader.devices(&filter).unwrap(), before);
        // It stands where it is now, in the group in which it is now.
        let of_group = DeviceFilter {
            group: Some("other".into()),
            limit: 10,
            ..DeviceFilter::default()
        };
        let moved = reader.devices(&of_group).unwrap();
        assert_eq!((moved.len(), &moved[0].device), (1, &last.device));
        filter.at = None;
        assert_eq!(reader.devices(&filter).unwrap()[0], first[0]);
    }

    #[test]
    fn of_all_devices_none_is_read_that_comes_before_the_page_and_nothing_is_sorted() {
        let (_folder, _store, reader) = filled();
        for order in ORDERS {
            for group in [None, Some("hall".to_owned())] {
                let filter = DeviceFilter {
                    order,
                    group,
                    after: Some("lamp-20".into()),
                    at: Some(3),
                    limit: 10,
                    ..DeviceFilter::default()
                };
                let (query, values) = all(&filter);
                let plan: Vec<String> = reader
                    .read(|connection| {
                        connection
                            .prepare(&format!("EXPLAIN QUERY PLAN {query}"))?
                            .query_map(params_from_iter(values), |row| row.get(3))?
                            .collect()
                    })
                    .unwrap();
                let of_devices = |step: &&String| step.contains(" s ");
                let first = plan.iter().find(of_devices).unwrap();
                assert!(
                    first.starts_with("SEARCH s USING COVERING INDEX"),
                    "{plan:?}"
                );
                // Those of the page alone.
                let sorts = plan.iter().filter(|step| step.contains("TEMP B-TREE"));
                assert_eq!(sorts.count(), 1, "{plan:?}");
                assert_eq!(plan.last().map(|step| step.contains("TEMP")), Some(true));
            }
        }
    }
}
