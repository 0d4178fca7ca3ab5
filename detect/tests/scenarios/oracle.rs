//! When a threshold is passed, seen from the packets themselves: without an agent, a flow table or a window of reports.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use defender_detect::{Kind, Severity};
use etherparse::{NetSlice, SlicedPacket, TransportSlice};

/// Who every scenario is about beside the device.
pub const PEER_V4: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 200);
pub const PEER_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1);

/// What is to be found.
pub struct Expected {
    pub kind: Kind,
    pub severity: Severity,
    pub measure: Measure,
}

/// What a threshold of the table is about.
#[derive(Clone, Copy)]
pub enum Measure {
    /// So many different things within five minutes that did not succeed.
    Different(usize, fn(&Seen) -> Option<SocketAddr>),
    /// So much in sum within a minute, or with the second number within so many seconds.
    Sum(u64, u64, fn(&Seen) -> u64),
}

/// What the table of section 2 says of a scenario; `None` for those that need more than it.
pub fn expected(scenario: &str) -> Option<Expected> {
    use Measure::{Different, Sum};
    const MINUTE: u64 = 60;
    const FIVE_MINUTES: u64 = 300;
    let (kind, severity, measure) = match scenario {
        "telnet-bot" => (
            Kind::HostScan,
            Severity::High,
            Different(5, |seen| {
                (seen.opens() && [23, 2323].contains(&seen.remote.port()))
                    .then(|| host(seen.remote))
            }),
        ),
        "vertical-scan" => (
            Kind::PortScan,
            Severity::Medium,
            Different(10, |seen| {
                (seen.opens() && seen.is_peer()).then_some(seen.remote)
            }),
        ),
        "horizontal-scan" => (
            Kind::HostScan,
            Severity::Medium,
            Different(25, |seen| seen.opens().then(|| host(seen.remote))),
        ),
        "port-scanned" => (
            Kind::ScannedByPeer,
            Severity::Low,
            Different(10, |seen| {
                (seen.is_opened() && seen.is_peer()).then_some(seen.local)
            }),
        ),
        "address-sweep" => (
            Kind::AddressSweep,
            Severity::Medium,
            Different(8, |seen| {
                (seen.is_icmp && seen.is_out).then_some(seen.remote)
            }),
        ),
        "password-guessing-out" => (
            Kind::PasswordGuessing,
            Severity::High,
            Sum(9, FIVE_MINUTES, |seen| {
                u64::from(seen.opens() && seen.is_peer())
            }),
        ),
        "password-guessing-in" => (
            Kind::PasswordGuessing,
            Severity::Medium,
            Sum(9, FIVE_MINUTES, |seen| {
                u64::from(seen.is_opened() && seen.is_peer())
            }),
        ),
        "dns-tunnel" => (
            Kind::DnsTunnel,
            Severity::Medium,
            Sum(10_000, MINUTE, |seen| {
                seen.bytes * u64::from(seen.is_out && seen.remote.port() == 53)
            }),
        ),
        "icmp-tunnel" => (
            Kind::IcmpTunnel,
            Severity::Medium,
            Sum(20_000, MINUTE, |seen| {
                seen.bytes * u64::from(seen.is_icmp && seen.is_peer())
            }),
        ),
        "syn-flood" => (
            Kind::Flood,
            Severity::Medium,
            Sum(300, MINUTE, |seen| {
                u64::from(seen.opens() && seen.is_peer())
            }),
        ),
        "udp-flood" => (
            Kind::Flood,
            Severity::Medium,
            Sum(10_000_000, MINUTE, |seen| {
                seen.bytes * u64::from(seen.is_out && seen.is_peer())
            }),
        ),
        _ => return None,
    };
    Some(Expected {
        kind,
        severity,
        measure,
    })
}

fn host(endpoint: SocketAddr) -> SocketAddr {
    SocketAddr::new(endpoint.ip(), 0)
}

/// A packet, as far as thresholds are about it.
pub struct Seen {
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub is_out: bool,
    pub is_icmp: bool,
    is_syn: bool,
    is_ack: bool,
    /// Bytes of IP payload.
    pub bytes: u64,
}

impl Seen {
    /// The device asks for a connection.
    fn opens(&self) -> bool {
        self.is_out && self.is_syn && !self.is_ack
    }

    /// The device is asked for one.
    fn is_opened(&self) -> bool {
        !self.is_out && self.is_syn && !self.is_ack
    }

    fn is_peer(&self) -> bool {
        [IpAddr::from(PEER_V4), IpAddr::from(PEER_V6)].contains(&self.remote.ip())
    }

    /// An answer that makes of an attempt a success, and to what.
    fn succeeds(&self) -> Option<[SocketAddr; 3]> {
        let is_answer = (self.is_syn && self.is_ack) || (self.is_icmp && !self.is_out);
        is_answer.then(|| [self.remote, host(self.remote), self.local])
    }
}

/// Looks at packets until the threshold is passed.
pub struct Oracle {
    measure: Measure,
    last_tried: BTreeMap<SocketAddr, Duration>,
    amounts: VecDeque<(Duration, u64)>,
    /// When it was passed.
    pub passed: Option<Duration>,
}

impl Oracle {
    pub fn new(measure: Measure) -> Self {
        Self {
            measure,
            last_tried: BTreeMap::new(),
            amounts: VecDeque::new(),
            passed: None,
        }
    }

    pub fn look(&mut self, time: Duration, ip: &[u8], device: IpAddr) {
        if self.passed.is_some() {
            return;
        }
        let Some(seen) = read(ip, device) else {
            return;
        };
        let is_passed = match self.measure {
            Measure::Different(limit, of) => {
                for answered in seen.succeeds().into_iter().flatten() {
                    self.last_tried.remove(&answered);
                }
                if let Some(thing) = of(&seen) {
                    self.last_tried.insert(thing, time);
                }
                let is_recent = |tried: &&Duration| time - **tried <= Duration::from_secs(300);
                self.last_tried.values().filter(is_recent).count() >= limit
            }
            Measure::Sum(limit, window, of) => {
                self.amounts.push_back((time, of(&seen)));
                while let Some((first, _)) = self.amounts.front()
                    && time - *first > Duration::from_secs(window)
                {
                    self.amounts.pop_front();
                }
                self.amounts.iter().map(|(_, amount)| amount).sum::<u64>() >= limit
            }
        };
        if is_passed {
            self.passed = Some(time);
        }
    }
}

fn read(ip: &[u8], device: IpAddr) -> Option<Seen> {
    let packet = SlicedPacket::from_ip(ip).ok()?;
    let (source, destination, bytes): (IpAddr, IpAddr, usize) = match packet.net? {
        NetSlice::Ipv4(net) => (
            net.header().source_addr().into(),
            net.header().destination_addr().into(),
            net.payload().payload.len(),
        ),
        NetSlice::Ipv6(net) => (
            net.header().source_addr().into(),
            net.header().destination_addr().into(),
            net.payload().payload.len(),
        ),
        NetSlice::Arp(_) => return None,
    };
    let (ports, flags, is_icmp) = match packet.transport? {
        TransportSlice::Tcp(tcp) => (
            (tcp.source_port(), tcp.destination_port()),
            (tcp.syn(), tcp.ack()),
            false,
        ),
        TransportSlice::Udp(udp) => (
            (udp.source_port(), udp.destination_port()),
            (false, false),
            false,
        ),
        _ => ((0, 0), (false, false), true),
    };
    let from = SocketAddr::new(source, ports.0);
    let to = SocketAddr::new(destination, ports.1);
    let is_out = source == device;
    let (local, remote) = if is_out { (from, to) } else { (to, from) };
    Some(Seen {
        local,
        remote,
        is_out,
        is_icmp,
        is_syn: flags.0,
        is_ack: flags.1,
        bytes: bytes as u64,
    })
}
