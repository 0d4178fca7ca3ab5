//! What is asked of a hub, on a thread of its own: the screen does not wait for it.

use std::{
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use defender_detect::Alert;
use defender_hub::{
    store::{DeviceRecord, TrafficRecord},
    web::{ApiClient, ApiError, Status},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The most rows of a table.
const MOST: usize = 500;

/// What somebody looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// This device is shown alone.
    pub device: Option<String>,
}

/// What a hub says at one time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub status: Status,
    /// Those with open alerts, the worst first, and then others.
    pub devices: Vec<DeviceRecord>,
    /// Open ones, the most severe first, then the latest.
    pub alerts: Vec<Alert>,
    pub device: Option<Device>,
}

/// What a hub says of one device.
#[derive(Clone, Debug)]
pub struct Device {
    /// The name by which it was asked for.
    pub name: String,
    /// `None` when the hub does not know it.
    pub record: Option<DeviceRecord>,
    /// The latest first, closed ones, too.
    pub alerts: Vec<Alert>,
    /// Of a day.
    pub traffic: Vec<TrafficRecord>,
}

/// Asks again and again.
pub struct Feed {
    wanted: Sender<Wanted>,
    answers: Receiver<Result<Snapshot, String>>,
}

impl Feed {
    /// Begins to ask.
    pub fn start(client: ApiClient, every: Duration) -> Self {
        let (wanted, wishes) = mpsc::channel();
        let (sender, answers) = mpsc::sync_channel(1);
        thread::spawn(move || {
            let mut wanted = Wanted::default();
            loop {
                let answer = ask(&client, &wanted).map_err(|error| error.to_string());
                if sender.send(answer).is_err() {
                    return;
                }
                match wishes.recv_timeout(every) {
                    Ok(wish) => wanted = wishes.try_iter().last().unwrap_or(wish),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        Self { wanted, answers }
    }

    /// Asks for this from now on, and at once.
    pub fn want(&self, wanted: Wanted) {
        // Without the thread there are no answers, either.
        let _ = self.wanted.send(wanted);
    }

    /// The latest answer, if there is a new one.
    pub fn answer(&self) -> Option<Result<Snapshot, String>> {
        self.answers.try_iter().last()
    }
}

/// Asks for everything once.
pub fn ask(client: &ApiClient, wanted: &Wanted) -> Result<Snapshot, ApiError> {
    let status = of(client.get("/api/v1/status")?)?;
    let mut devices: Vec<DeviceRecord> = rows(
        client,
        &format!("/api/v1/devices?alerts=true&limit={MOST}"),
        "devices",
    )?;
    if devices.len() < MOST {
        let all = rows(client, &format!("/api/v1/devices?limit={MOST}"), "devices")?;
        let others = all
            .into_iter()
            .filter(|device: &DeviceRecord| device.open_alerts == 0);
        devices.extend(others);
        devices.truncate(MOST);
    }
    // Many that matter little do not hide those that matter.
    let severe = rows(
        client,
        &format!("/api/v1/alerts?state=open&severity=Medium&limit={MOST}"),
        "alerts",
    )?;
    let mut alerts: Vec<Alert> = rows(
        client,
        &format!("/api/v1/alerts?state=open&limit={MOST}"),
        "alerts",
    )?;
    alerts.extend(severe);
    alerts.sort_by(|a: &Alert, b| {
        let key = |alert: &Alert| (alert.severity, alert.last_seen);
        key(b).cmp(&key(a)).then_with(|| a.id.cmp(&b.id))
    });
    alerts.dedup_by(|a, b| a.id == b.id);
    alerts.truncate(MOST);
    let device = wanted.device.as_ref().map(|name| one(client, name));
    Ok(Snapshot {
        status,
        devices,
        alerts,
        device: device.transpose()?,
    })
}

fn one(client: &ApiClient, name: &str) -> Result<Device, ApiError> {
    let id = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let record = match client.get(&format!("/api/v1/devices/{id}")) {
        Ok(value) => Some(of(value)?),
        // It was forgotten, or only the hub itself is meant.
        Err(ApiError::Refused(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(Device {
        name: name.to_owned(),
        record,
        alerts: rows(
            client,
            &format!("/api/v1/alerts?device={id}&limit={MOST}"),
            "alerts",
        )?,
        traffic: rows(client, &format!("/api/v1/devices/{id}/traffic"), "traffic")?,
    })
}

fn rows<T: DeserializeOwned>(
    client: &ApiClient,
    path: &str,
    name: &str,
) -> Result<Vec<T>, ApiError> {
    let mut answer = client.get(path)?;
    of(answer[name].take())
}

fn of<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value).map_err(|error| {
        ApiError::Refused(format!(
            "what this program does not understand, being of another version: {error}"
        ))
    })
}
