//! Network drivers and hubs that come back into what has called them.
#![forbid(unsafe_code)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use threadx_defender::Error;
use threadx_defender::agent::{Priority, State};
use threadx_defender::azure::HubClient;
use threadx_defender::defender::{Defender, DefenderStorage};
use threadx_defender::kernel::Kernel;
use threadx_defender::net::{
    Frame, FrameReceiver, HAS_TCP_IP, Ip, LinkError, LinkInfo, MacAddress, NetworkDriver,
    ReceiverSlot, UdpSocket, UdpSocketStorage,
};

use crate::device::{AZURE, CLIENTS, Device, HUBS, IPS, MASK, POOL, V4, azure, no_jitter};
use crate::kernel::in_kernel;

/// A driver whose deferred work, and what it does when it sends, is a test's.
struct Callbacks {
    receiver: ReceiverSlot,
    deferred: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    send: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

static DRIVER: Callbacks = Callbacks {
    receiver: ReceiverSlot::new(),
    deferred: Mutex::new(None),
    send: Mutex::new(None),
};

impl NetworkDriver for Callbacks {
    fn attach(&'static self, receiver: FrameReceiver) -> Result<LinkInfo, LinkError> {
        self.receiver.occupy(receiver)?;
        Ok(LinkInfo::ethernet(MacAddress([2, 0, 0, 0, 0, 1])))
    }

    fn send(&self, _: &Frame<'_>) -> Result<(), LinkError> {
        let work = self.send.lock().unwrap().take();
        if let Some(work) = work {
            work();
        }
        Ok(())
    }

    fn detach(&self) {
        self.receiver.clear();
    }

    fn deferred(&self) {
        let work = self.deferred.lock().unwrap().take();
        if let Some(work) = work {
            work();
        }
    }
}

impl Callbacks {
    /// Has `work` done as deferred work, and waits until it is.
    fn defer(&self, kernel: Kernel, work: impl FnOnce() + Send + 'static) {
        static DONE: AtomicBool = AtomicBool::new(false);
        DONE.store(false, Ordering::Release);
        *self.deferred.lock().unwrap() = Some(Box::new(move || {
            work();
            DONE.store(true, Ordering::Release);
        }));
        self.receiver.get().unwrap().request_deferred();
        while !DONE.load(Ordering::Acquire) {
            kernel.sleep(Duration::from_millis(10)).unwrap();
        }
    }
}

fn create_ip(kernel: Kernel, number: usize) -> Result<Ip, Error> {
    let pool = Box::leak(Box::new(POOL.create(kernel, c"pool", 1600)?));
    Ip::builder(c"ip", V4, MASK)
        .network_driver(&DRIVER)
        .create(kernel, &IPS[number], pool)
}

#[test]
fn an_instance_stays_when_its_driver_drops_it() {
    in_kernel(|kernel| {
        let ip = create_ip(kernel, 0).unwrap();
        let receiver = DRIVER.receiver.get().unwrap();
        ip.wait_until_ready(Duration::from_secs(10)).unwrap();
        DRIVER.defer(kernel, move || drop(ip));
        // NetX Duo goes on with it, and so does the link.
        assert!(DRIVER.receiver.get().is_some(), "it is not detached");
        DRIVER.defer(kernel, || ());
        let _ = receiver.deliver(&[0xFF; 60]);
        static OTHER: threadx_defender::net::PacketPoolStorage<65_536> =
            threadx_defender::net::PacketPoolStorage::new();
        let pool = OTHER.create(kernel, c"other", 1600).unwrap();
        let again = Ip::builder(c"again", V4, MASK).create(kernel, &IPS[0], &pool);
        assert_eq!(
            again.unwrap_err(),
            Error::StorageInUse {
                what: "IP instance"
            }
        );
    });
}

#[test]
fn deferred_work_is_not_done_within_itself() {
    static DEPTH: AtomicU32 = AtomicU32::new(0);
    static DONE: AtomicU32 = AtomicU32::new(0);
    fn work() {
        assert_eq!(DEPTH.fetch_add(1, Ordering::SeqCst), 0, "never nested");
        if DONE.fetch_add(1, Ordering::SeqCst) < 1000 {
            *DRIVER.deferred.lock().unwrap() = Some(Box::new(work));
            DRIVER.receiver.get().unwrap().request_deferred();
        }
        DEPTH.fetch_sub(1, Ordering::SeqCst);
    }
    in_kernel(|kernel| {
        let _ip = create_ip(kernel, 0).unwrap();
        *DRIVER.deferred.lock().unwrap() = Some(Box::new(work));
        DRIVER.receiver.get().unwrap().request_deferred();
        while DONE.load(Ordering::SeqCst) < 1001 {
            kernel.sleep(Duration::from_millis(10)).unwrap();
        }
    });
}

/// Reports every second, beginning with the first.
fn every_second() -> threadx_defender::agent::Settings {
    let second = Duration::from_secs(1);
    let mut settings = no_jitter();
    settings.set_first_collection(second).unwrap();
    for priority in Priority::ALL {
        settings.set_interval(priority, second).unwrap();
    }
    settings
}

static GUARD: Mutex<Option<Defender>> = Mutex::new(None);
static AGENT: DefenderStorage = DefenderStorage::new();

fn take_guard() -> Defender {
    GUARD.lock().unwrap().take().unwrap()
}

/// A device in real time with the driver, whose agent's guard is in `GUARD`. It stays.
fn device(kernel: Kernel) -> (&'static Ip, &'static HubClient) {
    let pool = Box::leak(Box::new(POOL.create(kernel, c"pool", 1600).unwrap()));
    let ip = Ip::builder(c"ip", V4, MASK)
        .network_driver(&DRIVER)
        .create(kernel, &IPS[0], pool)
        .unwrap();
    let ip = Box::leak(Box::new(ip));
    let azure = azure().without_defender().create(kernel, &AZURE, ip, pool);
    let azure = Box::leak(Box::new(azure.unwrap()));
    let client = HubClient::builder("hub.example", "device")
        .transport(&HUBS[0])
        .create(&CLIENTS[0], azure)
        .unwrap();
    client.connect(true, Duration::ZERO).unwrap();
    let agent = Defender::builder().settings(every_second());
    *GUARD.lock().unwrap() = Some(agent.enable(&AGENT, azure).unwrap());
    (ip, Box::leak(Box::new(client)))
}

/// Asks the agent, changes it, and disables it.
fn ask_change_and_disable() {
    let agent = take_guard();
    assert_eq!(agent.statistics().unwrap().packets.packets_malformed, 0);
    assert_ne!(agent.state(), State::NotInitialized);
    agent
        .set_interval(Priority::High, Duration::from_secs(9))
        .unwrap();
    agent.set_unicast_only(false).unwrap();
    drop(agent);
}

/// The hub needs the link while it takes a message, and the driver, which is at work on the link, disables the agent meanwhile: nobody
/// waits in a circle.
#[test]
fn a_driver_disables_the_agent_while_it_sends() {
    static PUBLISHING: AtomicBool = AtomicBool::new(false);
    static IN_DRIVER: AtomicBool = AtomicBool::new(false);
    in_kernel(|kernel| {
        device(kernel);
        HUBS[0].meanwhile(|| {
            PUBLISHING.store(true, Ordering::Release);
            while !IN_DRIVER.load(Ordering::Acquire) {
                Kernel::current()
                    .unwrap()
                    .sleep(Duration::from_millis(10))
                    .unwrap();
            }
            // On the host port this waits for the driver's deferred work to end; upstream it sends on the instance below.
            DRIVER.receiver.get().unwrap().request_deferred();
            let _ = DRIVER.receiver.get().unwrap().deliver(&[0xFF; 60]);
            true
        });
        DRIVER.defer(kernel, move || {
            IN_DRIVER.store(true, Ordering::Release);
            while !PUBLISHING.load(Ordering::Acquire) {
                Kernel::current()
                    .unwrap()
                    .sleep(Duration::from_millis(10))
                    .unwrap();
            }
            Kernel::current()
                .unwrap()
                .sleep(Duration::from_millis(100))
                .unwrap();
            ask_change_and_disable();
        });
        is_gone(kernel);
    });
}

#[test]
fn a_driver_disables_the_agent_from_within_a_send() {
    static IN_DRIVER: AtomicBool = AtomicBool::new(false);
    static SENT: AtomicBool = AtomicBool::new(false);
    static SOCKETS: [UdpSocketStorage; 2] = [const { UdpSocketStorage::new() }; 2];
    static SOCKET: Mutex<Option<UdpSocket>> = Mutex::new(None);
    if !HAS_TCP_IP {
        return;
    }
    in_kernel(|kernel| {
        let (ip, _) = device(kernel);
        let everybody = "10.0.0.255:9".parse().unwrap();
        *SOCKET.lock().unwrap() = Some(ip.bind_udp(&SOCKETS[0], 0).unwrap());
        let socket = ip.bind_udp(&SOCKETS[1], 0).unwrap();
        HUBS[0].meanwhile(move || {
            if IN_DRIVER.load(Ordering::Acquire) && !SENT.swap(true, Ordering::AcqRel) {
                // As MQTT does.
                let socket = SOCKET.lock().unwrap();
                socket
                    .as_ref()
                    .unwrap()
                    .send_to(&[1; 10], everybody)
                    .unwrap();
            }
            true
        });
        kernel.sleep(Duration::from_secs(3)).unwrap();
        *DRIVER.send.lock().unwrap() = Some(Box::new(move || {
            IN_DRIVER.store(true, Ordering::Release);
            // A slow link: the helper's second comes meanwhile.
            kernel.sleep(Duration::from_millis(2500)).unwrap();
            ask_change_and_disable();
        }));
        socket.send_to(&[1; 10], everybody).unwrap();
        is_gone(kernel);
        assert!(SENT.load(Ordering::Acquire));
    });
}

/// The agent is gone within a second or two, and another one can be enabled.
fn is_gone(kernel: Kernel) {
    kernel.sleep(Duration::from_millis(2500)).unwrap();
    HUBS[0].meanwhile(|| true);
    HUBS[0].clear();
    kernel.sleep(Duration::from_millis(1500)).unwrap();
    assert!(HUBS[0].published().is_empty(), "it sends nothing more");
}

#[test]
fn a_client_stays_when_its_hub_drops_it() {
    static CLIENT: Mutex<Option<HubClient>> = Mutex::new(None);
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let Device { client, azure, .. } = device;
        *CLIENT.lock().unwrap() = Some(client);
        HUBS[0].meanwhile(|| {
            drop(CLIENT.lock().unwrap().take());
            true
        });
        crate::device::seconds_pass(kernel, 31);
        assert!(CLIENT.lock().unwrap().is_none());
        let again = HubClient::builder("hub.example", "device")
            .transport(&HUBS[1])
            .create(&CLIENTS[0], &azure);
        assert!(matches!(again, Err(Error::StorageInUse { .. })));
        // Both go on.
        crate::device::seconds_pass(kernel, 60);
        assert!(HUBS[0].published().len() >= 2);
    });
}
