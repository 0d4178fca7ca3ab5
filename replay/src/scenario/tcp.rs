//! TCP connections, and what becomes of those that are not wanted.

use std::{net::SocketAddr, time::Duration};

use super::{
    packet::{self, Segment},
    stage::Stage,
};

/// Who of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// An open connection. It has a time of its own, which goes on with what is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tcp {
    client: End,
    server: End,
    pub(super) now: Duration,
}

#[derive(Clone, Copy, Debug)]
struct End {
    address: SocketAddr,
    /// The sequence number of what it sends next.
    next: u32,
    /// How long after something came it answers, as the device sees it.
    answers_after: Duration,
}

/// One in so many segments is lost and sent again.
const LOSS: u64 = 150;

impl Tcp {
    /// Opens a connection with three segments.
    pub(super) fn open(
        stage: &mut Stage,
        at: Duration,
        client: SocketAddr,
        server: SocketAddr,
    ) -> Self {
        let mut tcp = Self::new(stage, at, client, server);
        tcp.segment(stage, Side::Client, SYN, &[]);
        tcp.turn(Side::Server);
        tcp.segment(stage, Side::Server, SYN, &[]);
        tcp.turn(Side::Client);
        tcp.segment(stage, Side::Client, Segment::default(), &[]);
        tcp
    }

    fn new(stage: &mut Stage, at: Duration, client: SocketAddr, server: SocketAddr) -> Self {
        let mut end = |address: SocketAddr| End {
            address,
            next: u32::try_from(stage.dice.number(0..=u32::MAX.into())).unwrap_or(0),
            answers_after: stage.answer_time(address.ip()),
        };
        Self {
            client: end(client),
            server: end(server),
            now: at,
        }
    }

    /// Nothing is said for a while.
    pub(super) fn wait(&mut self, time: Duration) {
        self.now += time;
    }

    /// Nothing is said before `time`.
    pub(super) fn wait_until(&mut self, time: Duration) {
        self.now = self.now.max(time);
    }

    /// Sends data in segments as large as fit, every second one acknowledged; rarely one is lost and sent again.
    pub(super) fn send(&mut self, stage: &mut Stage, from: Side, data: &[u8]) {
        self.turn(from);
        let size = packet::maximum_segment(self.client.address.ip());
        let last = data.len().div_ceil(size).saturating_sub(1);
        for (index, part) in data.chunks(size).enumerate() {
            let segment = Segment {
                psh: index == last,
                ..Segment::default()
            };
            let sequence = self.end(from).next;
            self.segment(stage, from, segment, part);
            if stage.dice.once_in(LOSS) {
                self.end_mut(from).next = sequence;
                self.wait(Duration::from_millis(220));
                self.segment(stage, from, segment, part);
            }
            if index % 2 == 1 || index == last {
                let paused = self.now;
                self.turn(from.other());
                self.segment(stage, from.other(), Segment::default(), &[]);
                // Who sends does not wait for what is acknowledged before the last.
                if index != last {
                    self.now = paused;
                }
            }
            self.wait(Duration::from_micros(120));
        }
    }

    /// Closes the connection in an orderly way.
    pub(super) fn close(mut self, stage: &mut Stage, by: Side) {
        for side in [by, by.other()] {
            self.turn(side);
            self.segment(stage, side, FIN, &[]);
        }
        self.turn(by);
        self.segment(stage, by, Segment::default(), &[]);
    }

    /// Gives the connection up.
    pub(super) fn reset(mut self, stage: &mut Stage, by: Side) {
        self.turn(by);
        self.segment(stage, by, RST, &[]);
    }

    fn turn(&mut self, to: Side) {
        self.now += self.end(to).answers_after;
    }

    fn end(&self, side: Side) -> &End {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    fn end_mut(&mut self, side: Side) -> &mut End {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Sends one segment now. Sequence numbers are filled in, and an acknowledgment but for the very first segment.
    fn segment(&mut self, stage: &mut Stage, from: Side, segment: Segment, data: &[u8]) {
        let (own, peer) = (*self.end(from), *self.end(from.other()));
        let is_first = segment.syn && from == Side::Client;
        let whole = Segment {
            sequence: own.next,
            acknowledgment: (!is_first).then_some(peer.next),
            ..segment
        };
        stage.tcp(self.now, own.address, peer.address, whole, data);
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let counted = length + u32::from(segment.syn) + u32::from(segment.fin);
        self.end_mut(from).next = own.next.wrapping_add(counted);
    }
}

/// A connection that the server refuses.
pub(super) fn refused(stage: &mut Stage, at: Duration, client: SocketAddr, server: SocketAddr) {
    let mut tcp = Tcp::new(stage, at, client, server);
    tcp.segment(stage, Side::Client, SYN, &[]);
    tcp.server.next = 0;
    tcp.reset(stage, Side::Server);
}

/// A connection to somebody who does not answer, asked for `tries` times: at once, after 1 s, 3 s, 7 s, …
pub(super) fn unanswered(
    stage: &mut Stage,
    at: Duration,
    client: SocketAddr,
    server: SocketAddr,
    tries: u32,
) {
    let first = Tcp::new(stage, at, client, server);
    for attempt in 0..tries {
        let mut tcp = first;
        tcp.wait(Duration::from_secs((1 << attempt.min(6)) - 1));
        tcp.segment(stage, Side::Client, SYN, &[]);
    }
}

const SYN: Segment = Segment {
    sequence: 0,
    acknowledgment: None,
    syn: true,
    fin: false,
    rst: false,
    psh: false,
};
const FIN: Segment = Segment {
    syn: false,
    fin: true,
    ..SYN
};
const RST: Segment = Segment {
    syn: false,
    rst: true,
    ..SYN
};
