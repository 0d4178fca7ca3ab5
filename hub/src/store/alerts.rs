//! Alerts as they stand, closed ones, too, and what happened to each.

use defender_detect::{Alert, Change, ChangeEvent, Severity, alert::AlertState};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::Value};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Reader, Store, StoreError, malformed, seconds};

/// Which alerts are wanted, the latest first.
#[derive(Debug, Clone, Default)]
pub struct AlertFilter {
    /// Only open ones, or only closed ones.
    pub state: Option<AlertState>,
    /// Of at least this severity.
    pub severity: Option<Severity>,
    /// Of this device.
    pub device: Option<String>,
    /// Only those that somebody has acknowledged, or only those that nobody has.
    pub acknowledged: Option<bool>,
    /// Only those that opened before the one of this id.
    pub before: Option<String>,
    /// The most of them.
    pub limit: u32,
}

/// An alert with what happened to it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[non_exhaustive]
pub struct AlertRecord {
    /// The alert, with the fields of `defender detect --json`.
    #[schema(value_type = Object)]
    pub alert: Alert,
    /// When somebody acknowledged it, in seconds of Unix time.
    pub acknowledged: Option<u32>,
    /// What happened, in order.
    pub history: Vec<HistoryRecord>,
}

/// Something that happened to an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[non_exhaustive]
pub struct HistoryRecord {
    /// When, by the hub's time, in seconds of Unix time.
    pub time: u32,
    /// `raised`, `again`, `closed`, or `acknowledged`.
    pub event: String,
    /// How often the alert had been seen.
    pub count: u32,
    /// Who did it; empty for the hub itself.
    pub who: String,
    /// What they said.
    pub comment: String,
}

/// How severities are ordered in the table.
fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
    }
}

fn json(alert: &Alert) -> rusqlite::Result<String> {
    serde_json::to_string(alert).map_err(malformed)
}

pub(super) fn of_json(text: &str) -> rusqlite::Result<Alert> {
    serde_json::from_str(text).map_err(malformed)
}

/// An open alert may have gone on. What is in the table has more flows than a state keeps, so it stays unless there is news.
pub(super) fn refresh(connection: &Connection, alert: &Alert) -> rusqlite::Result<()> {
    let is_known: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM alerts WHERE id = ?1 AND alert ->> '$.count' = ?2)",
        )?
        .query_row(params![alert.id, alert.count], |row| row.get(0))?;
    match is_known {
        true => Ok(()),
        false => write(connection, alert),
    }
}

/// Writes an alert as it stands.
fn write(connection: &Connection, alert: &Alert) -> rusqlite::Result<()> {
    let is_open = alert.state == AlertState::Open;
    connection
        .prepare_cached(
            "INSERT INTO alerts (id, device, severity, open, last_seen, alert) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET severity = ?3, open = ?4, last_seen = ?5, alert = ?6",
        )?
        .execute(params![
            alert.id,
            alert.device,
            rank(alert.severity),
            is_open,
            alert.last_seen,
            json(alert)?
        ])?;
    Ok(())
}

/// Something happened to an alert.
pub(super) fn change(connection: &Connection, time: u32, change: &Change) -> rusqlite::Result<()> {
    write(connection, &change.alert)?;
    if change.event == ChangeEvent::Closed {
        connection
            .prepare_cached("UPDATE alerts SET closed = ?2 WHERE id = ?1")?
            .execute(params![change.alert.id, time])?;
    }
    note(
        connection,
        &change.alert.id,
        time,
        event(change.event),
        "",
        "",
    )?;
    Ok(())
}

fn note(
    connection: &Connection,
    id: &str,
    time: u32,
    event: &str,
    who: &str,
    comment: &str,
) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "INSERT INTO history (alert, time, event, count, who, comment)
             SELECT number, ?2, ?3, alert ->> '$.count', ?4, ?5 FROM alerts WHERE id = ?1",
        )?
        .execute(params![id, time, event, who, comment])
}

/// The name of what happened, as it is written.
pub(super) fn event(event: ChangeEvent) -> &'static str {
    match event {
        ChangeEvent::Raised => "raised",
        ChangeEvent::Again => "again",
        ChangeEvent::Closed => "closed",
    }
}

impl Store {
    /// A person has taken note of an alert. Returns whether there is one of this id.
    pub(crate) async fn acknowledge(
        &self,
        id: String,
        time: u32,
        who: String,
        comment: String,
    ) -> Result<bool, StoreError> {
        self.work(move |connection| {
            let transaction = connection.transaction()?;
            let found = transaction.execute(
                "UPDATE alerts SET acknowledged = coalesce(acknowledged, ?2) WHERE id = ?1",
                params![id, time],
            )?;
            note(&transaction, &id, time, "acknowledged", &who, &comment)?;
            transaction.commit()?;
            Ok(found > 0)
        })
        .await
    }
}

impl Reader {
    /// Alerts that a filter lets through, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn alerts(&self, filter: &AlertFilter) -> Result<Vec<Alert>, StoreError> {
        let (query, values) = listed(filter);
        self.read(|connection| {
            connection
                .prepare_cached(&query)?
                .query_map(params_from_iter(values), |row| row.get::<_, String>(0))?
                .map(|text| of_json(&text?))
                .collect()
        })
    }

    /// How many alerts are open, by severity, informational first.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn open_alerts(&self) -> Result<[u64; 4], StoreError> {
        self.read(|connection| {
            // In one pass, without sorting.
            let query =
                "SELECT count(*) FILTER (WHERE severity = 1), count(*) FILTER (WHERE severity = 2),
                    count(*) FILTER (WHERE severity = 3), count(*) FILTER (WHERE severity = 4)
                 FROM alerts INDEXED BY alerts_open_by_device WHERE open = 1";
            let counts = connection.prepare_cached(query)?.query_row([], |row| {
                Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
            })?;
            Ok(counts.map(super::uint))
        })
    }

    /// An alert with all that happened to it.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn alert(&self, id: &str) -> Result<Option<AlertRecord>, StoreError> {
        self.read(|connection| {
            let found = connection
                .query_row(
                    "SELECT number, acknowledged, alert FROM alerts WHERE id = ?1",
                    [id],
                    |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?, row.get(2)?)),
                )
                .optional()?;
            let Some((number, acknowledged, text)): Option<(i64, _, String)> = found else {
                return Ok(None);
            };
            let history = connection
                .prepare_cached(
                    "SELECT time, event, count, who, comment FROM history WHERE alert = ?1 ORDER BY rowid",
                )?
                .query_map([number], history)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Some(AlertRecord {
                alert: of_json(&text)?,
                acknowledged: acknowledged.map(seconds),
                history,
            }))
        })
    }
}

/// The query of a filter. Alerts are chosen first, along an index that has all that chooses: their texts are large, and only those of the
/// chosen are read.
fn listed(filter: &AlertFilter) -> (String, Vec<Value>) {
    let mut wanted = "severity >= ?1".to_owned();
    let mut values = vec![
        Value::from(filter.severity.map_or(0, rank)),
        filter.limit.into(),
    ];
    let asked = [
        ("device = ?#", &filter.device),
        (
            "number < (SELECT number FROM alerts WHERE id = ?#)",
            &filter.before,
        ),
    ];
    for (clause, value) in asked {
        if let Some(value) = value {
            values.push(value.clone().into());
            let numbered = clause.replace('#', &values.len().to_string());
            wanted.push_str(&format!(" AND {numbered}"));
        }
    }
    match filter.acknowledged {
        Some(true) => wanted.push_str(" AND acknowledged IS NOT NULL"),
        Some(false) => wanted.push_str(" AND acknowledged IS NULL"),
        None => {}
    }
    let index = match filter.device {
        Some(_) => "alerts_by_device",
        None => "alerts_listed",
    };
    // Open ones and closed ones are each in order, and merged.
    let states = match filter.state {
        None => &[1, 0][..],
        Some(AlertState::Open) => &[1],
        Some(AlertState::Closed) => &[0],
    };
    let states = states.iter().map(|open| {
        format!("SELECT number FROM alerts INDEXED BY {index} WHERE open = {open} AND {wanted}")
    });
    let chosen = states.collect::<Vec<_>>().join(" UNION ALL ");
    let query = format!(
        "WITH chosen AS MATERIALIZED ({chosen} ORDER BY number DESC LIMIT ?2)
         SELECT alert FROM chosen CROSS JOIN alerts a ON a.number = chosen.number ORDER BY a.number DESC"
    );
    (query, values)
}

fn history(row: &Row<'_>) -> rusqlite::Result<HistoryRecord> {
    Ok(HistoryRecord {
        time: seconds(row.get(0)?),
        event: row.get(1)?,
        count: seconds(row.get(2)?),
        who: row.get(3)?,
        comment: row.get(4)?,
    })
}
