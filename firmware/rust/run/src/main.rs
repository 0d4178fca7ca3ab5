//! Builds the device, and runs it in QEMU. The network that it gets there is QEMU's own, in which 10.0.2.2 is this machine; name service and
//! time, which a network has, this program serves.

#[path = "../../../../tests/support/resolver.rs"]
mod resolver;
mod time_service;

use std::error::Error;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Parser, ValueEnum};

/// What this machine is to the device.
const THIS_MACHINE: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

/// Run the device in QEMU against a hub on this machine
#[derive(Debug, Parser)]
struct Arguments {
    /// The certificate of whoever issued the hub's, in DER
    #[arg(long, value_name = "FILE", required_unless_present = "image")]
    ca: Option<PathBuf>,
    /// The hub's host name, as in its certificate; the device connects to port 8883 of this machine
    #[arg(long, value_name = "HOST", default_value = "hub.example")]
    hub: String,
    /// The device's name at the hub
    #[arg(long, value_name = "ID", default_value = "device-1")]
    id: String,
    /// The device's symmetric key, in base64; a broker that checks no passwords takes any
    #[arg(long, value_name = "KEY", default_value = "c2VjcmV0")]
    key: String,
    /// After so many messages of the agent the device takes everything down and ends
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 0,
        hide_default_value = true
    )]
    messages: u64,
    /// The board
    #[arg(long, value_enum, default_value = "mps2-an386")]
    board: Board,
    /// Build the device, and do not start it
    #[arg(long)]
    only_build: bool,
    /// Start this image, such as that of the device in C, which knows its hub, in place of one that is built here
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ca", "hub", "id", "key", "messages", "only_build"])]
    image: Option<PathBuf>,
}

/// A board of QEMU.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Board {
    /// A Cortex-M3
    #[value(name = "mps2-an385")]
    Mps2An385,
    /// A Cortex-M4F
    #[value(name = "mps2-an386")]
    Mps2An386,
}

impl Board {
    fn machine(self) -> &'static str {
        match self {
            Self::Mps2An385 => "mps2-an385",
            Self::Mps2An386 => "mps2-an386",
        }
    }

    fn target(self) -> &'static str {
        match self {
            Self::Mps2An385 => "thumbv7m-none-eabi",
            Self::Mps2An386 => "thumbv7em-none-eabihf",
        }
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let image = match (&arguments.image, &arguments.ca) {
        (Some(image), _) => image.clone(),
        (None, Some(ca)) => build(arguments, ca)?,
        (None, None) => unreachable!("clap has one of them"),
    };
    if arguments.only_build {
        println!("{}", image.display());
        return Ok(ExitCode::SUCCESS);
    }
    // Every host is this machine.
    resolver::serve(Ipv4Addr::LOCALHOST.into(), |_| Some(THIS_MACHINE))
        .map_err(|error| for_root("name service", error))?;
    time_service::serve().map_err(|error| for_root("time", error))?;
    if !image.is_file() {
        return Err(format!("{}: there is no such image", image.display()).into());
    }
    let status = Command::new("qemu-system-arm")
        .args(["-machine", arguments.board.machine()])
        .args(["-display", "none", "-monitor", "none", "-serial", "none"])
        .args(["-semihosting-config", "enable=on,target=native"])
        .args(["-nic", "user", "-kernel"])
        .arg(image)
        .status()
        .map_err(|error| format!("qemu-system-arm: {error}"))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn for_root(what: &str, error: std::io::Error) -> String {
    format!("{what} for the device: {error}; its port of 127.0.0.1 must be free, and needs root")
}

/// The device's image.
fn build(arguments: &Arguments, ca: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ca = ca
        .canonicalize()
        .map_err(|error| format!("{}: {error}", ca.display()))?;
    let target = arguments.board.target();
    let folder = workspace.join("target");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "device"])
        .args(["--target", target, "--target-dir"])
        .arg(&folder)
        .current_dir(&workspace)
        .env("DEVICE_CA", ca)
        .env("DEVICE_HUB", &arguments.hub)
        .env("DEVICE_ID", &arguments.id)
        .env("DEVICE_KEY", &arguments.key)
        .env("DEVICE_MESSAGES", arguments.messages.to_string())
        .status()?;
    if !status.success() {
        return Err("the device was not built".into());
    }
    Ok(folder.join(target).join("release/device"))
}
