//! The device mines coins: work from a pool over Stratum, and shares that it found.

use std::net::SocketAddr;

use crate::scenario::{
    background::{self, seconds},
    dns,
    stage::Stage,
    tcp::{Side, Tcp},
};

const STRATUM: u16 = 3333;
const NAME: &str = "pool.example.net";

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.attack_time();
    let mut connection: Option<Tcp> = None;
    let mut number = 1_u32;
    stage.begin(begin, move |stage| {
        let mut tcp = match connection {
            Some(tcp) => tcp,
            None => log_in(stage),
        };
        tcp.wait_until(stage.now);
        number = number.wrapping_add(1);
        if stage.dice.once_in(3) {
            let work = format!(
                "{{\"jsonrpc\":\"2.0\",\"method\":\"job\",\"params\":{{\"blob\":\"{}\",\"job_id\":\"{}\",\"target\":\"b88d0600\"}}}}\n",
                stage.dice.text(152),
                stage.dice.text(15)
            );
            tcp.send(stage, Side::Server, work.as_bytes());
        } else {
            let share = format!(
                "{{\"id\":{number},\"method\":\"submit\",\"params\":{{\"nonce\":\"{}\",\"result\":\"{}\"}}}}\n",
                stage.dice.text(8),
                stage.dice.text(64)
            );
            tcp.send(stage, Side::Client, share.as_bytes());
            let answer = format!("{{\"id\":{number},\"error\":null,\"result\":{{\"status\":\"OK\"}}}}\n");
            tcp.send(stage, Side::Server, answer.as_bytes());
        }
        connection = Some(tcp);
        Some(stage.now + stage.dice.time(seconds(8)..=seconds(50)))
    });
}

fn log_in(stage: &mut Stage) -> Tcp {
    let pool = SocketAddr::new(stage.site.peer_outside(), STRATUM);
    stage.note("mining begins", Some(pool));
    let known = dns::look_up(stage, stage.now, NAME, pool.ip());
    let own = stage.own();
    let mut tcp = Tcp::open(stage, known, own, pool);
    tcp.send(
        stage,
        Side::Client,
        b"{\"id\":1,\"method\":\"login\",\"params\":{\"login\":\"worker\",\"pass\":\"x\",\"agent\":\"miner/6.21\"}}\n",
    );
    tcp.send(
        stage,
        Side::Server,
        b"{\"id\":1,\"error\":null,\"result\":{\"status\":\"OK\"}}\n",
    );
    tcp
}
