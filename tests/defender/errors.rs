//! What errors say: what was wrong, and what to do.

use std::time::Duration;

use threadx_defender::agent::packet::Direction::In;
use threadx_defender::agent::{Priority, Settings};
use threadx_defender::azure::HubClient;
use threadx_defender::kernel::ThreadStorage;
use threadx_defender::net::{IpStorage, PacketPoolStorage};
use threadx_defender::{Api, Error, Status};

use crate::device::{CLIENTS, Device, HUBS, POOL};
use crate::kernel::in_kernel;

#[track_caller]
fn text<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("it succeeded"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_refusal_of_c_carries_its_status_and_an_advice() {
    in_kernel(|kernel| {
        static SMALL: PacketPoolStorage<64> = PacketPoolStorage::new();
        static THREAD: ThreadStorage<16_384> = ThreadStorage::new();
        let error = SMALL.create(kernel, c"small", 1600).err().unwrap();
        assert_eq!(
            error,
            Error::C {
                call: "nx_packet_pool_create",
                status: Status {
                    code: 0x09,
                    of: Api::NetXDuo
                }
            }
        );
        assert_eq!(
            error.to_string(),
            "nx_packet_pool_create failed: NX_SIZE_ERROR (0x09): the memory given is too small"
        );
        assert_eq!(
            text(kernel.spawn(&THREAD, c"thread", 32, |_| ())),
            "tx_thread_create failed: TX_PRIORITY_ERROR (0x0f): use a priority below TX_MAX_PRIORITIES"
        );
        // The storage of what failed can be used.
        assert!(SMALL.create(kernel, c"small", 1600).is_err());
        kernel.spawn(&THREAD, c"thread", 20, |_| ()).unwrap();
    });
}

#[test]
fn a_packet_that_netx_duo_drops_says_why() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let inject = |packet: &[u8]| text(device.ip.inject(In, packet));
        assert_eq!(
            inject(&[0x45; 12]),
            "nx_host_packet_inject failed: NX_INVALID_PACKET (0x12): the packet is malformed"
        );
        let mut elsewhere = vec![0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0];
        elsewhere.extend([192, 0, 2, 1, 192, 0, 2, 2, 0, 1, 0, 2, 0, 8, 0, 0]);
        assert_eq!(
            inject(&elsewhere),
            "nx_host_packet_inject failed: NX_IP_ADDRESS_ERROR (0x21): the address is not valid here"
        );
        assert_eq!(
            inject(&[]),
            "a packet of 0 bytes is no IP packet: 1 to 65,575 bytes are allowed"
        );
        assert_eq!(
            inject(&vec![0x45; 65_576]),
            "a packet of 65576 bytes is no IP packet: 1 to 65,575 bytes are allowed"
        );
    });
}

#[test]
fn storage_in_use_says_what_is_in_it() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        assert_eq!(
            text(POOL.create(kernel, c"again", 1600)),
            "this packet pool storage is in use: declare another static, or drop what it holds"
        );
        let client = HubClient::builder("hub.example", "again").create(&CLIENTS[0], &device.azure);
        assert_eq!(
            text(client),
            "this hub client storage is in use: declare another static, or drop what it holds"
        );
        drop(device);
        drop(POOL.create(kernel, c"again", 1600).unwrap());
    });
}

#[test]
fn texts_that_a_hub_does_not_allow_are_refused() {
    in_kernel(|kernel| {
        let device = Device::start(kernel);
        let create = |builder: threadx_defender::azure::HubClientBuilder| {
            builder.create(&CLIENTS[1], &device.azure)
        };
        let long = "x".repeat(129).leak();
        let long_name = "x".repeat(254).leak();
        assert_eq!(
            text(create(HubClient::builder("hub.example", ""))),
            "the device id has 0 bytes, but must have 1 to 128"
        );
        assert_eq!(
            text(create(HubClient::builder("hub.example", long))),
            "the device id has 129 bytes, but must have 1 to 128"
        );
        assert_eq!(
            text(create(HubClient::builder(long_name, "device"))),
            "the host name has 254 bytes, but must have 1 to 253"
        );
        assert!(create(HubClient::builder("h", "d").module_id(long)).is_err());
        let longest = "x".repeat(128).leak();
        let client = create(HubClient::builder(longest, longest).module_id(longest)).unwrap();
        assert!(!client.is_connected());
        assert!(
            client.connect(true, Duration::ZERO).is_err(),
            "there is no transport"
        );
    });
}

#[test]
fn only_threads_may_connect() {
    in_kernel(|kernel| {
        let device: &'static Device = Box::leak(Box::new(Device::start(kernel)));
        device.client.disconnect().unwrap();
        let foreign = std::thread::spawn(|| device.client.connect(true, Duration::ZERO));
        let error = foreign.join().unwrap().unwrap_err();
        assert_eq!(error, Error::NotAThread);
        assert_eq!(
            error.to_string(),
            "called from initialization, a timer or an interrupt: call it from a ThreadX thread instead"
        );
        assert!(HUBS[0].published().is_empty());
    });
}

#[test]
fn an_instance_that_is_used_stays_when_its_handle_is_dropped() {
    in_kernel(|kernel| {
        let Device {
            client,
            azure,
            ip,
            pool,
            ..
        } = Device::start(kernel);
        // In the wrong order: each is used by the next.
        drop(pool);
        drop(ip);
        assert!(POOL.create(kernel, c"again", 1600).is_err());
        drop(azure);
        drop(client);
        static IP: IpStorage<4096> = IpStorage::new();
        static FRESH: PacketPoolStorage<65_536> = PacketPoolStorage::new();
        let pool = FRESH.create(kernel, c"fresh", 1600).unwrap();
        let address = [10, 0, 7, 2].into();
        let ip = threadx_defender::net::Ip::builder(c"fresh", address, [255; 4].into());
        drop(ip.create(kernel, &IP, &pool).unwrap());
    });
}

#[test]
fn the_advice_of_each_error_is_exact() {
    let interval = Settings::new()
        .set_interval(Priority::High, Duration::ZERO)
        .unwrap_err();
    let texts = [
        (
            Error::AlreadyEnabled,
            "an agent is enabled already, and a device has one: drop its guard first",
        ),
        (
            Error::AlreadyCreated,
            "there is an AzureIot already, and a device has one: delete it first",
        ),
        (
            Error::NoUnixTime,
            "the Unix time hook gave no time: enable the original agent once the device knows the time",
        ),
        (
            Error::NoEntropy,
            "no random bytes: give the original agent an entropy hook that has some \
             (see `default_entropy`)",
        ),
        (
            Error::KernelEntered,
            "the kernel was entered already: there is one kernel in a program",
        ),
        (
            Error::NoDriver,
            "the IP instance has no network driver: give its builder one",
        ),
        (
            Error::Settings(interval),
            "the interval of the high priority group is 0s, but must be 1s to 30 days",
        ),
    ];
    for (error, text) in texts {
        assert_eq!(error.to_string(), text);
    }
}
