//! A device that many clients ask: flows from everywhere to few ports of it, more than the agent's table holds.

use crate::scenario::{
    background::{self, length, millis, seconds},
    benign::office,
    stage::Stage,
    tcp::{Side, Tcp, refused},
    tls,
};

/// Web, web over TLS, Modbus/TCP, and a port that only this maker knows.
const SERVICES: [u16; 4] = [80, 443, 502, 9_100];

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    let pause = stage.dice.pick([millis(150), millis(400), seconds(1)]);
    stage.begin(seconds(2), move |stage| {
        let host = u8::try_from(stage.dice.number(20..=119)).unwrap_or(20);
        let host = stage.site.neighbour(host);
        let service = stage.dice.pick(SERVICES);
        let (client, own) = (stage.foreign(host), stage.own_port(service));
        if stage.dice.once_in(40) {
            // Some think that there is a second page.
            let own = stage.own_port(8_080);
            refused(stage, stage.now, client, own);
        } else if own.port() == 443 {
            let mut tcp = tls::open(stage, stage.now, client, own, "device.local");
            tls::send(stage, &mut tcp, Side::Client, 200);
            let size = length(stage, 400..=6_000);
            tls::send(stage, &mut tcp, Side::Server, size);
            tcp.close(stage, Side::Client);
        } else {
            let mut tcp = Tcp::open(stage, stage.now, client, own);
            let size = length(stage, 100..=4_000);
            office::get(stage, &mut tcp, "device.local", size);
            if stage.dice.once_in(10) {
                tcp.reset(stage, Side::Client);
            } else {
                tcp.close(stage, Side::Server);
            }
        }
        Some(stage.now + stage.dice.time(pause / 2..=pause * 2))
    });
}
