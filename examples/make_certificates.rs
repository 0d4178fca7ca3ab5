//! Makes certificates for a hub and a device of one's own, and a configuration with which Mosquitto uses them.
//!
//! `cargo run -p threadx-defender --example make_certificates -- DIRECTORY`

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;

#[path = "../tests/support/certificates.rs"]
mod certificates;

/// Make certificates for a hub and a device, and a configuration for Mosquitto
///
/// For trying things out on a machine of one's own: the keys are not protected, and the broker takes every device.
#[derive(Debug, Parser)]
struct Args {
    /// Where to write the files; it is made if it does not exist
    directory: PathBuf,
    /// Names and addresses under which the hub is reached; the first is its common name
    #[arg(
        long,
        value_name = "NAME",
        num_args = 1..,
        default_values = ["10.90.0.1", "hub.example", "localhost", "127.0.0.1", "::1"]
    )]
    hub: Vec<String>,
    /// The device's name at the hub
    #[arg(long, value_name = "ID", default_value = "device-1")]
    device: String,
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let args = Args::parse();
    fs::create_dir_all(&args.directory)?;
    let directory = args.directory.canonicalize()?;
    let names: Vec<_> = args.hub.iter().map(String::as_str).collect();
    certificates::write(&directory, &names, &args.device)?;
    let configuration = directory.join("mosquitto.conf");
    fs::write(&configuration, mosquitto(&directory))?;
    println!(
        "{}: for Mosquitto, with the certificate of {}",
        configuration.display(),
        names.join(", ")
    );
    let ca = directory.join(certificates::CA_PEM);
    println!("{}: for those who are to trust it", ca.display());
    Ok(())
}

/// A broker on the one port that IoT Hub clients connect to, for every device, with or without a certificate.
fn mosquitto(directory: &Path) -> String {
    let file = |name: &str| directory.join(name).display().to_string();
    let [certificate, key] = certificates::HUB_FILES.map(file);
    format!(
        "listener 8883\n\
         cafile {ca}\n\
         certfile {certificate}\n\
         keyfile {key}\n\
         allow_anonymous true\n",
        ca = file(certificates::CA_PEM),
    )
}
