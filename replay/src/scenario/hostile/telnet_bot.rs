//! A bot of the Mirai family: it asks random hosts for telnet, tries passwords where somebody answers, and hears a master.

use std::{net::SocketAddr, time::Duration};

use crate::scenario::{
    background::{self, millis, seconds},
    dns,
    stage::Stage,
    tcp::{Side, Tcp, refused, unanswered},
};

const TELNET: u16 = 23;
const OTHER_TELNET: u16 = 2323;
const MASTER: u16 = 48_101;

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.attack_time();
    master(stage, begin);
    let pause = stage.dice.pick([millis(60), millis(120), millis(240)]);
    let mut is_begun = false;
    stage.begin(begin + seconds(2), move |stage| {
        if !std::mem::replace(&mut is_begun, true) {
            stage.note("search for telnet begins", None);
        }
        let port = if stage.dice.once_in(10) {
            OTHER_TELNET
        } else {
            TELNET
        };
        let host = SocketAddr::new(stage.site.stranger(&mut stage.dice), port);
        let own = stage.own();
        match stage.dice.number(0..=99) {
            0 => log_in(stage, stage.now, own, host),
            1..=12 => refused(stage, stage.now, own, host),
            _ => unanswered(stage, stage.now, own, host, 1),
        }
        Some(stage.now + stage.dice.time(pause / 2..=pause * 2))
    });
}

/// Its master has a name, and tells it now and then to go on.
fn master(stage: &mut Stage, begin: Duration) {
    let mut connection: Option<Tcp> = None;
    stage.begin(begin, move |stage| {
        let mut tcp = match connection {
            Some(tcp) => tcp,
            None => {
                let master = SocketAddr::new(stage.site.peer_outside(), MASTER);
                stage.note("the master is asked for orders", Some(master));
                let known = dns::look_up(stage, stage.now, "cnc.example.net", master.ip());
                let own = stage.own();
                let mut tcp = Tcp::open(stage, known, own, master);
                tcp.send(stage, Side::Client, &[0, 0, 0, 1]);
                tcp
            }
        };
        tcp.wait_until(stage.now);
        tcp.send(stage, Side::Client, &[0, 0]);
        tcp.send(stage, Side::Server, &[0, 0]);
        connection = Some(tcp);
        Some(stage.now + seconds(60))
    });
}

fn log_in(stage: &mut Stage, at: Duration, own: SocketAddr, host: SocketAddr) {
    let mut tcp = Tcp::open(stage, at, own, host);
    tcp.send(stage, Side::Server, b"\xff\xfd\x01\xff\xfd\x1f\r\nlogin: ");
    for _ in 0..3 {
        tcp.send(stage, Side::Client, b"root\r\n");
        tcp.send(stage, Side::Server, b"Password: ");
        let password = format!("{}\r\n", stage.dice.text(6));
        tcp.send(stage, Side::Client, password.as_bytes());
        tcp.send(stage, Side::Server, b"\r\nLogin incorrect\r\nlogin: ");
    }
    tcp.close(stage, Side::Server);
}
