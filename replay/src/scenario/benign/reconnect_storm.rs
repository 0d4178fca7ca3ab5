//! A device whose hub is down: one failed connection after another, to one port of one host.

use std::{net::SocketAddr, time::Duration};

use crate::scenario::{
    background::{self, HUB_NAME, HUB_PORT, millis, seconds},
    dns,
    stage::Stage,
    tcp::{Side, Tcp, refused, unanswered},
};

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    let (down, up) = (stage.length / 6, stage.length / 6 * 5);
    let is_reset = stage.dice.once_in(2);
    // The longest pause between two tries: some clients know none.
    let patience = stage.dice.pick([millis(700), seconds(2), seconds(8)]);
    let mut hub: Option<Tcp> = None;
    stage.begin(Duration::ZERO, move |stage| {
        let mut tcp = match hub {
            Some(tcp) => tcp,
            None => background::connect(stage),
        };
        tcp.wait_until(stage.now);
        background::telemetry(stage, &mut tcp);
        let next = stage.now + stage.dice.time(seconds(4)..=seconds(14));
        hub = Some(tcp);
        if next < down {
            return Some(next);
        }
        tcp.wait_until(down);
        tcp.reset(stage, Side::Server);
        None
    });
    let mut is_begun = false;
    stage.begin(down + millis(500), move |stage| {
        let server = SocketAddr::new(stage.site.hub(), HUB_PORT);
        if !std::mem::replace(&mut is_begun, true) {
            stage.note("the hub goes down", Some(server));
        }
        if stage.now >= up {
            stage.note("the hub is back", Some(server));
            background::hub(stage, stage.now);
            return None;
        }
        let known = dns::look_up(stage, stage.now, HUB_NAME, server.ip());
        let own = stage.own();
        if is_reset {
            refused(stage, known, own, server);
        } else {
            unanswered(stage, known, own, server, 3);
        }
        Some(stage.now + stage.dice.time(patience / 2..=patience))
    });
}
