//! A TAP interface, in a network namespace of the test's own: the computer is the other device.
//!
//! Needs root with `CAP_SYS_ADMIN`, `/dev/net/tun` and the command `ip`: otherwise the tests pass with a message, except in CI.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;
use std::{env, io};

use threadx_defender::Error;
use threadx_defender::kernel::{self, Kernel};
use threadx_defender::net::tap::{Tap, TapError};
use threadx_defender::net::{
    Ip, IpStorage, LinkError, PacketPool, PacketPoolStorage, UdpSocketStorage,
};

use crate::kernel::{in_kernel, in_process, in_process_of, test_of};

const DEVICE: Ipv4Addr = Ipv4Addr::new(10, 90, 0, 2);
const COMPUTER: Ipv4Addr = Ipv4Addr::new(10, 90, 0, 1);
const MASK: Ipv4Addr = Ipv4Addr::new(255, 255, 255, 0);
const WAIT: Duration = Duration::from_secs(10);

static POOL: PacketPoolStorage<200_000> = PacketPoolStorage::new();
static IPS: [IpStorage<8192>; 2] = [const { IpStorage::new() }; 2];
static UDP: UdpSocketStorage = UdpSocketStorage::new();
static TAP: Tap = Tap::new("tap0");

/// Runs a test inside a kernel and a network namespace.
fn in_namespace<F: FnOnce(Kernel) + Send + 'static>(body: F) {
    if let Err(reason) = check() {
        assert!(env::var_os("CI").is_none(), "{reason}");
        eprintln!("skipped: {reason}");
        return;
    }
    in_process_of(test_of::<F>(), || {
        leave().expect("as it was tried before");
        kernel::run(body).expect("the kernel starts");
    });
}

/// Looks for what the tests need, and says what is not there.
fn check() -> Result<(), String> {
    // SAFETY: only asks for a number.
    if unsafe { libc::geteuid() } != 0 {
        return Err("TAP interfaces need root".into());
    }
    if !Path::new("/dev/net/tun").exists() {
        return Err("TAP interfaces need /dev/net/tun".into());
    }
    if Command::new("ip").arg("-V").output().is_err() {
        return Err("the tests need the command ip (Debian: iproute2)".into());
    }
    // On a thread of its own, because there is no way back.
    let left = thread::spawn(leave).join().unwrap();
    left.map_err(|error| {
        format!("the tests need a network of their own; in a container, that needs CAP_SYS_ADMIN: {error}")
    })
}

/// Leaves the network that this thread is in for a new one.
fn leave() -> io::Result<()> {
    // SAFETY: concerns this thread and those that it makes from now on.
    match unsafe { libc::unshare(libc::CLONE_NEWNET) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Runs the `ip` command.
fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status();
    let status = status.expect("the ip command (Debian: iproute2)");
    assert!(status.success(), "ip {arguments}: {status}");
}

fn device(kernel: Kernel, number: usize, pool: &PacketPool) -> Result<Ip, Error> {
    Ip::builder(c"ip", DEVICE, MASK)
        .ipv6_address("fd90::2".parse().unwrap(), 64)
        .network_driver(&TAP)
        .create(kernel, &IPS[number], pool)
}

#[test]
fn device_and_computer_reach_each_other() {
    in_namespace(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let packets = pool.available();
        let device = device(kernel, 0, &pool).unwrap();
        ip("address add 10.90.0.1/24 dev tap0");
        ip("address add fd90::1/64 dev tap0 nodad");
        ip("link set tap0 up");
        device.wait_until_ready(WAIT).unwrap();
        for address in [IpAddr::V4(COMPUTER), "fd90::1".parse().unwrap()] {
            device.ping(address, b"ping", WAIT).unwrap();
        }
        let socket = device.bind_udp(&UDP, 5000).unwrap();
        // The computer's side, on a thread of its own: it waits without ThreadX.
        let computer = thread::spawn(|| {
            let socket = UdpSocket::bind((COMPUTER, 7)).unwrap();
            socket.set_read_timeout(Some(WAIT)).unwrap();
            socket.send_to(b"hello", (DEVICE, 5000)).unwrap();
            let mut buffer = [0; 2000];
            let (length, from) = socket.recv_from(&mut buffer).unwrap();
            assert_eq!(from, (DEVICE, 5000).into());
            buffer[..length].to_vec()
        });
        let mut buffer = [0; 100];
        let (length, from) = socket.receive_from(&mut buffer, WAIT).unwrap();
        assert_eq!(
            (&buffer[..length], from),
            (&b"hello"[..], (COMPUTER, 7).into())
        );
        socket.send_to(&[0xA5; 1400], from).unwrap();
        assert_eq!(computer.join().unwrap(), [0xA5; 1400]);
        drop((socket, device));
        assert_eq!(pool.available(), packets);
    });
}

#[test]
fn the_interface_is_open_once_and_closed_with_its_instance() {
    in_namespace(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let first = device(kernel, 0, &pool).unwrap();
        let second = device(kernel, 1, &pool);
        assert_eq!(second.unwrap_err(), Error::Link(LinkError::InUse));
        static SAME: Tap = Tap::new("tap0");
        let other_driver = Ip::builder(c"ip", DEVICE, MASK)
            .network_driver(&SAME)
            .create(kernel, &IPS[1], &pool);
        assert_eq!(
            other_driver.unwrap_err(),
            Error::Link(TapError::Busy { interface: "tap0" }.into())
        );
        drop(first);
        device(kernel, 1, &pool).unwrap();
    });
}

#[test]
fn the_computer_may_take_its_side_down_and_up_again() {
    in_namespace(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let device = device(kernel, 0, &pool).unwrap();
        ip("address add 10.90.0.1/24 dev tap0");
        ip("link set tap0 up");
        device.wait_until_ready(WAIT).unwrap();
        device.ping(COMPUTER.into(), b"ping", WAIT).unwrap();
        ip("link set tap0 down");
        let wait = Duration::from_millis(200);
        device.ping(COMPUTER.into(), b"ping", wait).unwrap_err();
        assert!(device.link_statistics().send_errors > 0);
        ip("link set tap0 up");
        device.ping(COMPUTER.into(), b"ping", WAIT).unwrap();
    });
}

#[test]
fn names_that_no_interface_can_have_are_refused() {
    static NAMES: [Tap; 3] = [
        Tap::new(""),
        Tap::new("a-name-of-16-byt"),
        Tap::new("tap\0"),
    ];
    in_kernel(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        for tap in &NAMES {
            let refused = Ip::builder(c"ip", DEVICE, MASK)
                .network_driver(tap)
                .create(kernel, &IPS[0], &pool);
            assert!(
                matches!(
                    refused,
                    Err(Error::Link(LinkError::Tap(TapError::Name { .. })))
                ),
                "{refused:?}"
            );
        }
    });
}

/// Without rights the error says what to do.
#[test]
fn without_rights_there_is_no_interface() {
    in_process(|| {
        // SAFETY: gives rights up for the whole process, which is this test's own.
        let given_up = unsafe { libc::setresuid(65_534, 65_534, 65_534) } == 0;
        // SAFETY: asks, and changes nothing.
        assert!(given_up || unsafe { libc::geteuid() } != 0);
        kernel::run(|kernel| {
            let pool = POOL.create(kernel, c"pool", 1600).unwrap();
            let refused = device(kernel, 0, &pool).unwrap_err();
            let Error::Link(LinkError::Tap(error)) = refused else {
                panic!("{refused}");
            };
            assert!(
                matches!(error, TapError::NotPermitted { .. } | TapError::NoTunDevice),
                "{error}"
            );
        })
        .expect("the kernel starts");
    });
}
