//! `defender hub init`: certificates for MQTT over TLS.

use defender_hub::identity::KeyFiles;

use super::folder;
use crate::{
    args::HubInitArgs,
    error::{self, CliError},
};

/// Names under which a hub is reached from its own machine.
const OWN: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Makes an authority, and the hub's certificate.
pub fn run(args: HubInitArgs) -> Result<(), CliError> {
    let files = KeyFiles::of(&folder::of(args.data)?);
    let mut names = args.names;
    // None are those of the certificate that is renewed.
    if !(args.renew && names.is_empty()) {
        for own in OWN {
            if names.iter().all(|name| name != own) {
                names.push(own.to_owned());
            }
        }
    }
    match args.renew {
        true => names = files.renew(&names)?,
        false => files.init(&names)?,
    }
    error::note(format_args!(
        "the hub's certificate, for {}, is {}",
        names.join(", "),
        files.certificate().display()
    ));
    error::note(format_args!(
        "devices are to trust {}, or {} in DER",
        files.ca().display(),
        files.ca_der().display()
    ));
    error::note(match args.renew {
        true => {
            "next: SIGHUP to a hub that runs, or start it: it has the new certificate from then on"
        }
        false => "next: defender hub device add ID; defender hub --mqtts 0.0.0.0:8883",
    });
    Ok(())
}
