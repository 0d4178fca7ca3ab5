//! A file that is read as it grows.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// How often it is looked at whether a file has grown.
const LOOK: Duration = Duration::from_millis(250);

/// Says until when a file is read beyond its end.
#[derive(Clone, Debug, Default)]
pub struct Following(Arc<AtomicBool>);

impl Following {
    /// From now on the end of the file is the end.
    pub fn end_with_the_file(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_over(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Reads, and waits at the end for more.
    pub(super) fn read<R: Read>(&self, input: R) -> Growing<R> {
        Growing {
            input,
            following: self.clone(),
        }
    }
}

/// An input that does not end by itself.
pub(super) struct Growing<R> {
    input: R,
    following: Following,
}

impl<R: Read> Read for Growing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Asked first: what was written before is read.
            let is_over = self.following.is_over();
            match self.input.read(buffer)? {
                0 if !is_over && !buffer.is_empty() => thread::sleep(LOOK),
                read => return Ok(read),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Write};

    use super::*;

    #[test]
    fn a_file_is_read_as_it_grows_until_nobody_wants_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let mut out = File::create(&path).unwrap();
        let following = Following::default();
        let mut growing = following.read(File::open(&path).unwrap());
        let reader = thread::spawn(move || {
            let mut text = String::new();
            growing.read_to_string(&mut text).unwrap();
            text
        });
        for line in ["one\n", "two\n"] {
            out.write_all(line.as_bytes()).unwrap();
            thread::sleep(Duration::from_millis(50));
        }
        following.end_with_the_file();
        assert_eq!(reader.join().unwrap(), "one\ntwo\n");
    }
}
