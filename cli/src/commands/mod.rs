//! The commands.

mod baseline;
mod decode;
mod demo;
mod detect;
mod device;
mod evaluate;
mod hub;
mod mud;
mod posture;
mod replay;
mod report;
mod rules;
mod scenario;
mod top;
mod watch;

use crate::{
    args::{Command, DemoArgs},
    error::CliError,
};

/// Runs a command; the demonstration when none is named.
pub fn run(command: Option<Command>) -> Result<(), CliError> {
    match command {
        None => demo::run(&DemoArgs::default()),
        Some(Command::Demo(args)) => demo::run(&args),
        Some(Command::Replay(args)) => replay::run(args),
        Some(Command::Decode(args)) => decode::run(&args),
        Some(Command::Device(args)) => device::run(args),
        Some(Command::Watch(args)) => watch::run(args),
        Some(Command::Detect(args)) => detect::run(&args),
        Some(Command::Report(args)) => report::run(&args),
        Some(Command::Hub(args)) => hub::run(args),
        Some(Command::Top(args)) => top::run(&args),
        Some(Command::Rules(args)) => rules::run(&args),
        Some(Command::Posture(args)) => posture::run(&args),
        Some(Command::Baseline(args)) => baseline::run(args),
        Some(Command::Mud(args)) => mud::run(&args),
        Some(Command::Evaluate(args)) => evaluate::run(&args),
        Some(Command::Scenario(args)) => scenario::run(&args),
    }
}
