//! `defender hub`: the hub, and what is done with it.

mod alerts;
pub(super) mod api;
mod baseline;
mod device;
mod folder;
mod init;
mod run;
mod send;
mod user;

pub use self::run::runtime;

use defender_hub::store;

use crate::{
    args::{HubArgs, HubCommand},
    error::{self, CliError},
};

/// Runs the hub, or does what is asked for.
pub fn run(args: Box<HubArgs>) -> Result<(), CliError> {
    match args.command {
        None => run::run(*args),
        Some(HubCommand::Init(args)) => init::run(args),
        Some(HubCommand::Device(args)) => device::run(args),
        Some(HubCommand::User(args)) => user::run(args),
        Some(HubCommand::Send(args)) => send::run(args),
        Some(HubCommand::Backup { file, data }) => {
            store::backup(&folder::of(data)?, &file)?;
            error::note(format_args!("copied to {}, and checked", file.display()));
            Ok(())
        }
        Some(HubCommand::Alerts(args)) => alerts::run(args),
        Some(HubCommand::Baseline(args)) => baseline::run(args),
    }
}
