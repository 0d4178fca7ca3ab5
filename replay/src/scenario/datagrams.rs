//! Questions and answers in single packets: time, pings.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use super::{packet::Echo, stage::Stage};

/// Asks `server` for the time (NTP).
pub(super) fn ask_for_time(stage: &mut Stage, at: Duration, server: IpAddr) {
    const PORT: u16 = 123;
    /// No warning, version 4, client; server of stratum 2.
    const REQUEST: [u8; 4] = [0x23, 0, 6, 0xec];
    const RESPONSE: [u8; 4] = [0x24, 2, 6, 0xec];
    let (own, server) = (stage.own(), SocketAddr::new(server, PORT));
    let answered = at + stage.answer_time(server.ip());
    for (time, from, to, head) in [
        (at, own, server, REQUEST),
        (answered, server, own, RESPONSE),
    ] {
        let mut data = head.to_vec();
        data.extend(stage.dice.bytes(44));
        stage.udp(time, from, to, &data);
    }
}

/// A ping of `length` bytes of data, and the answer when there is one.
pub(super) fn ping(
    stage: &mut Stage,
    at: Duration,
    (from, to): (IpAddr, IpAddr),
    number: (u16, u16),
    length: usize,
    is_answered: bool,
) {
    let data: Vec<u8> = (0..length).map(|index| (index % 256) as u8).collect();
    stage.echo(at, (from, to), Echo::Request, number, &data);
    if is_answered {
        // The farther of the two decides how long it takes, as the device sees it.
        let answered = at + stage.answer_time(to);
        stage.echo(answered, (to, from), Echo::Reply, number, &data);
    }
}
