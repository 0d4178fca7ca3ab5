//! Bytes by hour, device, peer and service.

use std::{net::IpAddr, ops::RangeInclusive};

use defender_message::flow::Protocol;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Reader, StoreError, int, seconds, uint};
use crate::address;

/// Seconds of an hour.
pub(super) const HOUR: u32 = 3600;

/// What bytes are summed up by. Ordered, so that rows that stand together are written together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TrafficKey {
    pub device: String,
    /// The number of the hour since 1970.
    pub hour: u32,
    /// `None`: those peers that were too many to tell apart.
    pub peer: Option<IpAddr>,
    pub protocol: Protocol,
    pub port: u16,
    /// The device offers the service.
    pub at_device: bool,
}

/// Bytes from and to the device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub received: u64,
    pub sent: u64,
}

/// Traffic of a device with a peer in an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct TrafficRecord {
    /// When the hour begins, in seconds of Unix time.
    pub hour: u32,
    /// The peer; `None` for those that were too many to tell apart.
    #[schema(value_type = Option<String>)]
    pub peer: Option<IpAddr>,
    /// The protocol.
    #[schema(value_type = String)]
    pub protocol: Protocol,
    /// The service's port.
    pub port: u16,
    /// The device offers the service, and not the peer.
    pub at_device: bool,
    /// Bytes to the device.
    pub bytes_in: u64,
    /// Bytes from the device.
    pub bytes_out: u64,
}

/// Traffic of a device over some hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct TrafficSum {
    /// Bytes to the device.
    pub bytes_in: u64,
    /// Bytes from the device.
    pub bytes_out: u64,
}

/// The traffic of a device in hours, by their numbers.
pub(super) fn sum(
    connection: &Connection,
    device: &str,
    hours: &RangeInclusive<u32>,
) -> rusqlite::Result<TrafficSum> {
    connection
        .prepare_cached(
            "WITH RECURSIVE hours (hour) AS (SELECT ?2 UNION ALL SELECT hour + 1 FROM hours WHERE hour < ?3)
             SELECT coalesce(sum(bytes_in), 0), coalesce(sum(bytes_out), 0)
             FROM (SELECT id FROM states WHERE device = ?1) CROSS JOIN hours CROSS JOIN traffic t
             ON t.hour = hours.hour AND t.device = id",
        )?
        .query_row(params![device, hours.start(), hours.end()], |row| {
            Ok(TrafficSum {
                bytes_in: uint(row.get(0)?),
                bytes_out: uint(row.get(1)?),
            })
        })
}

pub(super) fn write(
    connection: &Connection,
    traffic: &[(TrafficKey, Bytes)],
) -> rusqlite::Result<()> {
    let mut number = connection.prepare_cached("SELECT id FROM states WHERE device = ?1")?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO traffic (hour, device, peer, protocol, port, at_device, bytes_in, bytes_out)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET bytes_in = bytes_in + ?7, bytes_out = bytes_out + ?8",
    )?;
    let mut device: Option<(&str, Option<i64>)> = None;
    for (key, bytes) in traffic {
        let id = match device {
            Some((name, id)) if name == key.device => id,
            _ => {
                let id = number
                    .query_row([&key.device], |row| row.get(0))
                    .optional()?;
                device = Some((&key.device, id));
                id
            }
        };
        // Forgotten meanwhile, with all that it did.
        let Some(id) = id else { continue };
        insert.execute(params![
            key.hour,
            id,
            octets(key.peer),
            key.protocol as u8,
            key.port,
            key.at_device,
            int(bytes.received),
            int(bytes.sent)
        ])?;
    }
    Ok(())
}

fn octets(peer: Option<IpAddr>) -> Vec<u8> {
    match peer {
        None => Vec::new(),
        Some(IpAddr::V4(address)) => address.octets().into(),
        Some(IpAddr::V6(address)) => address.octets().into(),
    }
}

impl Reader {
    /// The traffic of a device in the hours from `since` on, which is in seconds of Unix time.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn traffic(&self, device: &str, since: u32) -> Result<Vec<TrafficRecord>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    // From hour to hour: there are far fewer of them than rows.
                    "WITH RECURSIVE hours (hour) AS (
                         SELECT min(hour) FROM traffic WHERE hour >= ?2
                         UNION ALL
                         SELECT (SELECT min(hour) FROM traffic t WHERE t.hour > hours.hour) FROM hours WHERE hours.hour IS NOT NULL
                     )
                     SELECT hours.hour, peer, protocol, port, at_device, bytes_in, bytes_out
                     FROM hours CROSS JOIN traffic t
                     ON t.hour = hours.hour AND t.device = (SELECT id FROM states WHERE device = ?1)
                     ORDER BY hours.hour, peer, protocol, port",
                )?
                .query_map(params![device, since / HOUR], |row| {
                    let protocol: u8 = row.get(2)?;
                    let known = Protocol::ALL.into_iter();
                    Ok(TrafficRecord {
                        hour: seconds(row.get(0)?).saturating_mul(HOUR),
                        peer: address::from_octets(&row.get::<_, Vec<u8>>(1)?),
                        protocol: known
                            .into_iter()
                            .find(|one| *one as u8 == protocol)
                            .unwrap_or(Protocol::Tcp),
                        port: row.get(3)?,
                        at_device: row.get(4)?,
                        bytes_in: uint(row.get(5)?),
                        bytes_out: uint(row.get(6)?),
                    })
                })?
                .collect()
        })
    }
}
