//! The cable is pulled, and devices go away.

use std::time::Duration;

use netxduo_sys::NX_NO_RESPONSE;
use threadx_defender::Error;
use threadx_defender::net::UdpSocketStorage;

use crate::kernel::in_kernel;
use crate::two::{PAIR, RIGHT, RIGHT_BOTH, WAIT, stations, stations_with_ipv6};

static UDP: [UdpSocketStorage; 2] = [const { UdpSocketStorage::new() }; 2];

#[test]
fn a_link_that_is_down_carries_nothing_until_it_is_up_again() {
    in_kernel(|kernel| {
        let [left, right] = stations_with_ipv6(kernel);
        for address in RIGHT_BOTH {
            left.ip.ping(address, b"ping", WAIT).unwrap();
        }
        PAIR.set_link(false);
        let not_ready = left.ip.wait_until_ready(Duration::from_millis(100));
        assert_eq!(not_ready, Err(Error::NotReady));
        let received = right.ip.link_statistics().received;
        for address in RIGHT_BOTH {
            left.ip
                .ping(address, b"ping", Duration::from_millis(200))
                .unwrap_err();
        }
        assert_eq!(right.ip.link_statistics().received, received);

        PAIR.set_link(true);
        left.ip.wait_until_ready(WAIT).unwrap();
        right.ip.wait_until_ready(WAIT).unwrap();
        for address in RIGHT_BOTH {
            left.ip.ping(address, b"ping", WAIT).unwrap();
        }
        left.assert_no_packet_is_lost(kernel);
        right.assert_no_packet_is_lost(kernel);
    });
}

#[test]
fn what_is_sent_to_a_device_that_is_gone_is_lost() {
    in_kernel(|kernel| {
        let [left, right] = stations(kernel);
        left.ip.ping(RIGHT.into(), b"ping", WAIT).unwrap();
        drop(right);
        let result = left
            .ip
            .ping(RIGHT.into(), b"ping", Duration::from_millis(200));
        assert!(
            matches!(result, Err(Error::C { status, .. }) if status.code == NX_NO_RESPONSE),
            "{result:?}"
        );
    });
}

#[test]
fn an_instance_outlives_its_sockets() {
    in_kernel(|kernel| {
        let [left, right] = stations(kernel);
        let client = left.ip.bind_udp(&UDP[0], 0).unwrap();
        let server = right.ip.bind_udp(&UDP[1], 7000).unwrap();
        // The wrong order: the instances stay, as the sockets use them.
        drop((left, right));
        client.send_to(b"still here", (RIGHT, 7000).into()).unwrap();
        let mut buffer = [0; 16];
        let (length, _) = server.receive_from(&mut buffer, WAIT).unwrap();
        assert_eq!(&buffer[..length], b"still here");
    });
}
