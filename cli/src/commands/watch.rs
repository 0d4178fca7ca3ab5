//! `defender watch`: messages of all devices at a hub.

use std::time::Duration;

use defender_message::{Record, SecurityMessage};

use crate::{
    args::WatchArgs,
    error::{self, CliError},
    hub::{Endpoint, MAX_MESSAGE, Sender, Session, Subscription, SubscriptionOptions, Update},
    output::{Count, Format, Output},
};

/// Shows messages until as many were shown as asked for.
pub fn run(args: WatchArgs) -> Result<(), CliError> {
    let mut output = Output::stdout(Format::from_json_flag(args.json));
    let hub = Endpoint::new(args.hub, args.ca.as_deref())?;
    let mut options = SubscriptionOptions::default();
    if let Some(name) = args.session {
        options = options.session(name);
    }
    let mut subscription = Subscription::open(&hub, &options)?;
    error::note(format_args!(
        "watching {hub}{}",
        match subscription.session() {
            Session::Resumed => ", which has kept what came since the last time",
            Session::New => " in a new session: what came before is not seen",
            _ => "",
        }
    ));
    for refused in subscription.refused() {
        error::note(format_args!("{hub} does not let this user read {refused}"));
    }
    let mut shown = 0;
    while args.count.is_none_or(|count| shown < count) {
        let update = match subscription.try_update()? {
            Some(update) => update,
            None => {
                // Nothing more waits: now is the time for what was written.
                output.flush()?;
                subscription.next_update()?
            }
        };
        match update {
            Update::Message(arrival) => {
                let received = arrival.received;
                let message = show(&arrival.sender, &arrival.payload, received, &mut output)?;
                shown += u64::from(message.is_some());
                if subscription.session() != Session::Unkept {
                    // A hub may forget a message only when it was written.
                    output.flush()?;
                }
                subscription.acknowledge(arrival);
            }
            other => tell(&hub, &other),
        }
    }
    Ok(output.flush()?)
}

/// Says what has happened beside messages.
pub fn tell(hub: &Endpoint, update: &Update) {
    match update {
        Update::Skipped { topic, size } => error::complain(format_args!(
            "topic {topic}: message of {} skipped: a hub's largest has {}",
            Count(*size as u64, "byte"),
            Count(MAX_MESSAGE as u64, "byte"),
        )),
        Update::Lost { failure, pause } => error::note(format_args!(
            "lost the connection to {hub}, which {failure}; trying again in {}",
            humantime::format_duration(*pause)
        )),
        Update::Back { away, session } => {
            let away = Duration::from_secs(away.as_secs_f64().ceil() as u64);
            let away = humantime::format_duration(away);
            error::note(match session {
                Session::Resumed => {
                    format!("watching {hub} again, which has kept what came in {away} of absence")
                }
                Session::New => format!(
                    "watching {hub} again, which has lost the session: what came in {away} of absence is missed"
                ),
                _ => format!(
                    "watching {hub} again; what came in {away} of absence is missed (--session NAME keeps it)"
                ),
            });
        }
        _ => {}
    }
}

/// Writes a message, or says why it is none.
pub fn show(
    sender: &Sender,
    payload: &[u8],
    received: u64,
    output: &mut Output,
) -> Result<Option<SecurityMessage>, CliError> {
    match SecurityMessage::decode(payload) {
        Ok(message) => {
            let record = Record::new(message)
                .from_device(sender.as_ref())
                .received_at(received)
                .of_bytes(payload.len());
            output.write(&record)?;
            Ok(Some(record.message))
        }
        Err(reason) => {
            error::complain(format_args!(
                "device {}: message of {} bytes: {reason}",
                sender.as_ref(),
                payload.len()
            ));
            Ok(None)
        }
    }
}
