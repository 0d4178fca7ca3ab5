//! What every device does beside what a scenario is about: it reports to its hub, asks for names and time, and is pinged.

use std::{net::SocketAddr, ops::RangeInclusive, time::Duration};

use super::{
    datagrams, dns,
    stage::Stage,
    tcp::{Side, Tcp},
    tls,
};

pub(super) const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

pub(super) const fn millis(number: u64) -> Duration {
    Duration::from_millis(number)
}

pub(super) const HUB_NAME: &str = "hub.example.net";
pub(super) const HUB_PORT: u16 = 8883;

/// Everything of it.
pub(super) fn set_up(stage: &mut Stage) {
    hub(stage, Duration::ZERO);
    time(stage);
    pings(stage);
}

/// The connection to the hub, from `begin` on: telemetry every few seconds, kept until the scenario ends.
pub(super) fn hub(stage: &mut Stage, begin: Duration) {
    let mut connection: Option<Tcp> = None;
    stage.begin(begin, move |stage| {
        let mut tcp = match connection {
            Some(tcp) => tcp,
            None => connect(stage),
        };
        tcp.wait_until(stage.now);
        telemetry(stage, &mut tcp);
        connection = Some(tcp);
        Some(stage.now + stage.dice.time(seconds(4)..=seconds(14)))
    });
}

/// Looks the hub up and connects to it over TLS, as an MQTT client.
pub(super) fn connect(stage: &mut Stage) -> Tcp {
    let hub = SocketAddr::new(stage.site.hub(), HUB_PORT);
    let known = dns::look_up(stage, stage.now, HUB_NAME, hub.ip());
    let own = stage.own();
    let mut tcp = tls::open(stage, known, own, hub, HUB_NAME);
    // CONNECT and CONNACK.
    tls::send(stage, &mut tcp, Side::Client, 220);
    tls::send(stage, &mut tcp, Side::Server, 4);
    tcp
}

/// A message to the hub and its acknowledgment.
pub(super) fn telemetry(stage: &mut Stage, tcp: &mut Tcp) {
    let length = length(stage, 90..=420);
    tls::send(stage, tcp, Side::Client, length);
    tls::send(stage, tcp, Side::Server, 4);
}

/// Asks the router for the time about once a minute.
fn time(stage: &mut Stage) {
    stage.begin(seconds(1), |stage| {
        let server = stage.site.router();
        datagrams::ask_for_time(stage, stage.now, server);
        Some(stage.now + stage.dice.time(seconds(60)..=seconds(68)))
    });
}

/// A monitor in the network pings the device now and then.
fn pings(stage: &mut Stage) {
    let mut number = 0_u16;
    stage.begin(seconds(3), move |stage| {
        number = number.wrapping_add(1);
        let way = (stage.site.neighbour(200), stage.site.device);
        datagrams::ping(stage, stage.now, way, (200, number), 56, true);
        Some(stage.now + stage.dice.time(seconds(28)..=seconds(32)))
    });
}

/// A length by chance.
pub(super) fn length(stage: &mut Stage, range: RangeInclusive<u64>) -> usize {
    usize::try_from(stage.dice.number(range)).unwrap_or(usize::MAX)
}
