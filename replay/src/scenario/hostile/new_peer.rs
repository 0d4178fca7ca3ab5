//! After a normal time the device begins to talk to somebody else, in an inconspicuous way.

use std::net::SocketAddr;

use crate::scenario::{
    background::{self, length, seconds},
    stage::Stage,
    tcp::{Side, Tcp},
    tls,
};

const MQTT_OVER_TLS: u16 = 8883;

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.length / 2;
    let mut connection: Option<Tcp> = None;
    stage.begin(begin, move |stage| {
        let mut tcp = match connection {
            Some(tcp) => tcp,
            None => {
                let peer = SocketAddr::new(stage.site.peer_outside(), MQTT_OVER_TLS);
                stage.note("a peer that was never there before", Some(peer));
                let own = stage.own();
                tls::open(stage, stage.now, own, peer, "hub.example.org")
            }
        };
        tcp.wait_until(stage.now);
        let size = length(stage, 90..=420);
        tls::send(stage, &mut tcp, Side::Client, size);
        tls::send(stage, &mut tcp, Side::Server, 4);
        connection = Some(tcp);
        Some(stage.now + stage.dice.time(seconds(5)..=seconds(20)))
    });
}
