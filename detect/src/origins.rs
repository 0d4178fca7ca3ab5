//! Where connections come from: one identity in several places, many identities from one.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::alert::{Finding, Kind};
use crate::config::Config;
use crate::hash::Hasher;
use crate::input::Refusal;
use crate::seconds;
use crate::window::{Counted, Distinct};

/// The most networks of a device that are remembered.
const REMEMBERED: usize = 4;

/// The most returns, and takeovers, that are remembered: as many as settings may ask for.
const MOST_TIMES: usize = 64;

/// Where a device connected from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origins {
    /// Networks by hash, and when the device was last there; the latest last.
    networks: Vec<(u64, u32)>,
    /// When it returned to one of them.
    returns: Vec<u32>,
    /// When a connection of it was closed for another one.
    takeovers: Vec<u32>,
}

/// Adds a time to those within the window, of which no more are remembered than settings may ask for. Returns how many there are.
fn remember(times: &mut Vec<u32>, received: u32, window: u32) -> usize {
    times.retain(|time| received.saturating_sub(*time) < window);
    if times.len() >= MOST_TIMES {
        times.remove(0);
    }
    times.push(received);
    times.len()
}

impl Origins {
    /// The device connects from `source`. Returns a finding, and the network where it was before if that is another one.
    pub fn connect(
        &mut self,
        source: IpAddr,
        received: u32,
        config: &Config,
    ) -> (Option<Finding>, Option<u64>) {
        let config = &config.duplicate_device;
        let window = seconds(config.window);
        let here = network(source);
        let before = self.networks.last().map(|(network, _)| *network);
        let last_here = self
            .networks
            .iter()
            .position(|(network, _)| *network == here);
        let last_here = last_here.map(|at| self.networks.remove(at).1);
        if self.networks.len() >= REMEMBERED {
            self.networks.remove(0);
        }
        self.networks.push((here, received));
        let moved_from = before.filter(|before| *before != here);
        let is_recent = |time: u32| received.saturating_sub(time) < window;
        if moved_from.is_none() || !last_here.is_some_and(is_recent) {
            return (None, moved_from);
        }
        let returns = remember(&mut self.returns, received, window);
        let finding = (returns >= usize::from(config.returns)).then(|| {
            Finding::new(Kind::DuplicateDevice)
                .counted(returns as u64, config.returns.into(), window)
                .with_peer(source)
                .with_detail("returns to a network just left")
        });
        (finding, moved_from)
    }

    /// A connection of the device, from `source`, was closed because it opened another one.
    pub fn take_over(
        &mut self,
        source: Option<IpAddr>,
        received: u32,
        config: &Config,
    ) -> Option<Finding> {
        let config = &config.duplicate_device;
        let window = seconds(config.window);
        let takeovers = remember(&mut self.takeovers, received, window);
        (takeovers >= usize::from(config.takeovers)).then(|| Finding {
            peer: source,
            ..Finding::new(Kind::DuplicateDevice)
                .counted(takeovers as u64, config.takeovers.into(), window)
                .with_detail("throws itself out by connecting again")
        })
    }

    /// Whether it is no longer than it gets by itself.
    pub fn is_valid(&self) -> bool {
        let times = [&self.returns, &self.takeovers];
        self.networks.len() <= REMEMBERED && times.iter().all(|times| times.len() <= MOST_TIMES)
    }
}

/// Why a device counts for the source of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Suspect {
    /// It was in another network before, which counts, since a whole site moves when its address changes.
    Moved(u64),
    /// Its credentials were wrong: which device, by hash.
    Refused(u32),
}

impl Suspect {
    /// A refusal that guessing would bring about; time that is over is no guess.
    pub fn refused(device: &str, reason: Refusal) -> Option<Self> {
        match reason {
            Refusal::CertificateMismatch | Refusal::SasTokenInvalid | Refusal::UnknownDevice => {
                let device = Hasher::new(b'd').bytes(device.as_bytes()).finish32();
                Some(Self::Refused(device))
            }
            _ => None,
        }
    }
}

/// Counts devices by the source that they suddenly come from. The sets are those of the hub.
pub(crate) fn many_from_one(
    sets: &mut Distinct,
    suspect: Suspect,
    source: IpAddr,
    received: u32,
    config: &Config,
) -> Option<Finding> {
    let config = &config.duplicate_device;
    let window = seconds(config.window);
    let (variant, member, what) = match suspect {
        Suspect::Moved(network) => (0, network as u32, "devices of different places from one"),
        Suspect::Refused(device) => (1, device, "identities tried from one place"),
    };
    let set = Hasher::new(b'p').number(variant).address(source).finish32();
    let most = usize::from(config.devices);
    let count = sets.add(set, &[member], received, window, most, Counted::Seen);
    (count >= most).then(|| {
        Finding::new(Kind::DuplicateDevice)
            .counted(count as u64, config.devices.into(), window)
            .with_peer(source)
            .with_detail(what)
    })
}

/// A place is a network: /24, with IPv6 /48. Within it addresses change by themselves.
fn network(source: IpAddr) -> u64 {
    let network: IpAddr = match source.to_canonical() {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & !0xff).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 80 << 80).into(),
    };
    Hasher::new(b'n').address(network).finish()
}
