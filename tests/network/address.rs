//! An address from a DHCP server, which the other device is.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use threadx_defender::Error;
use threadx_defender::net::{DhcpStorage, UdpSocketStorage};

use crate::kernel::in_kernel;
use crate::sockets::{Other, in_thread, result_of};
use crate::two::{RIGHT, WAIT, stations};

static DHCP: DhcpStorage = DhcpStorage::new();
static UDP: UdpSocketStorage = UdpSocketStorage::new();
static SERVER: Other = Other::new();

const GIVEN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 77);
const MASK: Ipv4Addr = Ipv4Addr::new(255, 255, 255, 0);
const NAMES: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 53), Ipv4Addr::new(10, 0, 0, 54)];
const TIME: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 123);

// Types of messages.
const DISCOVER: u8 = 1;
const OFFER: u8 = 2;
const REQUEST: u8 = 3;
const ACK: u8 = 5;

/// Where options begin, behind the fields that BOOTP has and the magic number.
const OPTIONS: usize = 240;

/// The type of a client's message.
fn type_of(message: &[u8]) -> u8 {
    let mut rest = &message[OPTIONS..];
    loop {
        match rest {
            [53, 1, kind, ..] => return *kind,
            [_, length, after @ ..] => rest = &after[usize::from(*length)..],
            _ => panic!("a message without a type"),
        }
    }
}

/// A server's answer (RFC 2131).
fn answer(question: &[u8], kind: u8) -> Vec<u8> {
    let mut answer = question[..OPTIONS].to_vec();
    answer[0] = 2;
    answer[16..20].copy_from_slice(&GIVEN.octets());
    let mut option = |code: u8, data: &[u8]| {
        answer.extend([code, data.len() as u8]);
        answer.extend(data);
    };
    option(53, &[kind]);
    option(1, &MASK.octets());
    option(3, &RIGHT.octets());
    option(6, NAMES.map(|name| name.octets()).as_flattened());
    option(42, &TIME.octets());
    option(51, &3600_u32.to_be_bytes());
    option(54, &RIGHT.octets());
    answer.push(255);
    answer
}

#[test]
fn a_dhcp_server_gives_an_address() {
    in_kernel(|kernel| {
        let [left, right] = stations(kernel);
        left.ip
            .set_address(Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED)
            .unwrap();
        let dhcp = left.ip.dhcp(&DHCP, &left.pool).unwrap();
        // Nobody serves yet.
        assert_eq!(dhcp.lease(), Ok(None));
        assert!(matches!(
            dhcp.wait(Duration::from_secs(1)),
            Err(Error::NoAnswer { .. })
        ));
        let server = in_thread(kernel, &SERVER, move || {
            let socket = right.ip.bind_udp(&UDP, 67).unwrap();
            let everybody = SocketAddr::from((Ipv4Addr::BROADCAST, 68));
            let mut kinds = Vec::new();
            let mut message = [0; 1000];
            while kinds.last() != Some(&REQUEST) {
                let (length, _) = socket
                    .receive_from(&mut message, 3 * WAIT)
                    .expect("a question");
                let question = &message[..length];
                let kind = type_of(question);
                kinds.push(kind);
                let kind = if kind == DISCOVER { OFFER } else { ACK };
                socket.send_to(&answer(question, kind), everybody).unwrap();
            }
            drop(socket);
            (right, kinds)
        });
        let lease = dhcp.wait(3 * WAIT).unwrap();
        assert_eq!((lease.address, lease.mask), (GIVEN, MASK));
        assert_eq!(lease.server, RIGHT);
        assert_eq!(lease.router, Some(RIGHT));
        assert_eq!(lease.name_servers(), NAMES);
        assert_eq!(lease.time_servers(), [TIME]);
        assert_eq!(left.ip.address(), Ok((GIVEN, MASK)));
        let (right, kinds) = result_of(kernel, &server);
        assert_eq!(kinds, [DISCOVER, REQUEST]);
        // It works.
        left.ip.ping(RIGHT.into(), b"", WAIT).unwrap();

        // Its storage is in use as long as it lives, and the address is there as long.
        assert!(matches!(
            left.ip.dhcp(&DHCP, &left.pool),
            Err(Error::StorageInUse { .. })
        ));
        drop(dhcp);
        assert_eq!(left.ip.address().unwrap().0, Ipv4Addr::UNSPECIFIED);
        drop(left.ip.dhcp(&DHCP, &left.pool).unwrap());
        left.assert_no_packet_is_lost(kernel);
        right.assert_no_packet_is_lost(kernel);
    });
}
