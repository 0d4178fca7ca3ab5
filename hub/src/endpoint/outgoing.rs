//! Messages that wait for a client, and those that it has not acknowledged yet.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::codec::{Publish, QoS};

/// How many messages are out at once, unacknowledged.
const WINDOW: usize = 100;

/// After which time a device is sent a message again that it has not acknowledged; as long as IoT Hub waits.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// How often a device is sent a message, before it counts as rejected; as often as IoT Hub tries.
const TRIES: u8 = 10;

/// A message to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub topic: Bytes,
    pub payload: Bytes,
}

impl Message {
    fn size(&self) -> usize {
        self.topic.len() + self.payload.len()
    }

    pub fn publish(self, qos: QoS, id: u16, is_again: bool) -> Publish {
        Publish {
            dup: is_again,
            qos,
            retain: false,
            topic: self.topic,
            pkid: id,
            payload: self.payload,
        }
    }
}

/// What may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub messages: usize,
    pub bytes: usize,
}

/// There is no room for more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// The messages of one client, in their order.
#[derive(Debug)]
pub(super) struct Outgoing {
    room: Room,
    waiting: VecDeque<Queued>,
    out: VecDeque<Out>,
    bytes: usize,
    last_id: u16,
}

#[derive(Debug)]
struct Queued {
    message: Message,
    tries: u8,
}

#[derive(Debug)]
struct Out {
    id: u16,
    message: Message,
    tries: u8,
    sent: Instant,
}

impl Outgoing {
    pub fn new(room: Room) -> Self {
        Self {
            room,
            waiting: VecDeque::new(),
            out: VecDeque::new(),
            bytes: 0,
            last_id: 0,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.out.is_empty()
    }

    /// Puts a message behind the others.
    pub fn push(&mut self, message: Message) -> Result<(), Full> {
        let messages = self.waiting.len() + self.out.len();
        if messages >= self.room.messages || self.bytes + message.size() > self.room.bytes {
            return Err(Full);
        }
        self.bytes += message.size();
        self.waiting.push_back(Queued { message, tries: 0 });
        Ok(())
    }

    /// Puts a message behind the others, in place of the oldest ones where there is no room. Says how many are lost.
    pub fn push_over(&mut self, message: Message) -> usize {
        let mut lost = 0;
        while self.push(message.clone()) == Err(Full) {
            lost += 1;
            let oldest = self.waiting.pop_front().map(|queued| queued.message);
            match oldest.or_else(|| self.out.pop_front().map(|out| out.message)) {
                Some(oldest) => self.bytes -= oldest.size(),
                // It is larger than all there may be.
                None => break,
            }
        }
        lost
    }

    /// The next message to send, if there is one and not too many are out.
    pub fn next(&mut self, qos: QoS, now: Instant) -> Option<Publish> {
        if qos == QoS::AtMostOnce {
            let message = self.waiting.pop_front()?.message;
            self.bytes -= message.size();
            return Some(message.publish(qos, 0, false));
        }
        if self.out.len() >= WINDOW {
            return None;
        }
        let Queued { message, tries } = self.waiting.pop_front()?;
        let id = self.free_id();
        self.out.push_back(Out {
            id,
            message: message.clone(),
            tries: tries.saturating_add(1),
            sent: now,
        });
        Some(message.publish(QoS::AtLeastOnce, id, tries > 0))
    }

    /// A message is acknowledged; whether it was out.
    pub fn acknowledge(&mut self, id: u16) -> bool {
        let Some(at) = self.out.iter().position(|out| out.id == id) else {
            return false;
        };
        if let Some(out) = self.out.remove(at) {
            self.bytes -= out.message.size();
        }
        true
    }

    /// The next message that is out for too long: to be sent again, or nothing any more when that was tried often enough.
    pub fn again(&mut self, now: Instant) -> Option<Again> {
        let is_late = |out: &Out| now.saturating_duration_since(out.sent) >= AGAIN_AFTER;
        let at = self.out.iter().position(is_late)?;
        let out = self.out.get_mut(at)?;
        if out.tries >= TRIES {
            let id = out.id;
            self.acknowledge(id);
            return Some(Again::Rejected);
        }
        out.tries += 1;
        out.sent = now;
        let message = out.message.clone();
        Some(Again::Send(message.publish(QoS::AtLeastOnce, out.id, true)))
    }

    /// When [`Self::again`] has something next, at the earliest.
    pub fn again_at(&self) -> Option<Instant> {
        let sent = self.out.iter().map(|out| out.sent).min()?;
        Some(sent + AGAIN_AFTER)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.out.clear();
        self.bytes = 0;
    }

    /// The client is gone: what it has not acknowledged waits again, before all else. Says how many are given up, if what was tried
    /// often enough is.
    pub fn disconnected(&mut self, gives_up: bool) -> usize {
        let mut rejected = 0;
        while let Some(Out { message, tries, .. }) = self.out.pop_back() {
            if gives_up && tries >= TRIES {
                self.bytes -= message.size();
                rejected += 1;
            } else {
                self.waiting.push_front(Queued { message, tries });
            }
        }
        rejected
    }

    /// An id that no message has that is out.
    fn free_id(&mut self) -> u16 {
        loop {
            self.last_id = self.last_id.wrapping_add(1).max(1);
            let id = self.last_id;
            if self.out.iter().all(|out| out.id != id) {
                return id;
            }
        }
    }
}

/// What becomes of a message that is not acknowledged.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Again {
    Send(Publish),
    Rejected,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room {
        messages: 3,
        bytes: 20,
    };

    fn message(text: &str) -> Message {
        Message {
            topic: Bytes::from_static(b"t"),
            payload: Bytes::copy_from_slice(text.as_bytes()),
        }
    }

    fn sent(outgoing: &mut Outgoing, now: Instant) -> Vec<(u16, Bytes, bool)> {
        std::iter::from_fn(|| outgoing.next(QoS::AtLeastOnce, now))
            .map(|publish| (publish.pkid, publish.payload, publish.dup))
            .collect()
    }

    #[test]
    fn there_is_room_for_so_much() {
        let mut outgoing = Outgoing::new(ROOM);
        for text in ["1", "2", "3"] {
            assert_eq!(outgoing.push(message(text)), Ok(()));
        }
        assert_eq!(outgoing.push(message("4")), Err(Full));
        assert_eq!(sent(&mut outgoing, Instant::now()).len(), 3);
        // As long as they are not acknowledged.
        assert_eq!(outgoing.push(message("4")), Err(Full));
        assert!(outgoing.acknowledge(2));
        assert!(!outgoing.acknowledge(2));
        assert_eq!(outgoing.push(message(&"x".repeat(16))), Err(Full));
        assert_eq!(outgoing.push(message(&"x".repeat(15))), Ok(()));
    }

    #[test]
    fn of_one_who_is_away_the_oldest_are_lost() {
        let mut outgoing = Outgoing::new(ROOM);
        assert_eq!(outgoing.push_over(message("1")), 0);
        assert_eq!(outgoing.push_over(message("2")), 0);
        assert_eq!(outgoing.push_over(message(&"x".repeat(19))), 2);
        assert_eq!(outgoing.push_over(message("3")), 1);
        // Larger than all there is room for: it is lost itself.
        assert_eq!(outgoing.push_over(message(&"x".repeat(20))), 2);
        assert!(outgoing.is_empty());
        assert_eq!(outgoing.bytes, 0);
    }

    #[test]
    fn what_is_not_acknowledged_comes_again_first() {
        let now = Instant::now();
        let mut outgoing = Outgoing::new(ROOM);
        outgoing.push(message("1")).unwrap();
        outgoing.push(message("2")).unwrap();
        assert_eq!(
            sent(&mut outgoing, now),
            [(1, "1".into(), false), (2, "2".into(), false)]
        );
        outgoing.push(message("3")).unwrap();
        outgoing.acknowledge(1);
        assert_eq!(outgoing.disconnected(true), 0);
        assert_eq!(
            sent(&mut outgoing, now),
            [(3, "2".into(), true), (4, "3".into(), false)]
        );
    }

    #[test]
    fn a_device_that_never_acknowledges_rejects_in_the_end() {
        let mut now = Instant::now();
        let mut outgoing = Outgoing::new(ROOM);
        outgoing.push(message("1")).unwrap();
        sent(&mut outgoing, now);
        assert_eq!(outgoing.again(now), None);
        for _ in 1..TRIES {
            now = outgoing.again_at().unwrap();
            let Some(Again::Send(publish)) = outgoing.again(now) else {
                panic!("not sent again");
            };
            assert!(publish.dup && publish.pkid == 1);
            assert_eq!(outgoing.again(now), None);
        }
        now += AGAIN_AFTER;
        assert_eq!(outgoing.again(now), Some(Again::Rejected));
        assert!(outgoing.is_empty() && outgoing.again_at().is_none());
        assert_eq!(outgoing.bytes, 0);
    }

    #[test]
    fn a_device_that_goes_each_time_rejects_in_the_end_and_a_watcher_never() {
        let now = Instant::now();
        for (gives_up, rejected) in [(true, 1), (false, 0)] {
            let mut outgoing = Outgoing::new(ROOM);
            outgoing.push(message("1")).unwrap();
            let total: usize = (0..300)
                .map(|_| {
                    sent(&mut outgoing, now);
                    outgoing.disconnected(gives_up)
                })
                .sum();
            assert_eq!(total, rejected);
            assert_eq!(outgoing.is_empty(), gives_up);
        }
    }

    #[test]
    fn without_acknowledgements_each_goes_once() {
        let now = Instant::now();
        let mut outgoing = Outgoing::new(ROOM);
        outgoing.push(message("1")).unwrap();
        let publish = outgoing.next(QoS::AtMostOnce, now).unwrap();
        assert_eq!((publish.qos, publish.pkid), (QoS::AtMostOnce, 0));
        assert!(outgoing.is_empty() && outgoing.bytes == 0);
    }

    #[test]
    fn ids_go_round_and_are_never_those_that_are_out() {
        let now = Instant::now();
        let mut outgoing = Outgoing::new(Room {
            messages: 1000,
            bytes: 1 << 20,
        });
        outgoing.push(message("1")).unwrap();
        let first = outgoing.next(QoS::AtLeastOnce, now).unwrap().pkid;
        for _ in 0..70_000 {
            outgoing.push(message("2")).unwrap();
            let id = outgoing.next(QoS::AtLeastOnce, now).unwrap().pkid;
            assert!(id != 0 && id != first);
            outgoing.acknowledge(id);
        }
        // No more than a window of them is out.
        for _ in 0..200 {
            outgoing.push(message("3")).unwrap();
        }
        assert_eq!(sent(&mut outgoing, now).len(), WINDOW - 1);
    }
}
