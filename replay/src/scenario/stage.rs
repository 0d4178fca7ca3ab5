//! Where a scenario plays: its time, its chance, its addresses, and the packets that are on their way.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use etherparse::IcmpEchoHeader;

use super::{
    dice::Dice,
    packet::{self, Echo, Segment},
    site::Site,
    truth::Happening,
};

/// Something that goes on for a while: it does what is due now and says when it goes on, if it does. Times count from the
/// scenario's beginning.
pub(super) type Activity = Box<dyn FnMut(&mut Stage) -> Option<Duration> + Send>;

/// What activities act upon.
pub(super) struct Stage {
    pub(super) dice: Dice,
    pub(super) site: Site,
    /// The time of the activity whose turn it is.
    pub(super) now: Duration,
    /// When the scenario ends.
    pub(super) length: Duration,
    /// What was noted and not fetched yet.
    pub(super) happenings: Vec<Happening>,
    /// Packets that were made and not given out, and how many were ever made: what is made first goes first.
    queue: BinaryHeap<Reverse<(Duration, u64, Vec<u8>)>>,
    made: u64,
    activities: Vec<Option<Activity>>,
    turns: BinaryHeap<Reverse<(Duration, usize)>>,
    last_port: u16,
}

impl Stage {
    pub(super) fn new(seed: u64, site: Site, length: Duration) -> Self {
        let mut dice = Dice::new(seed);
        let last_port = dice.short(FIRST_PORT..=LAST_PORT);
        Self {
            dice,
            site,
            now: Duration::ZERO,
            length,
            happenings: Vec::new(),
            queue: BinaryHeap::new(),
            made: 0,
            activities: Vec::new(),
            turns: BinaryHeap::new(),
            last_port,
        }
    }

    /// Lets an activity begin at `time`.
    pub(super) fn begin(
        &mut self,
        time: Duration,
        activity: impl FnMut(&mut Self) -> Option<Duration> + Send + 'static,
    ) {
        self.turns.push(Reverse((time, self.activities.len())));
        self.activities.push(Some(Box::new(activity)));
    }

    /// The next packet before the scenario's end.
    pub(super) fn next_packet(&mut self) -> Option<(Duration, Vec<u8>)> {
        while let Some(&Reverse((time, index))) = self.turns.peek() {
            let is_due = self
                .queue
                .peek()
                .is_none_or(|Reverse((packet, ..))| time <= *packet);
            if !is_due || time >= self.length {
                break;
            }
            self.turns.pop();
            self.take_turn(time, index);
        }
        let Reverse((time, _, packet)) = self.queue.pop()?;
        (time < self.length).then_some((time, packet))
    }

    fn take_turn(&mut self, time: Duration, index: usize) {
        let Some(mut activity) = self.activities.get_mut(index).and_then(Option::take) else {
            return;
        };
        self.now = time;
        if let Some(next) = activity(self) {
            // Time goes on, whatever an activity says.
            let next = next.max(time + Duration::from_micros(1));
            self.activities[index] = Some(activity);
            self.turns.push(Reverse((next, index)));
        }
    }

    /// Notes what happens now, for those who compare what was found with what was there.
    pub(super) fn note(&mut self, what: &str, peer: Option<SocketAddr>) {
        self.happenings.push(Happening::new(self.now, what, peer));
    }

    /// Notes what happens now to a host as a whole.
    pub(super) fn note_host(&mut self, what: &str, host: IpAddr) {
        self.note(what, Some(SocketAddr::new(host, 0)));
    }

    /// When an attack begins: some normal time first, when there is enough of it.
    pub(super) fn attack_time(&mut self) -> Duration {
        let latest = (self.length / 4).min(Duration::from_secs(120));
        self.dice.time(latest / 2..=latest)
    }

    /// A new port for a connection that the device opens.
    pub(super) fn port(&mut self) -> u16 {
        self.last_port = match self.last_port {
            LAST_PORT => FIRST_PORT,
            port => port + 1,
        };
        self.last_port
    }

    /// A new endpoint of the device's for a connection that it opens.
    pub(super) fn own(&mut self) -> SocketAddr {
        let port = self.port();
        self.own_port(port)
    }

    /// The device's endpoint at a port.
    pub(super) fn own_port(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.site.device, port)
    }

    /// An endpoint of `host` for a connection that it opens.
    pub(super) fn foreign(&mut self, host: IpAddr) -> SocketAddr {
        SocketAddr::new(host, self.dice.short(32_768..=60_999))
    }

    /// How long an answer of `host` takes to come. The device itself answers at once.
    pub(super) fn answer_time(&mut self, host: IpAddr) -> Duration {
        let micros = if host == self.site.device {
            80..=400
        } else if self.site.is_near(host) {
            400..=1_800
        } else {
            9_000..=45_000
        };
        Duration::from_micros(self.dice.number(micros))
    }

    /// The time to live that packets of `host` have left at the device.
    fn time_to_live(&self, host: IpAddr) -> u8 {
        if self.site.is_near(host) { 64 } else { 51 }
    }

    /// Sends a TCP segment.
    pub(super) fn tcp(
        &mut self,
        time: Duration,
        from: SocketAddr,
        to: SocketAddr,
        segment: Segment,
        data: &[u8],
    ) {
        let packet = packet::tcp(from, to, self.time_to_live(from.ip()), segment, data);
        self.queue(time, packet);
    }

    /// Sends a UDP datagram.
    pub(super) fn udp(&mut self, time: Duration, from: SocketAddr, to: SocketAddr, data: &[u8]) {
        let packet = packet::udp(from, to, self.time_to_live(from.ip()), data);
        self.queue(time, packet);
    }

    /// Sends a ping, or an answer to one.
    pub(super) fn echo(
        &mut self,
        time: Duration,
        way: (IpAddr, IpAddr),
        kind: Echo,
        (id, seq): (u16, u16),
        data: &[u8],
    ) {
        let (from, to) = way;
        let header = IcmpEchoHeader { id, seq };
        let packet = packet::echo(from, to, self.time_to_live(from), kind, header, data);
        self.queue(time, packet);
    }

    fn queue(&mut self, time: Duration, packet: Option<Vec<u8>>) {
        if let Some(packet) = packet {
            // Nothing is sent in the past: packets of that time may have been given out.
            let time = time.max(self.now);
            self.queue.push(Reverse((time, self.made, packet)));
            self.made += 1;
        }
    }
}

/// The ports from which the device opens connections.
const FIRST_PORT: u16 = 49_152;
const LAST_PORT: u16 = 65_535;
