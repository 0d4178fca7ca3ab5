//! Tunnels: data in what is let through everywhere.

use crate::scenario::{
    background::{self, length, millis, seconds},
    dns,
    packet::Echo,
    stage::Stage,
};

/// Data in names: long labels below one domain, answered with text.
pub(in crate::scenario) fn dns(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.attack_time();
    let pause = stage.dice.pick([millis(80), millis(200), millis(500)]);
    let mut is_begun = false;
    stage.begin(begin, move |stage| {
        if !std::mem::replace(&mut is_begun, true) {
            let resolver = std::net::SocketAddr::new(stage.site.router(), dns::PORT);
            stage.note("DNS tunnel begins", Some(resolver));
        }
        let label = |stage: &mut Stage| {
            let size = length(stage, 40..=62);
            stage.dice.text(size)
        };
        let name = format!(
            "{}.{}.{}.t.example.net",
            label(stage),
            label(stage),
            label(stage)
        );
        let size = length(stage, 40..=180);
        let text = stage.dice.text(size);
        let resolver = stage.site.router();
        dns::ask_for_text(stage, stage.now, resolver, &name, &text);
        Some(stage.now + stage.dice.time(pause / 2..=pause * 2))
    });
}

/// Data in pings and in their answers, which say something else than what was asked.
pub(in crate::scenario) fn icmp(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.attack_time();
    let pause = stage.dice.pick([millis(50), millis(200), millis(600)]);
    let mut number = 0_u16;
    stage.begin(begin, move |stage| {
        let peer = stage.site.peer_outside();
        if number == 0 {
            stage.note_host("ICMP tunnel begins", peer);
        }
        number = number.checked_add(1).unwrap_or(1);
        let (device, ident) = (stage.site.device, (0x1d1e, number));
        let answered = stage.now + stage.answer_time(peer);
        for (time, way, kind) in [
            (stage.now, (device, peer), Echo::Request),
            (answered, (peer, device), Echo::Reply),
        ] {
            let size = length(stage, 200..=1_100);
            let data = stage.dice.bytes(size);
            stage.echo(time, way, kind, ident, &data);
        }
        Some(stage.now + stage.dice.time(pause / 2..=pause * 2).min(seconds(2)))
    });
}
