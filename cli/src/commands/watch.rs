//! `defender watch`: messages of all devices at a hub.

use std::{io, time::SystemTime};

use defender_message::{Record, SecurityMessage};

use crate::{
    args::WatchArgs,
    error::{self, CliError},
    hub::{Endpoint, Sender, Subscription, Update},
    output::{self, Format},
};

/// Shows messages until as many were shown as asked for.
pub fn run(args: WatchArgs) -> Result<(), CliError> {
    let format = Format::from_json_flag(args.json);
    let hub = Endpoint::new(args.hub, args.ca.as_deref())?;
    let mut subscription = Subscription::open(&hub)?;
    error::note(format_args!("watching {hub}"));
    let mut shown = 0;
    while args.count.is_none_or(|count| shown < count) {
        match subscription.next_update()? {
            Update::Message { sender, payload } => {
                shown += u64::from(show(&sender, &payload, format)?.is_some());
            }
            Update::Lost(reason) => error::note(format_args!(
                "lost the connection to {hub}: {reason}; trying again"
            )),
            Update::Back => error::note(format_args!("watching {hub} again")),
        }
    }
    Ok(())
}

/// Writes a message, or why it is none.
pub fn show(
    sender: &Sender,
    payload: &[u8],
    format: Format,
) -> Result<Option<SecurityMessage>, CliError> {
    match SecurityMessage::decode(payload) {
        Ok(message) => {
            let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
            let record = Record::new(message)
                .from_device(sender.as_ref())
                .received_at(now.as_secs())
                .of_bytes(payload.len());
            output::write(&record, format, &mut io::stdout().lock())?;
            Ok(Some(record.message))
        }
        Err(reason) => {
            error::complain(format_args!(
                "device {}: message of {} bytes: {reason}",
                sender.as_ref().escape_debug(),
                payload.len()
            ));
            Ok(None)
        }
    }
}
