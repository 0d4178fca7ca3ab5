//! The hub as a process: signals, and what its terminal or log shows.

use std::io;

use defender_detect::{Change, ChangeEvent};
use defender_hub::{
    Hub,
    config::HubConfig,
    notice::{Notice, Notices},
};
use tokio::runtime::{Builder, Runtime};

use super::folder;
use crate::{
    args::HubArgs,
    error::{self, CliError},
    output::UnixTime,
    signals::{Signal, Signals},
};

/// What a hub in this process runs on.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

/// Runs until it is asked to stop.
pub fn run(args: HubArgs) -> Result<(), CliError> {
    let mut config = match &args.config {
        Some(path) => HubConfig::read(path)?,
        None => HubConfig::default(),
    };
    let listen = &mut config.listen;
    listen.mqtt = args.mqtt.or(listen.mqtt);
    listen.mqtts = args.mqtts.or(listen.mqtts);
    listen.web = args.web.unwrap_or(listen.web);
    let for_whom = match listen.unenrolled {
        true => "anybody on this machine",
        false => "those who are enrolled",
    };
    let scheme = match config.web.certificate {
        Some(_) => "https",
        None => "http",
    };
    let folder = folder::of(args.data)?;
    runtime()?.block_on(async {
        let mut signals = Signals::new()?;
        let mut hub = Hub::start(config, folder.clone(), Notices::new(tell)).await?;
        error::note(format_args!("hub: data in {}", folder.display()));
        if let Some(address) = hub.mqtt_address() {
            error::note(format_args!("hub: mqtt://{address} for {for_whom}"));
        }
        if let Some(address) = hub.mqtts_address() {
            error::note(format_args!(
                "hub: mqtts://{address} for those who are enrolled"
            ));
        }
        error::note(format_args!("hub: API at {scheme}://{}", hub.web_address()));
        tell_service_manager(State::Ready);
        let failure = loop {
            tokio::select! {
                signal = signals.next() => match signal {
                    Signal::Reload => hub.reload().await,
                    Signal::Stop => break None,
                },
                failure = hub.failed() => break Some(failure),
            }
        };
        tell_service_manager(State::Stopping);
        if failure.is_none() {
            error::note("hub: stopping");
        }
        let stopped = hub.stop().await;
        match failure {
            Some(failure) => Err(failure.into()),
            None => Ok(stopped?),
        }
    })
}

/// Shows what the hub says.
fn tell(notice: Notice) {
    match notice {
        Notice::Alert(change) => {
            if let Some(line) = line(&change) {
                error::note(line);
            }
        }
        Notice::Trouble(text) => text.lines().for_each(error::complain),
        other => other.to_string().lines().for_each(error::note),
    }
}

/// A line about an alert that opens or closes.
fn line(change: &Change) -> Option<String> {
    let alert = &change.alert;
    let state = match change.event {
        ChangeEvent::Raised => "",
        ChangeEvent::Closed => " (over)",
        ChangeEvent::Again => return None,
    };
    let device = match alert.device.as_str() {
        "" => "the hub",
        device => device,
    };
    Some(format!(
        "{}  {}{state}  {device}: {}. {}",
        UnixTime(alert.last_seen.into()),
        alert.severity,
        alert.explanation,
        alert.id
    ))
}

/// What systemd wants to know of a service of the type `notify`.
enum State {
    Ready,
    Stopping,
}

fn tell_service_manager(state: State) {
    #[cfg(target_os = "linux")]
    {
        let state = match state {
            State::Ready => sd_notify::NotifyState::Ready,
            State::Stopping => sd_notify::NotifyState::Stopping,
        };
        // Where no service manager asks, nothing is told.
        let _ = sd_notify::notify(&[state]);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = state;
}
