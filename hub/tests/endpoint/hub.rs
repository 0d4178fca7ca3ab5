//! An endpoint with the journal in the test's hands.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use defender_detect::SignalKind;
use defender_hub::{
    endpoint::{Control, Limits, Server, Unenrolled},
    identity::{
        Credential, Device, Directory, MemoryDirectory, Role, SealingKey, SharedKey,
        password::Hashed,
    },
    intake::{Delivery, Intake, What},
};
use rustls::ServerConfig;
use tokio::runtime::Runtime;

use crate::client::PATIENCE;

pub const HOST: &str = "hub.example";
pub const LOCALHOST: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));

pub use crate::client::OURS;

pub struct Hub {
    pub control: Control,
    pub directory: Arc<MemoryDirectory>,
    pub sealing: SealingKey,
    pub runtime: Runtime,
    server: Option<Server>,
    deliveries: Option<mpsc::Receiver<Delivery>>,
    seen: Arc<Mutex<Vec<What>>>,
}

impl Hub {
    /// An endpoint that listens nowhere yet.
    pub fn new(limits: Limits) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let (intake, mut incoming) = Intake::new(1024);
        let (outgoing, deliveries) = mpsc::channel();
        runtime.spawn(async move {
            while let Some(delivery) = incoming.recv().await {
                if outgoing.send(delivery).is_err() {
                    break;
                }
            }
        });
        let directory = Arc::new(MemoryDirectory::default());
        let sealing = SealingKey::unkept().unwrap();
        let server = Server::new(
            Arc::clone(&directory) as Arc<dyn Directory>,
            sealing.clone(),
            intake,
            limits,
        );
        Self {
            control: server.control(),
            directory,
            sealing,
            runtime,
            server: Some(server),
            deliveries: Some(deliveries),
            seen: Arc::default(),
        }
    }

    /// One that takes all at once, and admits everybody.
    pub fn open() -> (Self, SocketAddr) {
        Self::open_with(Limits::default())
    }

    pub fn open_with(limits: Limits) -> (Self, SocketAddr) {
        let mut hub = Self::new(limits);
        hub.keep();
        let address = hub.listen(Unenrolled::Admitted);
        (hub, address)
    }

    pub fn listen(&mut self, unenrolled: Unenrolled) -> SocketAddr {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = self.server.as_mut().unwrap();
        self.runtime
            .block_on(server.listen(any, unenrolled))
            .unwrap()
    }

    pub fn listen_tls(&mut self, config: Arc<ServerConfig>) -> SocketAddr {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = self.server.as_mut().unwrap();
        self.runtime
            .block_on(server.listen_tls(any, config))
            .unwrap()
    }

    pub fn stop(&mut self) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.stop());
    }

    /// Keeps everything from now on, and remembers it.
    pub fn keep(&mut self) {
        let deliveries = self.deliveries.take().unwrap();
        let seen = Arc::clone(&self.seen);
        thread::spawn(move || {
            for delivery in deliveries {
                seen.lock().unwrap().push(delivery.what);
                if let Some(kept) = delivery.kept {
                    let _ = kept.send(());
                }
            }
        });
    }

    /// The next delivery, of a hub that does not keep by itself.
    pub fn delivery(&self) -> Delivery {
        let deliveries = self.deliveries.as_ref().unwrap();
        deliveries.recv_timeout(PATIENCE).unwrap()
    }

    /// The next report.
    pub fn report(&self) -> (Bytes, Option<tokio::sync::oneshot::Sender<()>>) {
        loop {
            let delivery = self.delivery();
            if let What::Report { payload, .. } = delivery.what {
                return (payload, delivery.kept);
            }
        }
    }

    /// All that was seen, once that is as much as `enough` wants.
    pub fn seen_until(&self, enough: impl Fn(&[What]) -> bool) -> Vec<What> {
        let begun = Instant::now();
        loop {
            let seen = self.seen.lock().unwrap().clone();
            if enough(&seen) {
                return seen;
            }
            assert!(begun.elapsed() < PATIENCE, "{seen:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for a signal about a device.
    pub fn wait_for(&self, device: &str, what: SignalKind) {
        let expected = signal(device, what);
        self.seen_until(|seen| seen.contains(&expected));
    }

    /// How often something was seen so far.
    pub fn count(&self, what: &What) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|seen| *seen == what).count()
    }

    /// Enrols a device with the key `secret`.
    pub fn enrol_key(&self, id: &str) -> SharedKey {
        let key = SharedKey::from_base64("c2VjcmV0").unwrap();
        let sealed = self.sealing.seal(id, &key).unwrap();
        self.enrol(id, Role::Device, Credential::Key(sealed));
        key
    }

    /// Enrols a service with the password `secret`.
    pub fn enrol_service(&self, id: &str) {
        let hash = Hashed::new(b"secret").unwrap();
        self.enrol(id, Role::Service, Credential::Password(hash));
    }

    pub fn enrol(&self, id: &str, role: Role, credential: Credential) {
        let device = Device::new(id.parse().unwrap(), role, credential, 0);
        self.directory.add(&device).unwrap();
    }
}

pub fn signal(device: &str, what: SignalKind) -> What {
    let device = device.to_owned();
    What::Signal { device, what }
}

/// The user name of an IoT Hub client.
pub fn user(id: &str) -> String {
    format!("{HOST}/{id}/?api-version=2020-09-30&DeviceClientType=test")
}

/// A token that ends so many seconds from now.
pub fn token(key: &SharedKey, id: &str, seconds: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let expiry = now.as_secs().saturating_add_signed(seconds);
    key.sign(HOST, id, expiry)
}
