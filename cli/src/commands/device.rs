//! `defender device`: a device at a hub.

use std::sync::Arc;

use crate::{
    args::DeviceArgs,
    capture::Source,
    device::{Hub, Message, Refused},
    error::{self, CliError},
    hub::{Endpoint, Publisher, PublisherOptions},
    output::UnixTime,
    schedule::HubSchedule,
    simulation::{self, Simulation},
};

/// Replays a capture and publishes the messages.
pub fn run(args: DeviceArgs) -> Result<(), CliError> {
    let settings = simulation::settings(args.config.as_deref(), args.jitter)?;
    let source = Source::new(&args.capture)?;
    let is_guess = args.local.is_empty();
    let (survey, local) = simulation::survey(&source, args.local)?;
    if is_guess {
        let addresses: Vec<_> = local.iter().map(ToString::to_string).collect();
        error::note(format_args!(
            "taking {} for the device's own; --local says otherwise",
            addresses.join(" and ")
        ));
    }
    let hub = Endpoint::new(args.hub, args.ca.as_deref())?;
    let options = PublisherOptions::default().acknowledged_within(args.ack_timeout.into());
    let publisher = Arc::new(Publisher::connect(&hub, &args.id, options)?);
    error::note(format_args!(
        "{} is connected to {hub}; its traffic begins at {}",
        args.id,
        UnixTime(survey.start.into())
    ));
    let simulation = Simulation {
        source,
        survey,
        id: args.id,
        local,
        settings,
        schedule: HubSchedule::always_up(),
        speed: args.speed,
    };
    let (summary, ()) = simulation.run(Arc::clone(&publisher), ())?;
    error::note(summary);
    if Hub::is_connected(&*publisher) {
        Ok(())
    } else {
        Err(CliError::Lost {
            url: hub.to_string(),
        })
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
