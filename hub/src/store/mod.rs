//! What the hub keeps: one SQLite database in its data folder.
//!
//! A [`Store`] has the one connection that writes, in a thread of its own. Whoever wants something of it hands over what is to be
//! done, and waits. A [`Reader`] is another connection, which sees what is committed and never makes the writer wait.
//!
//! ```text
//! journal   batches of what sources have seen, until they have had their effect
//! states    a row a device: its state for detection, when it was last seen
//! traffic   bytes by hour, device, peer and service
//! alerts    as they stand, with history
//! outbox    changes that some sink has not been told yet; sinks: how far each is
//! devices   identities that are enrolled (`crate::identity`)
//! exceptions, sources, progress
//! ```
//!
//! What detection has made of the journal up to some batch is committed at once, together with that batch's number: a start goes on from
//! there.

mod alerts;
mod backup;
mod commit;
mod error;
mod exceptions;
mod fleet;
mod journal;
mod open;
mod outbox;
mod retention;
mod schema;
mod sources;
mod states;
#[cfg(test)]
mod tests;
mod traffic;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, SyncSender},
    },
    thread::{self, JoinHandle},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

pub use self::{
    alerts::{AlertFilter, AlertRecord, HistoryRecord},
    backup::backup,
    error::StoreError,
    exceptions::ExceptionRecord,
    fleet::{DeviceFilter, DeviceOrder, DeviceRecord},
    open::{FILE, lock},
    traffic::{TrafficRecord, TrafficSum},
};
pub(crate) use self::{
    commit::{Commit, DeviceRow},
    journal::{Batch, Entry, Progress},
    open::{check_owner, make_private, shared},
    outbox::Outgoing,
    retention::Keep,
    traffic::{Bytes, TrafficKey},
};

/// Pieces of work that may wait for the thread.
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The connection that writes. Clones share it; it closes with the last one.
#[derive(Clone)]
pub struct Store(Arc<Writer>);

struct Writer {
    path: PathBuf,
    // Both are there until it is dropped.
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Store {
    /// Opens the database in a folder, which must be there; makes it, or brings it up to date.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened, is damaged, or a newer program has written it. Nothing is changed then.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let mut connection = open::writer(&path)?;
        let (jobs, work) = mpsc::sync_channel::<Job>(QUEUE);
        let thread = thread::Builder::new()
            .name("store".into())
            .spawn(move || {
                for job in work {
                    job(&mut connection);
                }
                open::farewell(&connection);
            })
            .map_err(|error| StoreError::unusable(&path, error))?;
        Ok(Self(Arc::new(Writer {
            path,
            jobs: Some(jobs),
            thread: Some(thread),
        })))
    }

    /// Another connection, which reads.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be opened again.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open(&self.0.path)
    }

    /// Does something with the connection that writes, and waits for it.
    ///
    /// # Errors
    /// [`StoreError`] when it did not succeed.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.hand_over(work)?
            .blocking_recv()
            .map_err(|_| StoreError::Gone)?
            .map_err(|error| StoreError::of(&self.0.path, error))
    }

    /// The same within an asynchronous task.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.hand_over(work)?
            .await
            .map_err(|_| StoreError::Gone)?
            .map_err(|error| StoreError::of(&self.0.path, error))
    }

    fn hand_over<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<rusqlite::Result<T>>, StoreError> {
        let (done, result) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Who asked may have gone.
            let _ = done.send(work(connection));
        });
        let jobs = self.0.jobs.as_ref().ok_or(StoreError::Gone)?;
        jobs.send(job).map_err(|_| StoreError::Gone)?;
        Ok(result)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A connection that reads what is committed.
pub struct Reader {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Reader {
    fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            path: path.into(),
            connection: Mutex::new(open::reader(path)?),
        })
    }

    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        read(&connection).map_err(|error| StoreError::of(&self.path, error))
    }
}

/// Times, counts and numbers of rows as SQLite has numbers.
fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The way back. What is negative was not written by this program.
fn uint(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// Seconds, likewise.
fn seconds(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

/// A value of a row that this program would not have written.
fn malformed(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, Box::new(error))
}
