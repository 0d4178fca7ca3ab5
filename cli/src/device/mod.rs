//! The simulated device: a ThreadX kernel, NetX Duo and the Azure IoT middleware, simulated, with the agent.
//!
//! This is the only place that knows the library's kernel side. A fuzz target holds it against the pure agent, so it uses nothing
//! else of this program.

mod line;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use defender_replay::{
    Packet,
    device::{MAX_FLOWS, Repeatable, Summary, Traffic},
    local::{Direction, Identity, LocalAddress},
    timeline::{NEXT_SECOND, Wait},
};

use threadx_defender::{
    Api, Error, Status,
    agent::{EntropyUnavailable, Outlook, Settings, packet},
    azure::{AzureIot, AzureIotStorage, HubClient, HubClientStorage},
    defender::{Defender, DefenderStorage},
    host::ManualClock,
    kernel::{self, Kernel},
    net::{Ip, IpStorage, PacketPool, PacketPoolStorage},
};

use self::line::Line;
pub use self::line::{Hub, Message, Refused};

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
static NOW: AtomicU64 = AtomicU64::new(0);

/// Where the agent's random bytes come from in a replay.
static REPEATABLE: Mutex<Option<Repeatable>> = Mutex::new(None);

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
    /// Its name at the hub, which C keeps.
    pub id: &'static str,
    /// What it is known by on its network.
    pub identity: Identity,
    /// Its event ids are the same whenever it replays the same capture.
    pub is_repeatable: bool,
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
    plan: Plan,
    hub: Arc<dyn Hub>,
    /// The Unix second of the start.
    start: u64,
    /// Seconds since then.
    elapsed: u64,
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
    kernel::run(move |kernel| with(kernel, plan, hub, body))?
}

/// The same within the kernel.
pub fn with<T>(
    kernel: Kernel,
    plan: Plan,
    hub: Arc<dyn Hub>,
    body: impl FnOnce(&mut Device) -> T,
) -> Result<T, DeviceError> {
    let result = Device::start(kernel, plan, hub).map(|mut device| body(&mut device));
    // The hub's owner may want to be the last to hold it.
    LINE.plug(None);
    result
}

impl Device {
    fn start(kernel: Kernel, plan: Plan, hub: Arc<dyn Hub>) -> Result<Self, DeviceError> {
        let clock = ManualClock::stop(kernel);
        let pool = POOL.create(kernel, c"packets", PACKET_BYTES)?;
        let interfaces = interfaces(kernel, plan.identity.addresses(), &pool)?;
        let azure = AzureIot::builder(c"device", || Some(unix_time()))
            .without_defender()
            .create(kernel, &AZURE, &interfaces[0].ip, &pool)?;
        let client = HubClient::builder(HUB_NAME, plan.id)
            .transport(&LINE)
            .create(&CLIENT, &azure)?;
        Ok(Self {
            agent: None,
            client,
            azure,
            interfaces,
            _pool: pool,
            clock,
            plan,
            hub,
            start: 0,
            elapsed: 0,
            frames: 0,
            dropped: 0,
        })
    }

    /// Enables the agent at the Unix second `start`, with these settings. One that was enabled before is no more, nor what it has
    /// counted.
    pub fn enable(&mut self, settings: Settings, start: u64) -> Result<(), DeviceError> {
        self.agent = None;
        self.start = start;
        self.elapsed = 0;
        self.frames = 0;
        self.dropped = 0;
        NOW.store(start, Ordering::Relaxed);
        LINE.plug(Some(Arc::clone(&self.hub)));
        LINE.refuse(false);
        let mut builder = Defender::builder().settings(settings);
        if self.plan.is_repeatable {
            let repeatable = Repeatable::new(self.plan.id, start);
            *REPEATABLE.lock().unwrap_or_else(PoisonError::into_inner) = Some(repeatable);
            builder = builder.entropy(repeat);
        }
        self.agent = Some(builder.enable(&AGENT, &self.azure)?);
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

    /// Moves time on to `elapsed` seconds after the start. Nothing is to happen on the way: the periodic event runs then.
    pub fn advance_to(&mut self, elapsed: u64) -> Result<Wait, DeviceError> {
        let seconds = elapsed.saturating_sub(self.elapsed);
        self.elapsed = elapsed;
        NOW.store(self.start.saturating_add(elapsed), Ordering::Relaxed);
        if let Some(quiet @ 1..) = seconds.checked_sub(1) {
            self.clock.skip(Duration::from_secs(quiet));
        }
        if seconds > 0 {
            self.clock.advance(Duration::from_secs(1))?;
        }
        let outlook = match &self.agent {
            Some(agent) => agent.outlook()?,
            None => Outlook::new(),
        };
        Ok(outlook.into())
    }

    /// The seconds from `elapsed` up to `until` after the start are left out, as if somebody set the device's clock.
    pub fn leave_out(&mut self, elapsed: u64, until: u64) {
        self.clock
            .skip(Duration::from_secs(elapsed.saturating_sub(self.elapsed)));
        self.elapsed = until;
    }

    /// Whether a hub has taken all that was counted.
    pub fn is_reported(&self) -> bool {
        let outlook = self.agent.as_ref().and_then(|agent| agent.outlook().ok());
        outlook.is_none_or(|outlook| !outlook.unsent)
    }

    /// Collects what no hub has taken, and says how much it is. The end of a device: none will take it now.
    pub fn unreported(&mut self) -> Result<Traffic, DeviceError> {
        let bin = Arc::new(Bin::default());
        LINE.refuse(false);
        LINE.plug(Some(bin.clone()));
        self.set_hub_connected(true)?;
        // A look for a hub, what waits, a collection: each is waited for but once or twice.
        let mut wait = NEXT_SECOND;
        for _ in 0..16 {
            if self.is_reported() {
                break;
            }
            wait = self.advance_to(self.elapsed + wait.seconds.max(1))?;
        }
        LINE.plug(None);
        let unreported = *bin.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(unreported)
    }

    /// A packet comes by the device's network interface.
    pub fn packet(&mut self, packet: &Packet<'_>) {
        self.frames += 1;
        let Some(ip) = packet.ip else {
            return;
        };
        let direction = match self.plan.identity.direction(packet, ip) {
            Direction::Outgoing => packet::Direction::Out,
            Direction::Incoming => packet::Direction::In,
            Direction::Elsewhere => return,
        };
        let seen_broken = self.malformed();
        let passed = self.interface_of(ip).inject(direction, ip);
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
        let endpoints = defender_replay::endpoints(packet);
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
        let mut summary = Summary::default();
        summary.seen = self.frames;
        summary.counted = statistics.packets.packets_counted;
        summary.malformed = statistics.packets.packets_malformed + self.dropped;
        summary.flows_aggregated = statistics.packets.flows_aggregated;
        summary.messages = statistics.messages.messages_sent;
        summary.bytes = statistics.messages.bytes_sent;
        summary.retries = statistics.messages.retries;
        summary
    }
}

/// Random bytes that are the same in every replay.
fn repeat(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    let mut repeatable = REPEATABLE.lock().unwrap_or_else(PoisonError::into_inner);
    match repeatable.as_mut() {
        Some(repeatable) => repeatable.fill(bytes),
        None => return Err(EntropyUnavailable),
    }
    Ok(())
}

/// A hub that takes everything, and only adds up what it says.
#[derive(Default)]
struct Bin(Mutex<Traffic>);

impl Hub for Bin {
    fn take(&self, message: &Message<'_>) -> Result<(), Refused> {
        let mut sum = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sum.add_message(message.payload);
        Ok(())
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

/// The device's Unix time in seconds, which has 32 bits on a device and stands at its end.
fn unix_time() -> u32 {
    u32::try_from(now()).unwrap_or(u32::MAX)
}

fn now() -> u64 {
    NOW.load(Ordering::Relaxed)
}
