//! `defender hub device`: who may connect to a hub.

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use defender_hub::{
    identity::{
        self, ConnectionString, Credential, Device, DeviceFiles, Directory, KeyFiles, Role,
        SharedKey, Thumbprint, password, table::TableDirectory,
    },
    mqtt::DeviceId,
};
use serde_json::json;

use super::folder;
use crate::{
    args::{DeviceAddArgs, HubDeviceArgs, HubDeviceCommand},
    error::{self, CliError},
    output::{Format, Output, UnixTime},
};

/// Does what is asked for.
pub fn run(args: HubDeviceArgs) -> Result<(), CliError> {
    let folder = folder::of(args.data)?;
    let directory = identity::open(&folder)?;
    match args.command {
        HubDeviceCommand::Add(args) => add(&folder, &directory, &args),
        HubDeviceCommand::Remove { id } => match directory.remove(id.as_str())? {
            true => {
                error::note(format_args!(
                    "{id} is removed: it is cut off within a minute, and refused when it connects again"
                ));
                Ok(())
            }
            false => Err(CliError::Usage(format!("{id} is not enrolled"))),
        },
        HubDeviceCommand::List { json } => list(&directory, Format::from_json_flag(json)),
    }
}

fn add(folder: &Path, directory: &TableDirectory, args: &DeviceAddArgs) -> Result<(), CliError> {
    let files = KeyFiles::of(folder);
    let id = &args.id;
    if directory.find(id.as_str())?.is_some() {
        return Err(CliError::Usage(format!(
            "{id} is enrolled already; remove it first"
        )));
    }
    let shown;
    let note;
    let credential = if args.certificate {
        let issued = files.issue(id.as_str())?;
        let written = DeviceFiles::write(&args.out, id.as_str(), &issued)?;
        shown = connection_string(host(&files, args), id, None);
        note = format!(
            "certificate and key are in {} and {}; for NetX Secure in {} and {}",
            written.certificate.display(),
            written.key.display(),
            written.certificate_der.display(),
            written.key_der.display(),
        );
        Credential::Certificate(Thumbprint::of(&issued.certificate))
    } else if args.password {
        shown = password::make()?;
        note = format!("this is the password of user {id}; it is shown this once");
        Credential::Password(password::Hashed::new(shown.as_bytes())?)
    } else {
        let key = SharedKey::make()?;
        let sealing = files.sealing_key()?;
        directory.opens_with(&sealing)?;
        let sealed = sealing.seal(id.as_str(), &key)?;
        shown = connection_string(host(&files, args), id, Some(key));
        note = format!("{id} is enrolled; its key is shown this once");
        Credential::Key(sealed)
    };
    let role = match args.service {
        true => Role::Service,
        false => Role::Device,
    };
    directory.add(&Device::new(id.clone(), role, credential, now()))?;
    let mut output = Output::stdout(Format::Text);
    output.write_text(shown)?;
    output.flush()?;
    error::note(note);
    Ok(())
}

/// The hub's name, as far as it is known.
fn host(files: &KeyFiles, args: &DeviceAddArgs) -> String {
    let host = args.host.clone().or_else(|| files.host());
    host.unwrap_or_else(|| {
        error::note(
            "the hub has no certificate that says its name, so the connection string says localhost; `defender hub init NAME` makes one, --host names another",
        );
        "localhost".into()
    })
}

fn connection_string(host: String, device: &DeviceId, key: Option<SharedKey>) -> String {
    let device = device.clone();
    ConnectionString { host, device, key }.to_string()
}

fn list(directory: &TableDirectory, format: Format) -> Result<(), CliError> {
    let mut output = Output::stdout(format);
    for device in directory.list()? {
        let role = match device.role {
            Role::Service => "service",
            _ => "device",
        };
        let (proof, thumbprint) = match &device.credential {
            Credential::Key(_) => ("key", None),
            Credential::Password(_) => ("password", None),
            Credential::Certificate(thumbprint) => ("certificate", Some(thumbprint.to_string())),
            _ => ("unknown", None),
        };
        match format {
            Format::Json => output.write_json(&json!({
                "id": device.id.as_str(),
                "role": role,
                "proof": proof,
                "thumbprint": thumbprint,
                "added": device.added,
            }))?,
            Format::Text => output.write_text(format_args!(
                "{}  {role}  {proof}  since {}{}",
                device.id,
                UnixTime(device.added.into()),
                thumbprint.map_or_else(String::new, |thumbprint| format!("  {thumbprint}")),
            ))?,
        }
    }
    Ok(output.flush()?)
}

fn now() -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u32::try_from(now.as_secs()).unwrap_or(u32::MAX))
}
