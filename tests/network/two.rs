//! Two devices on one cable, whose frames are written down.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;
use std::time::Duration;

use threadx_defender::kernel::Kernel;
use threadx_defender::net::pair::Pair;
use threadx_defender::net::{
    Frame, FrameReceiver, Ip, IpStorage, LinkError, LinkInfo, MacAddress, NetworkDriver,
    PacketPool, PacketPoolStorage,
};

pub const LEFT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
pub const RIGHT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
pub const LEFT_V6: Ipv6Addr = Ipv6Addr::new(0xFD00, 0, 0, 0, 0, 0, 0, 1);
pub const RIGHT_V6: Ipv6Addr = Ipv6Addr::new(0xFD00, 0, 0, 0, 0, 0, 0, 2);

/// Both addresses of the device on the right.
pub const RIGHT_BOTH: [IpAddr; 2] = [IpAddr::V4(RIGHT), IpAddr::V6(RIGHT_V6)];

/// Longer than anything takes.
pub const WAIT: Duration = Duration::from_secs(10);

pub static PAIR: Pair = Pair::new();
pub static RECORDERS: [Recorder; 2] = [Recorder::new(Pair::left), Recorder::new(Pair::right)];

static POOLS: [PacketPoolStorage<200_000>; 2] = [const { PacketPoolStorage::new() }; 2];
static IPS: [IpStorage<8192>; 2] = [const { IpStorage::new() }; 2];

/// An end of the cable that writes down what is sent there.
pub struct Recorder {
    end: fn(&'static Pair) -> &'static dyn NetworkDriver,
    frames: Mutex<Vec<Vec<u8>>>,
}

impl Recorder {
    const fn new(end: fn(&'static Pair) -> &'static dyn NetworkDriver) -> Self {
        Self {
            end,
            frames: Mutex::new(Vec::new()),
        }
    }

    fn end(&self) -> &'static dyn NetworkDriver {
        (self.end)(&PAIR)
    }

    /// Everything that was sent.
    pub fn frames(&self) -> Vec<Vec<u8>> {
        self.frames.lock().unwrap().clone()
    }
}

impl NetworkDriver for Recorder {
    fn attach(&'static self, receiver: FrameReceiver) -> Result<LinkInfo, LinkError> {
        self.end().attach(receiver)
    }

    fn send(&self, frame: &Frame<'_>) -> Result<(), LinkError> {
        let bytes: Vec<u8> = frame.slices().flatten().copied().collect();
        assert_eq!(bytes.len(), frame.len());
        self.frames.lock().unwrap().push(bytes);
        self.end().send(frame)
    }

    fn detach(&self) {
        self.end().detach();
    }

    fn is_up(&self) -> bool {
        self.end().is_up()
    }

    fn join_multicast(&self, group: MacAddress) {
        assert!(group.is_group());
    }
}

/// A device on one end of the cable.
pub struct Station {
    // In the order in which they are to be dropped.
    pub ip: Ip,
    pub pool: PacketPool,
    /// The packets that were free before the instance existed.
    pub packets: u32,
}

impl Station {
    /// Waits until every packet is back in the pool: what is on the way, and what the stack keeps for a while.
    pub fn assert_no_packet_is_lost(&self, kernel: Kernel) {
        for _ in 0..100 {
            if self.pool.available() == self.packets {
                return;
            }
            kernel.sleep(Duration::from_millis(100)).unwrap();
        }
        panic!(
            "{} of {} packets are left",
            self.pool.available(),
            self.packets
        );
    }
}

/// The device on the left, and the one on the right. Their IPv4 works at once.
pub fn stations(kernel: Kernel) -> [Station; 2] {
    [(0, LEFT, LEFT_V6), (1, RIGHT, RIGHT_V6)].map(|(number, v4, v6)| {
        let pool = POOLS[number].create(kernel, c"pool", 1600).unwrap();
        let packets = pool.available();
        let ip = Ip::builder(c"ip", v4, Ipv4Addr::new(255, 255, 255, 0))
            .ipv6_address(v6, 64)
            .network_driver(&RECORDERS[number])
            .create(kernel, &IPS[number], &pool)
            .unwrap();
        Station { ip, pool, packets }
    })
}

/// Both devices, when their IPv6 works, too: some seconds later.
pub fn stations_with_ipv6(kernel: Kernel) -> [Station; 2] {
    let stations = stations(kernel);
    for station in &stations {
        station.ip.wait_until_ready(WAIT).unwrap();
    }
    stations
}
