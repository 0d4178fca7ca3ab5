//! `defender report`: what happened, as a page.

use std::{
    fs,
    io::{self, Write},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use defender_detect::{
    Alert, Severity,
    alert::{Service, Side},
};
use defender_hub::{
    report::{self, Story},
    source::file::{Problems, Said, Stream, What, open},
};
use defender_message::flow::Protocol;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{detect::look, hub::api::client_at};
use crate::{
    args::ReportArgs,
    detect::{self, Found, Shown},
    error::{self, CliError},
    input,
};

/// Seconds of a day.
const DAY: u32 = 24 * 60 * 60;

/// The most alerts that a hub is asked for, and the devices whose traffic it is asked for: those of the worst alerts.
const ALERTS: usize = 10_000;
const DEVICES: usize = 100;

/// Reads, writes, and exits as `detect` does.
pub fn run(args: &ReportArgs) -> Result<(), CliError> {
    let (story, has_problems) = match (&args.hub, args.day) {
        (Some(url), Some(day)) => (of_hub(args, url, day.0)?, false),
        _ => of_inputs(args)?,
    };
    let page = report::html(&story);
    match &args.out {
        Some(path) if !input::is_standard(path) => fs::write(path, page).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?,
        _ => io::stdout().lock().write_all(page.as_bytes())?,
    }
    let threshold: Severity = args.fail_on.into();
    match story.alerts.iter().any(|alert| alert.severity >= threshold) {
        _ if has_problems => Err(CliError::Inputs),
        true => Err(CliError::Alerts),
        false => Ok(()),
    }
}

/// What the inputs tell, and whether something was wrong with one.
fn of_inputs(args: &ReportArgs) -> Result<(Story, bool), CliError> {
    let policy = detect::policy(&args.policy.files())?;
    // What is told about the inputs is told in the report, too.
    let told = Arc::<Mutex<Vec<String>>>::default();
    let keep = |told: &Mutex<Vec<String>>, text: String| {
        told.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(text);
    };
    let (of_problems, of_notes) = (Arc::clone(&told), Arc::clone(&told));
    let mut problems = Problems::new(
        move |problem| {
            error::complain(problem);
            keep(&of_problems, problem.to_string());
        },
        move |text| {
            error::note(text);
            keep(&of_notes, text.to_string());
        },
    );
    let said = Said {
        local: &args.local,
        system: None,
    };
    let mut sources = Vec::new();
    for path in &args.inputs {
        sources.extend(open(path, said, &mut problems));
    }
    let stream = Stream::new(sources, &mut problems);
    let mut found = Found::new(policy, Shown::Text);
    let mut story = Story::new(args.inputs.iter().map(|path| input::name(path)).collect());
    look(&mut found, stream, &mut problems, |piece| {
        match &piece.what {
            What::Report(_, message) => story.add_report(message),
            What::Signal(_) => {}
        }
    })?;
    story.devices = found.summary.devices;
    (story.alerts, story.recommendations) = found.into_alerts();
    let told = told.lock().unwrap_or_else(PoisonError::into_inner);
    story.limits.clone_from(&told);
    Ok((story, problems.count() > 0))
}

/// What a hub tells of a day.
fn of_hub(args: &ReportArgs, url: &str, day: u32) -> Result<Story, CliError> {
    let usage = |error: &dyn std::fmt::Display| CliError::Usage(error.to_string());
    let client = client_at(url, args.token.as_deref(), args.ca.as_deref())?;
    let ends = day.saturating_add(DAY - 1);
    let mut story = Story::new(vec![format!(
        "{url}, {}",
        &report::text::Time(day).to_string()[..10]
    )]);
    story.reports = None;
    story.reach(day);
    story.reach(ends);
    let answer = client.get(&format!("/api/v1/alerts?limit={ALERTS}"))?;
    let all = rows(&answer, "alerts");
    if all.len() >= ALERTS {
        story.limits.push(format!("the hub has more alerts than the latest {ALERTS}, among which those of the day were looked for"));
    }
    for value in all {
        let alert: Alert = serde_json::from_value(value.clone()).map_err(|error| {
            usage(&format_args!(
                "the hub is of another version than this program: {error}"
            ))
        })?;
        if alert.first_seen <= ends && alert.last_seen >= day {
            story.alerts.push(alert);
        }
    }
    let mut devices: Vec<String> = Vec::new();
    for alert in story.most_severe_first() {
        if !alert.device.is_empty() && !devices.contains(&alert.device) && devices.len() < DEVICES {
            devices.push(alert.device.clone());
        }
    }
    story.devices = devices.len() as u64;
    for device in &devices {
        let device = utf8_percent_encode(device, NON_ALPHANUMERIC);
        let answer = client.get(&format!("/api/v1/devices/{device}/traffic?since={day}"))?;
        for row in rows(&answer, "traffic") {
            add_traffic(&mut story, row, day, ends);
        }
    }
    story.limits.push(format!(
        "of a hub the report has the day's alerts, and the traffic of at most {DEVICES} devices that have one; \
         what is recommended for a device is on its page, and messages are not counted"
    ));
    Ok(story)
}

fn rows<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().map_or(&[], Vec::as_slice)
}

/// Traffic of an hour, if it is one of the day.
fn add_traffic(story: &mut Story, row: &Value, day: u32, ends: u32) {
    let number = |name: &str| row[name].as_u64().unwrap_or(0);
    let hour = u32::try_from(number("hour")).unwrap_or(0);
    if !(day..=ends).contains(&hour) {
        return;
    }
    let protocol: Protocol =
        serde_json::from_value(row["protocol"].clone()).unwrap_or(Protocol::Tcp);
    let service = Service {
        protocol,
        port: u16::try_from(number("port")).unwrap_or(0),
        at: match row["at_device"].as_bool() {
            Some(true) => Side::Device,
            _ => Side::Peer,
        },
    };
    let peer = row["peer"].as_str().and_then(|peer| peer.parse().ok());
    // The flows that an agent could not keep apart have no address.
    let peer = peer.filter(|peer: &IpAddr| !peer.is_unspecified());
    story.add_traffic(hour, peer, service, number("bytes_in"), number("bytes_out"));
}
