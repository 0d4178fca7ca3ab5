//! Malware that asks its master for orders: small, regular, and shaken a little so that it does not look regular.

use std::net::SocketAddr;

use crate::scenario::{
    background::{self, length, seconds},
    stage::Stage,
    tcp::Side,
    tls,
};

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.attack_time();
    let period = stage.dice.time(seconds(45)..=seconds(90));
    let jitter = period / 5;
    let mut is_begun = false;
    stage.begin(begin, move |stage| {
        let master = SocketAddr::new(stage.site.peer_outside(), 443);
        if !std::mem::replace(&mut is_begun, true) {
            stage.note("beacon begins", Some(master));
        }
        let own = stage.own();
        let mut tcp = tls::open(stage, stage.now, own, master, "cdn.example.net");
        let (question, orders) = (length(stage, 180..=200), length(stage, 90..=110));
        tls::send(stage, &mut tcp, Side::Client, question);
        tls::send(stage, &mut tcp, Side::Server, orders);
        tcp.close(stage, Side::Client);
        Some(stage.now + stage.dice.time(period - jitter..=period + jitter))
    });
}
