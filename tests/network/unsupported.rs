//! What the host port has no stack for is a typed error.

use std::net::Ipv4Addr;
use std::time::Duration;

use netxduo_sys::NX_NOT_SUPPORTED;
use threadx_defender::net::{
    DhcpStorage, DnsStorage, HAS_TCP_IP, Sntp, SntpStorage, TcpSocketStorage, UdpSocketStorage,
};
use threadx_defender::{Api, Error};

use crate::device::Device;
use crate::kernel::in_kernel;

static UDP: UdpSocketStorage = UdpSocketStorage::new();
static TCP: TcpSocketStorage = TcpSocketStorage::new();
static DNS: DnsStorage = DnsStorage::new();
static DHCP: DhcpStorage = DhcpStorage::new();
static SNTP: SntpStorage = SntpStorage::new();

fn is_unsupported<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::C { status, .. })
        if status.code == NX_NOT_SUPPORTED && status.of == Api::NetXDuo)
}

#[test]
fn there_are_neither_sockets_nor_answers() {
    const { assert!(!HAS_TCP_IP) };
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let peer = Ipv4Addr::new(10, 0, 0, 1);
        // Twice: what fails leaves its storage free.
        for _ in 0..2 {
            assert!(is_unsupported(device.ip.bind_udp(&UDP, 0)));
            assert!(is_unsupported(device.ip.tcp_socket(&TCP)));
        }
        assert!(is_unsupported(device.ip.ping(
            peer.into(),
            b"",
            Duration::ZERO
        )));
        for _ in 0..2 {
            assert!(is_unsupported(device.ip.dhcp(&DHCP, &device.pool)));
            let sntp = device.ip.sntp(&SNTP, &device.pool, peer.into());
            assert!(is_unsupported(sntp));
        }
        assert_eq!(Sntp::unix_time(), None);
        let dns = device.ip.dns(&DNS, &device.pool, &[peer.into()]).unwrap();
        assert!(is_unsupported(dns.resolve("hub.example", Duration::ZERO)));
    });
}
