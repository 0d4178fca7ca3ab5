//! Password guessing: one connection to an administration port after the other.

use std::net::SocketAddr;

use crate::scenario::{
    background::{self, length, seconds},
    stage::Stage,
    tcp::{Side, Tcp},
};

const SSH: u16 = 22;
const TELNET: u16 = 23;

/// The device guesses.
pub(in crate::scenario) fn outward(stage: &mut Stage) {
    guess(stage, "password guessing by the device", |stage, port| {
        let victim = stage.site.peer_inside();
        (stage.own(), SocketAddr::new(victim, port))
    });
}

/// The device is guessed at.
pub(in crate::scenario) fn inward(stage: &mut Stage) {
    guess(stage, "password guessing at the device", |stage, port| {
        let attacker = stage.site.peer_outside();
        (stage.foreign(attacker), stage.own_port(port))
    });
}

fn guess(
    stage: &mut Stage,
    what: &'static str,
    way: impl Fn(&mut Stage, u16) -> (SocketAddr, SocketAddr) + Send + 'static,
) {
    background::set_up(stage);
    let begin = stage.attack_time();
    let port = stage.dice.pick([SSH, TELNET]);
    let pause = stage.dice.pick([seconds(1), seconds(4), seconds(10)]);
    let mut is_begun = false;
    stage.begin(begin, move |stage| {
        let (client, server) = way(stage, port);
        if !std::mem::replace(&mut is_begun, true) {
            let peer = if client.ip() == stage.site.device {
                server
            } else {
                client
            };
            stage.note(what, Some(SocketAddr::new(peer.ip(), port)));
        }
        let mut tcp = Tcp::open(stage, stage.now, client, server);
        if port == SSH {
            try_ssh(stage, &mut tcp);
        } else {
            try_telnet(stage, &mut tcp);
        }
        tcp.close(stage, Side::Server);
        Some(stage.now + stage.dice.time(pause..=pause * 2))
    });
}

fn try_ssh(stage: &mut Stage, tcp: &mut Tcp) {
    tcp.send(stage, Side::Server, b"SSH-2.0-dropbear_2022.83\r\n");
    tcp.send(stage, Side::Client, b"SSH-2.0-Go\r\n");
    // Key exchange, and then one password: what it says is encrypted.
    for (side, range) in [
        (Side::Client, 700..=1_100),
        (Side::Server, 600..=1_000),
        (Side::Client, 48..=48),
        (Side::Server, 400..=500),
        (Side::Client, 64..=96),
        (Side::Server, 64..=64),
        (Side::Client, 80..=112),
        (Side::Server, 80..=80),
    ] {
        let size = length(stage, range);
        let data = stage.dice.bytes(size);
        tcp.send(stage, side, &data);
    }
}

fn try_telnet(stage: &mut Stage, tcp: &mut Tcp) {
    tcp.send(stage, Side::Server, b"\r\nlogin: ");
    tcp.send(stage, Side::Client, b"admin\r\n");
    tcp.send(stage, Side::Server, b"Password: ");
    let password = format!("{}\r\n", stage.dice.text(8));
    tcp.send(stage, Side::Client, password.as_bytes());
    tcp.send(stage, Side::Server, b"\r\nLogin incorrect\r\n");
}
