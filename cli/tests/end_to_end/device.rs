//! The device: ThreadX and NetX Duo in a process of their own, at the other end of the TAP interface.

use std::{
    env,
    error::Error,
    fs,
    io::{BufRead, BufReader},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio, exit},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use threadx_defender::{
    agent::{Priority, Settings},
    azure::{AzureIot, AzureIotStorage, ConnectionStatus, HubClient, HubClientStorage, PrivateKey},
    defender::Defender,
    kernel::{self, Kernel},
    net::{
        Ip, IpStorage, MacAddress, PacketPoolStorage, TcpSocketStorage, UdpSocket,
        UdpSocketStorage, tap::Tap,
    },
};

use crate::{
    certificates,
    echo::{DISCARD_PORT, ECHO_PORT},
    mosquitto::{self, Credentials},
    network::{DEVICE_MAC, DEVICE_V4, DEVICE_V6, HOST_V4, HOST_V6, INTERFACE},
};

/// The device's name at the hub.
pub const ID: &str = "dev1";

/// The device's UDP ports, by IP version.
pub const UDP_PORT_V4: u16 = 5004;
pub const UDP_PORT_V6: u16 = 5006;
/// The device's UDP port for what it says while the hub is away.
pub const OUTAGE_PORT: u16 = 5008;

/// How many bytes its datagrams hold. Each comes back.
pub const DATAGRAMS: [usize; 3] = [1, 100, 1400];
/// How many bytes its echo requests hold.
pub const PINGS: [usize; 2] = [56, 500];
/// How many bytes it sends over TCP; they come back.
pub const STREAM: usize = 3000;

/// What the device says on its standard output.
pub const CONNECTED: &str = "connected";
pub const OFFLINE: &str = "has talked while offline";

/// How often the agent collects flows.
const INTERVAL: Duration = Duration::from_secs(3);

/// How long it waits for anything.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it waits before it tries the hub again. Long enough for a watcher to be back before.
const RECONNECT_AFTER: Duration = Duration::from_secs(3);

/// Any key will do: Mosquitto takes every password.
const KEY: &str = "dGhyZWFkeC1kZWZlbmRlcg==";

/// Tell the child process what it is, and where its certificates are.
const ROLE: &str = "DEFENDER_END_TO_END_ROLE";
const DIRECTORY: &str = "DEFENDER_END_TO_END_DIRECTORY";
const WITH_TOKEN: &str = "device with a token";
const WITH_CERTIFICATE: &str = "device with a certificate";

/// A device that runs until this is dropped.
pub struct Device {
    process: Child,
    lines: Receiver<String>,
}

impl Device {
    /// Starts it in a process of its own: this program, which runs the test `test` and there comes to [`be_one`].
    pub fn start(test: &str, directory: &Path, credentials: Credentials) -> Self {
        let role = match credentials {
            Credentials::Token => WITH_TOKEN,
            Credentials::Certificate => WITH_CERTIFICATE,
        };
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(ROLE, role)
            .env(DIRECTORY, directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { process, lines }
    }

    /// Waits until it says something.
    pub fn wait_for(&self, expected: &str) {
        let mut said = Vec::new();
        while said.last().is_none_or(|line| line != expected) {
            match self.lines.recv_timeout(6 * PATIENCE) {
                Ok(line) => said.push(line),
                Err(_) => panic!("the device does not say '{expected}', but {said:#?}"),
            }
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Fails when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// In the process that [`Device::start`] made: be the device, for good.
pub fn be_one() {
    let Ok(role) = env::var(ROLE) else {
        return;
    };
    let directory = env::var_os(DIRECTORY).expect("the certificates");
    let read = |name: &str| -> &'static [u8] {
        let content = fs::read(Path::new(&directory).join(name)).expect("a certificate");
        content.leak()
    };
    let credentials = Material {
        root: read(certificates::CA_DER),
        certificate: (role == WITH_CERTIFICATE).then(|| certificates::DEVICE_FILES.map(read)),
    };
    let outcome = kernel::run(move |kernel| live(kernel, &credentials));
    eprintln!("the device ends: {outcome:?}");
    exit(1);
}

/// Whom it trusts, and who it is.
struct Material {
    root: &'static [u8],
    /// Certificate and key.
    certificate: Option<[&'static [u8]; 2]>,
}

// What C keeps pointers to is static, as in a firmware.
static POOL: PacketPoolStorage<{ 512 << 10 }> = PacketPoolStorage::new();
static IP: IpStorage<{ 16 << 10 }> = IpStorage::new();
static TAP: Tap = Tap::with_mac_address(INTERFACE, MacAddress(DEVICE_MAC));
static AZURE: AzureIotStorage<{ 64 << 10 }> = AzureIotStorage::new();
static HUB: HubClientStorage<{ 64 << 10 }> = HubClientStorage::new();
static UDP: [UdpSocketStorage; 3] = [const { UdpSocketStorage::new() }; 3];
static TCP: [TcpSocketStorage; 2] = [const { TcpSocketStorage::new() }; 2];

/// Whether the hub client says that it is connected.
static IS_CONNECTED: AtomicBool = AtomicBool::new(false);

/// What the device's main thread does. Only this thread prints: to wait for another thread's lock would stop ThreadX.
fn live(kernel: Kernel, material: &Material) -> Result<(), Box<dyn Error + Send + Sync>> {
    let pool = POOL.create(kernel, c"pool", 1600)?;
    let ip = Ip::builder(c"ip", DEVICE_V4, Ipv4Addr::new(255, 255, 255, 0))
        .ipv6_address(DEVICE_V6, 64)
        .network_driver(&TAP)
        .create(kernel, &IP, &pool)?;
    ip.wait_until_ready(PATIENCE)?;

    let mut settings = Settings::new();
    settings.set_first_collection(INTERVAL)?;
    settings.set_first_collection_jitter(Duration::ZERO)?;
    settings.set_interval(Priority::High, INTERVAL)?;
    let azure = AzureIot::builder(c"azure", unix_time)
        .dns_server(HOST_V4.into())
        .defender(Defender::builder().settings(settings))
        .create(kernel, &AZURE, &ip, &pool)?;

    talk(&ip)?;

    let mut hub = HubClient::builder(mosquitto::NAME, ID)
        .trusted_root(material.root)
        .on_status(&|status| {
            IS_CONNECTED.store(status == ConnectionStatus::Connected, Ordering::Relaxed);
        });
    hub = match material.certificate {
        Some([certificate, key]) => hub.certificate(certificate, PrivateKey::Rsa(key)),
        None => hub.symmetric_key(KEY),
    };
    let hub = hub.create(&HUB, &azure)?;
    hub.connect(true, PATIENCE)?;
    println!("{CONNECTED}");

    let outage = ip.bind_udp(&UDP[2], OUTAGE_PORT)?;
    loop {
        while IS_CONNECTED.load(Ordering::Relaxed) {
            kernel.sleep(Duration::from_millis(100))?;
        }
        echo(&outage, HOST_V4.into())?;
        println!("{OFFLINE}");
        loop {
            kernel.sleep(RECONNECT_AFTER)?;
            if hub.connect(true, PATIENCE).is_ok() {
                break;
            }
        }
        println!("{CONNECTED}");
    }
}

/// Talks to the host over all protocols.
fn talk(ip: &Ip) -> Result<(), Box<dyn Error + Send + Sync>> {
    let hosts: [IpAddr; 2] = [HOST_V4.into(), HOST_V6.into()];
    for (number, host) in hosts.into_iter().enumerate() {
        let socket = ip.bind_udp(&UDP[number], [UDP_PORT_V4, UDP_PORT_V6][number])?;
        socket.send_to(b"!", (host, DISCARD_PORT).into())?;
        echo(&socket, host)?;
        for size in PINGS {
            ip.ping(host, &[7; 500][..size], PATIENCE)?;
        }
        let mut socket = ip.tcp_socket(&TCP[number])?;
        socket.connect((host, ECHO_PORT).into(), PATIENCE)?;
        socket.send(&[7; STREAM], PATIENCE)?;
        let mut received = 0;
        while received < STREAM {
            match socket.receive(&mut [0; STREAM], PATIENCE)? {
                0 => return Err("the host closed the connection".into()),
                length => received += length,
            }
        }
        socket.disconnect(PATIENCE)?;
    }
    Ok(())
}

/// Sends datagrams and waits until each is back.
fn echo(socket: &UdpSocket, host: IpAddr) -> Result<(), Box<dyn Error + Send + Sync>> {
    let to = SocketAddr::from((host, ECHO_PORT));
    let mut buffer = [0; 1500];
    for size in DATAGRAMS {
        socket.send_to(&[7; 1400][..size], to)?;
        let received = socket.receive_from(&mut buffer, PATIENCE)?;
        if received != (size, to) {
            return Err(format!("sent {size} bytes to {to}, got {received:?} back").into());
        }
    }
    Ok(())
}

/// The device's clock.
fn unix_time() -> Option<u32> {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    u32::try_from(time.as_secs()).ok()
}
