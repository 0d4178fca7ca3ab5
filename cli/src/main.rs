//! `defender`: the Defender-IoT micro agent on this machine, fed with captures and heard over MQTT.

mod args;
mod commands;
mod config;
mod detect;
mod device;
mod error;
mod evaluate;
mod hub;
mod input;
mod message_files;
mod outcome;
mod output;
mod pace;
mod progress;
mod signals;
mod simulation;
mod top;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let result = match args::Cli::try_parse() {
        Ok(arguments) => commands::run(arguments.command),
        Err(error) => return error::report_usage(&error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}
