//! What there is to tell, gathered from what is read.

use std::{cmp::Reverse, collections::BTreeMap, net::IpAddr};

use defender_detect::{
    Alert,
    alert::{Service, Severity, Side},
    hygiene::Recommendation,
    likely_service,
};
use defender_message::{SecurityMessage, decode::Payload, flow::Protocol};

/// How many peers, and how many services, are told apart. What is beyond goes into one sum.
const MOST: usize = 20_000;

/// How many parts the time has at most before they are made twice as long.
const PARTS: usize = 960;

/// Bytes from and to devices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bytes {
    /// To devices.
    pub received: u64,
    /// From devices.
    pub sent: u64,
}

impl Bytes {
    pub(crate) fn add(&mut self, received: u64, sent: u64) {
        self.received = self.received.saturating_add(received);
        self.sent = self.sent.saturating_add(sent);
    }

    /// Both together.
    #[must_use]
    pub fn all(self) -> u64 {
        self.received.saturating_add(self.sent)
    }
}

/// A service for sums: its protocol and port, and whether the device offers it.
type ServiceKey = (Protocol, u16, bool);

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Story {
    /// What it is about: files, or a hub and its day.
    pub about: Vec<String>,
    /// Security messages that were read; `None` of a hub, which has read them.
    pub reports: Option<u64>,
    /// Devices that they are about.
    pub devices: u64,
    /// Alerts, in any order.
    pub alerts: Vec<Alert>,
    /// What is recommended.
    pub recommendations: Vec<Recommendation>,
    /// What could not be read or is not known, a sentence each.
    pub limits: Vec<String>,
    span: Option<(u32, u32)>,
    part: u32,
    /// By the number of the part of time.
    traffic: BTreeMap<u32, Bytes>,
    peers: BTreeMap<IpAddr, Bytes>,
    other_peers: Bytes,
    services: BTreeMap<ServiceKey, Bytes>,
    other_services: Bytes,
}

impl Story {
    /// Nothing yet, of what is read from there.
    #[must_use]
    pub fn new(about: Vec<String>) -> Self {
        Self {
            about,
            reports: Some(0),
            devices: 0,
            alerts: Vec::new(),
            recommendations: Vec::new(),
            limits: Vec::new(),
            span: None,
            part: 1,
            traffic: BTreeMap::new(),
            peers: BTreeMap::new(),
            other_peers: Bytes::default(),
            services: BTreeMap::new(),
            other_services: Bytes::default(),
        }
    }

    /// A message was read.
    pub fn add_report(&mut self, message: &SecurityMessage) {
        self.reports = self.reports.map(|count| count + 1);
        for event in &message.events {
            self.reach(event.time);
            let Payload::NetworkActivity { flows } = &event.payload else {
                continue;
            };
            for flow in flows {
                let service = likely_service(flow);
                self.add_traffic(
                    event.time,
                    Some(flow.remote_address).filter(|peer| !peer.is_unspecified()),
                    service,
                    flow.bytes_in.into(),
                    flow.bytes_out.into(),
                );
            }
        }
    }

    /// Traffic of a time with a peer: bytes to the device, and from it. `None`: with peers that nobody tells apart.
    pub fn add_traffic(
        &mut self,
        time: u32,
        peer: Option<IpAddr>,
        service: Service,
        received: u64,
        sent: u64,
    ) {
        self.reach(time);
        let part = self.traffic.entry(time / self.part).or_default();
        part.add(received, sent);
        while self.traffic.len() > PARTS {
            self.lengthen_parts();
        }
        let peer = match peer {
            Some(peer) if self.peers.len() < MOST || self.peers.contains_key(&peer) => {
                self.peers.entry(peer).or_default()
            }
            _ => &mut self.other_peers,
        };
        peer.add(received, sent);
        let key = (service.protocol, service.port, service.at == Side::Device);
        let service = match self.services.len() < MOST || self.services.contains_key(&key) {
            true => self.services.entry(key).or_default(),
            false => &mut self.other_services,
        };
        service.add(received, sent);
    }

    /// Something was at this time.
    pub fn reach(&mut self, time: u32) {
        let (from, to) = self.span.unwrap_or((time, time));
        self.span = Some((from.min(time), to.max(time)));
    }

    fn lengthen_parts(&mut self) {
        self.part = self.part.saturating_mul(2);
        let parts = std::mem::take(&mut self.traffic);
        for (number, bytes) in parts {
            let part = self.traffic.entry(number / 2).or_default();
            part.add(bytes.received, bytes.sent);
        }
    }

    /// From when to when, alerts included.
    #[must_use]
    pub fn span(&self) -> Option<(u32, u32)> {
        let alerts = self.alerts.iter();
        let alerts = alerts.map(|alert| (alert.first_seen, alert.last_seen));
        let all = self.span.into_iter().chain(alerts);
        all.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// The alerts, the most severe first, then by their beginning.
    #[must_use]
    pub fn most_severe_first(&self) -> Vec<&Alert> {
        let mut alerts: Vec<_> = self.alerts.iter().collect();
        alerts.sort_by_key(|alert| (Reverse(alert.severity), alert.first_seen, &alert.id));
        alerts
    }

    /// How many alerts there are of a severity.
    #[must_use]
    pub fn count_of(&self, severity: Severity) -> u64 {
        let alerts = self.alerts.iter();
        alerts.filter(|alert| alert.severity == severity).count() as u64
    }

    /// Traffic in so many equal parts of the time, from its beginning on.
    #[must_use]
    pub fn traffic(&self, parts: usize) -> Vec<Bytes> {
        let mut all = vec![Bytes::default(); parts.max(1)];
        let Some((from, to)) = self.span() else {
            return all;
        };
        let length = u64::from(to - from) + 1;
        for (number, bytes) in &self.traffic {
            let time = number.saturating_mul(self.part).clamp(from, to);
            let at = u64::from(time - from) * all.len() as u64 / length;
            // It is less than their number.
            all[at as usize].add(bytes.received, bytes.sent);
        }
        all
    }

    /// The peers with the most bytes, and what is left.
    pub(super) fn top_peers(&self, most: usize) -> (Vec<(IpAddr, Bytes)>, Bytes) {
        top(&self.peers, self.other_peers, most)
    }

    /// The services with the most bytes, and what is left.
    pub(super) fn top_services(&self, most: usize) -> (Vec<(ServiceKey, Bytes)>, Bytes) {
        top(&self.services, self.other_services, most)
    }

    /// How many peers were told apart.
    pub(super) fn peers(&self) -> u64 {
        self.peers.len() as u64
    }
}

fn top<K: Copy + Ord>(
    all: &BTreeMap<K, Bytes>,
    mut others: Bytes,
    most: usize,
) -> (Vec<(K, Bytes)>, Bytes) {
    let mut rows: Vec<_> = all.iter().map(|(key, bytes)| (*key, *bytes)).collect();
    rows.sort_by_key(|(key, bytes)| (Reverse(bytes.all()), *key));
    for (_, bytes) in rows.drain(rows.len().min(most)..) {
        others.add(bytes.received, bytes.sent);
    }
    (rows, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(port: u16) -> Service {
        Service {
            protocol: Protocol::Tcp,
            port,
            at: Side::Peer,
        }
    }

    #[test]
    fn no_byte_is_lost_in_sums() {
        let mut story = Story::new(Vec::new());
        for number in 0..100_000_u32 {
            let peer = IpAddr::from((u32::MAX - number).to_be_bytes());
            let time = 1_767_225_600 + number.wrapping_mul(2_654_435_761) % 10_000_000;
            story.add_traffic(time, Some(peer), service(number as u16), 1, 2);
        }
        let sum = |all: &mut dyn Iterator<Item = Bytes>| {
            all.fold(Bytes::default(), |mut sum, bytes| {
                sum.add(bytes.received, bytes.sent);
                sum
            })
        };
        let expected = Bytes {
            received: 100_000,
            sent: 200_000,
        };
        assert!(story.traffic.len() <= PARTS && story.peers.len() <= MOST);
        assert_eq!(sum(&mut story.traffic(120).into_iter()), expected);
        let (peers, others) = story.top_peers(10);
        let mut all = peers.iter().map(|(_, bytes)| *bytes).chain([others]);
        assert_eq!((peers.len(), sum(&mut all)), (10, expected));
        let (services, others) = story.top_services(10);
        let mut all = services.iter().map(|(_, bytes)| *bytes).chain([others]);
        assert_eq!(sum(&mut all), expected);
    }

    #[test]
    fn traffic_is_where_its_time_is() {
        let mut story = Story::new(Vec::new());
        story.add_traffic(1000, None, service(80), 5, 0);
        story.add_traffic(1099, None, service(80), 0, 7);
        let parts = story.traffic(10);
        assert_eq!((parts[0].received, parts[9].sent), (5, 7));
        assert!(parts[1..9].iter().all(|part| part.all() == 0));
        assert_eq!(Story::new(Vec::new()).traffic(3), [Bytes::default(); 3]);
    }
}
