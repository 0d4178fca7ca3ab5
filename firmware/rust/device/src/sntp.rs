//! The time from a server, by SNTP (RFC 4330).

use core::fmt;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use threadx_defender::Error;
use threadx_defender::net::{Ip, UdpSocketStorage};

const PORT: u16 = 123;

/// From 1900, where NTP begins to count, to 1970.
const UNTIL_1970: u32 = 2_208_988_800;

/// Version 4, and a client.
const REQUEST: u8 = 0b00_100_011;
const SERVER: u8 = 4;
const LENGTH: usize = 48;

static SOCKET: UdpSocketStorage = UdpSocketStorage::new();

/// Why there is no time.
#[derive(Debug)]
pub enum NoTime {
    /// The question or the answer got lost.
    Network(Error),
    /// What came is no answer of a server that knows the time.
    Answer,
}

impl From<Error> for NoTime {
    fn from(error: Error) -> Self {
        Self::Network(error)
    }
}

impl fmt::Display for NoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(error) => error.fmt(f),
            Self::Answer => f.write_str("the server does not know the time"),
        }
    }
}

/// Asks a server, and waits two seconds for the Unix time. After 2036 NTP's seconds begin anew, and so does this: good until 2106.
pub fn ask(ip: &Ip, server: IpAddr) -> Result<u32, NoTime> {
    let socket = ip.bind_udp(&SOCKET, 0)?;
    let server = SocketAddr::new(server, PORT);
    let mut packet = [0; LENGTH];
    packet[0] = REQUEST;
    // Comes back with the answer, which tells it from others.
    packet[40..].copy_from_slice(b"question");
    socket.send_to(&packet, server)?;
    let (length, from) = socket.receive_from(&mut packet, Duration::from_secs(2))?;
    let stratum = packet[1];
    let is_answer = length == LENGTH
        && from == server
        && packet[0] & 0b111 == SERVER
        && (1..16).contains(&stratum)
        && packet[24..32] == *b"question";
    if !is_answer {
        return Err(NoTime::Answer);
    }
    let [.., a, b, c, d, _, _, _, _] = packet;
    Ok(u32::from_be_bytes([a, b, c, d]).wrapping_sub(UNTIL_1970))
}
