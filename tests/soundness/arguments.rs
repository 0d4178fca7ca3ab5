//! Arguments that C does not check, or only when it was compiled with error checking.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::thread;
use std::time::Duration;

use threadx_defender::kernel::{Kernel, ThreadStorage};
use threadx_defender::net::{
    Frame, FrameReceiver, HAS_TCP_IP, Ip, IpBuilder, IpStorage, LinkError, LinkInfo, MacAddress,
    NetworkDriver, PacketPool, PacketPoolStorage, ReceiverSlot, TcpSocketStorage, UdpSocketStorage,
};
use threadx_defender::{Error, Status};

use crate::device::{AZURE, IPS, MASK, POOL, V4, azure};
use crate::kernel::in_kernel;

/// The code in an error of C's, whoever has made it.
fn code<T>(result: Result<T, Error>) -> Option<u32> {
    match result.err()? {
        Error::C {
            status: Status { code, .. },
            ..
        } => Some(code),
        other => panic!("{other:?} in place of a status"),
    }
}

fn pool(kernel: Kernel) -> PacketPool {
    POOL.create(kernel, c"pool", 1600).unwrap()
}

fn ip() -> IpBuilder {
    Ip::builder(c"ip", V4, MASK)
}

#[test]
fn packets_are_never_larger_than_their_pool() {
    /// A pool between bytes that are not its own.
    #[repr(C)]
    struct Around<const BYTES: usize> {
        before: [u8; 4096],
        pool: PacketPoolStorage<BYTES>,
        after: [u8; 4096],
    }
    impl<const BYTES: usize> Around<BYTES> {
        const fn new() -> Self {
            Self {
                before: [0x5A; 4096],
                pool: PacketPoolStorage::new(),
                after: [0x5A; 4096],
            }
        }

        fn is_whole(&self) -> bool {
            let mut bytes = self.before.iter().chain(&self.after);
            bytes.all(|byte| black_box(*byte) == 0x5A)
        }
    }
    static LARGE: Around<4096> = Around::new();
    static SMALL: Around<256> = Around::new();
    in_kernel(|kernel| {
        let max = u32::MAX;
        for payload in [
            0,
            4096,
            5000,
            1 << 31,
            max,
            max - 3,
            max - 15,
            max - 31,
            max - 127,
        ] {
            let created = LARGE.pool.create(kernel, c"pool", payload);
            assert_eq!(code(created), Some(0x09), "{payload}");
        }
        assert_eq!(code(SMALL.pool.create(kernel, c"pool", 1600)), Some(0x09));
        assert!(LARGE.is_whole() && SMALL.is_whole());
        // What was refused has not taken the storage.
        assert_eq!(
            LARGE
                .pool
                .create(kernel, c"pool", 1600)
                .unwrap()
                .available(),
            2
        );
        assert!(LARGE.is_whole());
    });
}

#[test]
fn threads_have_a_priority_and_a_stack() {
    static THREAD: ThreadStorage<16_384> = ThreadStorage::new();
    static SMALL: ThreadStorage<64> = ThreadStorage::new();
    static SMALL_IP: IpStorage<64> = IpStorage::new();
    in_kernel(|kernel| {
        for priority in [32, 33, 4_000_000, u32::MAX] {
            let spawned = kernel.spawn(&THREAD, c"thread", priority, |_| ());
            assert_eq!(code(spawned), Some(0x0F), "{priority}");
        }
        assert_eq!(code(kernel.spawn(&SMALL, c"thread", 9, |_| ())), Some(0x05));
        let pool = pool(kernel);
        let created = ip().priority(32).create(kernel, &IPS[0], &pool);
        assert_eq!(code(created), Some(0x0A));
        assert_eq!(code(ip().create(kernel, &SMALL_IP, &pool)), Some(0x09));
        let ip = ip().create(kernel, &IPS[0], &pool).unwrap();
        let created = azure()
            .priority(4_000_000)
            .create(kernel, &AZURE, &ip, &pool);
        assert_eq!(code(created), Some(0x0A));
        let azure = azure()
            .without_defender()
            .create(kernel, &AZURE, &ip, &pool);
        kernel.spawn(&THREAD, c"thread", 31, |_| ()).unwrap();
        drop(azure.unwrap());
    });
}

#[test]
fn objects_are_not_created_by_interrupts() {
    static THREAD: ThreadStorage<16_384> = ThreadStorage::new();
    static OTHER: PacketPoolStorage<4096> = PacketPoolStorage::new();
    in_kernel(|kernel| {
        let pool = pool(kernel);
        let created = ip().create(kernel, &IPS[0], &pool).unwrap();
        // A thread that is not ThreadX' has the rights of an interrupt.
        let in_interrupt = || {
            assert_eq!(code(OTHER.create(kernel, c"pool", 1600)), Some(0x11));
            assert_eq!(code(kernel.spawn(&THREAD, c"t", 9, |_| ())), Some(0x13));
            assert_eq!(code(ip().create(kernel, &IPS[1], &pool)), Some(0x11));
            assert_eq!(code(created.set_gateway(V4)), Some(0x11));
        };
        thread::scope(|scope| scope.spawn(in_interrupt).join().unwrap());
    });
}

#[test]
fn addresses_are_addresses_of_somebody() {
    in_kernel(|kernel| {
        let pool = pool(kernel);
        for address in [Ipv4Addr::new(224, 0, 0, 1), Ipv4Addr::BROADCAST] {
            let created = Ip::builder(c"ip", address, MASK).create(kernel, &IPS[0], &pool);
            assert_eq!(code(created), Some(0x21), "{address}");
        }
        let with_v6 = |address: Ipv6Addr, prefix_length| {
            let builder = ip().ipv6_address(address, prefix_length);
            builder.create(kernel, &IPS[0], &pool)
        };
        for address in ["::", "ff02::1"] {
            assert_eq!(code(with_v6(address.parse().unwrap(), 64)), Some(0x21));
        }
        assert_eq!(
            with_v6("fd00::2".parse().unwrap(), 129).unwrap_err(),
            Error::OutOfRange {
                what: "the prefix length",
                given: 129,
                min: 0,
                max: 128
            }
        );
        let ip = with_v6("fd00::2".parse().unwrap(), 128).unwrap();
        assert_eq!(code(ip.set_gateway(Ipv4Addr::UNSPECIFIED)), Some(0x21));
        ip.set_gateway(Ipv4Addr::new(10, 0, 0, 1)).unwrap();
        for nobody in ["::", "ff02::2"] {
            let added = ip.add_ipv6_router(nobody.parse().unwrap());
            assert_eq!(code(added), Some(0x21), "{nobody}");
        }
        // The network has one address.
        let elsewhere = ip.add_ipv6_router("fd00::1".parse().unwrap());
        assert_eq!(code(elsewhere), Some(0x21));
        ip.add_ipv6_router("fe80::1".parse().unwrap()).unwrap();
    });
}

#[test]
fn an_instance_gets_packets_that_hold_its_own_messages() {
    static SMALL: PacketPoolStorage<4096> = PacketPoolStorage::new();
    in_kernel(|kernel| {
        let small = SMALL.create(kernel, c"small", 64).unwrap();
        let driver = narrow(1500);
        let ip = || ip().network_driver(driver);
        let error = ip().create(kernel, &IPS[0], &small).unwrap_err();
        assert!(
            matches!(error, Error::OutOfRange { given: 64..128, .. }),
            "{error}"
        );
        let pool = pool(kernel);
        drop(ip().create(kernel, &IPS[0], &pool).unwrap());
    });
}

/// A link that carries packets of so many bytes.
struct Narrow {
    mtu: u16,
    receiver: ReceiverSlot,
}

fn narrow(mtu: u16) -> &'static Narrow {
    Box::leak(Box::new(Narrow {
        mtu,
        receiver: ReceiverSlot::new(),
    }))
}

impl NetworkDriver for Narrow {
    fn attach(&'static self, receiver: FrameReceiver) -> Result<LinkInfo, LinkError> {
        self.receiver.occupy(receiver)?;
        Ok(LinkInfo::ethernet(MacAddress([2, 0, 0, 0, 0, 1])).with_mtu(self.mtu))
    }

    fn send(&self, frame: &Frame<'_>) -> Result<(), LinkError> {
        assert!(frame.len() <= 14 + usize::from(self.mtu));
        Ok(())
    }

    fn detach(&self) {
        self.receiver.clear();
    }
}

#[test]
fn links_carry_the_shortest_packets_of_ipv4() {
    static UDP: UdpSocketStorage = UdpSocketStorage::new();
    static TCP: TcpSocketStorage = TcpSocketStorage::new();
    in_kernel(|kernel| {
        let pool = pool(kernel);
        for mtu in (0..=28).chain([67]) {
            let driver = narrow(mtu);
            let created = ip().network_driver(driver).create(kernel, &IPS[0], &pool);
            assert_eq!(
                created.unwrap_err(),
                Error::Link(LinkError::Mtu { given: mtu })
            );
            assert!(driver.receiver.get().is_none(), "it is told to let go");
        }
        let ip = ip()
            .network_driver(narrow(68))
            .create(kernel, &IPS[0], &pool)
            .unwrap();
        if !HAS_TCP_IP {
            return;
        }
        let wait = Duration::from_millis(50);
        let udp = ip.bind_udp(&UDP, 1234).unwrap();
        udp.send_to(&[1; 100], "255.255.255.255:9".parse().unwrap())
            .unwrap();
        let _ = udp.send_to(&[1; 100], "10.0.0.7:9".parse().unwrap());
        let _ = ip.ping("10.0.0.7".parse().unwrap(), &[1; 100], wait);
        let mut tcp = ip.tcp_socket(&TCP).unwrap();
        let _ = tcp.connect("10.0.0.7:9".parse().unwrap(), wait);
    });
}

#[test]
fn datagrams_ports_and_peers_are_such() {
    static UDP: UdpSocketStorage = UdpSocketStorage::new();
    static TCP: TcpSocketStorage = TcpSocketStorage::new();
    in_kernel(|kernel| {
        let pool = pool(kernel);
        let ip = ip().create(kernel, &IPS[0], &pool).unwrap();
        let data = [0; 65_536];
        let to_long = ip.ping(V4.into(), &data[..65_508], Duration::ZERO);
        assert!(matches!(
            to_long,
            Err(Error::OutOfRange { max: 65_507, .. })
        ));
        assert_eq!(
            code(ip.ping(Ipv4Addr::UNSPECIFIED.into(), &[], Duration::ZERO)),
            Some(0x21)
        );
        if !HAS_TCP_IP {
            return;
        }
        let udp = ip.bind_udp(&UDP, 0).unwrap();
        let too_long = udp.send_to(&data, "[fd00::7]:9".parse().unwrap());
        assert!(matches!(
            too_long,
            Err(Error::OutOfRange { max: 65_527, .. })
        ));
        let nobody = udp.send_to(&[1], "0.0.0.0:9".parse().unwrap());
        assert_eq!(code(nobody), Some(0x21));
        let mut tcp = ip.tcp_socket(&TCP).unwrap();
        assert_eq!(code(tcp.listen(0)), Some(0x46));
        let group = tcp.connect("224.0.0.1:9".parse().unwrap(), Duration::ZERO);
        assert_eq!(code(group), Some(0x21));
        // It was not bound by what failed.
        tcp.listen(80).unwrap();
    });
}

#[test]
#[cfg(target_pointer_width = "64")]
fn messages_are_sent_whole_or_not_at_all() {
    in_kernel(|kernel| {
        let device = crate::device::Device::without_agent(kernel);
        // Nobody looks into it, so nearly nothing of it takes memory.
        let payload = vec![0; (1 << 32) + 5];
        let sent = device.client.telemetry(&[], &payload, Duration::ZERO);
        assert!(matches!(
            sent,
            Err(Error::OutOfRange {
                what: "the payload",
                ..
            })
        ));
        assert!(crate::device::HUBS[0].published().is_empty());
    });
}

#[test]
fn frames_hold_an_ip_packet() {
    in_kernel(|kernel| {
        let pool = pool(kernel);
        let driver = narrow(1500);
        let ip = ip()
            .network_driver(driver)
            .create(kernel, &IPS[0], &pool)
            .unwrap();
        ip.wait_until_ready(Duration::from_secs(10)).unwrap();
        let mut frame = vec![0xFF; 14 + 65_576];
        frame[12..14].copy_from_slice(&[0x08, 0]);
        let receiver = driver.receiver.get().unwrap();
        assert!(receiver.deliver(&frame).is_err());
        assert_eq!(ip.link_statistics().dropped_too_long, 1);
    });
}
