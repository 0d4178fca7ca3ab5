//! Tells the device the time of this machine, by SNTP.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

const LENGTH: usize = 48;

/// From 1900, where NTP begins to count, to 1970.
const UNTIL_1970: u32 = 2_208_988_800;

/// Answers for as long as the program runs.
pub fn serve() -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 123))?;
    thread::spawn(move || {
        let mut question = [0; 1500];
        loop {
            // Errors are those of single datagrams.
            if let Ok((LENGTH.., from)) = socket.recv_from(&mut question) {
                let _ = socket.send_to(&answer(&question), from);
            }
        }
    });
    Ok(())
}

/// What a server says that has its time from elsewhere.
fn answer(question: &[u8]) -> [u8; LENGTH] {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs() as u32);
    let now = now.wrapping_add(UNTIL_1970).to_be_bytes();
    let mut answer = [0; LENGTH];
    // The version that was asked in, a server, stratum 2.
    answer[0] = question[0] & 0b00_111_000 | 0b100;
    answer[1] = 2;
    // When the clock was set, when the question was asked by the device's clock, when it came, when the answer goes.
    answer[16..20].copy_from_slice(&now);
    answer[24..32].copy_from_slice(&question[40..48]);
    answer[32..36].copy_from_slice(&now);
    answer[40..44].copy_from_slice(&now);
    answer
}
