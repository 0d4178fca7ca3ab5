//! `defender decode`: binary messages to JSON or text.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, Read},
    path::Path,
};

use defender_message::{
    Record,
    decode::{SecurityMessages, StreamError},
};

use crate::{
    args::DecodeArgs,
    error::{self, CliError},
    input,
    output::{Format, Output},
};

/// Decodes every file; those that are refused do not keep the others from being decoded.
pub fn run(args: &DecodeArgs) -> Result<(), CliError> {
    let format = match (args.json, args.text) {
        (true, _) => Format::Json,
        (_, true) => Format::Text,
        (false, false) => Format::by_reader(),
    };
    let mut output = Output::stdout(format);
    let mut refused = 0;
    for path in &args.files {
        if let Err(refusal) = decode(path, &mut output)? {
            refused += 1;
            output.flush()?;
            error::complain(format_args!("{}: {refusal}", input::name(path)));
        }
    }
    output.flush()?;
    match refused {
        0 => Ok(()),
        _ => Err(CliError::Decode {
            refused,
            files: args.files.len(),
        }),
    }
}

/// Writes what a file says, as far as it can be decoded.
fn decode(path: &Path, output: &mut Output) -> io::Result<Result<(), StreamError>> {
    let input: Box<dyn Read> = if input::is_standard(path) {
        Box::new(io::stdin().lock())
    } else {
        match File::open(path) {
            Ok(file) => Box::new(file),
            Err(error) => return Ok(Err(error.into())),
        }
    };
    let output = RefCell::new(output);
    let output = &output;
    for message in SecurityMessages::new(Watched { input, output }) {
        match message {
            Ok((message, bytes)) => {
                let record = Record::new(message).of_bytes(bytes);
                output.borrow_mut().write(&record)?;
            }
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(()))
}

/// An input that may keep one waiting: what has been decoded is shown before.
struct Watched<'a> {
    input: Box<dyn Read>,
    output: &'a RefCell<&'a mut Output>,
}

impl Read for Watched<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.output.borrow_mut().flush()?;
        self.input.read(bytes)
    }
}
