//! Both agents in one process, side by side: instructions a packet, the time of a collection, memory, and bytes of a message.
//!
//! `cargo bench --bench both_agents --features std,original-agent --target i686-unknown-linux-gnu`, with upstream trees that have
//! the original agent. The process runs one agent after the other on the same device. Instructions are counted by callgrind: the
//! process is run with different numbers of packets for each agent, and the differences are what the additional packets cost,
//! from entry to return of the hook. The loop that calls the hook is measured with a hook that does nothing, and taken off.

use std::env;
use std::error::Error;
use std::fs;
use std::net::Ipv4Addr;
use std::process::{Command, ExitCode};
use std::ptr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use etherparse::{PacketBuilder, PacketBuilderStep, UdpHeader};
use netxduo_sys::host::nx_host_packet_build;
use netxduo_sys::{
    _nx_ip_created_ptr, NX_IP, NX_IP_PACKET_IN, NX_IP_PACKET_OUT, NX_PACKET, nx_packet_release,
};
use threadx_defender::agent::{Collector, Settings};
use threadx_defender::azure::{AzureIot, AzureIotStorage, HubClient, HubClientStorage};
use threadx_defender::defender::{Defender, DefenderStorage, Implementation};
use threadx_defender::host::{HubTransport, ManualClock, Refused};
use threadx_defender::kernel::{self, Kernel};
use threadx_defender::net::{Ip, IpStorage, PacketPool, PacketPoolStorage};

const AGENTS: [Implementation; 2] = [Implementation::Rust, Implementation::Original];

/// What passes the hooks, in packets of so many flows in turn.
const TRAFFIC: &[(&str, Traffic)] = &[
    ("IPv4 out, 1 flow", Traffic::out(1, 0)),
    ("IPv4 out, 32 flows", Traffic::out(32, 0)),
    // One flow more, and the original's table is full: then it loses every packet.
    ("IPv4 out, 63 flows", Traffic::out(63, 0)),
    ("IPv6 out, 63 flows", Traffic::out(0, 63)),
    ("UDP over IPv4 in, 1 flow", Traffic::received()),
];

#[derive(Clone, Copy)]
struct Traffic {
    direction: u32,
    v4: u16,
    v6: u16,
}

impl Traffic {
    const fn out(v4: u16, v6: u16) -> Self {
        Self {
            direction: NX_IP_PACKET_OUT,
            v4,
            v6,
        }
    }

    const fn received() -> Self {
        Self {
            direction: NX_IP_PACKET_IN,
            v4: 1,
            v6: 0,
        }
    }
}

/// Packets of the shorter and the longer run.
const FEW: usize = 4_096;
const MANY: usize = 20 * FEW;

/// The flows of a collection whose time is taken.
const COLLECTIONS: &[(&str, u16, u16)] = &[("1 flow", 1, 0), ("64 + 64 flows", 64, 64)];
/// How often it is taken.
const ROUNDS: usize = 41;

static POOL: PacketPoolStorage<{ 4 << 20 }> = PacketPoolStorage::new();
static IP: IpStorage<4096> = IpStorage::new();
static AZURE: AzureIotStorage<65_536> = AzureIotStorage::new();
static CLIENT: HubClientStorage<64> = HubClientStorage::new();
static AGENT: DefenderStorage = DefenderStorage::new();
static HUB: Hub = Hub;

fn main() -> ExitCode {
    let result = match env::args().nth(1).as_deref() {
        Some("--packets") => run_packets(),
        _ => measure(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<(), Box<dyn Error>> {
    println!("{:<44} {:>12} {:>12}", "", "Rust", "original C");
    memory()?;
    kernel::run(collections)??;
    instructions()
}

// ---- memory ---------------------------------------------------------------------------------------------------

/// The files of the fence around the original, as the names of their objects end.
const FENCE: [&str; 4] = [
    "-control.c.o",
    "-packets.c.o",
    "-random.c.o",
    "-sending.c.o",
];

/// The agents' own memory, without the stack of the cloud helper.
fn memory() -> Result<(), Box<dyn Error>> {
    let archive = env!("DEFENDER_ORIGINAL_AGENT");
    let output = Command::new("size").arg(archive).output()?;
    let sizes = String::from_utf8(output.stdout)?;
    let (mut original, mut fence) = (0, 0);
    for line in sizes.lines().skip(1) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        // text data bss dec hex name
        let [_, data, bss, _, _, name, ..] = columns[..] else {
            return Err("size prints something else".into());
        };
        let bytes = data.parse::<u64>()? + bss.parse::<u64>()?;
        if FENCE.iter().any(|file| name.ends_with(file)) {
            fence += bytes;
        } else {
            original += bytes;
        }
    }
    let rust = size_of::<DefenderStorage>() as f64;
    row("RAM, 64 + 64 flows (bytes)", rust, original as f64, 0);
    row("RAM of the fence around it (bytes)", 0.0, fence as f64, 0);
    Ok(())
}

fn row(name: &str, rust: f64, original: f64, digits: usize) {
    println!("{name:<44} {rust:>12.digits$} {original:>12.digits$}");
}

// ---- collections ----------------------------------------------------------------------------------------------

/// When a tick asked for the time first, and what came of it.
static TICK: Mutex<Tick> = Mutex::new(Tick {
    second: 0,
    began: None,
    sent: Vec::new(),
});

struct Tick {
    second: u64,
    began: Option<Instant>,
    /// Times from the beginning of a tick to the hub, and bytes of the messages.
    sent: Vec<(Duration, usize)>,
}

fn unix_time() -> Option<u32> {
    let second = Kernel::current().ok()?.uptime().as_secs();
    let mut tick = TICK.lock().ok()?;
    if tick.second != second {
        tick.second = second;
        tick.began = Some(Instant::now());
    }
    Some(1_760_000_000 + second as u32)
}

/// Takes everything, and its time.
struct Hub;

impl HubTransport for Hub {
    fn publish(&self, _topic: &[u8], payload: &[u8]) -> Result<(), Refused> {
        let now = Instant::now();
        let mut tick = TICK.lock().map_err(|_| Refused)?;
        if let Some(began) = tick.began {
            tick.sent.push((now - began, payload.len()));
        }
        Ok(())
    }
}

/// A device whose time stands still, without an agent.
struct Device {
    // In the order in which they are to be dropped.
    _client: HubClient,
    azure: AzureIot,
    _ip: Ip,
    pool: PacketPool,
    clock: ManualClock,
}

impl Device {
    fn create(kernel: Kernel) -> Result<Self, threadx_defender::Error> {
        let clock = ManualClock::stop(kernel);
        let pool = POOL.create(kernel, c"pool", 1600)?;
        let mask = Ipv4Addr::new(255, 255, 255, 0);
        let ip = Ip::builder(c"ip", Ipv4Addr::new(10, 0, 0, 2), mask).create(kernel, &IP, &pool)?;
        // What is behind the receive hook keeps the packet, so that it can come again.
        // SAFETY: the one IP instance exists, and nothing comes in meanwhile.
        unsafe { (*_nx_ip_created_ptr).nx_ip_udp_packet_receive = Some(keep) };
        let azure = AzureIot::builder(c"azure", unix_time)
            .without_defender()
            .create(kernel, &AZURE, &ip, &pool)?;
        let client = HubClient::builder("hub.example", "device")
            .transport(&HUB)
            .create(&CLIENT, &azure)?;
        client.connect(true, Duration::ZERO)?;
        Ok(Self {
            _client: client,
            azure,
            _ip: ip,
            pool,
            clock,
        })
    }

    fn enable(&self, agent: Implementation) -> Result<Defender, threadx_defender::Error> {
        let mut settings = Settings::new();
        settings.set_first_collection_jitter(Duration::ZERO)?;
        // Messages of network activity alone.
        settings.set_collector_enabled(Collector::SystemInformation, false);
        settings.set_collector_enabled(Collector::Heartbeat, false);
        Defender::builder()
            .implementation(agent)
            .settings(settings)
            .enable(&AGENT, &self.azure)
    }

    /// Packets through the agent's hook, or through one that does nothing.
    fn drive(&self, traffic: Traffic, packets: usize, hooked: bool) {
        let v4 = (0..traffic.v4).map(|flow| match traffic.direction {
            NX_IP_PACKET_OUT => udp_v4([10, 0, 0, 2], [10, 0, 0, 1], 5000 + flow),
            _ => udp_v4([10, 0, 0, 1], [10, 0, 0, 2], 5000 + flow),
        });
        let v6 = (0..traffic.v6).map(|flow| udp_v6(5000 + flow));
        let flows: Vec<*mut NX_PACKET> = v4
            .chain(v6)
            .map(|packet| build(traffic.direction, &packet))
            .collect();
        assert!(self.pool.available() > 0, "the pool is too small");
        // SAFETY: the one IP instance exists, and its hooks get packets as NetX Duo hands them out.
        unsafe {
            let ip = _nx_ip_created_ptr;
            let filter = (*ip).nx_ip_packet_filter_extended;
            let receive = (*ip).nx_ip_udp_packet_receive.filter(|_| hooked);
            let receive = receive.unwrap_or(keep);
            for &packet in flows.iter().cycle().take(packets) {
                match filter.filter(|_| traffic.direction == NX_IP_PACKET_OUT && hooked) {
                    Some(filter) => {
                        filter(ip, packet, NX_IP_PACKET_OUT);
                    }
                    None => receive(ip, packet),
                }
            }
            for packet in flows {
                nx_packet_release(packet);
            }
        }
    }
}

fn collections(kernel: Kernel) -> Result<(), threadx_defender::Error> {
    let device = Device::create(kernel)?;
    for (name, v4, v6) in COLLECTIONS {
        let mut times = Vec::new();
        let mut bytes = Vec::new();
        for agent in AGENTS {
            let defender = device.enable(agent)?;
            let mut sent = Vec::new();
            for _ in 0..ROUNDS {
                device.drive(Traffic::out(*v4, *v6), usize::from(*v4 + *v6), true);
                for _ in 0..30 {
                    device.clock.advance(Duration::from_secs(1))?;
                }
                let mut taken = TICK
                    .lock()
                    .map_or_else(|_| Vec::new(), |mut tick| std::mem::take(&mut tick.sent));
                // This library's agent splits what is larger than IoT Hub's block of 4 KB.
                let bytes: usize = taken.iter().map(|(_, bytes)| bytes).sum();
                let (time, _) = taken.pop().expect("a message each round");
                sent.push((time, bytes));
            }
            drop(defender);
            let median = |mut values: Vec<f64>| {
                values.sort_by(f64::total_cmp);
                values[values.len() / 2]
            };
            let micros = |(time, _): &(Duration, usize)| time.as_secs_f64() * 1e6;
            times.push(median(sent.iter().map(micros).collect()));
            bytes.push(median(
                sent.iter().map(|(_, bytes)| *bytes as f64).collect(),
            ));
        }
        let name_of = |what: &str| format!("{what}, {name}");
        row(&name_of("collection to hub (µs)"), times[0], times[1], 1);
        row(&name_of("bytes to hub"), bytes[0], bytes[1], 0);
    }
    Ok(())
}

// ---- instructions ---------------------------------------------------------------------------------------------

fn instructions() -> Result<(), Box<dyn Error>> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions a packet: skipped, install valgrind to count them");
        return Ok(());
    }
    for (index, (name, _)) in TRAFFIC.iter().enumerate() {
        let base = count(index, [FEW, FEW, FEW])?;
        let each = |packets| -> Result<f64, Box<dyn Error>> {
            let more = count(index, packets)?.saturating_sub(base);
            Ok(more as f64 / (MANY - FEW) as f64)
        };
        let nothing = each([FEW, FEW, MANY])?;
        let rust = each([MANY, FEW, FEW])? - nothing;
        let original = each([FEW, MANY, FEW])? - nothing;
        row(&format!("instructions a packet, {name}"), rust, original, 1);
    }
    Ok(())
}

/// All instructions of a process with so many packets for this library's agent, the original, and nobody.
fn count(traffic: usize, packets: [usize; 3]) -> Result<u64, Box<dyn Error>> {
    let out = env::temp_dir().join(format!("both-agents-{}", std::process::id()));
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe()?)
        .args(["--packets", &traffic.to_string()])
        .args(packets.map(|packets| packets.to_string()))
        .output()?;
    let profile = fs::read_to_string(&out);
    let _ = fs::remove_file(&out);
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let profile = profile?;
    let total = profile.lines().find_map(|line| {
        line.strip_prefix("summary:")
            .or(line.strip_prefix("totals:"))
    });
    Ok(total.ok_or("callgrind wrote no total")?.trim().parse()?)
}

fn run_packets() -> Result<(), Box<dyn Error>> {
    let argument = |at| -> Result<usize, Box<dyn Error>> {
        Ok(env::args()
            .nth(at)
            .ok_or("an argument is missing")?
            .parse()?)
    };
    let (_, traffic) = TRAFFIC.get(argument(2)?).ok_or("no such traffic")?;
    let packets = [argument(3)?, argument(4)?, argument(5)?];
    kernel::run(move |kernel| {
        let device = Device::create(kernel)?;
        for (agent, packets) in AGENTS.into_iter().zip(packets) {
            let defender = device.enable(agent)?;
            device.drive(*traffic, packets, true);
            drop(defender);
        }
        device.drive(*traffic, packets[2], false);
        Ok::<(), threadx_defender::Error>(())
    })??;
    Ok(())
}

unsafe extern "C" fn keep(_: *mut NX_IP, _: *mut NX_PACKET) {}

/// The packet in the state in which a hook sees it.
fn build(direction: u32, packet: &[u8]) -> *mut NX_PACKET {
    let mut built = ptr::null_mut();
    // SAFETY: the one IP instance exists; the bytes are copied.
    let status = unsafe {
        nx_host_packet_build(
            _nx_ip_created_ptr,
            direction,
            packet.as_ptr(),
            packet.len() as u32,
            &raw mut built,
        )
    };
    assert_eq!(status, 0, "the packet could not be built");
    built
}

fn udp_v4(source: [u8; 4], destination: [u8; 4], port: u16) -> Vec<u8> {
    packet(PacketBuilder::ipv4(source, destination, 64).udp(port, 53))
}

fn udp_v6(port: u16) -> Vec<u8> {
    let address = |last| [0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    packet(PacketBuilder::ipv6(address(2), address(1), 64).udp(port, 53))
}

fn packet(builder: PacketBuilderStep<UdpHeader>) -> Vec<u8> {
    let mut bytes = Vec::new();
    builder
        .write(&mut bytes, &[0; 64])
        .expect("a vector takes it");
    bytes
}
