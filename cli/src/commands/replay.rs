//! `defender replay`: what the agent would have reported.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use defender_message::{Record, SecurityMessage};
use defender_replay::{
    Plan, Replay,
    capture::{Capture, Opened, Tolerance},
    timeline::{Ending, Pace},
};
use threadx_defender::agent::Settings;

use crate::{
    args::ReplayArgs,
    device::{Hub, Message, Refused},
    error::{self, CliError},
    hub::DeviceId,
    message_files::MessageFiles,
    outcome::Outcome,
    output::{Format, Output},
    pace::Speed,
    progress::Progress,
    simulation::{self, Observer, Simulation},
};

/// The device's name at its hub.
const NAME: &str = "replay";

/// Replays a capture as fast as possible and shows the messages.
pub fn run(args: ReplayArgs) -> Result<(), CliError> {
    let settings = simulation::settings(args.config.as_deref(), args.jitter)?;
    let tolerance = if args.strict {
        Tolerance::Strict
    } else {
        Tolerance::Lenient
    };
    let capture = Capture::at(&args.capture)?;
    let opened = simulation::open(capture, args.local.clone(), tolerance)?;
    let files = args.write.clone();
    let files = files.map(|directory| MessageFiles::create(directory, args.force));
    // `-` stands for standard input.
    let device = match args.capture.file_stem() {
        Some(stem) if args.capture != Path::new("-") => stem.to_string_lossy().into_owned(),
        _ => NAME.to_owned(),
    };
    let writer = Writer {
        device,
        output: Output::stdout(Format::from_json_flag(args.json)),
        files: files.transpose()?,
    };
    let outcome = if args.pure {
        replay_pure(args, opened, settings, writer)?
    } else {
        replay_hooks(args, opened, settings, writer)?
    };
    outcome.lines().for_each(error::note);
    Ok(())
}

/// Through the packet hooks of the host port.
fn replay_hooks(
    args: ReplayArgs,
    opened: Opened,
    settings: Settings,
    writer: Writer,
) -> Result<Outcome, CliError> {
    let ending = ending(&args);
    let simulation = Simulation {
        opened,
        id: DeviceId::fixed(NAME),
        settings,
        schedule: args.hub_events,
        pace: Pace::FAST.ending(ending),
        speed: Speed::Unlimited,
        is_repeatable: true,
    };
    let inbox = Arc::new(Inbox::default());
    let observer = Fetcher {
        inbox: Arc::clone(&inbox),
        writer,
    };
    let (outcome, _) = simulation.run(inbox, observer)?;
    Ok(outcome)
}

/// Through the pure agent.
fn replay_pure(
    args: ReplayArgs,
    opened: Opened,
    settings: Settings,
    mut writer: Writer,
) -> Result<Outcome, CliError> {
    let ending = ending(&args);
    let plan = Plan::new(NAME, opened.device)
        .settings(settings)
        .schedule(args.hub_events)
        .ending(ending);
    let mut replay = Replay::new(opened.packets, plan);
    while let Some(message) = replay.next_message()? {
        writer.write(message.time, &message.bytes)?;
        if !replay.has_message() {
            writer.output.flush()?;
        }
    }
    Ok(Outcome::of(
        replay.source(),
        replay.summary(),
        replay.unreported(),
        replay.left_out(),
    ))
}

fn ending(args: &ReplayArgs) -> Ending {
    if args.cut {
        Ending::Cut
    } else {
        Ending::Report
    }
}

/// A hub that keeps messages until they are fetched.
#[derive(Default)]
struct Inbox {
    messages: Mutex<Vec<(u64, Vec<u8>)>>,
}

impl Hub for Inbox {
    fn take(&self, message: &Message<'_>) -> Result<(), Refused> {
        self.messages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((message.sent, message.payload.to_vec()));
        Ok(())
    }
}

impl Inbox {
    fn fetch(&self) -> Vec<(u64, Vec<u8>)> {
        std::mem::take(&mut self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Fetches messages when a step of simulated time is over.
struct Fetcher {
    inbox: Arc<Inbox>,
    writer: Writer,
}

impl Observer for Fetcher {
    fn step(&mut self, progress: &Progress) -> Result<(), CliError> {
        let messages = self.inbox.fetch();
        if messages.is_empty() {
            return Ok(());
        }
        for (sent, payload) in messages {
            self.writer.write(sent, &payload)?;
        }
        Ok(progress.while_printing(|| self.writer.output.flush())?)
    }
}

/// Writes messages to standard output, and to files if asked to.
struct Writer {
    /// What the device is called in what is written.
    device: String,
    output: Output,
    files: Option<MessageFiles>,
}

impl Writer {
    fn write(&mut self, sent: u64, payload: &[u8]) -> Result<(), CliError> {
        if let Some(files) = &mut self.files {
            files.write(sent, payload)?;
        }
        let message = SecurityMessage::decode(payload).map_err(CliError::OwnMessage)?;
        let record = Record::new(message)
            .from_device(self.device.as_str())
            .received_at(sent)
            .of_bytes(payload.len());
        Ok(self.output.write(&record)?)
    }
}
