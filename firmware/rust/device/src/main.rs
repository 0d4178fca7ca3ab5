//! A device: it gets its address, learns the time, connects to its hub, and sends telemetry; the agent comes with the middleware.
//!
//! To be copied: what belongs to the board is in `board/`, and all else stays.

#![no_std]
#![no_main]

mod board;
mod lan9118;

use core::net::Ipv4Addr;
use core::time::Duration;

use semihosting::{eprintln, println};
use threadx_defender::Error;
use threadx_defender::azure::{AzureIot, AzureIotStorage, HubClient, HubClientStorage};
use threadx_defender::defender::Defender;
use threadx_defender::kernel::{Kernel, ThreadStorage};
use threadx_defender::net::{DhcpStorage, Ip, IpStorage, PacketPoolStorage, Sntp, SntpStorage};

use lan9118::Lan9118;

// What C keeps pointers to is static. The sizes of stacks are what was measured with TLS, and half as much again.
static MAIN: ThreadStorage<6144> = ThreadStorage::new();
static POOL: PacketPoolStorage<{ 64 << 10 }> = PacketPoolStorage::new();
static IP: IpStorage<2048> = IpStorage::new();
static DHCP: DhcpStorage = DhcpStorage::new();
static SNTP: SntpStorage = SntpStorage::new();
static AZURE: AzureIotStorage<4096> = AzureIotStorage::new();
static HUB: HubClientStorage<{ 24 << 10 }> = HubClientStorage::new();
static ETHERNET: Lan9118 = Lan9118::new();

/// No address yet.
const NONE: Ipv4Addr = Ipv4Addr::UNSPECIFIED;

/// The certificate of whoever issued the hub's.
static CA: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ca.der"));

/// After so many messages of the agent the device takes everything down, as before an update; 0: it lives for good.
const MESSAGES: u64 = match u64::from_str_radix(env!("DEVICE_MESSAGES"), 10) {
    Ok(messages) => messages,
    Err(_) => panic!("DEVICE_MESSAGES must be a number"),
};

#[cortex_m_rt::entry]
fn main() -> ! {
    let Err(error) = Kernel::enter(|kernel| {
        if let Err(error) = kernel.spawn(&MAIN, c"main", 16, begin) {
            eprintln!("no thread: {error}");
        }
    });
    eprintln!("no kernel: {error}");
    board::stop()
}

fn begin(kernel: Kernel) {
    match live(kernel) {
        Ok(()) => board::end(),
        Err(error) => eprintln!("the device stops: {error}"),
    }
    board::stop()
}

/// What the device does, as long as it lives. What it has made is gone at the end, in the order in which one thing uses the other.
fn live(kernel: Kernel) -> Result<(), Error> {
    let pool = POOL.create(kernel, c"pool", 1600)?;
    let packets = pool.available();
    let ip = Ip::builder(c"ip", NONE, NONE)
        .network_driver(&ETHERNET)
        .create(kernel, &IP, &pool)?;
    ip.wait_until_ready(Duration::from_secs(10))?;
    // The client renews the address for as long as it lives.
    let dhcp = ip.dhcp(&DHCP, &pool)?;
    let lease = dhcp.wait(Duration::from_secs(60))?;
    println!("{} after {} ms", lease.address, kernel.uptime().as_millis());

    // In QEMU the router is this machine, which `run` has serve names and time. Elsewhere lease.name_servers() and time_servers()
    // say who does.
    let server = lease.router.unwrap_or(lease.server).into();
    let sntp = ip.sntp(&SNTP, &pool, server)?;

    // The agent is enabled here. It counts flows from now on, and begins to report when the time is known.
    let azure = AzureIot::builder(c"azure", Sntp::unix_time)
        .dns_server(server)
        .defender(Defender::builder().entropy(board::entropy))
        .create(kernel, &AZURE, &ip, &pool)?;
    let hub = HubClient::builder(env!("DEVICE_HUB"), env!("DEVICE_ID"))
        .trusted_root(CA)
        .symmetric_key(env!("DEVICE_KEY"))
        .create(&HUB, &azure)?;

    let mut told = 0;
    while MESSAGES == 0 || told < MESSAGES {
        if Sntp::unix_time().is_none() {
            match sntp.wait(Duration::from_secs(20)) {
                Ok(now) => println!("the time is {now}"),
                Err(error) => println!("no time yet: {error}"),
            }
        } else if !hub.is_connected() {
            match hub.connect(true, Duration::from_secs(20)) {
                Ok(()) => {
                    println!("connected to {}", env!("DEVICE_HUB"));
                    let hello = hub.telemetry(&[], b"{\"hello\":1}", Duration::from_secs(5));
                    println!("telemetry: {hello:?}");
                }
                Err(error) => println!("no connection yet: {error}"),
            }
        }
        if let Some(defender) = azure.defender() {
            let messages = defender.statistics()?.messages;
            if messages.messages_sent != told {
                told = messages.messages_sent;
                println!(
                    "the agent has sent {told} messages, {} bytes; {} packets are free",
                    messages.bytes_sent,
                    pool.available()
                );
            }
        }
        kernel.sleep(Duration::from_secs(1))?;
    }
    drop((hub, azure, sntp, dhcp, ip));
    let back = pool.available();
    println!("taken down: {back} of {packets} packets are back");
    if back == packets {
        Ok(())
    } else {
        board::stop()
    }
}
