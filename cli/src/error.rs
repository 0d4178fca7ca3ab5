//! What a command can fail with, and the exit code that says so.

use std::{
    fmt::Display,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anstyle::{AnsiColor, Style};
use defender_hub::{
    StartError, StopError,
    config::ConfigError as HubConfigError,
    identity::{DirectoryError, IdentityError, KeyFileError, seal::SealingKeyError},
    store::StoreError,
    users::UserError,
    web::ApiError,
};
use defender_message::decode::DecodeError;
use defender_replay::{capture::CaptureError, scenario::ScenarioError};

use crate::{
    config::ConfigError,
    device::DeviceError,
    hub::{HubError, TrustError},
    message_files::FilesError,
    output::Escaped,
};

/// Why a command did not do what it was asked to. Displayed, each is one sentence for the user; what is wrong with a file has as many lines as
/// there are problems.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A capture cannot be replayed.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// A configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A scenario cannot be as it was chosen.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// Some of the files to decode were refused; each was reported when it was.
    #[error("{refused} of {files} files could not be decoded to their end")]
    Decode {
        /// How many.
        refused: usize,
        /// Out of how many.
        files: usize,
    },
    /// Some of the inputs cannot be used, wholly or in part; each was told when it was.
    #[error("some of the inputs could not be read")]
    Inputs,
    /// What was looked for was found, and shown.
    #[error("there are alerts of at least the severity asked for")]
    Alerts,
    /// A file cannot be written.
    #[error("cannot write {path}: {error}", path = .path.display())]
    Write {
        /// Where to.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Messages cannot be written to files.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The agent sent what is no message.
    #[error("the agent sent what is no security message: {0}; this is a bug, please report it")]
    OwnMessage(DecodeError),
    /// Standard output does not take what is written.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    /// The simulated device does not run.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// It is not known whom to trust as the hub.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The hub cannot be reached, or was lost.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The hub does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The hub stopped by itself, or not as it should.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The hub's configuration cannot be used.
    #[error(transparent)]
    HubConfig(#[from] HubConfigError),
    /// The hub's store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Who is enrolled cannot be found out, or changed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// Something about an identity cannot be done.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Something about users cannot be done.
    #[error(transparent)]
    User(#[from] UserError),
    /// The key that seals those of devices is of no use.
    #[error(transparent)]
    SealingKey(#[from] SealingKeyError),
    /// Certificates and keys cannot be had, or made.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// A message to a device was not taken.
    #[error("the message to {device} was not taken: {reason}")]
    NotSent {
        /// The device.
        device: String,
        /// Why.
        reason: String,
    },
    /// The hub that was asked does not do it.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// What was given cannot be used.
    #[error("{0}")]
    Usage(String),
    /// The hub did not take all that the device had to say.
    #[error("{url} went away or took no more, and {bytes} bytes of traffic are unreported")]
    Unreported {
        /// Bytes of flows, in and out.
        bytes: u64,
        /// Where it was, without credentials.
        url: String,
    },
    /// The demonstration's hub has no place for what it keeps.
    #[error("cannot make a folder for the hub in {path}: {error}; the variable TMPDIR names another place", path = .path.display())]
    Folder {
        /// Where.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The demonstration did not come to what it is about.
    #[error("the hub has told of no attack within {seconds} s; this is a bug, please report it")]
    Unnoticed {
        /// How long it was waited for.
        seconds: u64,
    },
}

/// Bad input or usage; also what the argument parser exits with.
const BAD_INPUT: u8 = 2;
/// Found what somebody must look after.
const ALERTS: u8 = 3;
/// Everything else.
const FAILURE: u8 = 1;

impl CliError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Capture(_)
            | Self::Config(_)
            | Self::Scenario(_)
            | Self::Decode { .. }
            | Self::Usage(_)
            | Self::HubConfig(_)
            | Self::Inputs => BAD_INPUT,
            Self::Start(error) if error.is_bad_input() => BAD_INPUT,
            Self::KeyFile(KeyFileError::None(_) | KeyFileError::Exists(_))
            | Self::Directory(DirectoryError::Exists(_) | DirectoryError::OtherKey)
            | Self::User(UserError::Exists(_) | UserError::Unknown(_) | UserError::Password)
            | Self::SealingKey(_) => BAD_INPUT,
            Self::Alerts => ALERTS,
            Self::Trust(error) if error.is_bad_input() => BAD_INPUT,
            Self::Device(error) if error.is_bad_input() => BAD_INPUT,
            Self::Files(FilesError::Occupied(_) | FilesError::Link(_) | FilesError::File(_)) => {
                BAD_INPUT
            }
            _ => FAILURE,
        }
    }

    /// Whether whoever read our output has seen enough, as `head` does.
    fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Whether the user was told everything already.
    fn is_told(&self) -> bool {
        matches!(
            self,
            Self::Decode { files: 1, .. } | Self::Inputs | Self::Alerts
        )
    }

    /// Tells the user, and gives the exit code.
    pub fn report(&self) -> ExitCode {
        if self.is_broken_pipe() {
            return ExitCode::SUCCESS;
        }
        match self {
            _ if self.is_told() => {}
            // Each problem of a file has a line of its own.
            Self::Config(_) | Self::HubConfig(_) | Self::Start(StartError::Policy(_)) => {
                self.to_string().lines().for_each(complain);
            }
            _ => complain(self),
        }
        self.exit_code().into()
    }
}

/// Writes one line of complaint to standard error.
pub fn complain(complaint: impl Display) {
    const STYLE: Style = AnsiColor::Red.on_default().bold();
    let complaint = Escaped(complaint);
    let _ = writeln!(anstream::stderr(), "{STYLE}error:{STYLE:#} {complaint}");
}

/// Writes a line to standard error. If that is closed, nobody is there to be told.
pub fn note(text: impl Display) {
    let _ = writeln!(anstream::stderr(), "{}", Escaped(text));
}

/// Tells what is wrong with the arguments, or the help that they ask for, and gives the exit code.
pub fn report_usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    let is_harmless = |line: &str| Escaped(line).to_string() == line;
    if text.lines().all(is_harmless) {
        // With colours. If nobody is there to be told, that is no other error.
        let _ = error.print();
    } else {
        text.lines().for_each(note);
    }
    match error.exit_code() {
        0 => ExitCode::SUCCESS,
        _ => BAD_INPUT.into(),
    }
}
