//! Scans: many ports of one host, one port of many hosts, a few a minute, and the device as the one that is scanned.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::scenario::{
    background::{self, millis, seconds},
    stage::Stage,
    tcp::{Side, Tcp, refused, unanswered},
};

/// The device scans a host, quickly.
pub(in crate::scenario) fn vertical(stage: &mut Stage) {
    background::set_up(stage);
    let victim = stage.site.peer_inside();
    let pause = stage.dice.pick([millis(20), millis(100), millis(400)]);
    ports(stage, "port scan", pause..=pause * 2, move |stage, port| {
        (stage.own(), SocketAddr::new(victim, port))
    });
}

/// The device scans a host, below any threshold.
pub(in crate::scenario) fn slow(stage: &mut Stage) {
    background::set_up(stage);
    let victim = stage.site.peer_inside();
    let pause = seconds(45)..=seconds(80);
    ports(stage, "slow port scan", pause, move |stage, port| {
        (stage.own(), SocketAddr::new(victim, port))
    });
}

/// Somebody scans the device.
pub(in crate::scenario) fn scanned(stage: &mut Stage) {
    background::set_up(stage);
    let attacker = stage.site.peer_inside();
    let pause = stage.dice.pick([millis(20), millis(100), millis(400)]);
    ports(
        stage,
        "port scan of the device",
        pause..=pause * 2,
        move |stage, port| (stage.foreign(attacker), stage.own_port(port)),
    );
}

/// Tries one port after the other, from a port by chance on, until the scenario ends. Few are open; a victim that has a
/// firewall does not answer at all.
fn ports(
    stage: &mut Stage,
    what: &'static str,
    pause: std::ops::RangeInclusive<Duration>,
    way: impl Fn(&mut Stage, u16) -> (SocketAddr, SocketAddr) + Send + 'static,
) {
    const OPEN: u64 = 60;
    let begin = stage.attack_time();
    let has_firewall = stage.dice.once_in(3);
    let mut port = stage.dice.short(1..=900);
    let mut is_begun = false;
    stage.begin(begin, move |stage| {
        port = port.checked_add(1).unwrap_or(1);
        let (client, server) = way(stage, port);
        if !std::mem::replace(&mut is_begun, true) {
            let peer = if client.ip() == stage.site.device {
                server
            } else {
                client
            };
            stage.note_host(what, peer.ip());
        }
        if stage.dice.once_in(OPEN) {
            Tcp::open(stage, stage.now, client, server).reset(stage, Side::Client);
        } else if has_firewall {
            unanswered(stage, stage.now, client, server, 2);
        } else {
            refused(stage, stage.now, client, server);
        }
        Some(stage.now + stage.dice.time(pause.clone()))
    });
}

/// The device tries one port of all hosts of its network, and then of the next ones.
pub(in crate::scenario) fn horizontal(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.attack_time();
    let port = stage.dice.pick([80, 443, 502, 1_883, 8_080, 9_100]);
    let pause = stage.dice.pick([millis(30), millis(200), millis(800)]);
    let mut number = 0_u32;
    stage.begin(begin, move |stage| {
        if number == 0 {
            stage.note("scan of one port of all hosts", None);
        }
        let host = numbered(stage, number);
        number += 1;
        let (own, host) = (stage.own(), SocketAddr::new(host, port));
        match stage.dice.number(0..=19) {
            0 => Tcp::open(stage, stage.now, own, host).reset(stage, Side::Client),
            1..=4 => refused(stage, stage.now, own, host),
            _ => unanswered(stage, stage.now, own, host, 1),
        }
        Some(stage.now + stage.dice.time(pause..=pause * 2))
    });
}

/// The hosts of the device's network in their order, and then strangers.
fn numbered(stage: &mut Stage, number: u32) -> IpAddr {
    match u8::try_from(number) {
        Ok(host) if host < 250 => stage.site.neighbour(host + 1),
        _ => stage.site.stranger(&mut stage.dice),
    }
}
