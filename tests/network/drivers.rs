//! Network drivers in Rust, as an IP instance sees them.

use std::net::Ipv4Addr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use threadx_defender::Error;
use threadx_defender::agent::Protocol;
use threadx_defender::agent::packet::Direction;
use threadx_defender::kernel::Kernel;
use threadx_defender::net::pair::Pair;
use threadx_defender::net::{
    Frame, FrameDropped, FrameReceiver, Ip, IpStorage, LinkError, LinkInfo, MacAddress,
    NetworkDriver, PacketPool, PacketPoolStorage, ReceiverSlot,
};

use crate::device::MASK;
use crate::device::talk::talk;
use crate::kernel::in_kernel;

const MAC: MacAddress = MacAddress([0x02, 0, 0, 0, 0, 9]);
const WAIT: Duration = Duration::from_secs(10);

static POOL: PacketPoolStorage<100_000> = PacketPoolStorage::new();
static IPS: [IpStorage<8192>; 2] = [const { IpStorage::new() }; 2];
static DRIVER: Notebook = Notebook::new();

/// A driver that writes down what it is asked.
struct Notebook {
    receiver: ReceiverSlot,
    requests: Mutex<Vec<&'static str>>,
    refuses: AtomicBool,
    fails: AtomicBool,
    deferred: AtomicU32,
}

impl Notebook {
    const fn new() -> Self {
        Self {
            receiver: ReceiverSlot::new(),
            requests: Mutex::new(Vec::new()),
            refuses: AtomicBool::new(false),
            fails: AtomicBool::new(false),
            deferred: AtomicU32::new(0),
        }
    }

    fn write(&self, request: &'static str) {
        self.requests.lock().unwrap().push(request);
    }

    /// What was asked since the last time.
    fn requests(&self) -> Vec<&'static str> {
        self.requests.lock().unwrap().split_off(0)
    }

    fn receiver(&self) -> FrameReceiver {
        self.receiver
            .get()
            .expect("an IP instance with this driver")
    }
}

const FAILURE: LinkError = LinkError::Hardware {
    what: "no transceiver",
    code: 7,
};

impl NetworkDriver for Notebook {
    fn attach(&'static self, receiver: FrameReceiver) -> Result<LinkInfo, LinkError> {
        self.write("attach");
        if self.refuses.load(Ordering::Relaxed) {
            return Err(FAILURE);
        }
        self.receiver.occupy(receiver)?;
        Ok(LinkInfo::ethernet(MAC))
    }

    fn enable(&self) -> Result<(), LinkError> {
        self.write("enable");
        match self.fails.load(Ordering::Relaxed) {
            true => Err(FAILURE),
            false => Ok(()),
        }
    }

    fn send(&self, _frame: &Frame<'_>) -> Result<(), LinkError> {
        Ok(())
    }

    fn disable(&self) {
        self.write("disable");
    }

    fn detach(&self) {
        self.write("detach");
        self.receiver.clear();
    }

    fn deferred(&self) {
        self.deferred.fetch_add(1, Ordering::Relaxed);
    }
}

fn create(kernel: Kernel, number: usize, pool: &PacketPool) -> Result<Ip, Error> {
    Ip::builder(c"ip", Ipv4Addr::new(10, 0, 0, 2), MASK)
        .network_driver(&DRIVER)
        .create(kernel, &IPS[number], pool)
}

/// An Ethernet frame.
fn frame(to: MacAddress, ethertype: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = to.0.to_vec();
    frame.extend_from_slice(&[0x02, 0, 0, 0, 0, 1]);
    frame.extend_from_slice(&ethertype.to_be_bytes());
    frame.extend_from_slice(packet);
    frame
}

/// A datagram to nobody.
fn datagram() -> Vec<u8> {
    talk(Protocol::Udp, "10.0.0.2:9", "10.0.0.1:9").packet(Direction::In, 20)
}

#[test]
fn the_link_is_opened_and_closed_with_the_instance() {
    in_kernel(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        for _ in 0..2 {
            let ip = create(kernel, 0, &pool).unwrap();
            ip.wait_until_ready(WAIT).unwrap();
            assert_eq!(ip.mac_address(), Some(MAC));
            assert_eq!(DRIVER.requests(), ["attach", "enable"]);
            drop(ip);
            assert_eq!(DRIVER.requests(), ["disable", "detach"]);
        }
    });
}

#[test]
fn a_driver_serves_one_instance_at_a_time() {
    in_kernel(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let ip = create(kernel, 0, &pool).unwrap();
        let second = create(kernel, 1, &pool);
        assert_eq!(second.unwrap_err(), Error::Link(LinkError::InUse));
        drop(ip);
        create(kernel, 1, &pool).unwrap();

        static PAIR: Pair = Pair::new();
        let [first, second] = [0, 1].map(|number| {
            Ip::builder(c"ip", Ipv4Addr::new(10, 0, 0, 2), MASK)
                .network_driver(PAIR.left())
                .create(kernel, &IPS[number], &pool)
        });
        first.unwrap();
        assert_eq!(second.unwrap_err(), Error::Link(LinkError::InUse));
    });
}

#[test]
fn a_driver_without_a_link_says_why() {
    in_kernel(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        DRIVER.refuses.store(true, Ordering::Relaxed);
        assert_eq!(create(kernel, 0, &pool).unwrap_err(), Error::Link(FAILURE));
        DRIVER.refuses.store(false, Ordering::Relaxed);
        // The storage is free again.
        DRIVER.fails.store(true, Ordering::Relaxed);
        let ip = create(kernel, 0, &pool).unwrap();
        assert_eq!(ip.wait_until_ready(WAIT), Err(Error::Link(FAILURE)));
        assert_eq!(FAILURE.to_string(), "no transceiver (code 7)");
    });
}

#[test]
fn an_instance_that_cannot_be_created_leaves_the_driver_alone() {
    in_kernel(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let refused = Ip::builder(c"ip", Ipv4Addr::new(10, 0, 0, 2), MASK)
            .priority(1_000)
            .network_driver(&DRIVER)
            .create(kernel, &IPS[0], &pool);
        assert!(matches!(
            refused,
            Err(Error::C {
                call: "nx_ip_create",
                ..
            })
        ));
        // The arguments are looked at before.
        assert!(DRIVER.requests().is_empty());
        create(kernel, 0, &pool).unwrap();
    });
}

#[test]
fn frames_that_are_not_for_the_instance_are_dropped_and_counted() {
    in_kernel(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let ip = create(kernel, 0, &pool).unwrap();
        ip.wait_until_ready(WAIT).unwrap();
        let receiver = DRIVER.receiver();
        let other = MacAddress([0x02, 0, 0, 0, 0, 1]);
        let dropped = [
            (vec![], FrameDropped::TooShort),
            (frame(MAC, 0x0800, &[]), FrameDropped::TooShort),
            (
                frame(other, 0x0800, &datagram()),
                FrameDropped::OtherStation,
            ),
            (
                frame(MAC, 0x88CC, &[0; 46]),
                FrameDropped::UnknownProtocol(0x88CC),
            ),
        ];
        for (frame, reason) in dropped {
            assert_eq!(receiver.deliver(&frame), Err(reason));
        }
        receiver.deliver(&frame(MAC, 0x0800, &datagram())).unwrap();
        receiver
            .deliver(&frame(MacAddress::BROADCAST, 0x0806, &[0; 46]))
            .unwrap();
        let statistics = ip.link_statistics();
        assert_eq!(statistics.received, 2);
        assert_eq!(statistics.dropped_too_short, 2);
        assert_eq!(statistics.dropped_other_station, 1);
        assert_eq!(statistics.dropped_unknown_protocol, 1);
        assert_eq!(statistics.dropped_no_packet, 0);
    });
}

/// A frame that comes out of a device in pieces is what it would be in one, whatever the size of packets.
#[test]
fn frames_can_be_written_to_where_they_are_to_be() {
    static SMALL: PacketPoolStorage<20_000> = PacketPoolStorage::new();
    in_kernel(|kernel| {
        let large = POOL.create(kernel, c"large", 1600).unwrap();
        let small = SMALL.create(kernel, c"small", 400).unwrap();
        for (number, pool, in_one) in [(0, &large, true), (1, &small, false)] {
            let ip = create(kernel, number, pool).unwrap();
            ip.wait_until_ready(WAIT).unwrap();
            let receiver = DRIVER.receiver();
            let free = pool.available();
            let mut seen = Vec::new();
            SEEN.lock().unwrap().clear();
            // SAFETY: the instance exists, and no packet passes meanwhile.
            unsafe { (*ip.as_ptr()).nx_ip_packet_filter_extended = Some(look) };
            let packet: Vec<u8> = long_datagram();
            let frame = frame(MAC, 0x0800, &packet);
            let mut rest = &frame[..];
            receiver
                .deliver_with(frame.len(), |piece| {
                    let (now, later) = rest.split_at(piece.len());
                    piece.copy_from_slice(now);
                    seen.push(piece.len());
                    rest = later;
                })
                .unwrap();
            assert!(rest.is_empty());
            assert_eq!(seen.len() == 1, in_one, "{seen:?}");
            let (_, but_the_last) = seen.split_last().unwrap();
            assert!(but_the_last.iter().all(|length| length % 4 == 0));
            // On upstream's stack it is for the instance's thread.
            kernel.sleep(Duration::from_millis(50)).unwrap();
            assert_eq!(*SEEN.lock().unwrap(), packet);
            assert_eq!(pool.available(), free);
            // What is not for it is read, and dropped.
            let mut called = 0;
            let mut write = |bytes: Vec<u8>| {
                let mut at = 0;
                receiver.deliver_with(bytes.len(), |piece| {
                    piece.copy_from_slice(&bytes[at..at + piece.len()]);
                    at += piece.len();
                    called += 1;
                })
            };
            let other = MacAddress([0x02, 0, 0, 0, 0, 1]);
            assert_eq!(
                write(self::frame(other, 0x0800, &packet)),
                Err(FrameDropped::OtherStation)
            );
            // And what is none is not.
            let before = called;
            let mut none = |bytes: Vec<u8>| receiver.deliver_with(bytes.len(), |_| called += 1);
            assert_eq!(none(vec![0; 14]), Err(FrameDropped::TooShort));
            assert_eq!(none(vec![0; 70_000]), Err(FrameDropped::TooLong));
            assert_eq!(called, before);
            assert_eq!(
                receiver.deliver_with(100, |_| panic!("on purpose")),
                Err(FrameDropped::TooShort)
            );
            assert_eq!(pool.available(), free);
            drop(ip);
        }
    });
}

/// What the filter has seen last.
static SEEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());

unsafe extern "C" fn look(
    _: *mut netxduo_sys::NX_IP,
    packet: *mut netxduo_sys::NX_PACKET,
    _: u32,
) -> u32 {
    let mut bytes = [0; 2000];
    let mut length = 0;
    // SAFETY: the packet is there, and there is room for it.
    let status = unsafe {
        netxduo_sys::nx_packet_data_extract_offset(
            packet,
            0,
            bytes.as_mut_ptr().cast(),
            2000,
            &raw mut length,
        )
    };
    assert_eq!(status, netxduo_sys::NX_SUCCESS);
    *SEEN.lock().unwrap() = bytes[..length as usize].to_vec();
    netxduo_sys::NX_SUCCESS
}

/// A datagram of 1,000 bytes of data, each of which is another than those around it.
fn long_datagram() -> Vec<u8> {
    let mut datagram = datagram();
    let data = datagram.len();
    datagram.extend((data..1028).map(|at| at as u8));
    let length = datagram.len() as u16;
    datagram[2..4].copy_from_slice(&length.to_be_bytes());
    datagram[24..26].copy_from_slice(&(length - 20).to_be_bytes());
    datagram
}

#[test]
fn frames_that_find_no_packet_are_dropped_and_counted() {
    static SMALL: PacketPoolStorage<2000> = PacketPoolStorage::new();
    in_kernel(|kernel| {
        let pool = SMALL.create(kernel, c"small", 400).unwrap();
        let ip = create(kernel, 0, &pool).unwrap();
        ip.wait_until_ready(WAIT).unwrap();
        let free = pool.available();
        let long = frame(MAC, 0x0800, &[0x45; 4000]);
        assert_eq!(
            DRIVER.receiver().deliver(&long),
            Err(FrameDropped::NoPacket)
        );
        assert_eq!(ip.link_statistics().dropped_no_packet, 1);
        assert_eq!(pool.available(), free);
    });
}

#[test]
fn a_receiver_does_no_harm_when_its_instance_is_gone() {
    in_kernel(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let packets = pool.available();
        let ip = create(kernel, 0, &pool).unwrap();
        ip.wait_until_ready(WAIT).unwrap();
        let old = DRIVER.receiver();
        drop(ip);
        let datagram = frame(MAC, 0x0800, &datagram());
        assert_eq!(old.deliver(&datagram), Err(FrameDropped::NotEnabled));
        old.request_deferred();
        // Neither is it one of the next instance in the same storage.
        let ip = create(kernel, 0, &pool).unwrap();
        ip.wait_until_ready(WAIT).unwrap();
        assert_eq!(old.deliver(&datagram), Err(FrameDropped::NotEnabled));
        DRIVER.receiver().deliver(&datagram).unwrap();
        drop(ip);
        assert_eq!(pool.available(), packets);
    });
}

#[test]
fn deferred_work_is_done_once_it_is_asked_for() {
    in_kernel(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let ip = create(kernel, 0, &pool).unwrap();
        ip.wait_until_ready(WAIT).unwrap();
        assert_eq!(DRIVER.deferred.load(Ordering::Relaxed), 0);
        DRIVER.receiver().request_deferred();
        kernel.sleep(Duration::from_millis(50)).unwrap();
        assert_eq!(DRIVER.deferred.load(Ordering::Relaxed), 1);
    });
}

/// Threads of the operating system deliver while the instance comes and goes.
#[test]
fn frames_may_come_while_the_instance_goes() {
    in_kernel(|kernel| {
        static STOP: AtomicBool = AtomicBool::new(false);
        static DELIVERED: AtomicU32 = AtomicU32::new(0);
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let packets = pool.available();
        let deliver = || {
            let datagram = frame(MAC, 0x0800, &datagram());
            while !STOP.load(Ordering::Relaxed) {
                let receiver = DRIVER.receiver.get();
                if receiver.is_some_and(|receiver| receiver.deliver(&datagram).is_ok()) {
                    DELIVERED.fetch_add(1, Ordering::Relaxed);
                }
                thread::yield_now();
            }
        };
        let threads = [thread::spawn(deliver), thread::spawn(deliver)];
        let mut instances = 0;
        while instances < 30 || DELIVERED.load(Ordering::Relaxed) < 1000 {
            let ip = create(kernel, instances % 2, &pool).unwrap();
            kernel.sleep(Duration::from_millis(10)).unwrap();
            drop(ip);
            instances += 1;
        }
        STOP.store(true, Ordering::Relaxed);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(pool.available(), packets);
    });
}
