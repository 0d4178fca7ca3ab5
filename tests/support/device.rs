//! A simulated device: an IP instance, the middleware with the agent, a hub client.
#![allow(dead_code, reason = "every test target uses its own part of it")]

#[path = "hub.rs"]
pub mod hub;
#[path = "talk.rs"]
pub mod talk;

use std::ffi::CStr;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use threadx_defender::agent::Settings;
use threadx_defender::agent::packet::Direction;
use threadx_defender::azure::{
    AzureIot, AzureIotBuilder, AzureIotStorage, HubClient, HubClientStorage,
};
use threadx_defender::defender::{Defender, DefenderBuilder};
use threadx_defender::host::ManualClock;
use threadx_defender::kernel::Kernel;
use threadx_defender::net::{Ip, IpStorage, PacketPool, PacketPoolStorage};

use hub::Hub;
use talk::{Talk, Tally, count};

/// The Unix second of uptime 0.
pub const START: u32 = 1_760_000_000;

pub const V4: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
pub const V6: Ipv6Addr = Ipv6Addr::new(0xFD00, 0, 0, 0, 0, 0, 0, 2);
pub const MASK: Ipv4Addr = Ipv4Addr::new(255, 255, 255, 0);

/// Room for the clients and IP instances that tests create.
pub const MAX: usize = 8;

pub static POOL: PacketPoolStorage<{ 1 << 20 }> = PacketPoolStorage::new();
pub static IPS: [IpStorage<4096>; MAX] = [const { IpStorage::new() }; MAX];
pub static AZURE: AzureIotStorage<65_536> = AzureIotStorage::new();
pub static CLIENTS: [HubClientStorage<64>; MAX] = [const { HubClientStorage::new() }; MAX];
/// The hub that the client in the storage of the same number is connected to.
pub static HUBS: [Hub; MAX] = [const { Hub::new() }; MAX];

static TIME_KNOWN: AtomicBool = AtomicBool::new(true);

/// Whether the device knows the time.
pub fn know_the_time(known: bool) {
    TIME_KNOWN.store(known, Ordering::Relaxed);
}

/// The device's Unix time.
pub fn unix_time() -> Option<u32> {
    let uptime = Kernel::current().ok()?.uptime().as_secs() as u32;
    TIME_KNOWN.load(Ordering::Relaxed).then_some(START + uptime)
}

/// The defaults but for the jitter: the first collection is 30 s after enable.
pub fn no_jitter() -> Settings {
    let mut settings = Settings::new();
    settings
        .set_first_collection_jitter(Duration::ZERO)
        .unwrap();
    settings
}

/// A device with 10.0.0.2/24 and fd00::2/64.
pub struct Device {
    // In the order in which they are to be dropped.
    pub client: HubClient,
    pub azure: AzureIot,
    pub ip: Ip,
    pub pool: PacketPool,
    pub kernel: Kernel,
}

impl Device {
    /// A device whose time stands still, with the agent's defaults but for the jitter.
    pub fn start(kernel: Kernel) -> Self {
        Self::start_with(kernel, Defender::builder().settings(no_jitter()))
    }

    /// A device whose time stands still, with an agent.
    pub fn start_with(kernel: Kernel, agent: DefenderBuilder) -> Self {
        ManualClock::stop(kernel);
        Self::create(kernel, azure().defender(agent))
    }

    /// A device whose time stands still, without an agent.
    pub fn without_agent(kernel: Kernel) -> Self {
        ManualClock::stop(kernel);
        Self::create(kernel, azure().without_defender())
    }

    /// A device in whatever time there is.
    pub fn create(kernel: Kernel, azure: AzureIotBuilder) -> Self {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let ip = create_ip(kernel, 0, c"ip", &pool);
        let azure = azure.create(kernel, &AZURE, &ip, &pool).unwrap();
        let client = connect(0, "device", "", &azure);
        Self {
            client,
            azure,
            ip,
            pool,
            kernel,
        }
    }

    /// The agent that came with the middleware.
    pub fn agent(&self) -> &Defender {
        self.azure.defender().expect("an agent")
    }

    /// Lets seconds pass, each with all that happens in it.
    pub fn seconds(&self, seconds: u64) {
        seconds_pass(self.kernel, seconds);
    }

    /// A packet passes the device, and is added to a tally.
    pub fn pass(&self, tally: &mut Tally, talk: &Talk, direction: Direction, data: usize) {
        count_packet(&self.ip, tally, talk, direction, data);
    }
}

/// A packet passes an IP instance, and is added to a tally.
pub fn count_packet(ip: &Ip, tally: &mut Tally, talk: &Talk, direction: Direction, data: usize) {
    ip.inject(direction, &talk.packet(direction, data)).unwrap();
    count(tally, talk, direction, data);
}

/// The middleware, with the agent's defaults.
pub fn azure() -> AzureIotBuilder {
    AzureIot::builder(c"azure", unix_time)
}

/// Lets seconds pass, each with all that happens in it.
pub fn seconds_pass(kernel: Kernel, seconds: u64) {
    let clock = ManualClock::stop(kernel);
    for _ in 0..seconds {
        clock.advance(Duration::from_secs(1)).unwrap();
    }
}

/// An IP instance with 10.0.N.2/24 and fd00:N::2/64, N being the number of its storage.
pub fn create_ip(kernel: Kernel, number: u8, name: &'static CStr, pool: &PacketPool) -> Ip {
    let [a, b, _, d] = V4.octets();
    let mut v6 = V6.segments();
    v6[1] = number.into();
    Ip::builder(name, [a, b, number, d].into(), MASK)
        .ipv6_address(v6.into(), 64)
        .create(kernel, &IPS[usize::from(number)], pool)
        .unwrap()
}

/// A client of the hub with the same number, connected.
pub fn connect(
    number: usize,
    device_id: &'static str,
    module_id: &'static str,
    azure: &AzureIot,
) -> HubClient {
    let client = HubClient::builder("hub.example", device_id)
        .module_id(module_id)
        .transport(&HUBS[number])
        .create(&CLIENTS[number], azure)
        .unwrap();
    client.connect(true, Duration::ZERO).unwrap();
    client
}
