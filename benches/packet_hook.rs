//! Instructions a packet in the packet hooks, from entry to return, counted by callgrind.
//!
//! `cargo bench --bench packet_hook` runs every scenario twice under `valgrind --tool=callgrind`, with different numbers
//! of packets; the difference is what the additional packets cost, without start-up. The loop that calls the hook is
//! measured with a hook that does nothing, and taken off. It fails when a budget is exceeded.

#[path = "support/callgrind.rs"]
mod callgrind;

use std::env;
use std::error::Error;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::ptr;

use etherparse::{PacketBuilder, PacketBuilderStep, UdpHeader};
use netxduo_sys::host::nx_host_packet_build;
use netxduo_sys::{_nx_ip_created_ptr, NX_IP, NX_IP_PACKET_IN, NX_IP_PACKET_OUT, NX_PACKET};
use threadx_defender::azure::{AzureIot, AzureIotStorage};
use threadx_defender::defender::{Defender, EntropyUnavailable};
use threadx_defender::host::ManualClock;
use threadx_defender::kernel;
use threadx_defender::net::{Ip, IpStorage, PacketPool, PacketPoolStorage};

/// What is measured, how many instructions a packet it may take, and the goal, where that is less: the flow table takes steps of
/// a bounded length, which costs a newcomer most.
const SCENARIOS: &[(&str, Traffic, u64, u64)] = &[
    (
        "known flow, IPv4 out, 1 flow",
        Traffic::Out { v4: 1, v6: 0 },
        102,
        108,
    ),
    (
        "known flow, IPv4 out, 32 flows",
        Traffic::Out { v4: 32, v6: 0 },
        102,
        108,
    ),
    (
        "known flow, IPv4 out, 64 + 64 flows",
        Traffic::Crowd,
        102,
        108,
    ),
    (
        "known flow, UDP over IPv4 in, 1 flow",
        Traffic::In,
        110,
        108,
    ),
    (
        "known flow, IPv6 out, 64 flows",
        Traffic::Out { v4: 0, v6: 64 },
        122,
        120,
    ),
    ("new flow, IPv4 out, table full", Traffic::Full, 930, 300),
];

/// The loop, and a hook that returns at once.
const NOTHING: usize = usize::MAX;

#[derive(Clone, Copy)]
enum Traffic {
    /// Packets of so many flows in turn.
    Out { v4: u16, v6: u16 },
    /// Packets of 64 IPv4 flows in turn, with 64 IPv6 flows in the table, too.
    Crowd,
    /// Packets of one flow that come in.
    In,
    /// Each packet of another flow than the thousand before, with other numbers of bytes.
    Full,
    /// A hook that returns at once.
    Nothing,
}

/// Packets of the shorter and the longer run.
const FEW: usize = 4_096;
const MANY: usize = 50 * FEW;

static POOL: PacketPoolStorage<{ 4 << 20 }> = PacketPoolStorage::new();
static IP: IpStorage<4096> = IpStorage::new();
static AZURE: AzureIotStorage<65_536> = AzureIotStorage::new();

fn main() -> ExitCode {
    let result = match env::args().nth(1).as_deref() {
        Some("--scenario") => run_scenario(),
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
    if !callgrind::is_there()? {
        return Ok(());
    }
    let each = |scenario| -> Result<f64, Box<dyn Error>> {
        let instructions = count(scenario, MANY)? - count(scenario, FEW)?;
        Ok(instructions as f64 / (MANY - FEW) as f64)
    };
    let nothing = each(NOTHING)?;
    let mut exceeded = false;
    for (index, (name, _, budget, goal)) in SCENARIOS.iter().enumerate() {
        let each = each(index)? - nothing;
        let verdict = if each <= *budget as f64 {
            ""
        } else {
            "  OVER BUDGET"
        };
        println!(
            "{name:<44} {each:>6.1} instructions a packet (budget {budget}, goal {goal}){verdict}"
        );
        exceeded |= !verdict.is_empty();
    }
    if exceeded {
        return Err("a packet hook takes more instructions than its budget".into());
    }
    Ok(())
}

/// All instructions of a run with so many packets.
fn count(scenario: usize, packets: usize) -> Result<u64, Box<dyn Error>> {
    let arguments = [&scenario.to_string(), &packets.to_string()];
    callgrind::count(&["--scenario", arguments[0], arguments[1]], None)
}

/// The seed of the flow table decides which flows share a chain, and with that what some of them take.
fn always_the_same(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    bytes.fill(1);
    Ok(())
}

fn run_scenario() -> Result<(), Box<dyn Error>> {
    let argument = |at| env::args().nth(at).ok_or("an argument is missing");
    let traffic = match argument(2)?.parse()? {
        NOTHING => Traffic::Nothing,
        index => SCENARIOS.get(index).ok_or("no such scenario")?.1,
    };
    let packets = argument(3)?.parse()?;
    kernel::run(move |kernel| {
        // Time stands still: the agent does nothing but watch packets.
        let _clock = ManualClock::stop(kernel);
        let pool = POOL.create(kernel, c"pool", 1600)?;
        let ip = Ip::builder(
            c"ip",
            Ipv4Addr::new(10, 0, 0, 2),
            Ipv4Addr::new(255, 255, 255, 0),
        )
        .create(kernel, &IP, &pool)?;
        // What is behind the receive hook keeps the packet, so that it can come again.
        // SAFETY: the one IP instance exists, and nothing comes in meanwhile.
        unsafe { (*_nx_ip_created_ptr).nx_ip_udp_packet_receive = Some(keep) };
        let azure = AzureIot::builder(c"azure", || Some(1_760_000_000))
            .defender(Defender::builder().entropy(always_the_same))
            .create(kernel, &AZURE, &ip, &pool)?;
        let Some(defender) = azure.defender() else {
            return Ok(());
        };
        if let Traffic::Crowd = traffic {
            drive(Traffic::Out { v4: 0, v6: 64 }, 64, &pool);
        }
        let before = defender.statistics().unwrap().packets.packets_counted;
        drive(traffic, packets, &pool);
        let counted = defender.statistics().unwrap().packets.packets_counted - before;
        let expected = if let Traffic::Nothing = traffic {
            0
        } else {
            packets as u64
        };
        assert_eq!(counted, expected, "a packet was not counted");
        if let Traffic::Full = traffic {
            let packets = defender.statistics().unwrap().packets;
            assert!(
                packets.packets_without_room * 10 > packets.packets_counted * 9,
                "few packets found the table full"
            );
        }
        Ok::<(), threadx_defender::Error>(())
    })??;
    Ok(())
}

/// Sends the packets through the hook.
fn drive(traffic: Traffic, packets: usize, pool: &PacketPool) {
    let direction = match traffic {
        Traffic::In | Traffic::Nothing => NX_IP_PACKET_IN,
        _ => NX_IP_PACKET_OUT,
    };
    let flows: Vec<*mut NX_PACKET> = match traffic {
        Traffic::Out { v4, v6 } => {
            let v4 = (0..v4).map(|flow| {
                build(
                    direction,
                    &udp_v4([10, 0, 0, 2], [10, 0, 0, 1], 5000 + flow, 64),
                )
            });
            let v6 = (0..v6).map(|flow| build(direction, &udp_v6(5000 + flow, 64)));
            v4.chain(v6).collect()
        }
        Traffic::Crowd => (0..64)
            .map(|flow| {
                build(
                    direction,
                    &udp_v4([10, 0, 0, 2], [10, 0, 0, 1], 5000 + flow, 64),
                )
            })
            .collect(),
        Traffic::In | Traffic::Nothing => vec![build(
            direction,
            &udp_v4([10, 0, 0, 1], [10, 0, 0, 2], 5000, 64),
        )],
        // Lengths vary, so that no slot is always the smallest.
        Traffic::Full => (0..1024)
            .map(|flow| {
                build(
                    direction,
                    &udp_v4([10, 0, 0, 2], [10, 0, 0, 1], flow, (flow * 37 % 100).into()),
                )
            })
            .collect(),
    };
    assert!(
        pool.available() > 0,
        "the pool is too small for this many flows"
    );
    // SAFETY: the one IP instance exists, and its hooks get packets as NetX Duo hands them out.
    unsafe {
        let ip = _nx_ip_created_ptr;
        let (Some(filter), Some(receive)) = (
            (*ip).nx_ip_packet_filter_extended,
            (*ip).nx_ip_udp_packet_receive,
        ) else {
            return;
        };
        let receive = if let Traffic::Nothing = traffic {
            keep
        } else {
            receive
        };
        for &packet in flows.iter().cycle().take(packets) {
            if direction == NX_IP_PACKET_OUT {
                filter(ip, packet, direction);
            } else {
                receive(ip, packet);
            }
        }
    }
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

fn udp_v4(source: [u8; 4], destination: [u8; 4], port: u16, data: usize) -> Vec<u8> {
    packet(
        PacketBuilder::ipv4(source, destination, 64).udp(port, 53),
        data,
    )
}

fn udp_v6(port: u16, data: usize) -> Vec<u8> {
    let address = |last| [0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    packet(
        PacketBuilder::ipv6(address(2), address(1), 64).udp(port, 53),
        data,
    )
}

fn packet(builder: PacketBuilderStep<UdpHeader>, data: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let data = vec![0; data];
    builder.write(&mut bytes, &data).expect("a vector takes it");
    bytes
}
