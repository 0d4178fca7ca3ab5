//! `defender hub send`: a message to a device.

use defender_hub::mqtt::{DeviceId, Endpoint, PublishError, Publisher, PublisherOptions};

use crate::{
    args::HubSendArgs,
    error::{self, CliError},
};

/// Sends the message, and waits until the hub has it.
pub fn run(args: HubSendArgs) -> Result<(), CliError> {
    let hub = Endpoint::new(args.hub, args.ca.as_deref())?;
    // A name that no device has by chance: on this machine the hub takes anybody's.
    let name = format!("defender-send-{}", std::process::id());
    let service: DeviceId = name
        .parse()
        .map_err(|error| CliError::Usage(format!("{error}")))?;
    let publisher = Publisher::connect(&hub, &service, PublisherOptions::default())?;
    let topic = format!("devices/{}/messages/devicebound/", args.id);
    let sent = publisher.publish(&topic, args.text.as_bytes());
    sent.map_err(|reason| CliError::NotSent {
        device: args.id.to_string(),
        // There is no other way in which it says no.
        reason: match reason {
            PublishError::NotConnected => {
                "the hub knows no such device, or too many messages wait for it".into()
            }
            other => other.to_string(),
        },
    })?;
    error::note(format_args!("the hub has it for {}", args.id));
    Ok(())
}
