//! A simulated device, set up as a firmware would do it, on the host port or on upstream's port to Linux: a kernel, NetX Duo, the Azure IoT middleware with the agent,
//! and a hub client. It lives for 40 seconds of its own time, which take no time here.
//!
//! `cargo run -p threadx-defender --features std --example host_device`

#[cfg(simulation)]
mod device {
    use std::error::Error;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use defender_message::SecurityMessage;
    use threadx_defender::agent::Settings;
    use threadx_defender::agent::packet::Direction;
    use threadx_defender::azure::{AzureIot, AzureIotStorage, HubClient, HubClientStorage};
    use threadx_defender::defender::Defender;
    use threadx_defender::host::{HubTransport, ManualClock, Refused};
    use threadx_defender::kernel::{self, Kernel};
    use threadx_defender::net::{Ip, IpStorage, PacketPoolStorage};

    // What C keeps pointers to is static, as in a firmware.
    static POOL: PacketPoolStorage<65_536> = PacketPoolStorage::new();
    static IP: IpStorage<4096> = IpStorage::new();
    static AZURE: AzureIotStorage<16_384> = AzureIotStorage::new();
    static HUB: HubClientStorage<1024> = HubClientStorage::new();

    /// A UDP datagram from 10.0.0.2:5000 to 192.0.2.1:53 with four bytes of data.
    const QUERY: [u8; 32] = [
        0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 2, 192, 0, 2, 1, // IP
        0x13, 0x88, 0, 53, 0, 12, 0, 0, // UDP
        1, 2, 3, 4,
    ];

    pub fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
        kernel::run(live)?
    }

    /// What the device's main thread does.
    fn live(kernel: Kernel) -> Result<(), Box<dyn Error + Send + Sync>> {
        // Only here: time moves when we say so.
        let clock = ManualClock::stop(kernel);

        let pool = POOL.create(kernel, c"pool", 1600)?;
        let mask = Ipv4Addr::new(255, 255, 255, 0);
        let ip = Ip::builder(c"ip", Ipv4Addr::new(10, 0, 0, 2), mask)
            .ipv6_address("fd00::2".parse()?, 64)
            .create(kernel, &IP, &pool)?;

        // The agent comes with the middleware. The only thing we change is when it collects first, so that this example
        // always prints the same; a fleet had better keep the random delay.
        let mut settings = Settings::new();
        settings.set_first_collection_jitter(Duration::ZERO)?;
        let azure = AzureIot::builder(c"azure", unix_time)
            .defender(Defender::builder().settings(settings))
            .create(kernel, &AZURE, &ip, &pool)?;

        let hub = HubClient::builder("hub.example", "example-device")
            .transport(&Printer)
            .create(&HUB, &azure)?;
        hub.connect(true, Duration::from_secs(10))?;

        for _ in 0..40 {
            ip.inject(Direction::Out, &QUERY)?;
            clock.advance(Duration::from_secs(1))?;
        }

        if let Some(defender) = azure.defender() {
            println!("{:?}: {:#?}", defender.state(), defender.statistics()?);
        }
        // Dropping them disables the agent and deletes everything again.
        Ok(())
    }

    /// The device's clock: Unix time, or `None` as long as the device does not know it.
    fn unix_time() -> Option<u32> {
        let uptime = Kernel::current().ok()?.uptime();
        Some(1_760_000_000 + uptime.as_secs() as u32)
    }

    /// A hub that prints what it is sent. On a device this is IoT Hub, over MQTT.
    struct Printer;

    impl HubTransport for Printer {
        fn publish(&self, topic: &[u8], payload: &[u8]) -> Result<(), Refused> {
            println!("{}", String::from_utf8_lossy(topic));
            let message = SecurityMessage::decode(payload).map_err(|_| Refused)?;
            println!("{message:#?}");
            Ok(())
        }
    }
}

#[cfg(simulation)]
fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    device::run()
}

#[cfg(not(simulation))]
fn main() {
    println!("this example needs the host port, or ThreadX' port to Linux with the simulation");
}
