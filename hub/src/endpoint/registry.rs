//! All clients that the hub knows: who is there, who is away, and who watches.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

use super::{
    limits::Limits,
    outgoing::{Message, Room},
    session::{Left, Session},
    topic::Filter,
};

/// How many clients may watch at a time, those included that are away.
const WATCHERS: usize = 64;

/// Bytes of messages that wait for a device.
const BYTES_TO_DEVICE: usize = 1 << 20;

/// A client, shared by its connection and those who send it something.
pub(super) type Shared = Arc<Mutex<Session>>;

/// All clients. Its locks are held for a few instructions; that of a session is taken last.
#[derive(Debug)]
pub(super) struct Registry {
    limits: Limits,
    sessions: Mutex<HashMap<String, Shared>>,
    watchers: RwLock<Vec<Shared>>,
    unenrolled: Mutex<HashSet<String>>,
    connections: AtomicU64,
}

/// A connection's place among the clients.
#[derive(Debug)]
pub(super) struct Seat {
    pub key: String,
    pub number: u64,
    pub session: Shared,
    /// Told when there is something to do.
    pub wake: Arc<Notify>,
    /// Whether the client finds what was kept for it.
    pub is_present: bool,
    /// What has happened to the connection that the client had before, if it had one.
    pub before: Option<Left>,
}

/// Why a message does not reach a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotSent {
    Unknown,
    Full,
}

impl Registry {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            sessions: Mutex::default(),
            watchers: RwLock::default(),
            unenrolled: Mutex::default(),
            connections: AtomicU64::default(),
        }
    }

    /// A client comes; `None` when there is no room for one more.
    pub fn enter(&self, key: String, is_service: bool, is_clean: bool) -> Option<Seat> {
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        let wake = Arc::<Notify>::default();
        let mut sessions = lock(&self.sessions);
        if !sessions.contains_key(&key) && sessions.len() >= self.limits.sessions {
            return None;
        }
        let session = sessions
            .entry(key.clone())
            .or_insert_with(|| self.session(is_service));
        let session = Arc::clone(session);
        let (before, is_present) = {
            let mut session = lock(&session);
            let before = session.enter(number, Arc::clone(&wake), is_clean);
            (before, session.has_subscriptions())
        };
        drop(sessions);
        self.update_watcher(&session);
        Some(Seat {
            key,
            number,
            session,
            wake,
            is_present,
            before,
        })
    }

    /// A client goes; `None` when it has another connection by now.
    pub fn leave(&self, seat: &Seat) -> Option<Left> {
        let mut sessions = lock(&self.sessions);
        let left = lock(&seat.session).leave(seat.number)?;
        if !left.is_kept {
            sessions.remove(&seat.key);
        }
        drop(sessions);
        self.update_watcher(&seat.session);
        Some(left)
    }

    fn session(&self, is_service: bool) -> Shared {
        let room = match is_service {
            true => Room {
                messages: self.limits.messages_to_service,
                bytes: self.limits.bytes_to_service,
            },
            false => Room {
                messages: self.limits.messages_to_device,
                bytes: BYTES_TO_DEVICE,
            },
        };
        Arc::new(Mutex::new(Session::new(room)))
    }

    /// Whether one more may watch.
    pub fn has_room_for_watcher(&self) -> bool {
        let watchers = self.watchers.read();
        watchers.unwrap_or_else(PoisonError::into_inner).len() < WATCHERS
    }

    /// Notes whether a client watches, after that may have changed.
    pub fn update_watcher(&self, session: &Shared) {
        let mut watchers = self
            .watchers
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let at = watchers.iter().position(|one| Arc::ptr_eq(one, session));
        match (lock(session).is_watcher(), at) {
            (true, None) => watchers.push(Arc::clone(session)),
            (false, Some(at)) => {
                watchers.swap_remove(at);
            }
            _ => {}
        }
    }

    /// Shows a message of a device to all who watch.
    pub fn show(&self, message: &Message) {
        let watchers = self.watchers.read().unwrap_or_else(PoisonError::into_inner);
        for watcher in watchers.iter() {
            lock(watcher).show(message.clone());
        }
    }

    /// Sends a message to a device, for now or later. `is_enrolled`: whether it is a device, though it was never here.
    pub fn send(&self, device: &str, message: Message, is_enrolled: bool) -> Result<(), NotSent> {
        let mut sessions = lock(&self.sessions);
        let session = match sessions.get(device) {
            Some(session) => Arc::clone(session),
            None if !is_enrolled => return Err(NotSent::Unknown),
            None if sessions.len() >= self.limits.sessions => return Err(NotSent::Full),
            None => {
                let session = self.session(false);
                sessions.insert(device.to_owned(), Arc::clone(&session));
                session
            }
        };
        // Under both locks, so that the session is not forgotten before it has the message.
        lock(&session).send(message).map_err(|_| NotSent::Full)
    }

    /// Tells a device something now; whether it hears it.
    pub fn tell(&self, device: &str, filter: Filter, message: Message) -> bool {
        let session = lock(&self.sessions).get(device).cloned();
        session.is_some_and(|session| lock(&session).tell(filter, message))
    }

    /// Whether a device is there.
    pub fn is_present(&self, device: &str) -> bool {
        let session = lock(&self.sessions).get(device).cloned();
        session.is_some_and(|session| lock(&session).is_present())
    }

    /// A device that is not enrolled; whether there is room for it.
    pub fn admit_unenrolled(&self, device: &str) -> bool {
        let mut unenrolled = lock(&self.unenrolled);
        if unenrolled.contains(device) {
            return true;
        }
        let is_room = unenrolled.len() < self.limits.unenrolled;
        if is_room {
            unenrolled.insert(device.to_owned());
        }
        is_room
    }

    /// How many clients the hub knows, those included that are away.
    pub fn len(&self) -> usize {
        lock(&self.sessions).len()
    }
}

/// Locks. No code panics while it holds one of these locks.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::endpoint::codec::QoS;

    fn registry(sessions: usize) -> Registry {
        Registry::new(Limits {
            sessions,
            unenrolled: 2,
            ..Limits::default()
        })
    }

    fn message() -> Message {
        Message {
            topic: Bytes::from_static(b"t"),
            payload: Bytes::new(),
        }
    }

    #[test]
    fn clients_that_leave_nothing_are_forgotten() {
        let registry = registry(2);
        let clean = registry.enter("a".into(), false, true).unwrap();
        let kept = registry.enter("b".into(), false, false).unwrap();
        lock(&kept.session).subscribe(Filter::Methods, Some(QoS::AtMostOnce));
        assert!(registry.enter("c".into(), false, true).is_none());
        registry.leave(&clean);
        registry.leave(&kept);
        assert_eq!(registry.len(), 1);
        assert!(registry.enter("b".into(), false, false).unwrap().is_present);
        assert!(!registry.enter("b".into(), false, true).unwrap().is_present);
    }

    #[test]
    fn a_message_waits_for_a_device_that_is_away() {
        let registry = registry(2);
        assert_eq!(registry.send("a", message(), false), Err(NotSent::Unknown));
        for _ in 0..Limits::default().messages_to_device {
            assert_eq!(registry.send("a", message(), true), Ok(()));
        }
        assert_eq!(registry.send("a", message(), true), Err(NotSent::Full));
        // It comes and goes, and has not fetched them: there is no session yet that it could go on with.
        let seat = registry.enter("a".into(), false, false).unwrap();
        assert!(!seat.is_present);
        assert!(registry.is_present("a"));
        registry.leave(&seat);
        assert!(!registry.is_present("a"));
        assert_eq!(registry.len(), 1);
    }

    #[test]
    fn a_message_is_shown_to_those_who_watch() {
        let registry = registry(10);
        let seat = registry.enter("a/1".into(), true, false).unwrap();
        registry.show(&message());
        let now = std::time::Instant::now();
        assert_eq!(lock(&seat.session).next(now), None);
        lock(&seat.session).subscribe(Filter::Telemetry, Some(QoS::AtLeastOnce));
        registry.update_watcher(&seat.session);
        registry.show(&message());
        assert!(lock(&seat.session).next(now).is_some());
        // Also while it is away, as its session is kept.
        registry.leave(&seat);
        registry.show(&message());
        let seat = registry.enter("a/1".into(), true, false).unwrap();
        let mut session = lock(&seat.session);
        assert!(session.next(now).is_some() && session.next(now).is_some());
        assert_eq!(session.next(now), None);
    }

    #[test]
    fn so_many_devices_are_admitted_that_are_not_enrolled() {
        let registry = registry(10);
        for (device, is_admitted) in [("a", true), ("b", true), ("c", false), ("a", true)] {
            assert_eq!(registry.admit_unenrolled(device), is_admitted, "{device}");
        }
    }
}
