//! One large upload to somebody the device never talked to.

use std::net::SocketAddr;

use crate::scenario::{
    background::{self, length, millis},
    stage::Stage,
    tcp::{Side, Tcp},
    tls,
};

const PART: usize = 64_000;

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.attack_time();
    let mut left = length(stage, 12_000_000..=40_000_000);
    let mut connection: Option<Tcp> = None;
    stage.begin(begin, move |stage| {
        let mut tcp = match connection {
            Some(tcp) => tcp,
            None => {
                let stranger = SocketAddr::new(stage.site.peer_outside(), 443);
                stage.note("upload begins", Some(stranger));
                let own = stage.own();
                tls::open(stage, stage.now, own, stranger, "files.example.net")
            }
        };
        tcp.wait_until(stage.now);
        let part = left.min(PART);
        tls::send(stage, &mut tcp, Side::Client, part);
        left -= part;
        if left == 0 {
            stage.note("upload is complete", None);
            tcp.close(stage, Side::Client);
            return None;
        }
        connection = Some(tcp);
        let pause = stage.dice.time(millis(50)..=millis(400));
        Some(tcp.now + pause)
    });
}
