//! A sensor in an office.

use std::net::SocketAddr;

use crate::scenario::{
    background::{self, length, seconds},
    datagrams, dns,
    stage::Stage,
    tcp::{Side, Tcp},
    tls,
};

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    web(stage);
    page(stage);
    watchdog(stage);
}

/// It looks for news at a few servers, over HTTPS and HTTP.
fn web(stage: &mut Stage) {
    const SERVERS: [(u8, u16, &str); 3] = [
        (20, 443, "updates.example.com"),
        (21, 443, "weather.example.org"),
        (22, 80, "time.example.com"),
    ];
    stage.begin(seconds(8), |stage| {
        let (host, port, name) = stage.dice.pick(SERVERS);
        let server = SocketAddr::new(stage.site.server(host), port);
        let known = dns::look_up(stage, stage.now, name, server.ip());
        let own = stage.own();
        let (request, response) = (length(stage, 120..=500), length(stage, 300..=9_000));
        if port == 443 {
            let mut tcp = tls::open(stage, known, own, server, name);
            tls::send(stage, &mut tcp, Side::Client, request);
            tls::send(stage, &mut tcp, Side::Server, response);
            tcp.close(stage, Side::Client);
        } else {
            let mut tcp = Tcp::open(stage, known, own, server);
            get(stage, &mut tcp, name, response);
            tcp.close(stage, Side::Server);
        }
        Some(stage.now + stage.dice.time(seconds(25)..=seconds(70)))
    });
}

/// A request for a page, and the page, `length` bytes of it.
pub(super) fn get(stage: &mut Stage, tcp: &mut Tcp, host: &str, length: usize) {
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n");
    tcp.send(stage, Side::Client, request.as_bytes());
    let mut response = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes();
    response.extend(stage.dice.bytes(length));
    tcp.send(stage, Side::Server, &response);
}

/// Somebody looks at its page now and then.
fn page(stage: &mut Stage) {
    stage.begin(seconds(15), |stage| {
        let host = stage.site.neighbour(stage.dice.pick([31, 32]));
        let client = stage.foreign(host);
        let own = stage.own_port(80);
        let mut tcp = Tcp::open(stage, stage.now, client, own);
        let size = length(stage, 600..=3_000);
        get(stage, &mut tcp, "sensor.local", size);
        tcp.close(stage, Side::Server);
        Some(stage.now + stage.dice.time(seconds(40)..=seconds(160)))
    });
}

/// It pings its router to see whether the network is there.
fn watchdog(stage: &mut Stage) {
    let mut number = 0_u16;
    stage.begin(seconds(5), move |stage| {
        number = number.wrapping_add(1);
        let way = (stage.site.device, stage.site.router());
        datagrams::ping(stage, stage.now, way, (7, number), 32, true);
        Some(stage.now + seconds(30))
    });
}
