//! A simulated device that replays a capture: what `replay`, `device` and `demo` have in common.

use std::{path::Path, sync::Arc, time::Duration};

use threadx_defender::agent::{Settings, SettingsError};

use crate::{
    capture::{CaptureError, Packet, Reason, Source, Survey},
    config::{self, ConfigError},
    device::{self, Device, DeviceError, Hub, Summary},
    error::{self, CliError},
    hub::DeviceId,
    local::LocalAddress,
    output::UnixTime,
    pace::{Pace, Speed},
    progress::Progress,
    schedule::{HubEvent, HubSchedule},
    timeline::{self, LINGER, World},
};

/// What a device is to replay, and how.
pub struct Simulation {
    /// The capture.
    pub source: Source,
    /// What is known about it.
    pub survey: Survey,
    /// The device's name at its hub.
    pub id: DeviceId,
    /// The device's own addresses.
    pub local: Vec<LocalAddress>,
    /// Settings of its agent.
    pub settings: Settings,
    /// When its hub comes and goes.
    pub schedule: HubSchedule,
    /// How fast its time goes.
    pub speed: Speed,
}

/// Who deals with what has arrived at the hub.
pub trait Observer: Send + 'static {
    /// A simulated second is over.
    fn second(&mut self, progress: &Progress) -> Result<(), CliError>;
}

/// Nobody looks.
impl Observer for () {
    fn second(&mut self, _progress: &Progress) -> Result<(), CliError> {
        Ok(())
    }
}

/// Looks through a capture, so that what is wrong with it shows before anything else happens. The device's
/// addresses are those that take part in most packets when `local` names none.
pub fn survey(
    source: &Source,
    local: Vec<LocalAddress>,
) -> Result<(Survey, Vec<LocalAddress>), CaptureError> {
    let survey = source.survey()?;
    let local = if local.is_empty() {
        survey.busiest.clone()
    } else {
        local
    };
    if local.is_empty() {
        return Err(Reason::NoDevice.of(source.name()));
    }
    Ok((survey, local))
}

/// The settings of `config`, and `jitter` seconds of start-up jitter: not random, so that a replay always gives
/// the same.
pub fn settings(config: Option<&Path>, jitter: u32) -> Result<Settings, ConfigError> {
    let mut settings = match config {
        Some(path) => config::read(path)?,
        None => config::defaults(),
    };
    fix_jitter(&mut settings, jitter)
        .map_err(|error| ConfigError::first_collection(config, error))?;
    Ok(settings)
}

fn fix_jitter(settings: &mut Settings, jitter: u32) -> Result<(), SettingsError> {
    let first = settings.first_collection() + Duration::from_secs(jitter.into());
    settings.set_first_collection(first)?;
    settings.set_first_collection_jitter(Duration::ZERO)
}

impl Simulation {
    /// Runs from the first packet until some seconds after the last, and gives `observer` back.
    pub fn run<O: Observer>(
        self,
        hub: Arc<impl Hub>,
        observer: O,
    ) -> Result<(Summary, O), CliError> {
        let plan = device::Plan {
            id: self.id.clone(),
            local: self.local.clone(),
            settings: self.settings,
            start: self.survey.start,
        };
        let plugged = Arc::clone(&hub);
        device::run(plan, plugged, move |device| {
            let seconds = (self.survey.end - self.survey.start).saturating_add(LINGER);
            let mut stage = Stage {
                device,
                hub,
                is_up: self.schedule.starts_up(),
                pace: Pace::begin(self.speed),
                progress: Progress::new(seconds.into()),
                observer,
            };
            stage.connect()?;
            stage.device.enable()?;
            let mut reader = self.source.open()?;
            timeline::replay(&mut reader, self.survey.start, self.schedule, &mut stage)?;
            Ok((stage.device.summary(), stage.observer))
        })?
    }
}

/// Where a capture is replayed.
struct Stage<'a, H, O> {
    device: &'a mut Device,
    hub: Arc<H>,
    /// Whether the schedule wants the hub to be there.
    is_up: bool,
    pace: Pace,
    progress: Progress,
    observer: O,
}

impl<H: Hub, O> Stage<'_, H, O> {
    /// Lets the hub client know whether the hub is there.
    fn connect(&mut self) -> Result<(), DeviceError> {
        let is_connected = self.is_up && self.hub.is_connected();
        self.device.set_hub_connected(is_connected)
    }
}

impl<H: Hub, O: Observer> World for Stage<'_, H, O> {
    type Error = CliError;

    fn hub_event(&mut self, event: HubEvent) -> Result<(), CliError> {
        match event {
            HubEvent::Up => self.is_up = true,
            HubEvent::Down => self.is_up = false,
            HubEvent::Fail => self.device.set_hub_refusing(true),
            HubEvent::Pass => self.device.set_hub_refusing(false),
        }
        Ok(())
    }

    fn second(&mut self, elapsed: u32) -> Result<(), CliError> {
        self.pace.wait_for(elapsed);
        self.connect()?;
        self.device.advance_to(elapsed)?;
        self.progress.at(elapsed.into());
        self.observer.second(&self.progress)
    }

    fn skip_to(&mut self, elapsed: u32) -> Result<(), CliError> {
        let skipped = elapsed - self.device.elapsed();
        self.progress.while_noting(|| {
            error::note(format_args!(
                "no packets for a long time after {}: left out {} of it",
                UnixTime(self.device.now().into()),
                humantime::format_duration(Duration::from_secs(skipped.into())),
            ));
        });
        self.pace.skip(skipped);
        self.device.skip_to(elapsed);
        Ok(())
    }

    fn packet(&mut self, packet: Packet<'_>) -> Result<(), CliError> {
        self.device.frame(packet.ip);
        Ok(())
    }
}
