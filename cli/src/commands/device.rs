//! `defender device`: a device at a hub.

use std::sync::Arc;

use defender_replay::{
    capture::{Capture, Tolerance},
    schedule::HubSchedule,
    timeline,
};

use crate::{
    args::DeviceArgs,
    device::{Hub, Message, Refused},
    error::{self, CliError},
    hub::{Endpoint, Publisher, PublisherOptions},
    output::UnixTime,
    simulation::{self, Simulation},
};

/// Replays a capture and publishes the messages.
pub fn run(args: DeviceArgs) -> Result<(), CliError> {
    let settings = simulation::settings(args.config.as_deref(), args.jitter)?;
    let capture = Capture::at(&args.capture)?;
    let opened = simulation::open(capture, args.local, Tolerance::Lenient)?;
    let hub = Endpoint::new(args.hub, args.ca.as_deref())?;
    let options = PublisherOptions::default().acknowledged_within(args.ack_timeout);
    let publisher = Arc::new(Publisher::connect(&hub, &args.id, options)?);
    let start = opened.survey.span().map_or(0, |(start, _)| start.as_secs());
    error::note(format_args!(
        "{} is connected to {hub}; its traffic begins at {}",
        args.id,
        UnixTime(start)
    ));
    let simulation = Simulation {
        opened,
        id: args.id,
        settings,
        schedule: HubSchedule::always_up(),
        pace: timeline::Pace::BY_SECOND,
        speed: args.speed,
        is_repeatable: false,
    };
    let (outcome, ()) = simulation.run(Arc::clone(&publisher), ())?;
    outcome.lines().for_each(error::note);
    // A hub that goes away when it has all is none of our concern.
    match outcome.unreported.total() {
        0 => Ok(()),
        bytes => Err(CliError::Unreported {
            bytes,
            url: hub.to_string(),
        }),
    }
}

impl Hub for Publisher {
    /// One that does not acknowledge is as good as away: it is waited for as long.
    fn is_connected(&self) -> bool {
        Self::is_connected(self) && !self.is_stalled()
    }

    fn take(&self, message: &Message<'_>) -> Result<(), Refused> {
        self.publish(message.topic, message.payload)
            .map_err(|_| Refused)
    }
}
