//! A network of the test's own: a namespace with a TAP interface, at the other end of which is the device.

use std::{
    env,
    io::{self, Write},
    net::{Ipv4Addr, Ipv6Addr},
    path::Path,
    process::Command,
};

use nix::{
    sched::{CloneFlags, unshare},
    unistd::Uid,
};

/// The interface between host and device.
pub const INTERFACE: &str = "tap0";

pub const HOST_V4: Ipv4Addr = Ipv4Addr::new(10, 90, 0, 1);
pub const HOST_V6: Ipv6Addr = Ipv6Addr::new(0xFD90, 0, 0, 0, 0, 0, 0, 1);
pub const DEVICE_V4: Ipv4Addr = Ipv4Addr::new(10, 90, 0, 2);
pub const DEVICE_V6: Ipv6Addr = Ipv6Addr::new(0xFD90, 0, 0, 0, 0, 0, 0, 2);

/// The device's link-layer address.
pub const DEVICE_MAC: [u8; 6] = [0x02, 0, 0, 0x90, 0, 2];

/// Puts the calling thread, and all threads and processes that it starts from now on, into a network of their own.
///
/// Returns false where this cannot be tried, after it has said why. In CI that is a failure.
pub fn enter() -> bool {
    if !threadx_defender::net::HAS_TCP_IP {
        // Not for CI to care about: it runs these tests with both.
        say("the host port has no TCP/IP stack; see vendor/README.md for one that has");
        return false;
    }
    if let Err(reason) = check().and_then(|()| leave()) {
        assert!(env::var_os("CI").is_none(), "{reason}");
        say(reason);
        return false;
    }
    let interface = format!("dev {INTERFACE}");
    for command in [
        "link set lo up",
        &format!("tuntap add {interface} mode tap"),
        &format!("addr add {HOST_V4}/24 {interface}"),
        // There is nobody else who could have the address.
        &format!("addr add {HOST_V6}/64 {interface} nodad"),
        &format!("link set {interface} up"),
    ] {
        let status = Command::new("ip").args(command.split(' ')).status();
        assert!(status.unwrap().success(), "ip {command}");
    }
    true
}

/// Looks for what the test needs, and says what is not there.
fn check() -> Result<(), &'static str> {
    let runs = |program, option| Command::new(program).arg(option).output().is_ok();
    if !Uid::effective().is_root() {
        Err("needs root, for a network of its own")
    } else if !Path::new("/dev/net/tun").exists() {
        Err("needs /dev/net/tun")
    } else if !runs("ip", "-V") {
        Err("needs the command ip (Debian: iproute2)")
    } else if !runs("mosquitto", "-h") {
        Err("needs mosquitto (Debian: mosquitto)")
    } else {
        Ok(())
    }
}

/// Leaves the network that this thread is in for a new one.
fn leave() -> Result<(), &'static str> {
    unshare(CloneFlags::CLONE_NEWNET)
        .map_err(|_| "may not have a network of its own; in a container, that needs CAP_SYS_ADMIN")
}

/// Says, also where the test harness keeps what passing tests write to itself, why a test is skipped.
fn say(reason: &str) {
    let _ = writeln!(io::stderr(), "end to end: skipped: {reason}");
}
