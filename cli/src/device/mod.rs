//! The simulated device: a ThreadX kernel, NetX Duo and the Azure IoT middleware, simulated, with the agent.
//!
//! This is the only place that knows the library's kernel side.

mod line;
mod summary;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadx_defender::{
    Api, Error, Status,
    agent::{Settings, packet},
    azure::{AzureIot, AzureIotStorage, HubClient, HubClientStorage},
    defender::{Defender, DefenderStorage},
    host::ManualClock,
    kernel::{self, Kernel},
    net::{Ip, IpStorage, PacketPool, PacketPoolStorage},
};

use self::line::Line;
use crate::{
    hub::DeviceId,
    local::{Direction, LocalAddress},
};

pub use self::{
    line::{Hub, Message, Refused},
    summary::Summary,
};

/// The most flows of an IP version that can be kept apart; a device usually has room for [`USUAL_FLOWS`].
pub const MAX_FLOWS: usize = 1024;

/// How many flows of an IP version are kept apart when nothing else is said.
pub const USUAL_FLOWS: usize = 64;

/// Each IPv4 address needs an IP instance of its own.
const MAX_IPV4: usize = 4;

/// Each IP instance has room for this many IPv6 addresses.
const IPV6_EACH: usize = 4;

const MAX_IPV6: usize = MAX_IPV4 * IPV6_EACH;

/// The payload of one packet of the pool. Longer packets are chains.
const PACKET_BYTES: u32 = 1600;

/// What NetX Duo says to a packet that is broken: `NX_INVALID_PACKET`.
const INVALID_PACKET: Status = Status {
    code: 0x12,
    of: Api::NetXDuo,
};

/// The name under which the device knows its hub; the connection is ours anyway.
const HUB_NAME: &str = "hub.invalid";

// The kernel's objects are static, as in a firmware: there is one device in a program.
static POOL: PacketPoolStorage<{ 512 << 10 }> = PacketPoolStorage::new();
static IPS: [IpStorage<4096>; MAX_IPV4] = [const { IpStorage::new() }; MAX_IPV4];
static AZURE: AzureIotStorage<16_384> = AzureIotStorage::new();
static CLIENT: HubClientStorage<1024> = HubClientStorage::new();
static AGENT: DefenderStorage<MAX_FLOWS, MAX_FLOWS> = DefenderStorage::new();
static LINE: Line = Line::new();

/// The device's clock, in seconds of Unix time.
static NOW: AtomicU32 = AtomicU32::new(0);

/// Why the device does not run.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// More addresses than it has room for.
    #[error(
        "a device can have up to {MAX_IPV4} IPv4 and {MAX_IPV6} IPv6 addresses, but was given {ipv4} and {ipv6}; \
         name fewer with --local"
    )]
    TooManyAddresses {
        /// IPv4 addresses given.
        ipv4: usize,
        /// IPv6 addresses given.
        ipv6: usize,
    },
    /// The library refused something.
    #[error("the simulated device does not run: {0}")]
    Library(#[from] Error),
}

impl DeviceError {
    /// Whether the user can do something about it.
    pub fn is_bad_input(&self) -> bool {
        matches!(self, Self::TooManyAddresses { .. })
    }
}

/// What a device is to be.
pub struct Plan {
    /// Its name at the hub.
    pub id: DeviceId,
    /// Its own addresses.
    pub local: Vec<LocalAddress>,
    /// The settings of its agent.
    pub settings: Settings,
    /// The Unix second at which its time begins.
    pub start: u32,
}

/// A device that runs.
pub struct Device {
    // In the order in which they are to be dropped.
    agent: Option<Defender>,
    client: HubClient,
    azure: AzureIot,
    interfaces: Vec<Interface>,
    _pool: PacketPool,
    clock: ManualClock,
    local: Vec<LocalAddress>,
    settings: Settings,
    elapsed: u32,
    start: u32,
    frames: u64,
    /// Packets that are so broken that the agent never saw them.
    dropped: u64,
}

/// An IP instance and the addresses that it answers to.
struct Interface {
    ip: Ip,
    addresses: Vec<IpAddr>,
}

/// Runs `body` with a device of which messages go to `hub`. Once in a program, as there is one kernel.
pub fn run<T: Send + 'static>(
    plan: Plan,
    hub: Arc<dyn Hub>,
    body: impl FnOnce(&mut Device) -> T + Send + 'static,
) -> Result<T, DeviceError> {
    LINE.plug(Some(hub));
    let result = kernel::run(move |kernel| Ok(body(&mut Device::start(kernel, plan)?)));
    // The hub's owner may want to be the last to hold it.
    LINE.plug(None);
    result?
}

impl Device {
    fn start(kernel: Kernel, plan: Plan) -> Result<Self, DeviceError> {
        let clock = ManualClock::stop(kernel);
        NOW.store(plan.start, Ordering::Relaxed);
        let pool = POOL.create(kernel, c"packets", PACKET_BYTES)?;
        let interfaces = interfaces(kernel, &plan.local, &pool)?;
        let azure = AzureIot::builder(c"device", || Some(unix_time()))
            .without_defender()
            .create(kernel, &AZURE, &interfaces[0].ip, &pool)?;
        let id = plan.id.as_str().to_owned().leak();
        let client = HubClient::builder(HUB_NAME, id)
            .transport(&LINE)
            .create(&CLIENT, &azure)?;
        Ok(Self {
            agent: None,
            client,
            azure,
            interfaces,
            _pool: pool,
            clock,
            local: plan.local,
            settings: plan.settings,
            elapsed: 0,
            start: plan.start,
            frames: 0,
            dropped: 0,
        })
    }

    /// Enables the agent.
    pub fn enable(&mut self) -> Result<(), DeviceError> {
        let agent = Defender::builder()
            .settings(self.settings)
            .enable(&AGENT, &self.azure)?;
        self.agent = Some(agent);
        Ok(())
    }

    /// Lets the hub client know whether there is a connection.
    pub fn set_hub_connected(&mut self, connected: bool) -> Result<(), DeviceError> {
        if self.client.is_connected() != connected {
            self.client.set_connection(connected)?;
        }
        Ok(())
    }

    /// Makes every send fail, or lets them pass again.
    pub fn set_hub_refusing(&mut self, refusing: bool) {
        LINE.refuse(refusing);
    }

    /// Seconds since the start.
    pub fn elapsed(&self) -> u32 {
        self.elapsed
    }

    /// The device's Unix time in seconds.
    pub fn now(&self) -> u32 {
        self.start.saturating_add(self.elapsed)
    }

    /// Moves time on to `elapsed` seconds after the start; everything due on the way happens.
    pub fn advance_to(&mut self, elapsed: u32) -> Result<(), DeviceError> {
        while self.elapsed < elapsed {
            self.elapsed += 1;
            NOW.store(self.now(), Ordering::Relaxed);
            self.clock.advance(Duration::from_secs(1))?;
        }
        Ok(())
    }

    /// Sets the device's Unix time to `elapsed` seconds after the start, as if somebody set its clock.
    pub fn skip_to(&mut self, elapsed: u32) {
        self.elapsed = elapsed;
    }

    /// A frame comes by the device's network interface. `packet` is the IP packet that it carries.
    pub fn frame(&mut self, packet: Option<&[u8]>) {
        self.frames += 1;
        let Some(packet) = packet else {
            return;
        };
        let direction = match Direction::of(packet, &self.local) {
            Direction::Outgoing => packet::Direction::Out,
            Direction::Incoming => packet::Direction::In,
            Direction::Elsewhere => return,
        };
        let seen_broken = self.malformed();
        let passed = self.interface_of(packet).inject(direction, packet);
        let is_broken = match passed {
            Ok(()) => false,
            Err(Error::C { status, .. }) => status == INVALID_PACKET,
            Err(_) => true,
        };
        // Depending on its settings the agent sees some packets before NetX Duo drops them.
        if is_broken && self.malformed() == seen_broken {
            self.dropped += 1;
        }
    }

    fn malformed(&self) -> u64 {
        self.agent
            .as_ref()
            .and_then(|agent| agent.statistics().ok())
            .map_or(0, |statistics| statistics.packets.packets_malformed)
    }

    /// The IP instance that an endpoint of `packet` belongs to; the first one for packets to groups.
    fn interface_of(&self, packet: &[u8]) -> &Ip {
        let endpoints = crate::local::endpoints(packet);
        let owner = endpoints.and_then(|(source, destination)| {
            self.interfaces.iter().find(|interface| {
                [source, destination]
                    .iter()
                    .any(|address| interface.addresses.contains(address))
            })
        });
        &owner.unwrap_or(&self.interfaces[0]).ip
    }

    /// What has happened so far.
    pub fn summary(&self) -> Summary {
        let statistics = self
            .agent
            .as_ref()
            .and_then(|agent| agent.statistics().ok())
            .unwrap_or_default();
        let counted = statistics.packets.packets_counted;
        let malformed = statistics.packets.packets_malformed + self.dropped;
        Summary {
            seen: self.frames,
            counted,
            ignored: self.frames.saturating_sub(counted + malformed),
            malformed,
            flows_aggregated: statistics.packets.flows_aggregated,
            messages: statistics.messages.messages_sent,
            bytes: statistics.messages.bytes_sent,
            retries: statistics.messages.retries,
        }
    }
}

/// One IP instance for each IPv4 address, which the IPv6 addresses share among them.
fn interfaces(
    kernel: Kernel,
    local: &[LocalAddress],
    pool: &PacketPool,
) -> Result<Vec<Interface>, DeviceError> {
    let mut ipv4: Vec<_> = local.iter().filter_map(LocalAddress::ipv4).collect();
    let ipv6: Vec<_> = local.iter().filter_map(LocalAddress::ipv6).collect();
    if ipv4.len() > MAX_IPV4 || ipv6.len() > MAX_IPV6 {
        return Err(DeviceError::TooManyAddresses {
            ipv4: ipv4.len(),
            ipv6: ipv6.len(),
        });
    }
    while ipv4.len() < ipv6.len().div_ceil(IPV6_EACH).max(1) {
        ipv4.push((Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST));
    }
    let mut ipv6 = ipv6.chunks(IPV6_EACH);
    ipv4.into_iter()
        .zip(&IPS)
        .map(|((address, mask), storage)| {
            let ipv6 = ipv6.next().unwrap_or_default();
            let mut builder = Ip::builder(c"ip", address, mask);
            for (address, prefix) in ipv6 {
                builder = builder.ipv6_address(*address, *prefix);
            }
            let addresses = ipv6.iter().map(|(address, _)| IpAddr::from(*address));
            Ok(Interface {
                ip: builder.create(kernel, storage, pool)?,
                addresses: addresses.chain([IpAddr::from(address)]).collect(),
            })
        })
        .collect()
}

/// The device's Unix time in seconds.
fn unix_time() -> u32 {
    NOW.load(Ordering::Relaxed)
}
