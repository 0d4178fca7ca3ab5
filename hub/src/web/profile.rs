//! What is known of a device beside what it did: its versions, what is recommended, what is normal for its group, its MUD file.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use defender_detect::{
    Detector,
    baseline::GroupBaseline,
    hygiene::{Recommendation, Versions},
    mud,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    Api, Shared,
    extract::{Asked, Named},
    problem::Problem,
};
use crate::store::{DeviceRecord, Reader, StoreError};

/// What is known of a device.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Profile {
    /// Its id.
    pub device: String,
    /// Its security group.
    pub group: String,
    /// What it says of its software.
    #[schema(value_type = Object)]
    pub versions: Versions,
    /// What would make it safer, the worst first. What only shows beside other devices is not among it.
    #[schema(value_type = Vec<Object>)]
    pub recommendations: Vec<Recommendation>,
    /// What is normal for its group; `null`: nothing is known yet.
    #[schema(value_type = Option<Object>)]
    pub baseline: Option<GroupBaseline>,
}

/// Where a MUD file will be.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Place {
    /// Where the file will be; it begins with `https://`.
    url: String,
}

impl Api {
    /// What is known of a device.
    pub(super) fn profile(
        &self,
    ) -> impl FnOnce(&Reader, &DeviceRecord) -> Result<Profile, StoreError> + use<> {
        let policy = Arc::clone(&self.in_force().policy);
        move |reader, record| {
            let (device, group) = (record.device.clone(), record.group.clone());
            let mut detector = Detector::new(policy);
            // Of a state of another version nothing is shown: the hub has begun anew without it, too.
            if let Some(state) = reader.state(&device)? {
                let _ = detector.restore(&device, &state);
            }
            let name = Detector::state_of_group(&group);
            if let Some(state) = reader.state(&name)? {
                let _ = detector.restore(&name, &state);
            }
            let mut baselines = detector.baselines().groups.into_iter();
            Ok(Profile {
                versions: detector.versions(&device).unwrap_or_default(),
                recommendations: detector.recommendations(),
                baseline: baselines.find(|known| known.name == group),
                device,
                group,
            })
        }
    }

    /// The same, of a device by its id.
    async fn profile_of(&self, device: String) -> Result<Profile, Problem> {
        let profile = self.profile();
        let found = self.read(move |reader| {
            let record = reader.device(&device)?;
            record.map(|record| profile(reader, &record)).transpose()
        });
        found.await?.ok_or_else(Problem::no_device)
    }
}

/// What is known of a device beside what it did
///
/// Its versions, what is recommended, and what is normal for its group.
#[utoipa::path(get, path = "/api/v1/devices/{id}/profile", operation_id = "profile", tag = "devices",
    params(("id" = String, Path)), responses((status = 200, body = Profile)))]
pub(super) async fn show(
    State(api): Shared,
    Named(device): Named<String>,
) -> Result<Json<Profile>, Problem> {
    Ok(Json(api.profile_of(device).await?))
}

/// The MUD file of a device (RFC 8520)
///
/// What its traffic shows that it is meant to do, as its maker would say it. 404 when nothing is known yet.
#[utoipa::path(get, path = "/api/v1/devices/{id}/mud", operation_id = "mud", tag = "devices",
    params(("id" = String, Path), Place), responses((status = 200, body = Object, content_type = "application/mud+json")))]
pub(super) async fn mud(
    State(api): Shared,
    Named(device): Named<String>,
    Asked(Place { url }): Asked<Place>,
) -> Result<Response, Problem> {
    if !url.starts_with("https://") {
        let reason = "say in `url` where the file will be: at an address that begins with https://";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason));
    }
    let Profile {
        device, baseline, ..
    } = api.profile_of(device).await?;
    let now = UNIX_EPOCH + Duration::from_secs(api.clock.now().into());
    let now = humantime::format_rfc3339_seconds(now).to_string();
    let file = baseline.map(|baseline| mud::export(&baseline, Some(&device), &url, &now));
    let file = file.filter(has_entries).ok_or_else(|| {
        let reason = format!("nothing is known to be normal for `{device}` yet");
        Problem::new(StatusCode::NOT_FOUND, reason)
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/mud+json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"mud.json\"",
        ),
    ];
    Ok((headers, format!("{file:#}\n")).into_response())
}

/// Whether a file lets anything pass.
fn has_entries(file: &Value) -> bool {
    let lists = file["ietf-access-control-list:acls"]["acl"].as_array();
    lists
        .into_iter()
        .flatten()
        .any(|list| list["aces"]["ace"][0].is_object())
}
