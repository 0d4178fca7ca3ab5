//! A capture from a file or a pipe, together with what is known about whose it is.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Cursor, Read},
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{CaptureError, Name, Reader, Reason, Tolerance};
use crate::{
    local::{Identity, LocalAddress, Survey},
    packet::{Link, Packet, PacketSource},
};

/// How many seconds of a pipe's packets are looked at before they are replayed: the first report comes no earlier.
const PREVIEW_SECONDS: u64 = 30;

/// How many of them at most.
const PREVIEW_PACKETS: usize = 10_000;

/// A capture that can be opened.
pub struct Capture {
    name: Name,
    content: Content,
}

enum Content {
    /// To be read as often as wanted.
    File(PathBuf),
    Memory(Arc<[u8]>),
    /// To be read once.
    Stream(Box<dyn Read + Send>),
}

/// A capture that is about to be replayed, and whose it is.
pub struct Opened {
    /// Its packets.
    pub packets: Packets,
    /// The device.
    pub device: Identity,
    /// What was seen of it: everything, or the beginning of what can be read only once.
    pub survey: Survey,
    /// The device's addresses are a guess.
    pub is_guess: bool,
    /// Hosts that might be the device as well, when it is a guess.
    pub others: Vec<IpAddr>,
}

impl Capture {
    /// The capture at `path`; `-` is standard input.
    ///
    /// # Errors
    /// [`CaptureError`] when there is none.
    pub fn at(path: &Path) -> Result<Self, CaptureError> {
        if path == Path::new("-") {
            return Ok(Self::stream(Name::StandardInput, io::stdin()));
        }
        let name = Name::Path(path.to_owned());
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        match opened {
            Ok((metadata, _)) if metadata.is_file() => Ok(Self {
                name,
                content: Content::File(path.to_owned()),
            }),
            // A pipe, say.
            Ok((metadata, file)) if !metadata.is_dir() => Ok(Self::stream(name, file)),
            Ok(_) => Err(Reason::Read(io::ErrorKind::IsADirectory.into()).of(&name)),
            Err(error) => Err(Reason::Open(error).of(&name)),
        }
    }

    /// A capture in memory, which errors call `name`.
    pub fn in_memory(name: Name, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self {
            name,
            content: Content::Memory(bytes.into()),
        }
    }

    /// A capture that can be read once, which errors call `name`.
    pub fn stream(name: Name, input: impl Read + Send + 'static) -> Self {
        Self {
            name,
            content: Content::Stream(Box::new(input)),
        }
    }

    /// What errors call it.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Looks through it, so that what is wrong shows before anything is done, and gets ready to replay it. The device has the
    /// addresses `local`, or those that are guessed when there are none.
    ///
    /// What can be read only once is looked at for half a minute of its own time only, and reported while it is read; but with
    /// [`Tolerance::Strict`] it is read to its end here, and kept in memory.
    ///
    /// # Errors
    /// [`CaptureError`]: it is no capture, there are no packets in it, or none that tells whose they are.
    pub fn open(
        self,
        local: Vec<LocalAddress>,
        tolerance: Tolerance,
    ) -> Result<Opened, CaptureError> {
        let name = self.name;
        let content = match self.content {
            Content::Stream(mut input) if tolerance == Tolerance::Strict => {
                // What is no capture may be endless.
                let mut bytes = Vec::new();
                let mut beginning = input.by_ref().take(1 << 16);
                let read = beginning.read_to_end(&mut bytes);
                read.map_err(|error| Reason::Read(error).of(&name))?;
                Reader::new(name.clone(), Cursor::new(bytes.clone()), tolerance)?;
                let read = input.read_to_end(&mut bytes);
                read.map_err(|error| Reason::Read(error).of(&name))?;
                Content::Memory(bytes.into())
            }
            other => other,
        };
        let mut survey = Survey::new();
        let packets = match content {
            Content::Stream(input) => {
                let mut reader = Reader::new(name.clone(), input, tolerance)?;
                let preview = preview(&mut reader, &mut survey)?;
                Packets::of(reader, preview)
            }
            Content::File(path) => {
                let open = || {
                    let file = File::open(&path).map_err(|error| Reason::Open(error).of(&name))?;
                    Reader::new(name.clone(), file, tolerance)
                };
                look_through(open()?, &mut survey)?;
                Packets::of(open()?, VecDeque::new())
            }
            Content::Memory(bytes) => {
                let open = || Reader::new(name.clone(), Cursor::new(Arc::clone(&bytes)), tolerance);
                look_through(open()?, &mut survey)?;
                Packets::of(open()?, VecDeque::new())
            }
        };
        let is_guess = local.is_empty();
        let (device, others) = if is_guess {
            let guess = survey.guess().ok_or_else(|| Reason::NoDevice.of(&name))?;
            (guess.device, guess.others)
        } else {
            (survey.identify(local), Vec::new())
        };
        Ok(Opened {
            packets,
            device,
            survey,
            is_guess,
            others,
        })
    }
}

impl Opened {
    /// The device's addresses that were not seen, and those that were seen most instead; `None` when all were seen.
    pub fn absent(&self) -> Option<Absent> {
        let addresses: Vec<_> = self
            .device
            .addresses()
            .iter()
            .filter(|own| !self.survey.has(own.address))
            .copied()
            .collect();
        (!addresses.is_empty()).then(|| Absent {
            addresses,
            seen: self.survey.busiest(5),
        })
    }
}

/// Addresses of the device that a capture does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// These.
    pub addresses: Vec<LocalAddress>,
    /// Those that it has instead, the most frequent first.
    pub seen: Vec<IpAddr>,
}

fn look_through(mut reader: Reader, survey: &mut Survey) -> Result<(), CaptureError> {
    while let Some(packet) = reader.next_packet()? {
        survey.observe(&packet);
    }
    Ok(())
}

/// Takes the first packets of what can be read only once.
fn preview(reader: &mut Reader, survey: &mut Survey) -> Result<VecDeque<Owned>, CaptureError> {
    let mut preview = VecDeque::new();
    let mut start = None;
    while preview.len() < PREVIEW_PACKETS
        && let Some(packet) = reader.next_packet()?
    {
        survey.observe(&packet);
        let start = *start.get_or_insert(packet.time);
        let is_late = packet.time.as_secs() >= start.as_secs() + PREVIEW_SECONDS;
        preview.push_back(Owned {
            time: packet.time,
            ip: packet.ip.map(Into::into),
            link: packet.link,
        });
        if is_late {
            break;
        }
    }
    Ok(preview)
}

/// A packet that was read before its turn.
struct Owned {
    time: std::time::Duration,
    ip: Option<Box<[u8]>>,
    link: Link,
}

/// The packets of a capture.
pub struct Packets {
    reader: Reader,
    preview: VecDeque<Owned>,
    current: Option<Owned>,
}

impl Packets {
    fn of(reader: Reader, preview: VecDeque<Owned>) -> Self {
        Self {
            reader,
            preview,
            current: None,
        }
    }

    /// Where they are read from.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }
}

impl PacketSource for Packets {
    type Error = CaptureError;

    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        self.current = self.preview.pop_front();
        match &self.current {
            Some(Owned { time, ip, link }) => Ok(Some(Packet {
                time: *time,
                ip: ip.as_deref(),
                link: *link,
            })),
            None => self.reader.next_packet(),
        }
    }
}
