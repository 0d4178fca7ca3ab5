//! Captures: IP packets and their times from pcap and pcapng files of several link layers.

mod error;
mod link;
mod reader;
mod survey;
#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

pub use error::{CaptureError, Name, Reason};
pub use reader::{Packet, Reader};
pub use survey::Survey;

/// The traffic of an office device over three minutes, for demonstrations: 10.77.0.2 and fd77::2.
static BUNDLED: &[u8] = include_bytes!("../../data/office.pcap");

/// Where a capture comes from. It is read twice: once to see that it is whole, and once to replay it.
#[derive(Clone, Debug)]
pub struct Source {
    name: Name,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    File(PathBuf),
    Memory(Arc<[u8]>),
}

impl Source {
    /// The capture at `path`; `-` is standard input.
    ///
    /// What can be read only once (standard input, a pipe) is read to its end here and kept in memory.
    pub fn new(path: &Path) -> Result<Self, CaptureError> {
        if path == Path::new("-") {
            return Self::read_to_end(Name::StandardInput, io::stdin().lock());
        }
        let name = Name::Path(path.to_owned());
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        match opened {
            Ok((metadata, _)) if metadata.is_file() => Ok(Self {
                name,
                content: Content::File(path.to_owned()),
            }),
            Ok((_, file)) => Self::read_to_end(name, file),
            Err(error) => Err(Reason::Open(error).of(&name)),
        }
    }

    /// The capture that is part of this program.
    pub fn bundled() -> Self {
        Self {
            name: Name::Bundled,
            content: Content::Memory(BUNDLED.into()),
        }
    }

    fn read_to_end(name: Name, mut input: impl Read) -> Result<Self, CaptureError> {
        let mut bytes = Vec::new();
        match input.read_to_end(&mut bytes) {
            Ok(_) => Ok(Self {
                name,
                content: Content::Memory(bytes.into()),
            }),
            Err(error) => Err(Reason::Read(error).of(&name)),
        }
    }

    /// What errors call it.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Reads it from its beginning.
    pub fn open(&self) -> Result<Reader, CaptureError> {
        let input: Box<dyn Read + Send> = match &self.content {
            Content::Memory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            Content::File(path) => match File::open(path) {
                Ok(file) => Box::new(file),
                Err(error) => return Err(Reason::Open(error).of(&self.name)),
            },
        };
        Reader::new(self.name.clone(), BufReader::with_capacity(1 << 16, input))
    }

    /// Reads all of it, so that what is wrong with it shows before anything is done.
    pub fn survey(&self) -> Result<Survey, CaptureError> {
        Survey::of(self.open()?)
    }
}
