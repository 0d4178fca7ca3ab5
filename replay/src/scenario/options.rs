//! What can be chosen about a scenario.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

/// What can be chosen about a scenario. The same choice gives the same packets, on any machine.
///
/// ```
/// use std::time::Duration;
/// use defender_replay::scenario::{self, Options};
///
/// let options = Options::new()
///     .seed(7)
///     .local("10.1.2.3".parse().unwrap())
///     .duration(Duration::from_secs(60));
/// let office = scenario::find("office").unwrap();
/// assert!(office.run(&options)?.count() > 50);
/// # Ok::<(), defender_replay::scenario::ScenarioError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub(super) seed: u64,
    pub(super) start: Option<Duration>,
    pub(super) duration: Option<Duration>,
    pub(super) local: Option<IpAddr>,
    pub(super) peer: Option<IpAddr>,
    pub(super) ipv6: bool,
}

impl Options {
    /// Seed 0, and the rest as the scenario has it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What decides where chance does.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// When it begins, in time since 1970; at midnight on 1 January 2026 unless said.
    #[must_use]
    pub fn start(mut self, start: Duration) -> Self {
        self.start = Some(start);
        self
    }

    /// How long it is; [`usual_duration`](super::Scenario::usual_duration) unless said.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The device's own address. Its network is taken for a /24 or a /64.
    #[must_use]
    pub fn local(mut self, local: IpAddr) -> Self {
        self.local = Some(local);
        self
    }

    /// Who the scenario is about beside the device: the attacker, the victim, the server that is down.
    #[must_use]
    pub fn peer(mut self, peer: IpAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    /// IPv6 for all addresses that are not chosen.
    #[must_use]
    pub fn ipv6(mut self) -> Self {
        self.ipv6 = true;
        self
    }

    /// The device's own address.
    pub(super) fn device(&self) -> Result<IpAddr, ScenarioError> {
        let is_ipv6 = self.ipv6 || self.peer.is_some_and(|peer| peer.is_ipv6());
        let usual = if is_ipv6 {
            Ipv6Addr::new(0x2001, 0xdb8, 0x20, 0, 0, 0, 0, 7).into()
        } else {
            Ipv4Addr::new(192, 168, 20, 7).into()
        };
        let device = self.local.unwrap_or(usual);
        for address in [Some(device), self.peer].into_iter().flatten() {
            if address.is_multicast() || address.is_unspecified() || is_broadcast(address) {
                return Err(ScenarioError::NotUnicast(address));
            }
        }
        match self.peer {
            Some(peer) if peer.is_ipv4() != device.is_ipv4() => {
                Err(ScenarioError::IpVersions { device, peer })
            }
            Some(peer) if peer == device => Err(ScenarioError::PeerIsDevice(peer)),
            _ if self.ipv6 && device.is_ipv4() => Err(ScenarioError::NotIpv6(device)),
            _ => Ok(device),
        }
    }

    /// Beginning and length.
    pub(super) fn span(&self, usual: Duration) -> Result<(Duration, Duration), ScenarioError> {
        let start = self.start.unwrap_or(USUAL_START);
        let length = self.duration.unwrap_or(usual);
        if length.is_zero() {
            return Err(ScenarioError::NoTime);
        }
        match start.checked_add(length) {
            Some(end) if end <= LATEST => Ok((start, length)),
            _ => Err(ScenarioError::TooLate),
        }
    }
}

fn is_broadcast(address: IpAddr) -> bool {
    address == IpAddr::V4(Ipv4Addr::BROADCAST)
}

/// Midnight on 1 January 2026.
const USUAL_START: Duration = Duration::from_secs(1_767_225_600);
/// The last second that a pcap file and a security message can state.
const LATEST: Duration = Duration::from_secs(u32::MAX as u64);

/// A scenario that cannot be: what was chosen, and what to choose instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// An address that no single host has.
    #[error("{0} is no single host's address; choose a unicast address")]
    NotUnicast(IpAddr),
    /// The device and its peer cannot talk.
    #[error("{device} and {peer} are of two IP versions; choose both of one")]
    IpVersions {
        /// The device's address.
        device: IpAddr,
        /// Its peer's.
        peer: IpAddr,
    },
    /// Nobody attacks himself.
    #[error("{0} is the device's own address; choose another one for the peer")]
    PeerIsDevice(IpAddr),
    /// IPv6 is wanted, and an IPv4 address.
    #[error("{0} is an IPv4 address; leave it out, or leave out IPv6")]
    NotIpv6(IpAddr),
    /// Nothing can happen in no time.
    #[error("a duration of 0 leaves no time for a packet; choose a longer one")]
    NoTime,
    /// It would end after what 32 bits of Unix time can say.
    #[error(
        "the scenario would end after 2106-02-07T06:28:15Z; choose an earlier start or less time"
    )]
    TooLate,
}
