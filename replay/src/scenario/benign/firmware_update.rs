//! A device that fetches new firmware: by far its largest download, then silence, then a start from the beginning.

use std::net::SocketAddr;

use crate::scenario::{
    background::{self, length, millis, seconds},
    dns,
    stage::Stage,
    tcp::{Side, Tcp},
    tls,
};

const SERVER: &str = "firmware.example.com";
const PART: usize = 64_000;

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    // Until it starts again, it talks to its hub; afterwards it is a device that was just switched on.
    let begin = stage.length / 5;
    let mut hub: Option<Tcp> = None;
    stage.begin(Default::default(), move |stage| {
        let mut tcp = match hub {
            Some(tcp) => tcp,
            None => background::connect(stage),
        };
        tcp.wait_until(stage.now);
        background::telemetry(stage, &mut tcp);
        hub = Some(tcp);
        let next = stage.now + stage.dice.time(seconds(4)..=seconds(14));
        (next < begin).then_some(next)
    });
    download(stage, begin);
}

fn download(stage: &mut Stage, begin: std::time::Duration) {
    let mut left = length(stage, 1_500_000..=4_000_000);
    let mut connection: Option<Tcp> = None;
    stage.begin(begin, move |stage| {
        let mut tcp = match connection {
            Some(tcp) => tcp,
            None => {
                stage.note("firmware download begins", None);
                let server = SocketAddr::new(stage.site.server(30), 443);
                let known = dns::look_up(stage, stage.now, SERVER, server.ip());
                let own = stage.own();
                let mut tcp = tls::open(stage, known, own, server, SERVER);
                tls::send(stage, &mut tcp, Side::Client, 300);
                tcp
            }
        };
        tcp.wait_until(stage.now);
        let part = left.min(PART);
        tls::send(stage, &mut tcp, Side::Server, part);
        left -= part;
        if left > 0 {
            connection = Some(tcp);
            let pause = stage.dice.time(millis(20)..=millis(600));
            return Some(tcp.now + pause);
        }
        let over = tcp.now;
        tcp.close(stage, Side::Client);
        let restarted = over + stage.dice.time(seconds(15)..=seconds(40));
        background::hub(stage, restarted);
        None
    });
}
