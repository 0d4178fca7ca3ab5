//! OCSF findings as JSON lines, to a file that is rotated, or to standard output.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use defender_detect::ocsf;
use serde::Deserialize;

use super::{Sink, SinkError, uid};
use crate::store::Outgoing;

/// Of the end of a file, so much is looked at for what was written before a crash: more than is told at a time.
const TAIL: u64 = 4 << 20;

/// How large a file may become, and how many older ones are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rotation {
    /// From this size on, in bytes, another file is begun.
    pub size: u64,
    /// How many older files are kept, as `NAME.1`, the youngest, to `NAME.N`.
    pub keep: u16,
}

/// Writes lines.
pub(crate) struct OcsfLines(Output);

enum Output {
    Standard,
    File(RotatedFile),
}

impl OcsfLines {
    /// To standard output.
    pub fn standard_output() -> Self {
        Self(Output::Standard)
    }

    /// To a file, behind what is in it.
    pub fn file(path: PathBuf, rotation: Rotation) -> Self {
        Self(Output::File(RotatedFile {
            path,
            rotation,
            open: None,
        }))
    }
}

impl Sink for OcsfLines {
    fn tell(&mut self, changes: &[Outgoing]) -> Result<(), SinkError> {
        match &mut self.0 {
            Output::Standard => {
                let mut out = io::stdout().lock();
                let written = changes
                    .iter()
                    .try_for_each(|outgoing| out.write_all(&line(outgoing)?));
                written.and_then(|()| out.flush()).map_err(SinkError::new)
            }
            Output::File(file) => file.write(changes).map_err(|error| {
                file.open = None;
                SinkError(format!("{}: {error}", file.path.display()))
            }),
        }
    }
}

fn line(outgoing: &Outgoing) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&ocsf::finding(&outgoing.change))?;
    line.push(b'\n');
    Ok(line)
}

struct RotatedFile {
    path: PathBuf,
    rotation: Rotation,
    open: Option<(File, Written)>,
}

/// What a file has.
struct Written {
    size: u64,
    /// Ids of lines that may be told again, since nobody took note that they were written.
    ids: HashSet<String>,
}

impl RotatedFile {
    fn write(&mut self, changes: &[Outgoing]) -> io::Result<()> {
        if let Some((file, written)) = &self.open
            && written.size >= self.rotation.size
        {
            file.sync_data()?;
            self.open = None;
            self.rotate()?;
        }
        let (file, written) = match &mut self.open {
            Some(open) => open,
            none => none.insert(open(&self.path)?),
        };
        // Behind the first batch it is known what was told.
        let ids = std::mem::take(&mut written.ids);
        let mut lines = Vec::new();
        for outgoing in changes {
            if !ids.contains(&uid(outgoing)) {
                lines.append(&mut line(outgoing)?);
            }
        }
        file.write_all(&lines)?;
        file.sync_data()?;
        written.size += lines.len() as u64;
        Ok(())
    }

    fn rotate(&self) -> io::Result<()> {
        let older = |number: u16| -> PathBuf {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            name.into()
        };
        for number in (1..self.rotation.keep).rev() {
            rename(&older(number), &older(number + 1))?;
        }
        match self.rotation.keep {
            0 => fs::remove_file(&self.path),
            _ => rename(&self.path, &older(1)),
        }
    }
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Opens a file, without the part of a line that a crash has left at its end.
fn open(path: &Path) -> io::Result<(File, Written)> {
    let mut options = File::options();
    let mut file = options
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)?;
    let size = file.metadata()?.len();
    let from = size.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    (&file).take(TAIL).read_to_end(&mut tail)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n');
    let whole = whole.map_or(0, |newline| newline + 1);
    let size = from + whole as u64;
    file.set_len(size)?;
    file.seek(SeekFrom::End(0))?;
    let ids = tail[..whole]
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Finding>(line).ok())
        .map(|finding| finding.metadata.uid)
        .collect();
    Ok((file, Written { size, ids }))
}

#[derive(Deserialize)]
struct Finding {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    uid: String,
}

#[cfg(test)]
mod tests {
    use defender_detect::ChangeEvent;

    use super::{super::tests::outgoing, *};

    fn sink(path: &Path, size: u64) -> OcsfLines {
        OcsfLines::file(path.into(), Rotation { size, keep: 2 })
    }

    fn ids(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).unwrap();
        let ids = text.lines().map(|line| {
            let finding: Finding = serde_json::from_str(line).unwrap();
            finding.metadata.uid
        });
        ids.collect()
    }

    #[test]
    fn what_a_crash_left_behind_is_neither_half_nor_twice_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.jsonl");
        let changes = [
            outgoing("a", ChangeEvent::Raised),
            outgoing("b", ChangeEvent::Raised),
        ];
        sink(&path, u64::MAX).tell(&changes).unwrap();
        let whole = fs::read(&path).unwrap();
        // The second line was not written whole, and nobody took note of the first.
        for length in [whole.len(), whole.len() - 1, whole.len() - 100] {
            fs::write(&path, &whole[..length]).unwrap();
            let mut again = sink(&path, u64::MAX);
            again.tell(&changes).unwrap();
            again.tell(&[outgoing("a", ChangeEvent::Closed)]).unwrap();
            let expected = [
                "PortScan-a-1/raised",
                "PortScan-b-1/raised",
                "PortScan-a-1/closed",
            ];
            assert_eq!(ids(&path), expected);
        }
    }

    #[test]
    fn files_are_rotated_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.jsonl");
        let mut sink = sink(&path, 10);
        for device in ["a", "b", "c", "d"] {
            sink.tell(&[outgoing(device, ChangeEvent::Raised)]).unwrap();
        }
        assert_eq!(ids(&path), ["PortScan-d-1/raised"]);
        let older = |number| folder.path().join(format!("alerts.jsonl.{number}"));
        assert_eq!(ids(&older(1)), ["PortScan-c-1/raised"]);
        assert_eq!(ids(&older(2)), ["PortScan-b-1/raised"]);
        assert!(!older(3).exists());
    }
}
