//! The pure agent and the packet hooks say the same, byte for byte.

mod support;

use std::fs;

use proptest::{collection::vec, prelude::*, sample::select};
use support::{defender, pcap, vector};

/// What a replay writes to standard output and standard error.
fn replay(options: &[&str]) -> (String, String) {
    let output = defender(["replay", "--json"]).args(options).assert();
    let output = output.get_output();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn is_the_same(options: &[&str]) {
    let hooks = replay(options);
    let pure = replay(&[options, &["--pure"]].concat());
    assert_eq!(hooks.1, pure.1, "{options:?}");
    assert!(hooks.0 == pure.0, "{options:?} give other messages");
}

#[test]
fn every_vector_is_the_same_whichever_way_it_goes() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("all.toml");
    fs::write(&config, "[network-activity]\nunicast-only = false\n").unwrap();
    let config = config.to_str().unwrap();
    for (name, local) in [
        ("office", "10.77.0.2,fd77::2"),
        ("exotic", "10.79.0.2/16,fd79::2"),
        ("scan", "10.78.0.2,fd78::2"),
        ("malformed", "10.79.0.2,fd79::2"),
    ] {
        let path = vector(&format!("{name}/input.pcap"));
        let path = path.to_str().unwrap();
        is_the_same(&[path, "--local", local]);
        is_the_same(&[path, "--local", local, "--cut"]);
        is_the_same(&[path, "--local", local, "--config", config]);
    }
    let path = vector("states/input.pcap");
    let path = path.to_str().unwrap();
    for schedule in fs::read_to_string(vector("states/sends.jsonl"))
        .unwrap()
        .lines()
    {
        let schedule: serde_json::Value = serde_json::from_str(schedule).unwrap();
        let hub = schedule["hub"].as_str().unwrap();
        is_the_same(&[path, "--local", "10.80.0.2", "--hub-events", hub]);
    }
}

/// IP packets of every kind, whole and broken, of a device and of others.
fn packet() -> impl Strategy<Value = Vec<u8>> {
    let v4 = || {
        select(vec![
            [10, 0, 0, 2],
            [10, 0, 0, 3],
            [0, 0, 0, 0],
            [255, 255, 255, 255],
            [10, 0, 0, 255],
            [224, 0, 0, 1],
            [224, 0, 0, 251],
            [127, 0, 0, 1],
            [192, 0, 2, 1],
        ])
    };
    let v6 = || {
        select(vec![
            [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
            [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3],
            [0; 16],
            [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 2],
            [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfb],
        ])
    };
    let lengths = || prop_oneof![4 => Just(0_i32), 1 => -30..30_i32];
    let protocol = || select(vec![0_u8, 1, 2, 6, 17, 43, 44, 51, 58, 59, 60]);
    let body = || {
        vec(
            prop_oneof![any::<u8>(), select(vec![0_u8, 1, 6, 17, 44, 58])],
            0..90,
        )
    };
    let ipv4 = (
        v4(),
        v4(),
        protocol(),
        5..8_u8,
        lengths(),
        select(vec![0_u16, 1, 0x2000]),
        body(),
    )
        .prop_map(
            |(source, destination, protocol, words, wrong, fragment, body)| {
                let header = usize::from(words) * 4;
                let total = (header + body.len()) as i32 + wrong;
                let mut packet = vec![0x40 | words, 0];
                packet.extend((total.max(0) as u16).to_be_bytes());
                packet.extend([0, 0]);
                packet.extend(fragment.to_be_bytes());
                packet.extend([64, protocol, 0, 0]);
                packet.extend(source);
                packet.extend(destination);
                packet.resize(header, 0);
                packet.extend(body);
                packet
            },
        );
    let ipv6 = (v6(), v6(), protocol(), lengths(), body()).prop_map(
        |(source, destination, protocol, wrong, body)| {
            let payload = body.len() as i32 + wrong;
            let mut packet = vec![0x60, 0, 0, 0];
            packet.extend((payload.max(0) as u16).to_be_bytes());
            packet.extend([protocol, 64]);
            packet.extend(source);
            packet.extend(destination);
            packet.extend(body);
            packet
        },
    );
    prop_oneof![8 => ipv4, 8 => ipv6, 1 => vec(any::<u8>(), 0..60)]
}

proptest! {
    // Each starts the program twice.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn random_captures_are_the_same_whichever_way_they_go(
        packets in vec((0..100_u32, packet()), 1..200),
        schedule in select(vec!["up@0", "up@100,down@300", "down@40,up@400", "fail@30,ok@90", "fail@0,ok@20000", "down@20"]),
        unicast_only in any::<bool>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let (capture, config) = (directory.path().join("x.pcap"), directory.path().join("x.toml"));
        let mut time = 1000;
        let packets: Vec<_> = packets
            .iter()
            .map(|(gap, packet)| {
                // Mostly close to each other, and now and then an hour later.
                time += if *gap > 97 { 3600 } else { gap / 20 };
                (time, &packet[..])
            })
            .collect();
        fs::write(&capture, pcap(101, &packets)).unwrap();
        fs::write(&config, format!("[network-activity]\nunicast-only = {unicast_only}\n")).unwrap();
        is_the_same(&[
            capture.to_str().unwrap(),
            "--local", "10.0.0.2/24,fd00::2",
            "--hub-events", schedule,
            "--config", config.to_str().unwrap(),
        ]);
    }
}
