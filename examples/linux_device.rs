//! A device on Linux: ThreadX, NetX Duo and the Azure IoT middleware of upstream on a TAP interface, an IoT Hub client over
//! TLS, and the agent. `defender watch` shows what the agent reports.
//!
//! Needs the sources of the C side (`vendor/README.md`), and root for the interface:
//!
//! `cargo run -p threadx-defender --features std --target i686-unknown-linux-gnu --example linux_device -- --help`

#[cfg(not(host_port))]
#[path = "../tests/support/resolver.rs"]
mod resolver;

#[cfg(not(host_port))]
mod arguments {
    use std::error::Error;
    use std::fs;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use clap::Parser;
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    /// Be a device: ThreadX and NetX Duo on a TAP interface, an IoT Hub client, and the agent
    #[derive(Debug, Parser)]
    pub struct Args {
        /// The hub's host name, as in its certificate; devices connect to port 8883
        #[arg(long, value_name = "HOST")]
        pub hub: String,
        /// The certificate of whoever issued the hub's, in PEM or DER
        #[arg(long, value_name = "FILE")]
        pub ca: PathBuf,
        /// The device's name at the hub
        #[arg(long, value_name = "ID", default_value = "device-1")]
        pub id: String,
        /// The device's symmetric key, in base64; a broker that checks no passwords takes any
        #[arg(
            long,
            value_name = "KEY",
            default_value = "c2VjcmV0",
            conflicts_with = "certificate"
        )]
        pub key: String,
        /// The device's certificate in DER, instead of a symmetric key
        #[arg(long, value_name = "FILE", requires = "private_key")]
        pub certificate: Option<PathBuf>,
        /// The RSA key of that certificate, in PKCS #1 DER
        #[arg(long, value_name = "FILE", requires = "certificate")]
        pub private_key: Option<PathBuf>,
        /// The TAP interface
        #[arg(long, value_name = "NAME", default_value = "tap0")]
        pub interface: String,
        /// The device's IPv4 address, of a network of 256
        #[arg(long, value_name = "ADDR", default_value = "10.90.0.2")]
        pub address: Ipv4Addr,
        /// The device's IPv6 address, of a /64
        #[arg(long, value_name = "ADDR", default_value = "fd90::2")]
        pub ipv6: Ipv6Addr,
        /// The address of this machine on the interface, the device's gateway
        #[arg(long, value_name = "ADDR", default_value = "10.90.0.1")]
        pub gateway: Ipv4Addr,
        /// The DNS server that the device asks; this program at the gateway's address when not given
        #[arg(long, value_name = "ADDR")]
        pub dns: Option<IpAddr>,
        /// Seconds between two reports of network activity
        #[arg(long, value_name = "SECONDS", default_value_t = 10)]
        pub interval: u32,
        /// End after this time
        #[arg(long, value_name = "SECONDS")]
        pub seconds: Option<u32>,
    }

    impl Args {
        /// The certificate to trust, in DER.
        pub fn root(&self) -> Result<&'static [u8], Box<dyn Error + Send + Sync>> {
            let content = read(&self.ca)?;
            match CertificateDer::pem_slice_iter(content).next() {
                Some(certificate) => Ok(certificate?.to_vec().leak()),
                None if content.starts_with(b"-----") => {
                    Err(format!("{}: no certificate", self.ca.display()).into())
                }
                None => Ok(content),
            }
        }

        /// The device's certificate and its key.
        pub fn identity(&self) -> Result<Option<[&'static [u8]; 2]>, Box<dyn Error + Send + Sync>> {
            match (&self.certificate, &self.private_key) {
                (Some(certificate), Some(key)) => Ok(Some([read(certificate)?, read(key)?])),
                _ => Ok(None),
            }
        }

        pub fn time_limit(&self) -> Duration {
            self.seconds
                .map_or(Duration::MAX, |seconds| Duration::from_secs(seconds.into()))
        }
    }

    /// A file's content. It is kept for as long as the program runs, because C does not say when it is done with it.
    fn read(path: &Path) -> Result<&'static [u8], Box<dyn Error + Send + Sync>> {
        let content = fs::read(path);
        let content = content.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(content.leak())
    }
}

#[cfg(not(host_port))]
mod device {
    use std::error::Error;
    use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs};
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use threadx_defender::agent::{Priority, Settings};
    use threadx_defender::azure::{
        AzureIot, AzureIotStorage, HubClient, HubClientStorage, PrivateKey,
    };
    use threadx_defender::defender::Defender;
    use threadx_defender::kernel::{self, Kernel};
    use threadx_defender::net::tap::Tap;
    use threadx_defender::net::{Ip, IpStorage, PacketPoolStorage};

    use super::arguments::Args;
    use super::resolver;

    // What C keeps pointers to is static, as in a firmware.
    static POOL: PacketPoolStorage<{ 256 << 10 }> = PacketPoolStorage::new();
    static IP: IpStorage<{ 16 << 10 }> = IpStorage::new();
    static AZURE: AzureIotStorage<{ 64 << 10 }> = AzureIotStorage::new();
    static HUB: HubClientStorage<{ 64 << 10 }> = HubClientStorage::new();

    const MASK: Ipv4Addr = Ipv4Addr::new(255, 255, 255, 0);

    /// How long a connection attempt may take, and how long to wait before the next.
    const CONNECTED_WITHIN: Duration = Duration::from_secs(15);
    const RECONNECT_AFTER: Duration = Duration::from_secs(5);

    /// How often the application has something to say.
    const TELEMETRY_EVERY: Duration = Duration::from_secs(10);

    pub fn run(args: Args) -> Result<(), Box<dyn Error + Send + Sync>> {
        if args.dns.is_none() {
            // Before the kernel is entered, as this thread is none of its own.
            resolver::serve(args.gateway.into(), address_of).map_err(|error| {
                format!(
                    "cannot answer DNS at {0}: {error}; give {1} that address (ip addr add {0}/24 dev {1}), \
                     or name a server with --dns",
                    args.gateway, args.interface
                )
            })?;
        }
        let root = args.root()?;
        let identity = args.identity()?;
        kernel::run(move |kernel| live(kernel, args, root, identity))?
    }

    /// The address that this machine knows a name by.
    fn address_of(name: &str) -> Option<Ipv4Addr> {
        let addresses = (name, 0).to_socket_addrs().ok()?;
        addresses
            .filter_map(|address| match address.ip() {
                IpAddr::V4(address) => Some(address),
                IpAddr::V6(_) => None,
            })
            .next()
    }

    /// What the device's main thread does.
    ///
    /// It is the only thread that prints. A thread that waited for the lock of another thread's `println!` would keep
    /// ThreadX from running that other thread.
    fn live(
        kernel: Kernel,
        args: Args,
        root: &'static [u8],
        identity: Option<[&'static [u8]; 2]>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let pool = POOL.create(kernel, c"pool", 1600)?;
        let interface = args.interface.clone().leak();
        let ip = Ip::builder(c"ip", args.address, MASK)
            .ipv6_address(args.ipv6, 64)
            .gateway(args.gateway)
            .network_driver(Box::leak(Box::new(Tap::new(interface))))
            .create(kernel, &IP, &pool)?;
        ip.wait_until_ready(Duration::from_secs(10))?;
        println!("{} and {} on {interface}", args.address, args.ipv6);

        // The agent comes with the middleware.
        let mut settings = Settings::new();
        settings.set_first_collection(Duration::from_secs(5))?;
        settings.set_first_collection_jitter(Duration::ZERO)?;
        settings.set_interval(Priority::High, Duration::from_secs(args.interval.into()))?;
        let azure = AzureIot::builder(c"azure", unix_time)
            .dns_server(args.dns.unwrap_or(args.gateway.into()))
            .defender(Defender::builder().settings(settings))
            .create(kernel, &AZURE, &ip, &pool)?;

        let mut hub =
            HubClient::builder(args.hub.clone().leak(), args.id.clone().leak()).trusted_root(root);
        hub = match identity {
            Some([certificate, key]) => hub.certificate(certificate, PrivateKey::Rsa(key)),
            None => hub.symmetric_key(args.key.clone().leak()),
        };
        let hub = hub.create(&HUB, &azure)?;

        let mut telemetry_at = kernel.uptime();
        let mut sent = 0;
        while kernel.uptime() < args.time_limit() {
            if !hub.is_connected() {
                println!("connecting to {} as {}", args.hub, args.id);
                match hub.connect(true, CONNECTED_WITHIN) {
                    Ok(()) => println!("connected"),
                    Err(error) => {
                        println!("{error}; trying again in {} s", RECONNECT_AFTER.as_secs());
                        kernel.sleep(RECONNECT_AFTER)?;
                        continue;
                    }
                }
            }
            if kernel.uptime() >= telemetry_at {
                telemetry_at += TELEMETRY_EVERY;
                let uptime = format!("{{\"uptime\":{}}}", kernel.uptime().as_secs());
                if let Err(error) =
                    hub.telemetry(&[("kind", "uptime")], uptime.as_bytes(), CONNECTED_WITHIN)
                {
                    println!("telemetry: {error}");
                }
            }
            if let Some(defender) = azure.defender() {
                let statistics = defender.statistics()?;
                if statistics.messages.messages_sent != sent {
                    sent = statistics.messages.messages_sent;
                    println!(
                        "the agent: {sent} messages with {} bytes sent, {} packets counted",
                        statistics.messages.bytes_sent, statistics.packets.packets_counted
                    );
                }
            }
            kernel.sleep(Duration::from_millis(100))?;
        }
        // Dropping them disconnects the client, disables the agent and deletes everything again.
        Ok(())
    }

    /// The device's clock.
    fn unix_time() -> Option<u32> {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        u32::try_from(time.as_secs()).ok()
    }
}

#[cfg(not(host_port))]
fn main() -> std::process::ExitCode {
    match device::run(clap::Parser::parse()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(host_port)]
fn main() -> std::process::ExitCode {
    eprintln!(
        "this example needs the sources of ThreadX and NetX Duo, because the host port has no TCP/IP stack; \
         vendor/README.md says where they come from. Then build for 32 bits: --target i686-unknown-linux-gnu"
    );
    std::process::ExitCode::from(2)
}
