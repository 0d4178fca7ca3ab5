//! A hub with devices that report, in a few words.

use std::net::IpAddr;

use defender_detect::{
    Alert, Change, ChangeEvent, Detector, Input, Kind, Policy, Report, Signal, SignalKind,
};
use defender_message::SecurityMessage;
use defender_message::decode::{Event, EventId, Payload};
use defender_message::flow::{Flow, Protocol};

/// When tests begin.
pub const START: u32 = 1_795_000_000;

/// A detector, the time, and everything that it has said.
pub struct Hub {
    pub detector: Detector,
    pub now: u32,
    pub changes: Vec<Change>,
    next_id: u128,
}

impl Hub {
    pub fn new() -> Self {
        Self::with(Policy::default())
    }

    pub fn with(policy: Policy) -> Self {
        Self {
            detector: Detector::new(policy),
            now: START,
            changes: Vec::new(),
            next_id: 1,
        }
    }

    /// Time passes, with a tick a minute.
    pub fn pass(&mut self, seconds: u32) {
        let end = self.now + seconds;
        while self.now < end {
            self.now = end.min(self.now + 60);
            self.feed(Input::Tick { time: self.now });
        }
    }

    /// After `interval` seconds the device reports flows of that time.
    pub fn report(&mut self, device: &str, interval: u32, flows: &[Flow<IpAddr>]) -> Vec<Change> {
        self.now += interval;
        let event = self.activity(self.now, interval, flows);
        self.send(device, Some(self.now), vec![event])
    }

    /// A heartbeat comes.
    pub fn heartbeat(&mut self, device: &str, interval: u32) -> Vec<Change> {
        let event = self.event(self.now, interval, Payload::Heartbeat);
        self.send(device, Some(self.now), vec![event])
    }

    pub fn activity(&mut self, time: u32, interval: u32, flows: &[Flow<IpAddr>]) -> Event {
        let flows = flows.to_vec();
        self.event(time, interval, Payload::NetworkActivity { flows })
    }

    pub fn event(&mut self, time: u32, collection_interval: u32, payload: Payload) -> Event {
        let id = EventId(self.next_id.to_be_bytes());
        self.next_id += 1;
        Event {
            id,
            time,
            collection_interval,
            payload,
        }
    }

    pub fn send(&mut self, device: &str, received: Option<u32>, events: Vec<Event>) -> Vec<Change> {
        let message = message(events);
        self.feed(Input::Report(Report {
            device,
            received,
            message: &message,
        }))
    }

    pub fn signal(&mut self, device: &str, what: SignalKind) -> Vec<Change> {
        let received = self.now;
        self.feed(Input::Signal(Signal {
            device,
            received,
            what,
        }))
    }

    pub fn feed(&mut self, input: Input<'_>) -> Vec<Change> {
        let changes = self.detector.feed(input);
        self.changes.extend(changes.iter().cloned());
        changes
    }

    /// The alerts of a kind that have been raised so far.
    pub fn raised(&self, kind: Kind) -> Vec<&Alert> {
        of(&self.changes, kind, ChangeEvent::Raised)
    }

    pub fn closed(&self, kind: Kind) -> Vec<&Alert> {
        of(&self.changes, kind, ChangeEvent::Closed)
    }

    /// The kinds that have been raised so far, each once.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = self
            .changes
            .iter()
            .map(|change| change.alert.kind)
            .collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }
}

pub fn message(events: Vec<Event>) -> SecurityMessage {
    let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
    message.events = events;
    message
}

pub fn of(changes: &[Change], kind: Kind, event: ChangeEvent) -> Vec<&Alert> {
    changes
        .iter()
        .filter(|change| change.alert.kind == kind && change.event == event)
        .map(|change| &change.alert)
        .collect()
}

pub fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A host of the peers' network, by number.
pub fn host(number: u16) -> IpAddr {
    let [high, low] = number.to_be_bytes();
    IpAddr::from([10, 1, high, low])
}

/// The same host, with IPv6.
pub fn host6(number: u16) -> IpAddr {
    IpAddr::from([0xfd00, 1, 0, 0, 0, 0, 0, number])
}

pub fn flow(
    protocol: Protocol,
    local_port: u16,
    peer: IpAddr,
    remote_port: u16,
    bytes_in: u32,
    bytes_out: u32,
) -> Flow<IpAddr> {
    let local_address = match peer {
        IpAddr::V4(_) => ip("10.0.0.2"),
        IpAddr::V6(_) => ip("fd00::2"),
    };
    Flow {
        protocol,
        local_address,
        local_port,
        remote_address: peer,
        remote_port,
        bytes_in,
        bytes_out,
    }
}

/// A connection that works.
pub fn tcp(local_port: u16, peer: IpAddr, remote_port: u16) -> Flow<IpAddr> {
    flow(Protocol::Tcp, local_port, peer, remote_port, 2000, 1000)
}

/// A connection that nobody answers.
pub fn syn(local_port: u16, peer: IpAddr, remote_port: u16) -> Flow<IpAddr> {
    flow(Protocol::Tcp, local_port, peer, remote_port, 0, 40)
}

/// A connection that is refused.
pub fn refused(local_port: u16, peer: IpAddr, remote_port: u16) -> Flow<IpAddr> {
    flow(Protocol::Tcp, local_port, peer, remote_port, 20, 40)
}

/// A connection to the device that it refuses.
pub fn refusing(local_port: u16, peer: IpAddr, remote_port: u16) -> Flow<IpAddr> {
    flow(Protocol::Tcp, local_port, peer, remote_port, 40, 20)
}

pub fn udp(
    local_port: u16,
    peer: IpAddr,
    remote_port: u16,
    bytes_in: u32,
    bytes_out: u32,
) -> Flow<IpAddr> {
    flow(
        Protocol::Udp,
        local_port,
        peer,
        remote_port,
        bytes_in,
        bytes_out,
    )
}

pub fn icmp(peer: IpAddr, bytes_in: u32, bytes_out: u32) -> Flow<IpAddr> {
    flow(Protocol::Icmp, 0, peer, 0, bytes_in, bytes_out)
}
