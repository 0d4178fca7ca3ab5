//! What all connections of the endpoint share, and how what they see gets into the intake.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use defender_detect::{
    hygiene::credentials_mark,
    input::{Refusal, SignalKind},
};
use ring::{hmac, rand::SystemRandom};
use tokio::sync::{Semaphore, oneshot, watch};

use super::{
    admission::{self, Known, Member, Refused},
    claim::Claim,
    codec::ConnectReturnCode,
    limits::{Limits, Pace},
    registry::{Registry, lock},
    strangers::Strangers,
    twin::Twins,
};
use crate::{
    identity::{Credential, Device, Directory, DirectoryError, SealingKey, thumbprint::Shown},
    intake::{Closed, Delivery, Intake, What},
};

/// Signals about connections that were refused: so many a second, and so many at once. More are counted alone.
const REFUSALS: (u32, u32) = (100, 1000);

/// How many lookups and hashes of passwords are done at a time.
const LOOKUPS: usize = 4;

/// What a permit of [`Hub::journal_room`] stands for.
pub(super) const JOURNAL_UNIT: usize = 1 << 10;

/// An invocation of a method that waits for its answer: the device and the number.
pub(super) type Call = (String, u64);

/// A device's answer: status and payload.
pub(super) type CallAnswer = (u16, Bytes);

/// The endpoint's state.
pub(super) struct Hub {
    pub limits: Limits,
    pub registry: Registry,
    pub twins: Mutex<Twins>,
    pub calls: Mutex<HashMap<Call, oneshot::Sender<CallAnswer>>>,
    pub strangers: Mutex<Strangers>,
    /// Clients that were refused, by the reason.
    pub refused: Mutex<BTreeMap<&'static str, u64>>,
    pub counters: Counters,
    /// Room for messages on their way to the journal.
    pub journal_room: Arc<Semaphore>,
    pub stopping: watch::Sender<bool>,
    directory: Arc<dyn Directory>,
    sealing: SealingKey,
    /// What keys are marked with: another one in each run, so that a mark tells nothing of a key. `None`: there are no random numbers.
    marking: Option<hmac::Key>,
    intake: Intake,
    lookups: Semaphore,
    refusals: Mutex<Pace>,
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub connections: AtomicUsize,
    pub accepted: AtomicU64,
    pub turned_away: AtomicU64,
    pub messages: AtomicU64,
    pub bytes: AtomicU64,
    pub violations: AtomicU64,
    pub cut_off: AtomicU64,
    pub unsignalled: AtomicU64,
}

impl Counters {
    pub fn add(counter: &AtomicU64, number: u64) {
        counter.fetch_add(number, Ordering::Relaxed);
    }
}

impl Hub {
    pub fn new(
        directory: Arc<dyn Directory>,
        sealing: SealingKey,
        intake: Intake,
        limits: Limits,
    ) -> Self {
        let units = (limits.journal_bytes / JOURNAL_UNIT).clamp(1024, Semaphore::MAX_PERMITS);
        let (per_second, burst) = REFUSALS;
        Self {
            registry: Registry::new(limits.clone()),
            limits,
            twins: Mutex::default(),
            calls: Mutex::default(),
            strangers: Mutex::default(),
            refused: Mutex::default(),
            counters: Counters::default(),
            journal_room: Arc::new(Semaphore::new(units)),
            stopping: watch::channel(false).0,
            directory,
            sealing,
            marking: hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok(),
            intake,
            lookups: Semaphore::new(LOOKUPS),
            refusals: Mutex::new(Pace::new(per_second, burst, Instant::now())),
        }
    }

    /// Puts something into the intake, which may take until there is room.
    pub async fn put(&self, what: What, kept: Option<oneshot::Sender<()>>) -> Result<(), Closed> {
        let received = u32::try_from(unix_time()).unwrap_or(u32::MAX);
        let delivery = Delivery {
            received,
            what,
            kept,
        };
        self.intake.put(delivery).await
    }

    /// Tells detection something about a device. When the hub stops, nobody needs to know.
    pub async fn signal(&self, device: &str, what: SignalKind) {
        let device = device.to_owned();
        let _ = self.put(What::Signal { device, what }, None).await;
    }

    /// Tells detection about a caller that was refused something, unless there are too many such.
    pub async fn signal_refusal(&self, device: &str, what: SignalKind) {
        if lock(&self.refusals).take(Instant::now()) {
            self.signal(device, what).await;
        } else {
            Counters::add(&self.counters.unsignalled, 1);
        }
    }

    /// Looks a claim up, and decides.
    pub async fn admit(
        self: &Arc<Self>,
        claim: Claim,
        shown: Option<Shown>,
        is_open: bool,
    ) -> (Claim, Result<Member, Refused>) {
        let unavailable = Refused {
            code: ConnectReturnCode::ServiceUnavailable,
            reason: None,
            is_of_enrolled: false,
        };
        let Ok(_permit) = self.lookups.acquire().await else {
            return (claim, Err(unavailable));
        };
        let hub = Arc::clone(self);
        let asked = claim.clone();
        let decided = tokio::task::spawn_blocking(move || {
            hub.decide(&asked, shown.as_ref(), is_open)
                .unwrap_or(Err(unavailable))
        });
        (claim, decided.await.unwrap_or(Err(unavailable)))
    }

    fn decide(
        &self,
        claim: &Claim,
        shown: Option<&Shown>,
        is_open: bool,
    ) -> Result<Result<Member, Refused>, DirectoryError> {
        let identity = self.directory.find(&claim.identity)?;
        let is_client_enrolled = match identity {
            Some(_) => true,
            None => self.directory.find(&claim.client)?.is_some(),
        };
        let known = Known {
            identity: identity.as_ref(),
            is_client_enrolled,
            shown,
            now: unix_time(),
            is_open,
        };
        Ok(admission::decide(claim, &known, &self.sealing))
    }

    /// A mark of the credential that a device has proved itself with, by which others with the same are told; `None` when it has none that
    /// others could have.
    pub fn mark(&self, device: &Device) -> Option<u64> {
        match &device.credential {
            Credential::Key(sealed) => {
                let key = self.sealing.unseal(device.id.as_str(), sealed).ok()?;
                let mark = hmac::sign(self.marking.as_ref()?, key.bytes());
                Some(credentials_mark(mark.as_ref()))
            }
            Credential::Certificate(thumbprint) => {
                Some(credentials_mark(thumbprint.to_string().as_bytes()))
            }
            Credential::Password(_) => None,
        }
    }

    /// Counts somebody who was refused.
    pub fn count_refusal(&self, reason: &'static str) {
        *lock(&self.refused).entry(reason).or_default() += 1;
    }

    /// Notes that somebody was refused.
    pub async fn refused(&self, claim: &Claim, refused: Refused, source: IpAddr) {
        self.count_refusal(refused.name());
        let Some(reason) = refused.reason else {
            return;
        };
        if reason == Refusal::UnknownDevice {
            lock(&self.strangers).came(&claim.identity, source);
        }
        // A name that nobody is enrolled under is not one of a device: it is the hub that sees a stranger.
        let device = match refused.is_of_enrolled {
            true => &claim.identity,
            false => "",
        };
        let source = Some(source);
        self.signal_refusal(device, SignalKind::Refused { reason, source })
            .await;
    }

    /// Whether a client that was let in would be still: it is enrolled as it was or, where that does not matter, nobody else is.
    pub async fn is_enrolled(self: &Arc<Self>, member: &Member) -> bool {
        let (hub, id) = (Arc::clone(self), member.id.clone());
        let found = tokio::task::spawn_blocking(move || hub.directory.find(&id)).await;
        match found {
            Ok(Ok(found)) => found == member.enrolled,
            // That cannot be found out now.
            _ => true,
        }
    }

    /// The identity of this name.
    pub async fn find(self: &Arc<Self>, id: &str) -> Option<Device> {
        let (hub, id) = (Arc::clone(self), id.to_owned());
        let found = tokio::task::spawn_blocking(move || hub.directory.find(&id)).await;
        found.ok()?.ok()?
    }
}

/// Now, in seconds of Unix time.
pub(super) fn unix_time() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}

/// A connection that is counted as long as it is there.
pub(super) struct Counted(Arc<Hub>);

impl Counted {
    /// `None` when there are too many.
    pub fn new(hub: &Arc<Hub>) -> Option<Self> {
        let before = hub.counters.connections.fetch_add(1, Ordering::AcqRel);
        let counted = Self(Arc::clone(hub));
        (before < hub.limits.connections).then_some(counted)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.counters.connections.fetch_sub(1, Ordering::AcqRel);
    }
}
