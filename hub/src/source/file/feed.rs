//! A file as a source of the hub.
//!
//! It is read from its beginning, and how many of its pieces are in the journal is kept in the store: a start goes on behind them. After a
//! crash some may come a second time; events of reports have ids, and count once.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

use defender_replay::local::LocalAddress;
use tokio::sync::oneshot;

use super::{Following, Piece, Problems, Said, What as Seen, open_as_it_grows};
use crate::{
    health::Health,
    intake::{Closed, Delivery, Intake, What},
    notice::Notices,
    store::{Reader, Store, StoreError},
};

/// Pieces that may be on their way to the journal.
const ON_THE_WAY: usize = 4096;

/// How often it is written down how far the file has been taken.
const NOTE: Duration = Duration::from_secs(1);

/// How long to wait for a file that is not there yet, and before what was not kept is given again.
const PAUSE: Duration = Duration::from_secs(1);

/// What the thread has.
pub(crate) struct Feed {
    pub name: String,
    pub path: PathBuf,
    pub local: Vec<LocalAddress>,
    pub following: Following,
    pub intake: Intake,
    pub store: Store,
    pub reader: Reader,
    pub health: Arc<Health>,
    pub notices: Notices,
}

/// A piece that is on its way.
struct OnTheWay {
    received: u32,
    what: What,
    kept: oneshot::Receiver<()>,
}

impl Feed {
    /// Works until the file has been taken, or the hub stops.
    pub fn run(self) {
        let taken = match self.reader.pieces_taken(&self.name) {
            Ok(taken) => taken,
            Err(error) => return self.notices.trouble(error),
        };
        let mut was_missed = false;
        while !self.path.metadata().is_ok_and(|file| file.len() > 0) {
            if self.health.is_stopping() {
                return;
            }
            if !std::mem::replace(&mut was_missed, true) {
                self.notices.info(format_args!(
                    "source {}: waiting for {}, which is not there, or empty",
                    self.name,
                    self.path.display()
                ));
            }
            thread::sleep(PAUSE);
        }
        let (sent, on_the_way) = mpsc::sync_channel(ON_THE_WAY);
        let confirming = Confirming {
            name: self.name.clone(),
            taken,
            noted: taken,
            intake: self.intake.clone(),
            store: self.store.clone(),
            notices: self.notices.clone(),
        };
        let confirming = thread::Builder::new()
            .name("source".into())
            .spawn(move || confirming.run(&on_the_way));
        match confirming {
            Ok(confirming) => {
                // It ends when the hub does.
                let _ = self.read(taken, &sent);
                drop(sent);
                let _ = confirming.join();
            }
            Err(error) => self.notices.trouble(error),
        }
    }

    fn read(&self, taken: u64, sent: &SyncSender<OnTheWay>) -> Result<(), Closed> {
        let (complain, note) = (self.notices.clone(), self.notices.clone());
        let mut problems = Problems::new(
            move |problem| complain.trouble(problem),
            move |text| note.info(text),
        );
        let following = Some(&self.following);
        let said = Said {
            local: &self.local,
            ..Said::default()
        };
        let source = open_as_it_grows(&self.path, said, following, &mut problems);
        let Some(mut source) = source else {
            return Ok(());
        };
        let mut count = 0;
        while let Some(piece) = source.next(&mut problems) {
            count += 1;
            if self.health.is_stopping() {
                return Ok(());
            }
            if count <= taken {
                continue;
            }
            let (told, kept) = oneshot::channel();
            let (received, what) = match seen(piece) {
                Ok(seen) => seen,
                Err(problem) => {
                    problems.tell(format_args!("source {}: {problem}", self.name));
                    // It has its place in the count all the same.
                    (0, What::Tick)
                }
            };
            if what == What::Tick {
                let _ = told.send(());
            } else {
                self.intake.put_blocking(Delivery {
                    received,
                    what: what.clone(),
                    kept: Some(told),
                })?;
            }
            let on_the_way = OnTheWay {
                received,
                what,
                kept,
            };
            sent.send(on_the_way).map_err(|_| Closed)?;
        }
        Ok(())
    }
}

/// A piece as the intake takes it.
fn seen(piece: Piece) -> Result<(u32, What), defender_message::decode::EncodeError> {
    let device = piece.device.to_string();
    Ok(match piece.what {
        Seen::Report(received, message) => {
            let payload = message.to_bytes()?.into();
            let what = What::Report { device, payload };
            (received.unwrap_or(piece.time), what)
        }
        Seen::Signal(what) => (piece.time, What::Signal { device, what }),
    })
}

/// Waits for pieces to be kept, in order.
struct Confirming {
    name: String,
    taken: u64,
    noted: u64,
    intake: Intake,
    store: Store,
    notices: Notices,
}

impl Confirming {
    fn run(mut self, on_the_way: &Receiver<OnTheWay>) {
        let mut noted = Instant::now();
        loop {
            match on_the_way.recv_timeout(NOTE) {
                Ok(piece) => {
                    if self.wait(piece).is_err() {
                        break;
                    }
                    self.taken += 1;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if noted.elapsed() >= NOTE {
                noted = Instant::now();
                self.note();
            }
        }
        self.note();
    }

    /// Waits until a piece is kept; gives it again when it was not.
    fn wait(&self, mut piece: OnTheWay) -> Result<(), Closed> {
        while piece.kept.blocking_recv().is_err() {
            thread::sleep(PAUSE);
            let (told, kept) = oneshot::channel();
            piece.kept = kept;
            self.intake.put_blocking(Delivery {
                received: piece.received,
                what: piece.what.clone(),
                kept: Some(told),
            })?;
        }
        Ok(())
    }

    fn note(&mut self) {
        if self.noted == self.taken {
            return;
        }
        match self.store.taken(self.name.clone(), self.taken) {
            Ok(()) => self.noted = self.taken,
            Err(StoreError::Gone) => {}
            Err(error) => self.notices.trouble(error),
        }
    }
}
