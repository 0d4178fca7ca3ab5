//! A controller that polls slaves: one port of many hosts, as a horizontal scan has it, and more flows than the agent's table.

use std::{net::SocketAddr, time::Duration};

use crate::scenario::{
    background::{self, millis, seconds},
    stage::Stage,
    tcp::{Side, Tcp},
};

const SLAVES: u8 = 64;
const MODBUS: u16 = 502;
const POLL_INTERVAL: Duration = seconds(2);

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    for slave in 0..SLAVES {
        let begin = stage.dice.time(millis(500)..=seconds(8));
        poll(stage, begin, 100 + slave);
    }
}

/// Asks one slave for its registers over and over; after a while it is rebooted, and connected to again.
fn poll(stage: &mut Stage, begin: Duration, host: u8) {
    let mut connection: Option<Tcp> = None;
    let mut number = 0_u16;
    stage.begin(begin, move |stage| {
        let mut tcp = match connection {
            Some(tcp) => tcp,
            None => {
                let slave = SocketAddr::new(stage.site.neighbour(host), MODBUS);
                let own = stage.own();
                Tcp::open(stage, stage.now, own, slave)
            }
        };
        tcp.wait_until(stage.now);
        if stage.dice.once_in(500) {
            tcp.reset(stage, Side::Server);
            connection = None;
            return Some(stage.now + stage.dice.time(seconds(1)..=seconds(5)));
        }
        number = number.wrapping_add(1);
        let [high, low] = number.to_be_bytes();
        // Transaction, protocol, length, unit; read 10 holding registers from 0.
        tcp.send(
            stage,
            Side::Client,
            &[high, low, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10],
        );
        let mut answer = vec![high, low, 0, 0, 0, 23, 1, 3, 20];
        answer.extend(stage.dice.bytes(20));
        tcp.send(stage, Side::Server, &answer);
        connection = Some(tcp);
        Some(stage.now + POLL_INTERVAL)
    });
}
