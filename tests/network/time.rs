//! The time from a server, which the other device is.

use std::net::Ipv4Addr;
use std::time::Duration;

use threadx_defender::Error;
use threadx_defender::net::{Sntp, SntpStorage, UdpSocket, UdpSocketStorage};

use crate::kernel::in_kernel;
use crate::sockets::{Other, in_thread, result_of};
use crate::two::{RIGHT, WAIT, stations};

static SNTP: [SntpStorage; 2] = [const { SntpStorage::new() }; 2];
static UDP: UdpSocketStorage = UdpSocketStorage::new();
static SERVER: Other = Other::new();

/// 27 November 2026, and the same as NTP counts, from 1900: 70 years, 17 of them of 366 days, later.
const NOW: u32 = 1_795_773_600;
const NTP: u32 = NOW + (70 * 365 + 17) * 86_400;

const LENGTH: usize = 48;

/// Receives a question.
fn question(socket: &UdpSocket) -> ([u8; LENGTH], std::net::SocketAddr) {
    let mut question = [0; LENGTH];
    let (length, from) = socket.receive_from(&mut question, WAIT).unwrap();
    assert_eq!(length, LENGTH);
    // A client asks.
    assert_eq!(question[0] & 0b111, 3);
    (question, from)
}

/// What a server says that is so many steps from a clock.
fn answer(question: [u8; LENGTH], stratum: u8) -> [u8; LENGTH] {
    let mut answer = [0; LENGTH];
    answer[0] = question[0] & 0b11_1000 | 4;
    answer[1] = stratum;
    answer[16..20].copy_from_slice(&NTP.to_be_bytes());
    answer[24..32].copy_from_slice(&question[40..]);
    answer[32..36].copy_from_slice(&NTP.to_be_bytes());
    answer[40..44].copy_from_slice(&NTP.to_be_bytes());
    answer
}

#[test]
fn the_clock_is_set_by_a_server_that_answers_the_second_time() {
    in_kernel(|kernel| {
        let [left, right] = stations(kernel);
        assert_eq!(Sntp::unix_time(), None);
        assert!(
            left.ip
                .sntp(&SNTP[0], &left.pool, Ipv4Addr::BROADCAST.into())
                .is_err()
        );
        let server = in_thread(kernel, &SERVER, move || {
            let socket = right.ip.bind_udp(&UDP, 123).unwrap();
            question(&socket);
            let (asked, from) = question(&socket);
            socket.send_to(&answer(asked, 5), from).unwrap();
            drop(socket);
            right
        });
        let sntp = left.ip.sntp(&SNTP[0], &left.pool, RIGHT.into()).unwrap();
        // There is one in a program, wherever its storage is.
        assert_eq!(
            left.ip
                .sntp(&SNTP[1], &left.pool, RIGHT.into())
                .unwrap_err(),
            Error::SntpRuns
        );
        assert!(matches!(
            sntp.wait(Duration::from_millis(500)),
            Err(Error::NoAnswer { .. })
        ));
        let now = sntp.wait(WAIT).unwrap();
        assert!((NOW..NOW + 2).contains(&now), "{now}");
        let right = result_of(kernel, &server);

        // It goes on, also without the client.
        drop(sntp);
        kernel.sleep(Duration::from_secs(2)).unwrap();
        let later = Sntp::unix_time().unwrap();
        assert!((now + 2..now + 4).contains(&later), "{later} after {now}");
        // Another one may run now.
        drop(left.ip.sntp(&SNTP[1], &left.pool, RIGHT.into()).unwrap());
        left.assert_no_packet_is_lost(kernel);
        right.assert_no_packet_is_lost(kernel);
    });
}
