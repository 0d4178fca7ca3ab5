//! What applications do on the network, between two devices.

use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use netxduo_sys::{
    NX_DUPLICATE_LISTEN, NX_IN_PROGRESS, NX_NO_PACKET, NX_NO_RESPONSE, NX_PORT_UNAVAILABLE,
};
use threadx_defender::Error;
use threadx_defender::kernel::{Kernel, ThreadStorage};
use threadx_defender::net::{DnsStorage, Ip, TcpSocketStorage, UdpSocketStorage};

use crate::kernel::in_kernel;
use crate::two::{LEFT, LEFT_V6, RIGHT, RIGHT_BOTH, WAIT, stations, stations_with_ipv6};

static UDP: [UdpSocketStorage; 2] = [const { UdpSocketStorage::new() }; 2];
static TCP: [TcpSocketStorage; 2] = [const { TcpSocketStorage::new() }; 2];
static DNS: DnsStorage = DnsStorage::new();
static THREAD: Other = Other::new();

const PORT: u16 = 7000;

/// More than the window of a connection and the packets of a pool.
const MUCH: usize = 100_000;

/// Data in which every part differs from its neighbours.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length)
        .map(|index| (index * 7 + index / 251) as u8)
        .collect()
}

/// A thread for a test's other end.
pub type Other = ThreadStorage<65_536, Box<dyn FnOnce() + Send>>;

/// Runs `work` on a thread of its own; the result comes out of the channel.
pub fn in_thread<T: Send + 'static>(
    kernel: Kernel,
    storage: &'static Other,
    work: impl FnOnce() -> T + Send + 'static,
) -> Receiver<T> {
    let (sender, receiver) = sync_channel(1);
    let work = Box::new(move || sender.send(work()).unwrap());
    kernel
        .spawn_with(storage, c"other", 16, work as _, |_, work| work())
        .unwrap();
    receiver
}

/// Waits for the result of a thread, without stopping the ThreadX threads as waiting on the channel itself would.
pub fn result_of<T>(kernel: Kernel, receiver: &Receiver<T>) -> T {
    for _ in 0..1000 {
        if let Ok(result) = receiver.try_recv() {
            return result;
        }
        kernel.sleep(Duration::from_millis(10)).unwrap();
    }
    panic!("the other thread is not done");
}

fn status_of<T>(result: Result<T, Error>) -> u32 {
    match result {
        Err(Error::C { status, .. }) => status.code,
        Err(error) => panic!("{error}"),
        Ok(_) => 0,
    }
}

#[test]
fn echo_requests_are_answered() {
    in_kernel(|kernel| {
        let [left, right] = stations_with_ipv6(kernel);
        for address in RIGHT_BOTH {
            left.ip.ping(address, b"ping", WAIT).unwrap();
            // More than one packet of the link holds: in fragments.
            left.ip.ping(address, &pattern(3000), WAIT).unwrap();
            left.ip.ping(address, b"", WAIT).unwrap();
        }
        let link_local = "fe80::ff:fe00:2".parse().unwrap();
        left.ip.ping(link_local, b"ping", WAIT).unwrap();
        left.assert_no_packet_is_lost(kernel);
        right.assert_no_packet_is_lost(kernel);
    });
}

#[test]
fn nobody_answers_for_an_address_that_is_not_there() {
    in_kernel(|kernel| {
        let [left, _right] = stations(kernel);
        let nobody = IpAddr::from([10, 0, 0, 77]);
        let result = left.ip.ping(nobody, b"ping", Duration::from_millis(300));
        assert_eq!(status_of(result), NX_NO_RESPONSE);
    });
}

#[test]
fn datagrams_go_both_ways() {
    in_kernel(|kernel| {
        let [left, right] = stations_with_ipv6(kernel);
        let client = left.ip.bind_udp(&UDP[0], 0).unwrap();
        let server = right.ip.bind_udp(&UDP[1], PORT).unwrap();
        assert_eq!(server.port(), PORT);
        assert_ne!(client.port(), 0);
        let mut buffer = [0; 4000];
        for (to, from) in RIGHT_BOTH
            .into_iter()
            .zip([IpAddr::V4(LEFT), IpAddr::V6(LEFT_V6)])
        {
            for length in [0, 1, 1400, 3000] {
                let sent = pattern(length);
                client.send_to(&sent, SocketAddr::new(to, PORT)).unwrap();
                let (length, sender) = server.receive_from(&mut buffer, WAIT).unwrap();
                assert_eq!(sender, SocketAddr::new(from, client.port()));
                assert!(buffer[..length] == sent);

                server.send_to(&buffer[..length], sender).unwrap();
                let (length, answerer) = client.receive_from(&mut buffer, WAIT).unwrap();
                assert_eq!(answerer, SocketAddr::new(to, PORT));
                assert!(buffer[..length] == sent);
            }
        }
        drop((client, server));
        left.assert_no_packet_is_lost(kernel);
        right.assert_no_packet_is_lost(kernel);
    });
}

#[test]
fn a_datagram_that_does_not_fit_is_cut() {
    in_kernel(|kernel| {
        let [left, right] = stations(kernel);
        let client = left.ip.bind_udp(&UDP[0], 0).unwrap();
        let server = right.ip.bind_udp(&UDP[1], PORT).unwrap();
        client.send_to(b"0123456789", (RIGHT, PORT).into()).unwrap();
        let mut buffer = [0; 4];
        let (length, _) = server.receive_from(&mut buffer, WAIT).unwrap();
        assert_eq!((length, &buffer), (4, b"0123"));
        // What did not fit does not come later.
        let result = server.receive_from(&mut buffer, Duration::from_millis(50));
        assert_eq!(status_of(result), NX_NO_PACKET);
    });
}

#[test]
fn storage_and_ports_are_used_once() {
    in_kernel(|kernel| {
        let [left, _right] = stations(kernel);
        let first = left.ip.bind_udp(&UDP[0], PORT).unwrap();
        let same_storage = left.ip.bind_udp(&UDP[0], 0);
        assert!(matches!(same_storage, Err(Error::StorageInUse { .. })));
        let same_port = left.ip.bind_udp(&UDP[1], PORT);
        assert_eq!(status_of(same_port), NX_PORT_UNAVAILABLE);
        // Neither left anything behind.
        let other = left.ip.bind_udp(&UDP[1], PORT + 1).unwrap();
        drop((first, other));
        left.ip.bind_udp(&UDP[0], PORT).unwrap();

        let mut server = left.ip.tcp_socket(&TCP[0]).unwrap();
        let mut other = left.ip.tcp_socket(&TCP[1]).unwrap();
        assert_eq!(server.accept(Duration::ZERO), Err(Error::NotListening));
        server.listen(PORT).unwrap();
        assert_eq!(server.listen(PORT + 1), Err(Error::SocketInUse));
        assert_eq!(status_of(other.listen(PORT)), NX_DUPLICATE_LISTEN);
        server.stop_listening().unwrap();
        other.listen(PORT).unwrap();
    });
}

#[test]
fn a_server_that_nobody_has_asked_stops() {
    in_kernel(|kernel| {
        let [left, _right] = stations(kernel);
        let mut server = left.ip.tcp_socket(&TCP[0]).unwrap();
        server.listen(PORT).unwrap();
        assert_eq!(status_of(server.accept(Duration::ZERO)), NX_IN_PROGRESS);
        server.stop_listening().unwrap();
        // It can be used for something else, and left behind in the same state.
        server.listen(PORT).unwrap();
        server.accept(Duration::ZERO).unwrap_err();
        drop(server);
        let mut server = left.ip.tcp_socket(&TCP[0]).unwrap();
        server.listen(PORT).unwrap();
    });
}

/// After an attempt to accept that did not wait, NetX Duo answers a request by itself.
#[test]
fn a_server_that_was_connected_behind_its_back_stops() {
    in_kernel(|kernel| {
        let [left, right] = stations(kernel);
        let mut server = right.ip.tcp_socket(&TCP[1]).unwrap();
        server.listen(PORT).unwrap();
        server.accept(Duration::ZERO).unwrap_err();
        let mut client = left.ip.tcp_socket(&TCP[0]).unwrap();
        client.connect((RIGHT, PORT).into(), WAIT).unwrap();
        server.stop_listening().unwrap();
        let mut buffer = [0; 8];
        assert_eq!(client.receive(&mut buffer, WAIT), Ok(0));
        drop((client, server));
        right.ip.tcp_socket(&TCP[1]).unwrap().listen(PORT).unwrap();
        left.assert_no_packet_is_lost(kernel);
        right.assert_no_packet_is_lost(kernel);
    });
}

/// A server that sends back all it receives, for one connection.
fn echo(ip: &Ip, storage: &'static TcpSocketStorage) -> SocketAddr {
    let mut server = ip.tcp_socket(storage).unwrap();
    server.listen(PORT).unwrap();
    let peer = server.accept(WAIT).unwrap();
    let mut buffer = [0; 777];
    loop {
        match server.receive(&mut buffer, WAIT).unwrap() {
            0 => break,
            length => server.send(&buffer[..length], WAIT).unwrap(),
        }
    }
    server.disconnect(WAIT).unwrap();
    peer
}

#[test]
fn connections_carry_what_they_are_given_in_order() {
    in_kernel(|kernel| {
        let [left, mut right] = stations_with_ipv6(kernel);
        for address in RIGHT_BOTH {
            let server = in_thread(kernel, &THREAD, move || {
                let peer = echo(&right.ip, &TCP[1]);
                (right, peer)
            });
            kernel.sleep(Duration::from_millis(50)).unwrap();

            let mut client = left.ip.tcp_socket(&TCP[0]).unwrap();
            client
                .connect(SocketAddr::new(address, PORT), WAIT)
                .unwrap();
            let sent = pattern(MUCH);
            let mut received = Vec::new();
            let mut buffer = [0; 1000];
            // Not more on the way than windows and pools hold.
            for part in sent.chunks(5000) {
                client.send(part, WAIT).unwrap();
                let so_far = received.len() + part.len();
                while received.len() < so_far {
                    let length = client.receive(&mut buffer, WAIT).unwrap();
                    assert_ne!(length, 0, "the connection ended");
                    received.extend_from_slice(&buffer[..length]);
                }
            }
            assert!(received == sent);
            client.disconnect(WAIT).unwrap();
            let peer;
            (right, peer) = result_of(kernel, &server);
            assert_eq!(peer.is_ipv4(), address.is_ipv4());
        }
        left.assert_no_packet_is_lost(kernel);
        right.assert_no_packet_is_lost(kernel);
    });
}

#[test]
fn a_refused_connection_leaves_the_socket_as_it_was() {
    in_kernel(|kernel| {
        let [left, right] = stations(kernel);
        let mut client = left.ip.tcp_socket(&TCP[0]).unwrap();
        let nobody_listens = (RIGHT, PORT).into();
        client.connect(nobody_listens, WAIT).unwrap_err();
        let server = in_thread(kernel, &THREAD, move || {
            echo(&right.ip, &TCP[1]);
            right
        });
        kernel.sleep(Duration::from_millis(50)).unwrap();
        client.connect(nobody_listens, WAIT).unwrap();
        assert_eq!(
            client.connect(nobody_listens, WAIT),
            Err(Error::SocketInUse)
        );
        client.send(b"hello", WAIT).unwrap();
        let mut buffer = [0; 3];
        assert_eq!(client.receive(&mut buffer, WAIT), Ok(3));
        assert_eq!(&buffer, b"hel");
        assert_eq!(client.receive(&mut buffer, WAIT), Ok(2));
        assert_eq!(&buffer[..2], b"lo");
        client.disconnect(WAIT).unwrap();
        let right = result_of(kernel, &server);
        drop(client);
        left.assert_no_packet_is_lost(kernel);
        right.assert_no_packet_is_lost(kernel);
    });
}

#[test]
fn a_socket_that_is_dropped_resets_its_connection() {
    in_kernel(|kernel| {
        let [left, right] = stations(kernel);
        let server = in_thread(kernel, &THREAD, move || {
            let mut server = right.ip.tcp_socket(&TCP[1]).unwrap();
            server.listen(PORT).unwrap();
            server.accept(WAIT).unwrap();
            let mut buffer = [0; 8];
            let length = server.receive(&mut buffer, WAIT);
            drop(server);
            (right, length)
        });
        kernel.sleep(Duration::from_millis(50)).unwrap();
        let mut client = left.ip.tcp_socket(&TCP[0]).unwrap();
        client.connect((RIGHT, PORT).into(), WAIT).unwrap();
        kernel.sleep(Duration::from_millis(50)).unwrap();
        drop(client);
        let (right, length) = result_of(kernel, &server);
        assert_eq!(length, Ok(0));
        left.assert_no_packet_is_lost(kernel);
        right.assert_no_packet_is_lost(kernel);
    });
}

/// A server's answer to the query at the beginning of `message`, with an address.
fn dns_answer(query: &[u8], address: &[u8]) -> Vec<u8> {
    let kind = if address.len() == 4 { 1 } else { 28 };
    let mut answer = query.to_vec();
    answer[2..4].copy_from_slice(&[0x81, 0x80]); // A response, without error.
    answer[6..8].copy_from_slice(&[0, 1]); // One answer:
    answer.extend_from_slice(&[0xC0, 12, 0, kind, 0, 1, 0, 0, 0, 60]); // its name, type, class, time to live,
    answer.extend_from_slice(&[0, address.len() as u8]); // and data.
    answer.extend_from_slice(address);
    answer
}

#[test]
fn names_are_resolved() {
    in_kernel(|kernel| {
        let [left, right] = stations(kernel);
        let server = in_thread(kernel, &THREAD, move || {
            let socket = right.ip.bind_udp(&UDP[1], 53).unwrap();
            let mut query = [0; 512];
            for address in [&[192, 0, 2, 7][..], &[0xFD; 16]] {
                let (length, from) = socket.receive_from(&mut query, WAIT).unwrap();
                let name = b"\x03hub\x07example\0";
                assert!(query[12..].starts_with(name), "{query:?}");
                socket
                    .send_to(&dns_answer(&query[..length], address), from)
                    .unwrap();
            }
            drop(socket);
            right
        });
        kernel.sleep(Duration::from_millis(50)).unwrap();
        let dns = left.ip.dns(&DNS, &left.pool, &[RIGHT.into()]).unwrap();
        let address = dns.resolve("hub.example", WAIT).unwrap();
        assert_eq!(address.octets(), [192, 0, 2, 7]);
        let address = dns.resolve_ipv6("hub.example", WAIT).unwrap();
        assert_eq!(address.octets(), [0xFD; 16]);
        let right = result_of(kernel, &server);

        let no_name = [("", 0), (&*"a".repeat(254), 254)];
        for (name, length) in no_name {
            let refused = dns.resolve(name, WAIT);
            assert!(
                matches!(refused, Err(Error::TextLength { length: given, .. }) if given == length)
            );
        }
        let refused = dns.resolve("hub\0.example", WAIT);
        assert!(matches!(refused, Err(Error::NulInText { .. })));
        drop(dns);
        left.assert_no_packet_is_lost(kernel);
        right.assert_no_packet_is_lost(kernel);
    });
}

#[test]
fn ports_are_not_those_of_the_last_start() {
    in_kernel(|kernel| {
        let [left, _right] = stations(kernel);
        let ports = || {
            // The C library's generator begins like this in every program, and must not be what NetX Duo uses.
            // SAFETY: nobody else uses the generator.
            unsafe { libc::srand(1) };
            [(); 4].map(|()| left.ip.bind_udp(&UDP[0], 0).unwrap().port())
        };
        assert_ne!(ports(), ports());
    });
}

/// A thread of the operating system cannot wait for the instance: what it drops stays.
#[test]
fn sockets_that_are_dropped_on_a_thread_of_the_operating_system_stay() {
    in_kernel(|kernel| {
        let [left, _right] = stations(kernel);
        let udp = left.ip.bind_udp(&UDP[0], PORT).unwrap();
        let mut tcp = left.ip.tcp_socket(&TCP[0]).unwrap();
        tcp.listen(PORT).unwrap();
        let dns = left.ip.dns(&DNS, &left.pool, &[RIGHT.into()]).unwrap();
        thread::spawn(move || drop((udp, tcp, dns))).join().unwrap();
        let udp = left.ip.bind_udp(&UDP[0], PORT);
        assert!(matches!(udp, Err(Error::StorageInUse { .. })));
        let tcp = left.ip.tcp_socket(&TCP[0]);
        assert!(matches!(tcp, Err(Error::StorageInUse { .. })));
        let dns = left.ip.dns(&DNS, &left.pool, &[RIGHT.into()]);
        assert!(matches!(dns, Err(Error::StorageInUse { .. })));
    });
}
