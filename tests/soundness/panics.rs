//! Panics in what the user wrote: they end there, are told of, and leave nothing taken.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use threadx_defender::Error;
use threadx_defender::agent::State;
use threadx_defender::azure::{AzureIot, ConnectionStatus, HubClient};
use threadx_defender::defender::{Defender, DefenderBuilder, DefenderStorage};
use threadx_defender::host::{HubTransport, Refused};
use threadx_defender::kernel::{Kernel, ThreadStorage};
use threadx_defender::net::{
    Frame, FrameReceiver, HAS_TCP_IP, Ip, LinkError, LinkInfo, MacAddress, NetworkDriver,
    ReceiverSlot, UdpSocketStorage,
};

use crate::device::{
    AZURE, CLIENTS, Device, HUBS, IPS, MASK, POOL, V4, azure, connect, no_jitter, seconds_pass,
    unix_time,
};
use crate::kernel::in_kernel;

static AGENT: DefenderStorage = DefenderStorage::new();
static OTHER: DefenderStorage = DefenderStorage::new();

/// A function of the user's panics from now on, or does not any more.
static PANICS: AtomicBool = AtomicBool::new(true);

fn may_panic() {
    assert!(
        !PANICS.load(Ordering::Relaxed),
        "the user's function panics"
    );
}

/// Lets an agent with such hooks be enabled, or not; in either case nothing is taken afterwards, and once they work it sends.
fn with_hooks(kernel: Kernel, builder: fn() -> DefenderBuilder) {
    let device = Device::without_agent(kernel);
    let agent = builder()
        .settings(no_jitter())
        .enable(&AGENT, &device.azure);
    device.seconds(40);
    assert!(HUBS[0].published().is_empty());
    drop(agent);
    PANICS.store(false, Ordering::Relaxed);
    let agent = builder()
        .settings(no_jitter())
        .enable(&AGENT, &device.azure);
    let agent = agent.unwrap();
    device.seconds(31);
    assert_eq!(HUBS[0].published().len(), 1);
    // It may panic while the agent runs, too.
    PANICS.store(true, Ordering::Relaxed);
    device.seconds(60);
    PANICS.store(false, Ordering::Relaxed);
    device.seconds(60);
    assert!(HUBS[0].published().len() >= 2);
    drop(agent);
    nothing_is_taken(kernel, device);
}

/// Another agent can be enabled, and the middleware ended and begun again.
fn nothing_is_taken(kernel: Kernel, device: Device) {
    drop(Defender::builder().enable(&OTHER, &device.azure).unwrap());
    let Device {
        client,
        azure,
        ip,
        pool,
        ..
    } = device;
    drop((client, azure));
    let azure = crate::device::azure().create(kernel, &AZURE, &ip, &pool);
    drop(azure.unwrap());
}

#[test]
fn an_entropy_hook_may_panic() {
    let builder = || {
        Defender::builder().entropy(|bytes| {
            may_panic();
            bytes.fill(7);
            Ok(())
        })
    };
    in_kernel(move |kernel| with_hooks(kernel, builder));
}

/// `guard_in_enable_panics`
#[test]
fn a_hook_that_panics_while_an_agent_is_enabled_leaves_nothing_taken() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let panicking = Defender::builder().entropy(|_| panic!("no entropy"));
        let agent = panicking.enable(&AGENT, &device.azure).unwrap();
        assert_eq!(agent.state(), State::WaitingForEntropy);
        drop(agent);
        drop(Defender::builder().enable(&AGENT, &device.azure).unwrap());
        nothing_is_taken(kernel, device);
    });
}

#[test]
fn a_unix_time_hook_may_panic() {
    let builder = || {
        Defender::builder().unix_time(|| {
            may_panic();
            unix_time()
        })
    };
    in_kernel(move |kernel| with_hooks(kernel, builder));
}

#[test]
fn the_unix_time_hook_of_the_middleware_may_panic() {
    in_kernel(|kernel| {
        threadx_defender::host::ManualClock::stop(kernel);
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let ip = crate::device::create_ip(kernel, 0, c"ip", &pool);
        let time = || {
            may_panic();
            unix_time()
        };
        let builder = || AzureIot::builder(c"azure", time);
        drop(builder().create(kernel, &AZURE, &ip, &pool));
        PANICS.store(false, Ordering::Relaxed);
        let agent = Defender::builder().settings(no_jitter());
        let azure = builder().defender(agent).create(kernel, &AZURE, &ip, &pool);
        let azure = azure.unwrap();
        let client = connect(0, "device", "", &azure);
        seconds_pass(kernel, 31);
        assert_eq!(HUBS[0].published().len(), 1);
        drop(client);
    });
}

/// A driver of which one function panics: that with the number.
struct Panicking {
    which: AtomicU32,
    receiver: ReceiverSlot,
}

static DRIVER: Panicking = Panicking {
    which: AtomicU32::new(0),
    receiver: ReceiverSlot::new(),
};

impl Panicking {
    fn enter(&self, number: u32) {
        assert_ne!(
            self.which.load(Ordering::Relaxed),
            number,
            "the driver panics"
        );
    }

    fn let_panic(&self, number: u32) {
        self.which.store(number, Ordering::Relaxed);
    }
}

impl NetworkDriver for Panicking {
    fn attach(&'static self, receiver: FrameReceiver) -> Result<LinkInfo, LinkError> {
        self.enter(1);
        self.receiver.occupy(receiver)?;
        Ok(LinkInfo::ethernet(MacAddress([2, 0, 0, 0, 0, 1])))
    }

    fn enable(&self) -> Result<(), LinkError> {
        self.enter(2);
        Ok(())
    }

    fn send(&self, _: &Frame<'_>) -> Result<(), LinkError> {
        self.enter(3);
        Ok(())
    }

    fn disable(&self) {
        self.enter(4);
    }

    fn detach(&self) {
        self.receiver.clear();
        self.enter(5);
    }

    fn is_up(&self) -> bool {
        self.enter(6);
        true
    }

    fn join_multicast(&self, _: MacAddress) {
        self.enter(7);
    }

    fn leave_multicast(&self, _: MacAddress) {
        self.enter(8);
    }

    fn deferred(&self) {
        self.enter(9);
    }
}

#[test]
fn every_function_of_a_driver_may_panic() {
    static SOCKET: UdpSocketStorage = UdpSocketStorage::new();
    in_kernel(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let create = || {
            Ip::builder(c"ip", V4, MASK)
                .network_driver(&DRIVER)
                .create(kernel, &IPS[0], &pool)
        };
        DRIVER.let_panic(1);
        assert_eq!(create().unwrap_err(), Error::Link(LinkError::Panicked));
        let wait = Duration::from_secs(10);
        DRIVER.let_panic(2);
        let ip = create().unwrap();
        assert_eq!(
            ip.wait_until_ready(wait).unwrap_err(),
            Error::Link(LinkError::Panicked)
        );
        drop(ip);
        for number in 3..=9 {
            DRIVER.let_panic(0);
            let ip = create().unwrap();
            ip.wait_until_ready(wait).unwrap();
            DRIVER.let_panic(number);
            let receiver = DRIVER.receiver.get().unwrap();
            receiver.request_deferred();
            receiver.link_changed();
            kernel.sleep(Duration::from_millis(50)).unwrap();
            if number == 3 && HAS_TCP_IP {
                let errors = ip.link_statistics().send_errors;
                let socket = ip.bind_udp(&SOCKET, 0).unwrap();
                let _ = socket.send_to(&[1], "10.0.0.255:9".parse().unwrap());
                assert!(ip.link_statistics().send_errors > errors, "it is counted");
            }
            if number == 6 {
                assert_eq!(
                    ip.wait_until_ready(Duration::ZERO).unwrap_err(),
                    Error::NotReady
                );
            }
            drop(ip);
        }
        DRIVER.let_panic(0);
        drop(create().unwrap());
    });
}

struct PanickingHub;

impl HubTransport for PanickingHub {
    fn connect(&self) -> Result<(), Refused> {
        may_panic();
        Ok(())
    }

    fn disconnect(&self) {
        may_panic();
    }

    fn publish(&self, topic: &[u8], payload: &[u8]) -> Result<(), Refused> {
        may_panic();
        HUBS[0].publish(topic, payload)
    }
}

static HUB: PanickingHub = PanickingHub;

#[test]
fn a_transport_may_panic_and_so_may_a_listener() {
    in_kernel(|kernel| {
        threadx_defender::host::ManualClock::stop(kernel);
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let ip = crate::device::create_ip(kernel, 0, c"ip", &pool);
        let agent = Defender::builder().settings(no_jitter());
        let azure = azure().defender(agent).create(kernel, &AZURE, &ip, &pool);
        let azure = azure.unwrap();
        let client = HubClient::builder("hub.example", "device")
            .transport(&HUB)
            .on_status(&|_: ConnectionStatus| may_panic())
            .create(&CLIENTS[0], &azure)
            .unwrap();
        assert!(client.connect(true, Duration::ZERO).is_err());
        PANICS.store(false, Ordering::Relaxed);
        client.connect(true, Duration::ZERO).unwrap();
        PANICS.store(true, Ordering::Relaxed);
        assert!(client.telemetry(&[], b"it", Duration::ZERO).is_err());
        // What the hub did not take is kept, and tried again.
        seconds_pass(kernel, 40);
        assert!(HUBS[0].published().is_empty());
        PANICS.store(false, Ordering::Relaxed);
        seconds_pass(kernel, 4);
        assert_eq!(HUBS[0].messages().len(), 1);
        PANICS.store(true, Ordering::Relaxed);
        let _ = client.disconnect();
        drop(client);
        PANICS.store(false, Ordering::Relaxed);
        connect(0, "device", "", &azure);
    });
}

#[test]
fn a_thread_that_panics_ends() {
    static THREAD: ThreadStorage<65_536> = ThreadStorage::new();
    static BEGUN: AtomicBool = AtomicBool::new(false);
    in_kernel(|kernel: Kernel| {
        let body = |_| {
            BEGUN.store(true, Ordering::Release);
            may_panic();
        };
        kernel.spawn(&THREAD, c"thread", 9, body).unwrap();
        while !BEGUN.load(Ordering::Acquire) {
            kernel.sleep(Duration::from_millis(10)).unwrap();
        }
        kernel.sleep(Duration::from_millis(100)).unwrap();
    });
}
