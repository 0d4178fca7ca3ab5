//! `defender replay`: what the agent would have reported.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use defender_message::{Record, SecurityMessage};

use crate::{
    args::ReplayArgs,
    capture::Source,
    device::{Hub, Message, Refused},
    error::{self, CliError},
    hub::DeviceId,
    output::{Format, Output},
    pace::Speed,
    progress::Progress,
    simulation::{self, Observer, Simulation},
};

/// Replays a capture as fast as possible and shows the messages.
pub fn run(args: ReplayArgs) -> Result<(), CliError> {
    let settings = simulation::settings(args.config.as_deref(), args.jitter)?;
    let source = Source::new(&args.capture)?;
    let (survey, local) = simulation::survey(&source, args.local)?;
    if let Some(directory) = &args.write {
        fs::create_dir_all(directory).map_err(|error| CliError::Write {
            path: directory.clone(),
            error,
        })?;
    }
    let simulation = Simulation {
        source,
        survey,
        id: DeviceId::fixed("replay"),
        local,
        settings,
        schedule: args.hub_events,
        speed: Speed::Unlimited,
    };
    let inbox = Arc::new(Inbox::default());
    // `-` stands for standard input.
    let device = match args.capture.file_stem() {
        Some(stem) if args.capture != Path::new("-") => stem.to_string_lossy().into_owned(),
        _ => "replay".to_owned(),
    };
    let writer = Writer {
        inbox: Arc::clone(&inbox),
        device,
        output: Output::stdout(Format::from_json_flag(args.json)),
        directory: args.write,
        written: 0,
    };
    let (summary, _) = simulation.run(inbox, writer)?;
    error::note(summary);
    Ok(())
}

/// A hub that keeps messages until they are fetched.
#[derive(Default)]
struct Inbox {
    messages: Mutex<Vec<Taken>>,
}

/// A message that the hub took.
struct Taken {
    sent: u32,
    payload: Vec<u8>,
}

impl Hub for Inbox {
    fn take(&self, message: &Message<'_>) -> Result<(), Refused> {
        let taken = Taken {
            sent: message.sent,
            payload: message.payload.to_vec(),
        };
        self.messages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(taken);
        Ok(())
    }
}

impl Inbox {
    fn fetch(&self) -> Vec<Taken> {
        std::mem::take(&mut self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes messages to standard output, and to files if asked to.
struct Writer {
    inbox: Arc<Inbox>,
    /// What the device is called in what is written.
    device: String,
    output: Output,
    directory: Option<PathBuf>,
    written: u64,
}

impl Observer for Writer {
    fn second(&mut self, progress: &Progress) -> Result<(), CliError> {
        for taken in self.inbox.fetch() {
            self.write(&taken)?;
        }
        Ok(progress.while_printing(|| self.output.flush())?)
    }
}

impl Writer {
    fn write(&mut self, taken: &Taken) -> Result<(), CliError> {
        if let Some(directory) = &self.directory {
            let name = format!("{:03}-{}.bin", self.written, taken.sent);
            write_file(&directory.join(name), &taken.payload)?;
        }
        self.written += 1;
        let message = SecurityMessage::decode(&taken.payload).map_err(CliError::OwnMessage)?;
        let record = Record::new(message)
            .from_device(self.device.as_str())
            .received_at(taken.sent.into())
            .of_bytes(taken.payload.len());
        Ok(self.output.write(&record)?)
    }
}

fn write_file(path: &Path, content: &[u8]) -> Result<(), CliError> {
    fs::write(path, content).map_err(|error| CliError::Write {
        path: path.to_owned(),
        error,
    })
}
