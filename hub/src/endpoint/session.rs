//! What the hub keeps of a client: its subscriptions, and what waits for it.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use tokio::sync::Notify;

use super::{
    codec::{Publish, QoS},
    outgoing::{Again, Full, Message, Outgoing, Room},
    topic::Filter,
};

/// How many answers and calls wait for a client that is there.
const DIRECT: usize = 100;

/// A client, whether it is there or not.
#[derive(Debug)]
pub(super) struct Session {
    /// Its connection, if it is there.
    owner: Option<Owner>,
    subscriptions: [Option<QoS>; Filter::COUNT],
    /// What it gets sooner or later.
    queue: Outgoing,
    /// What it gets now or never: answers, methods, changes of its twin.
    direct: VecDeque<Message>,
    /// It is away and what waited for it has grown too much, or it is too slow to be served.
    is_overrun: bool,
    /// How many messages were lost while it was away.
    lost: u64,
    /// Whether detection was told that this device is there.
    is_announced: bool,
}

/// A connection.
#[derive(Clone, Debug)]
struct Owner {
    number: u64,
    wake: Arc<Notify>,
    is_clean: bool,
}

/// What happened when a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Left {
    /// Whether detection was told that the device was there.
    pub was_announced: bool,
    /// Whether there is something to keep.
    pub is_kept: bool,
    /// How many messages count as rejected.
    pub rejected: usize,
}

impl Session {
    pub fn new(room: Room) -> Self {
        Self {
            owner: None,
            subscriptions: [None; Filter::COUNT],
            queue: Outgoing::new(room),
            direct: VecDeque::new(),
            is_overrun: false,
            lost: 0,
            is_announced: false,
        }
    }

    /// A connection takes over; what has happened if there was another one.
    pub fn enter(&mut self, number: u64, wake: Arc<Notify>, is_clean: bool) -> Option<Left> {
        let left = self.owner.take().map(|before| {
            before.wake.notify_one();
            self.left(before.is_clean)
        });
        if is_clean {
            self.forget();
        }
        self.is_overrun = false;
        self.owner = Some(Owner {
            number,
            wake,
            is_clean,
        });
        left
    }

    /// Whether this connection is the client's.
    pub fn is_of(&self, number: u64) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| owner.number == number)
    }

    /// Whether the client is there.
    pub fn is_present(&self) -> bool {
        self.owner.is_some()
    }

    /// A connection ends; `None` when the client has another one by now.
    pub fn leave(&mut self, number: u64) -> Option<Left> {
        if !self.is_of(number) {
            return None;
        }
        let owner = self.owner.take()?;
        Some(self.left(owner.is_clean))
    }

    fn left(&mut self, is_clean: bool) -> Left {
        let rejected = self.queue.disconnected(!self.is_watcher());
        self.direct.clear();
        if is_clean {
            self.forget();
        }
        Left {
            was_announced: std::mem::take(&mut self.is_announced),
            is_kept: self.has_subscriptions() || !self.queue.is_empty(),
            rejected,
        }
    }

    /// Forgets what a clean session does not keep. Messages from the cloud wait for the device, whatever its sessions do.
    fn forget(&mut self) {
        if self.is_watcher() {
            self.queue.clear();
        }
        self.subscriptions = [None; Filter::COUNT];
    }

    /// Detection is told that the device is there; whether it has to be.
    pub fn announce(&mut self) -> bool {
        !std::mem::replace(&mut self.is_announced, true)
    }

    pub fn subscribe(&mut self, filter: Filter, qos: Option<QoS>) {
        self.subscriptions[filter as usize] = qos;
        self.wake();
    }

    /// Whether there is something of a session that a client can go on with.
    pub fn has_subscriptions(&self) -> bool {
        self.subscriptions.iter().any(Option::is_some)
    }

    pub fn is_subscribed(&self, filter: Filter) -> bool {
        self.subscriptions[filter as usize].is_some()
    }

    /// Whether it is a client that sees the messages of others.
    pub fn is_watcher(&self) -> bool {
        self.is_subscribed(Filter::Telemetry)
    }

    /// A message that the client gets when it is there and subscribed.
    pub fn send(&mut self, message: Message) -> Result<(), Full> {
        self.queue.push(message)?;
        self.wake();
        Ok(())
    }

    /// A message of a device, for a client that watches all. One that is too slow is cut off.
    pub fn show(&mut self, message: Message) {
        if self.is_overrun {
            return;
        }
        if self.owner.is_none() {
            self.lost += self.queue.push_over(message) as u64;
        } else if self.queue.push(message) == Err(Full) {
            self.is_overrun = true;
        }
        self.wake();
    }

    /// Whether what the client is to get has grown over all bounds while it was there.
    pub fn is_overrun(&self) -> bool {
        self.is_overrun
    }

    /// A message that the client gets now, or never; whether it gets it.
    pub fn tell(&mut self, filter: Filter, message: Message) -> bool {
        let is_told = self.is_present() && self.is_subscribed(filter) && self.direct.len() < DIRECT;
        if is_told {
            self.direct.push_back(message);
            self.wake();
        }
        is_told
    }

    /// The next message to send.
    pub fn next(&mut self, now: Instant) -> Option<Publish> {
        if let Some(message) = self.direct.pop_front() {
            return Some(message.publish(QoS::AtMostOnce, 0, false));
        }
        let filters = [Filter::CloudToDevice, Filter::Telemetry];
        let qos = filters
            .into_iter()
            .find_map(|filter| self.subscriptions[filter as usize])?;
        self.queue.next(qos, now)
    }

    /// The next message that a device has not acknowledged in time. Those who watch may take as long as they like.
    pub fn again(&mut self, now: Instant) -> Option<Again> {
        match self.is_watcher() {
            true => None,
            false => self.queue.again(now),
        }
    }

    /// When [`Self::again`] has something next, at the earliest.
    pub fn again_at(&self) -> Option<Instant> {
        match self.is_watcher() {
            true => None,
            false => self.queue.again_at(),
        }
    }

    pub fn acknowledge(&mut self, id: u16) {
        self.queue.acknowledge(id);
    }

    fn wake(&self) {
        if let Some(owner) = &self.owner {
            owner.wake.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const ROOM: Room = Room {
        messages: 2,
        bytes: 100,
    };

    fn message(text: &'static str) -> Message {
        Message {
            topic: Bytes::from_static(b"t"),
            payload: Bytes::from_static(text.as_bytes()),
        }
    }

    fn payloads(session: &mut Session) -> Vec<Bytes> {
        let now = Instant::now();
        std::iter::from_fn(|| session.next(now))
            .map(|publish| publish.payload)
            .collect()
    }

    #[test]
    fn a_session_that_is_kept_has_its_subscriptions_and_messages() {
        let mut session = Session::new(ROOM);
        assert_eq!(session.enter(1, Arc::default(), false), None);
        session.subscribe(Filter::CloudToDevice, Some(QoS::AtLeastOnce));
        let left = session.leave(1).unwrap();
        assert!(left.is_kept);
        session.send(message("1")).unwrap();
        session.send(message("2")).unwrap();
        assert_eq!(session.send(message("3")), Err(Full));
        session.enter(2, Arc::default(), false);
        assert_eq!(payloads(&mut session), ["1", "2"]);
        session.acknowledge(1);
        session.leave(2);
        session.enter(3, Arc::default(), false);
        assert_eq!(payloads(&mut session), ["2"]);
        // One that is not kept has messages for the device, and no subscription until it makes one.
        session.leave(3);
        session.enter(4, Arc::default(), true);
        assert!(payloads(&mut session).is_empty());
        session.subscribe(Filter::CloudToDevice, Some(QoS::AtMostOnce));
        assert_eq!(payloads(&mut session), ["2"]);
        let left = session.leave(4).unwrap();
        assert!(!left.is_kept);
        // Neither is one with nothing in it.
        session.enter(5, Arc::default(), false);
        assert!(!session.leave(5).unwrap().is_kept);
    }

    #[test]
    fn of_a_watcher_without_a_session_nothing_stays() {
        let mut session = Session::new(ROOM);
        session.enter(1, Arc::default(), true);
        session.subscribe(Filter::Telemetry, Some(QoS::AtLeastOnce));
        session.show(message("1"));
        assert_eq!(payloads(&mut session), ["1"]);
        assert!(!session.leave(1).unwrap().is_kept);
    }

    #[test]
    fn the_newer_connection_is_the_clients() {
        let mut session = Session::new(ROOM);
        session.enter(1, Arc::default(), true);
        session.subscribe(Filter::CloudToDevice, Some(QoS::AtMostOnce));
        assert!(session.announce() && !session.announce());
        let left = session.enter(2, Arc::default(), false).unwrap();
        assert!(left.was_announced && session.announce());
        assert!(!session.is_subscribed(Filter::CloudToDevice));
        assert!(!session.is_of(1) && session.is_of(2));
        assert_eq!(session.leave(1), None);
        assert!(session.is_present());
    }

    #[test]
    fn a_watcher_that_is_slow_is_cut_off_and_one_that_is_away_loses_the_oldest() {
        let mut session = Session::new(ROOM);
        session.enter(1, Arc::default(), false);
        session.subscribe(Filter::Telemetry, Some(QoS::AtLeastOnce));
        for text in ["1", "2"] {
            session.show(message(text));
        }
        assert!(!session.is_overrun());
        session.show(message("3"));
        assert!(session.is_overrun());
        session.leave(1);
        session.enter(2, Arc::default(), false);
        assert!(!session.is_overrun());
        session.leave(2);
        session.show(message("4"));
        assert_eq!(session.lost, 1);
        session.enter(3, Arc::default(), false);
        assert_eq!(payloads(&mut session), ["2", "4"]);
    }

    #[test]
    fn what_is_for_now_is_for_those_who_are_there_and_want_it() {
        let mut session = Session::new(ROOM);
        assert!(!session.tell(Filter::Methods, message("1")));
        session.enter(1, Arc::default(), false);
        assert!(!session.tell(Filter::Methods, message("1")));
        session.subscribe(Filter::Methods, Some(QoS::AtMostOnce));
        assert!(session.tell(Filter::Methods, message("1")));
        assert_eq!(payloads(&mut session), ["1"]);
        assert!(session.tell(Filter::Methods, message("2")));
        session.leave(1);
        session.enter(2, Arc::default(), false);
        assert!(payloads(&mut session).is_empty());
    }
}
