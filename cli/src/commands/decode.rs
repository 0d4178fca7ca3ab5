//! `defender decode`: binary messages to JSON.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use defender_message::{Record, SecurityMessage, decode::DecodeError};

use crate::{
    args::DecodeArgs,
    error::{self, CliError},
    output::{self, Format},
};

/// Why a file was refused.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("is empty; it should hold one security message")]
    Empty,
    #[error("{0}")]
    Decode(#[from] DecodeError),
}

/// Decodes every file; those that are refused do not keep the others from being decoded.
pub fn run(args: &DecodeArgs) -> Result<(), CliError> {
    let format = Format::from_json_flag(!args.text);
    let mut out = io::stdout().lock();
    let mut refused = 0;
    for path in &args.files {
        match decode(path) {
            Ok(record) => output::write(&record, format, &mut out)?,
            Err(refusal) => {
                refused += 1;
                error::complain(format_args!("{}: {refusal}", name(path)));
            }
        }
    }
    match refused {
        0 => Ok(()),
        _ => Err(CliError::Decode {
            refused,
            files: args.files.len(),
        }),
    }
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn name(path: &Path) -> String {
    if is_standard_input(path) {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}

fn decode(path: &Path) -> Result<Record, Refusal> {
    let bytes = if is_standard_input(path) {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        bytes
    } else {
        fs::read(path)?
    };
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    Ok(Record::new(SecurityMessage::decode(&bytes)?).of_bytes(bytes.len()))
}
