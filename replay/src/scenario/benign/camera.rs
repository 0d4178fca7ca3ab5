//! A camera that streams video to a recorder: a lot of UDP out that nobody answers, which is how RTP is.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::scenario::{
    background::{self, seconds},
    stage::Stage,
    tcp::{Side, Tcp},
};

const RTSP: u16 = 554;
/// Where the camera sends from and the recorder receives; RTCP is one above.
const RTP: (u16, u16) = (5_004, 50_600);
const FRAMES_A_SECOND: u64 = 15;

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    let recorder = stage.site.peer_inside();
    let begin = stage.dice.time(seconds(4)..=seconds(20));
    control(stage, begin, recorder);
    video(stage, begin + seconds(1), recorder);
    reports(stage, begin + seconds(3), recorder);
}

/// The recorder asks for the stream, and says every 25 s that it still wants it.
fn control(stage: &mut Stage, begin: Duration, recorder: IpAddr) {
    let mut connection: Option<Tcp> = None;
    let mut number = 0_u32;
    stage.begin(begin, move |stage| {
        let mut tcp = match connection {
            Some(tcp) => tcp,
            None => {
                let (client, own) = (stage.foreign(recorder), stage.own_port(RTSP));
                Tcp::open(stage, stage.now, client, own)
            }
        };
        tcp.wait_until(stage.now);
        let methods: &[&str] = match connection {
            Some(_) => &["GET_PARAMETER"],
            None => &["OPTIONS", "DESCRIBE", "SETUP", "PLAY"],
        };
        for method in methods {
            number += 1;
            let host = stage.site.device;
            let request =
                format!("{method} rtsp://{host}/stream RTSP/1.0\r\nCSeq: {number}\r\n\r\n");
            tcp.send(stage, Side::Client, request.as_bytes());
            let response =
                format!("RTSP/1.0 200 OK\r\nCSeq: {number}\r\nSession: 12345678\r\n\r\n");
            tcp.send(stage, Side::Server, response.as_bytes());
        }
        connection = Some(tcp);
        Some(stage.now + seconds(25))
    });
}

/// About 1.6 Mbit/s, in frames of several packets.
fn video(stage: &mut Stage, begin: Duration, recorder: IpAddr) {
    const CLOCK: u32 = 90_000;
    let source = stage.dice.bytes(4);
    let mut sequence = stage.dice.short(0..=u16::MAX);
    let mut frame = 0_u32;
    stage.begin(begin, move |stage| {
        frame = frame.wrapping_add(1);
        let is_key_frame = frame % 30 == 1;
        let packets = if is_key_frame {
            40
        } else {
            stage.dice.number(7..=10)
        };
        for index in 0..packets {
            sequence = sequence.wrapping_add(1);
            let is_last = index == packets - 1;
            // Version 2, payload type 96; the marker ends a frame.
            let mut data = vec![0x80, if is_last { 0xe0 } else { 0x60 }];
            data.extend(sequence.to_be_bytes());
            data.extend(
                frame
                    .wrapping_mul(CLOCK / FRAMES_A_SECOND as u32)
                    .to_be_bytes(),
            );
            data.extend(&source);
            let rest = if is_last { 400 } else { 1_388 };
            data.extend(stage.dice.bytes(rest));
            let own = stage.own_port(RTP.0);
            let to = SocketAddr::new(recorder, RTP.1);
            let time = stage.now + Duration::from_micros(index * 250);
            stage.udp(time, own, to, &data);
        }
        Some(stage.now + Duration::from_micros(1_000_000 / FRAMES_A_SECOND))
    });
}

/// RTCP: both say every few seconds how it goes.
fn reports(stage: &mut Stage, begin: Duration, recorder: IpAddr) {
    stage.begin(begin, move |stage| {
        let own = stage.own_port(RTP.0 + 1);
        let peer = SocketAddr::new(recorder, RTP.1 + 1);
        // Version 2: sender report of 28 bytes, receiver report with one block of 32.
        let mut sender = vec![0x80, 200, 0, 6];
        sender.extend(stage.dice.bytes(24));
        let mut receiver = vec![0x81, 201, 0, 7];
        receiver.extend(stage.dice.bytes(28));
        stage.udp(stage.now, own, peer, &sender);
        let answered = stage.now + stage.answer_time(recorder);
        stage.udp(answered, peer, own, &receiver);
        Some(stage.now + stage.dice.time(seconds(4)..=seconds(6)))
    });
}
