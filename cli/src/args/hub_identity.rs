//! The command line of what enrols devices, and sends to them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::hub::{DeviceId, HubUrl};

const DEVICE_EXAMPLES: &str = "\
Examples:
  A device that signs tokens with a key, as IoT Hub clients do; its connection
  string goes to standard output:
    defender hub device add sensor-7

  With a certificate, written to this folder; `defender hub init` comes before:
    defender hub device add sensor-8 --certificate

  A service that sees all messages, by
  `defender watch mqtts://audit:PASSWORD@HUB --ca ca.pem`:
    defender hub device add audit --service --password

  defender hub device list --json | jq -r .id
  defender hub device remove sensor-7

Keys are kept encrypted, with the key in DEFENDER_HUB_KEY or in the file \
sealing.key of the hub's folder: here it must be the same as where the hub runs.";

/// Enrol devices at a hub, remove and list them; the hub may be running
#[derive(Debug, Args)]
#[command(after_help = DEVICE_EXAMPLES)]
pub struct HubDeviceArgs {
    /// What to do
    #[command(subcommand)]
    pub command: HubDeviceCommand,
    /// The folder of the hub
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// What to do with identities.
#[derive(Debug, Subcommand)]
pub enum HubDeviceCommand {
    Add(DeviceAddArgs),
    /// Remove a device: it is cut off within a minute, and refused when it connects again
    Remove {
        /// The device's name
        #[arg(value_name = "ID")]
        id: DeviceId,
    },
    /// List those who are enrolled
    List {
        /// Write JSON, one object a line
        #[arg(long)]
        json: bool,
    },
}

/// Enrol a device, and write its connection string, or its password
#[derive(Debug, Args)]
pub struct DeviceAddArgs {
    /// The device's name
    #[arg(value_name = "ID")]
    pub id: DeviceId,
    /// Make a certificate and its key instead of a symmetric key, and write them to files
    #[arg(long, conflicts_with = "password")]
    pub certificate: bool,
    /// The folder for these files
    #[arg(
        long,
        value_name = "DIR",
        default_value = ".",
        requires = "certificate"
    )]
    pub out: PathBuf,
    /// Make a password instead of a symmetric key
    #[arg(long)]
    pub password: bool,
    /// A service instead of a device: it sees the messages of all devices, and sends to them
    #[arg(long)]
    pub service: bool,
    /// The hub's name in the connection string; that of its certificate when not given
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
}

/// Make the certificates with which the hub speaks MQTT over TLS
///
/// An authority, and the hub's certificate that it issues: RSA, as the IoT Hub client of NetX Duo needs it. Devices are to trust
/// the authority's.
#[derive(Debug, Args)]
pub struct HubInitArgs {
    /// Names and addresses under which devices reach the hub; the first is the one in connection strings
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Make a new certificate of the hub, and keep the authority that devices trust; without names it is for those of the one before
    #[arg(long)]
    pub renew: bool,
    /// The folder of the hub
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Send a message to a device
///
/// A device that is away gets it when it is back, unless the hub was stopped meanwhile. On this machine anybody may send, elsewhere a
/// service that is enrolled.
#[derive(Debug, Args)]
pub struct HubSendArgs {
    /// The device
    #[arg(value_name = "ID")]
    pub id: DeviceId,
    /// The message
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// The hub, as mqtt://user:password@host:port, or mqtts:// for TLS; user, password and port may be left out
    #[arg(long, value_name = "URL", default_value = "mqtt://127.0.0.1")]
    pub hub: HubUrl,
    /// A PEM file with the certificates to trust as issuers of that of an mqtts:// hub; those of the system when not given
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}
