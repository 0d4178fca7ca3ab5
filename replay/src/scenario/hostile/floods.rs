//! Floods: the device is made to keep a host from its work.

use std::net::SocketAddr;

use crate::scenario::{
    background::{self, millis},
    stage::Stage,
    tcp::{refused, unanswered},
};

/// Connections that are asked for and never completed.
pub(in crate::scenario) fn syn(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.attack_time();
    let pause = stage.dice.pick([millis(8), millis(30), millis(90)]);
    let answers = stage.dice.once_in(2);
    let mut is_begun = false;
    stage.begin(begin, move |stage| {
        let victim = SocketAddr::new(stage.site.peer_outside(), 80);
        if !std::mem::replace(&mut is_begun, true) {
            stage.note("SYN flood begins", Some(victim));
        }
        let own = stage.own();
        if answers && stage.dice.once_in(4) {
            refused(stage, stage.now, own, victim);
        } else {
            unanswered(stage, stage.now, own, victim, 1);
        }
        Some(stage.now + stage.dice.time(pause / 2..=pause * 3 / 2))
    });
}

/// Large datagrams to one host, as fast as a small device can send.
pub(in crate::scenario) fn udp(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.attack_time();
    let pause = stage.dice.pick([millis(2), millis(4), millis(6)]);
    let has_one_source = stage.dice.once_in(2);
    let from = stage.port();
    let to = stage.dice.pick([53, 80, 123, 27_015]);
    let mut is_begun = false;
    stage.begin(begin, move |stage| {
        let victim = SocketAddr::new(stage.site.peer_outside(), to);
        if !std::mem::replace(&mut is_begun, true) {
            stage.note("UDP flood begins", Some(victim));
        }
        let port = if has_one_source { from } else { stage.port() };
        let own = stage.own_port(port);
        let data = stage.dice.bytes(1_400);
        stage.udp(stage.now, own, victim, &data);
        Some(stage.now + stage.dice.time(pause / 2..=pause * 3 / 2))
    });
}
