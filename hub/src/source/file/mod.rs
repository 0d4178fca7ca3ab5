//! Files as sources: captures, messages, JSON lines, logs. What one is shows by its first bytes.

mod capture;
mod feed;
mod follow;
mod log;
mod merge;
mod message;
mod problems;
mod records;

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read},
    path::Path,
};

use defender_replay::{
    capture::{Capture, Name, is_capture},
    local::LocalAddress,
};

pub(crate) use self::feed::Feed;
pub use self::{
    capture::doubt,
    follow::Following,
    merge::{Piece, Stream, What},
    problems::Problems,
};

/// An input that gives its pieces one after the other. What is wrong with it, it tells, and goes on as far as it can.
pub trait Source {
    /// The next piece; `None` after the last one.
    fn next(&mut self, problems: &mut Problems) -> Option<Piece>;
}

/// What captures do not say of their devices.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said<'a> {
    /// The devices' own addresses; guessed when there are none.
    pub local: &'a [LocalAddress],
    /// What their system information reports, in place of what the replay's agent is built for.
    pub system: Option<&'a str>,
}

/// How much is looked at to see what an input is.
const PEEK: u64 = 4096;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Opens an input. What is wrong with it is told; then there is none.
pub fn open(path: &Path, said: Said<'_>, problems: &mut Problems) -> Option<Box<dyn Source>> {
    open_as_it_grows(path, said, None, problems)
}

/// The same; a file of JSON lines does not end as long as it is followed.
fn open_as_it_grows(
    path: &Path,
    said: Said<'_>,
    following: Option<&Following>,
    problems: &mut Problems,
) -> Option<Box<dyn Source>> {
    let is_standard_input = path == Path::new("-");
    let name = if is_standard_input {
        Name::StandardInput
    } else {
        Name::Path(path.to_owned())
    };
    let opened: io::Result<Box<dyn Read + Send>> = if is_standard_input {
        Ok(Box::new(io::stdin()))
    } else {
        File::open(path).map(|file| match following {
            Some(following) => Box::new(following.read(file)) as _,
            None => Box::new(file) as _,
        })
    };
    let mut beginning = Vec::new();
    let input = opened.and_then(|mut input| {
        peek(&mut input, &mut beginning, following.is_some())?;
        Ok(input)
    });
    let input = match input {
        Ok(input) => input,
        Err(error) => {
            problems.tell(format_args!("{name} cannot be read: {error}"));
            return None;
        }
    };
    let device = device_name(path);
    let kind = kind(&beginning, path);
    if let (Some(following), true) = (following, kind != Kind::Records) {
        following.end_with_the_file();
    }
    let whole = Cursor::new(beginning).chain(input);
    match kind {
        Kind::Records => Some(Box::new(records::Records::new(
            name,
            device,
            Box::new(BufReader::new(whole)),
        ))),
        Kind::Log => log::open(&name, whole, problems),
        Kind::Message => Some(Box::new(message::Messages::new(name, device, whole))),
        Kind::Capture => {
            // A file is read twice: once to see whose it is.
            let capture = match is_standard_input {
                true => Ok(Capture::stream(name, whole)),
                false => Capture::at(path),
            };
            capture::open(capture, device, said, problems)
        }
    }
}

/// Reads the beginning. Of a file that grows, what is there: the rest may come any time later.
fn peek(input: &mut impl Read, beginning: &mut Vec<u8>, grows: bool) -> io::Result<()> {
    if grows {
        beginning.resize(PEEK as usize, 0);
        let length = input.read(beginning)?;
        beginning.truncate(length);
    } else {
        input.take(PEEK).read_to_end(beginning)?;
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Capture,
    Records,
    Log,
    Message,
}

/// What an input is, by how it begins, and by its name when that says nothing.
fn kind(beginning: &[u8], path: &Path) -> Kind {
    /// Every security message has it.
    const MODULE: &[u8] = b"\"security_module_id\"";
    let text = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning);
    match text.trim_ascii_start().first() {
        Some(b'{' | b'[') => match text.windows(MODULE.len()).any(|part| part == MODULE) {
            true => Kind::Records,
            false => Kind::Log,
        },
        _ if is_capture(beginning) => Kind::Capture,
        _ if looks_like_a_message(beginning) => Kind::Message,
        _ if path.extension().is_some_and(|extension| extension == "bin") => Kind::Message,
        _ => Kind::Capture,
    }
}

/// A message begins with where its root is: a small number, beyond itself, and a multiple of four.
fn looks_like_a_message(beginning: &[u8]) -> bool {
    match beginning.first_chunk() {
        Some(root) => {
            let root = u32::from_le_bytes(*root);
            (4..0x1_0000).contains(&root) && root % 4 == 0
        }
        None => false,
    }
}

/// The device that a file is named after.
fn device_name(path: &Path) -> String {
    if path == Path::new("-") {
        return "stdin".to_owned();
    }
    let is_compressed = path
        .extension()
        .is_some_and(|extension| extension == "gz" || extension == "zst");
    let inner = path.file_stem().unwrap_or_default();
    let stem = match is_compressed {
        true => Path::new(inner).file_stem().unwrap_or_default(),
        false => inner,
    };
    let stem = stem.to_string_lossy();
    let is_numbered = stem.split_once('-').is_some_and(|(number, time)| {
        [number, time]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let directory = path
        .canonicalize()
        .ok()
        .and_then(|path| Some(path.parent()?.file_name()?.to_string_lossy().into_owned()));
    match directory {
        // As `replay --write` names the messages of a device.
        Some(directory) if is_numbered => directory,
        _ => stem.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_told_apart_by_how_they_begin() {
        let kind = |beginning: &[u8], name: &str| kind(beginning, Path::new(name));
        assert_eq!(kind(b"\xd4\xc3\xb2\xa1....", "x.bin"), Kind::Capture);
        assert_eq!(kind(b"\x0a\x0d\x0d\x0a", "x"), Kind::Capture);
        assert_eq!(kind(b"\x1f\x8b\x08\x00", "x.json"), Kind::Capture);
        let record = b"\xef\xbb\xbf \n{\"security_module_id\":\"\"}";
        assert_eq!(kind(record, "x.pcap"), Kind::Records);
        assert_eq!(kind(b"[{\"time\":\"\"}]", "x.pcap"), Kind::Log);
        assert_eq!(kind(b"\x10\0\0\0rest", "-"), Kind::Message);
        assert_eq!(kind(b"", "x.bin"), Kind::Message);
        assert_eq!(kind(b"", "x.pcap"), Kind::Capture);
    }

    #[test]
    fn devices_are_named_after_files() {
        let name = |path: &str| device_name(Path::new(path));
        assert_eq!(name("a/sensor-7.pcap"), "sensor-7");
        assert_eq!(name("a/sensor-7.pcapng.gz"), "sensor-7");
        assert_eq!(name("sensor-7.zst"), "sensor-7");
        assert_eq!(name("-"), "stdin");
        assert_eq!(name("nowhere/000-1795379311.bin"), "000-1795379311");
        let directory = tempfile::tempdir().unwrap();
        let pump = directory.path().join("pump");
        std::fs::create_dir(&pump).unwrap();
        let message = pump.join("000-1795379311.bin");
        std::fs::write(&message, "").unwrap();
        assert_eq!(device_name(&message), "pump");
    }
}
