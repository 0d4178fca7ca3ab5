//! A simulated device that replays a capture: what `replay` and `device` have in common.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use defender_hub::source::file::doubt;
use defender_replay::{
    Packet,
    capture::{Capture, CaptureError, Opened, Tolerance},
    device::Traffic,
    local::LocalAddress,
    schedule::{HubEvent, HubSchedule},
    timeline::{self, Timeline, Wait, World},
};
use threadx_defender::agent::{Settings, SettingsError};

use crate::{
    config::{self, ConfigError},
    device::{self, Device, DeviceError, Hub},
    error::{self, CliError},
    hub::DeviceId,
    outcome::Outcome,
    output::UnixTime,
    pace::{Pace, Speed},
    progress::Progress,
};

/// How long a hub that went away is waited for when the capture is over.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a device is to replay, and how.
pub struct Simulation {
    /// The capture, and whose it is.
    pub opened: Opened,
    /// The device's name at its hub.
    pub id: DeviceId,
    /// Settings of its agent.
    pub settings: Settings,
    /// When its hub comes and goes.
    pub schedule: HubSchedule,
    /// How its time goes.
    pub pace: timeline::Pace,
    /// How fast.
    pub speed: Speed,
    /// Its event ids are the same whenever it replays the same capture.
    pub is_repeatable: bool,
}

/// Who deals with what has arrived at the hub.
pub trait Observer: Send + 'static {
    /// A step of simulated time is over.
    fn step(&mut self, progress: &Progress) -> Result<(), CliError>;
}

/// Nobody looks.
impl Observer for () {
    fn step(&mut self, _progress: &Progress) -> Result<(), CliError> {
        Ok(())
    }
}

/// Looks through a capture, so that what is wrong with it shows before anything else happens. The device's
/// addresses are guessed when `local` names none, and that is said.
pub fn open(
    capture: Capture,
    local: Vec<LocalAddress>,
    tolerance: Tolerance,
) -> Result<Opened, CaptureError> {
    let opened = capture.open(local, tolerance)?;
    if opened.is_guess {
        error::note(format_args!(
            "taking {} for the device's own{}",
            list(opened.device.addresses()),
            doubt(&opened)
        ));
    } else if let Some(absent) = opened.absent() {
        let (does, seen) = if absent.addresses.len() == 1 {
            ("does", list(&absent.seen))
        } else {
            ("do", list(&absent.seen))
        };
        error::note(format_args!(
            "warning: {} {does} not occur in {}; most frequent there: {seen}",
            list(&absent.addresses),
            opened.packets.reader().name(),
        ));
    }
    let end = opened.survey.span().map_or(0, |(_, end)| end.as_secs());
    if end > u32::MAX.into() {
        error::note(format_args!(
            "warning: {} goes on to {}; the agent's own time ends in 2106, and its events stay there",
            opened.packets.reader().name(),
            UnixTime(end),
        ));
    }
    Ok(opened)
}

fn list(addresses: &[impl ToString]) -> String {
    let texts: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    match texts.as_slice() {
        [] => "no address".to_owned(),
        [texts @ .., last] if !texts.is_empty() => format!("{} and {last}", texts.join(", ")),
        one => one.concat(),
    }
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
    /// Runs from the first packet until all is reported, and gives `observer` back.
    pub fn run<O: Observer>(
        self,
        hub: Arc<impl Hub>,
        observer: O,
    ) -> Result<(Outcome, O), CliError> {
        let plan = device::Plan {
            id: self.id.as_str().to_owned().leak(),
            identity: self.opened.device.clone(),
            is_repeatable: self.is_repeatable,
        };
        let plugged = Arc::clone(&hub);
        device::run(plan, plugged, move |device| {
            let mut stage = Stage {
                device,
                hub,
                settings: self.settings,
                is_up: true,
                gone_since: None,
                pace: Pace::begin(self.speed),
                progress: Progress::new(self.opened.survey.span()),
                observer,
            };
            let mut packets = self.opened.packets;
            let mut timeline = Timeline::new(self.pace, self.schedule);
            while timeline.step(&mut packets, &mut stage)? {}
            let unreported = match stage.device.is_reported() {
                true => Traffic::default(),
                false => stage.device.unreported()?,
            };
            let mut summary = stage.device.summary();
            summary.retries += timeline.refused();
            let outcome = Outcome::of(&packets, summary, unreported, timeline.left_out());
            Ok((outcome, stage.observer))
        })?
    }
}

/// Where a capture is replayed.
struct Stage<'a, H, O> {
    device: &'a mut Device,
    hub: Arc<H>,
    settings: Settings,
    /// Whether the schedule wants the hub to be there.
    is_up: bool,
    /// Since when the hub has been away after the last packet.
    gone_since: Option<Instant>,
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

    fn start(&mut self, unix_time: u64) -> Result<(), CliError> {
        self.device.enable(self.settings, unix_time)?;
        Ok(())
    }

    fn hub_event(&mut self, event: HubEvent) {
        match event {
            HubEvent::Up => self.is_up = true,
            HubEvent::Down => self.is_up = false,
            HubEvent::Fail => self.device.set_hub_refusing(true),
            HubEvent::Pass => self.device.set_hub_refusing(false),
        }
    }

    fn second(&mut self, second: u64) -> Result<Wait, CliError> {
        self.pace.wait_for(second);
        self.connect()?;
        let wait = self.device.advance_to(second)?;
        self.progress.at(second);
        self.observer.step(&self.progress)?;
        Ok(wait)
    }

    fn leave_out(&mut self, second: u64, until: u64) -> Result<(), CliError> {
        self.pace.skip(until - second);
        self.device.leave_out(second, until);
        Ok(())
    }

    fn packet(&mut self, _second: u64, packet: &Packet<'_>) -> Result<(), CliError> {
        self.device.packet(packet);
        Ok(())
    }

    fn is_reported(&mut self) -> bool {
        self.device.is_reported()
    }

    fn is_hub_lost(&mut self) -> bool {
        if self.hub.is_connected() {
            self.gone_since = None;
            return false;
        }
        // It may come back, in its own time.
        std::thread::sleep(Duration::from_millis(50));
        self.gone_since.get_or_insert_with(Instant::now).elapsed() > PATIENCE
    }
}
