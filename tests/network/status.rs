//! What becomes of a hub client's connection, and the application's telemetry on it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use netxduo_sys::NX_AZURE_IOT_DISCONNECTED;
use threadx_defender::azure::{
    AzureIot, ConnectionStatus, HubClient, HubClientStorage, StatusListener,
};
use threadx_defender::host::{HubTransport, Refused};
use threadx_defender::{Api, Error};

use crate::device::{AZURE, Device, HUBS, azure};
use crate::kernel::in_kernel;

static STORAGE: HubClientStorage<0> = HubClientStorage::new();
static REPORTED: Reported = Reported(Mutex::new(Vec::new()));

/// A listener that writes down what it is told.
struct Reported(Mutex<Vec<ConnectionStatus>>);

impl Reported {
    /// What it was told since the last time.
    fn take(&self) -> Vec<ConnectionStatus> {
        self.0.lock().unwrap().split_off(0)
    }
}

impl StatusListener for Reported {
    fn status_changed(&self, status: ConnectionStatus) {
        self.0.lock().unwrap().push(status);
    }
}

fn client(azure: &AzureIot, hub: &'static dyn HubTransport) -> HubClient {
    HubClient::builder("hub.example", "another")
        .on_status(&REPORTED)
        .transport(hub)
        .create(&STORAGE, azure)
        .unwrap()
}

#[test]
fn the_listener_is_told_when_the_connection_comes_and_goes() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let client = client(&device.azure, &HUBS[1]);
        assert_eq!(client.status(), ConnectionStatus::NotConnected);
        client.connect(true, Duration::ZERO).unwrap();
        assert_eq!(client.status(), ConnectionStatus::Connected);
        client.set_connection(false).unwrap();
        assert_eq!(client.status(), ConnectionStatus::Disconnected);
        client.set_connection(true).unwrap();
        client.disconnect().unwrap();
        assert_eq!(client.status(), ConnectionStatus::Disconnected);
        let (came, went) = (ConnectionStatus::Connected, ConnectionStatus::Disconnected);
        assert_eq!(REPORTED.take(), [came, went, came, went]);
        // Nothing changes any more.
        drop(client);
        assert_eq!(REPORTED.take(), []);
    });
}

#[test]
fn a_client_without_a_listener_has_a_status_all_the_same() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        assert_eq!(device.client.status(), ConnectionStatus::Connected);
        device.client.set_connection(false).unwrap();
        assert_eq!(device.client.status(), ConnectionStatus::Disconnected);
    });
}

#[test]
fn a_connection_that_fails_is_reported_with_its_reason() {
    struct Nobody;
    impl HubTransport for Nobody {
        fn connect(&self) -> Result<(), Refused> {
            Err(Refused)
        }
        fn publish(&self, _: &[u8], _: &[u8]) -> Result<(), Refused> {
            Err(Refused)
        }
    }
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let client = client(&device.azure, &Nobody);
        let Err(Error::C { status, .. }) = client.connect(true, Duration::ZERO) else {
            panic!("it connected");
        };
        assert_eq!(status.of, Api::AzureIot);
        let failed = ConnectionStatus::Failed(status);
        assert_eq!(REPORTED.take(), [failed]);
        assert_eq!(client.status(), failed);
    });
}

#[test]
fn a_closure_is_a_listener() {
    static TOLD: AtomicBool = AtomicBool::new(false);
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let client = HubClient::builder("hub.example", "another")
            .on_status(&|status| {
                TOLD.store(status == ConnectionStatus::Connected, Ordering::Relaxed);
            })
            .transport(&HUBS[1])
            .create(&STORAGE, &device.azure)
            .unwrap();
        client.connect(true, Duration::ZERO).unwrap();
        assert!(TOLD.load(Ordering::Relaxed));
    });
}

#[test]
fn telemetry_of_the_application_arrives() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let packets = device.pool.available();
        let client = client(&device.azure, &HUBS[1]);
        let wait = Duration::from_secs(1);
        let refused = client.telemetry(&[], b"too early", wait);
        assert!(
            matches!(refused, Err(Error::C { status, .. }) if status.code == NX_AZURE_IOT_DISCONNECTED),
            "{refused:?}"
        );
        client.connect(true, Duration::ZERO).unwrap();
        client.telemetry(&[], b"plain", wait).unwrap();
        let properties = [("kind", "test"), ("place", "here")];
        client.telemetry(&properties, &[0xA5; 3000], wait).unwrap();
        let nameless = client.telemetry(&[("", "value")], b"", wait);
        assert!(matches!(nameless, Err(Error::TextLength { length: 0, .. })));

        let [plain, with_properties] = &HUBS[1].published()[..] else {
            panic!("two messages");
        };
        assert_eq!(plain.topic, "devices/another/messages/events/");
        assert_eq!(plain.payload, b"plain");
        assert_eq!(
            with_properties.topic,
            "devices/another/messages/events/kind=test&place=here"
        );
        assert_eq!(with_properties.payload, [0xA5; 3000]);
        drop(client);
        assert_eq!(device.pool.available(), packets);
    });
}

/// A client that is dropped on the cloud helper's thread stays, as the middleware would wait for that thread; nothing hangs.
#[test]
fn a_client_may_be_dropped_on_the_cloud_helpers_thread() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let client = Mutex::new(Some(client(&device.azure, &HUBS[1])));
        HUBS[0].meanwhile(move || {
            drop(client.lock().unwrap().take());
            true
        });
        device.seconds(31);
        assert_eq!(HUBS[0].messages().len(), 1);
        let in_use = HubClient::builder("hub.example", "another")
            .transport(&HUBS[1])
            .create(&STORAGE, &device.azure);
        assert!(matches!(in_use, Err(Error::StorageInUse { .. })));
    });
}

/// A thread of the operating system cannot wait for the middleware: what it drops stays, and so does what that uses.
#[test]
fn a_client_that_is_dropped_on_a_thread_of_the_operating_system_stays() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let client = client(&device.azure, &HUBS[1]);
        client.connect(true, Duration::ZERO).unwrap();
        thread::spawn(move || drop(client)).join().unwrap();
        // Nobody has disconnected it.
        assert_eq!(REPORTED.take(), [ConnectionStatus::Connected]);
        let in_use = HubClient::builder("hub.example", "another")
            .transport(&HUBS[1])
            .create(&STORAGE, &device.azure);
        assert!(matches!(in_use, Err(Error::StorageInUse { .. })));

        let Device {
            client,
            azure: instance,
            ip,
            pool,
            ..
        } = device;
        drop((client, instance));
        let in_use = azure().create(kernel, &AZURE, &ip, &pool);
        assert!(matches!(in_use, Err(Error::StorageInUse { .. })));
    });
}
