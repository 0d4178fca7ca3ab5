//! tshark, which counts what is in a capture independently.

use std::{collections::BTreeMap, net::IpAddr, path::Path, process::Command};

use defender_message::{SecurityMessage, decode::Payload, flow::Protocol};

/// Bytes in and out of each protocol and peer.
pub type Sums = BTreeMap<(Protocol, IpAddr), (u64, u64)>;

/// Adds what a security message reports.
pub fn add(sums: &mut Sums, message: &SecurityMessage) {
    for event in &message.events {
        let Payload::NetworkActivity { flows } = &event.payload else {
            continue;
        };
        for flow in flows {
            let sum = sums
                .entry((flow.protocol, flow.remote_address))
                .or_default();
            sum.0 += u64::from(flow.bytes_in);
            sum.1 += u64::from(flow.bytes_out);
        }
    }
}

/// The first value of each in a packet: that of its outermost headers.
const FIELDS: [&str; 17] = [
    "ip.src",
    "ip.dst",
    "ip.proto",
    "ip.len",
    "ip.hdr_len",
    "ipv6.src",
    "ipv6.dst",
    "ipv6.plen",
    "ipv6.nxt",
    "ipv6.hopopts.nxt",
    "ipv6.hopopts.len_oct",
    "ipv6.routing.nxt",
    "ipv6.routing.len_oct",
    "ipv6.dstopts.nxt",
    "ipv6.dstopts.len_oct",
    "ipv6.fraghdr.nxt",
    "frame.number",
];

/// What tshark counts in a capture, of a device with these addresses. Without tshark it is `None`, which is said; in CI, where
/// the variable is set, it is a failure.
pub fn count(capture: &Path, device: &[IpAddr]) -> Option<Sums> {
    let mut command = Command::new("tshark");
    command.args([
        "-n",
        "-T",
        "fields",
        "-E",
        "separator=|",
        "-E",
        "occurrence=f",
    ]);
    for setting in [
        "ip.defragment:FALSE",
        "ipv6.defragment:FALSE",
        "tcp.desegment_tcp_streams:FALSE",
    ] {
        command.args(["-o", setting]);
    }
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let output = match command.arg("-r").arg(capture).output() {
        Ok(output) => output,
        Err(error) if std::env::var_os("CI").is_some() => panic!("tshark: {error}"),
        Err(_) => {
            eprintln!("skipped: tshark is missing");
            return None;
        }
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mut sums = Sums::new();
    for line in str::from_utf8(&output.stdout).unwrap().lines() {
        let values: Vec<_> = line.split('|').collect();
        let value = |name: &str| values[FIELDS.iter().position(|field| *field == name).unwrap()];
        let number = |name: &str| value(name).parse::<u64>().unwrap_or(0);
        let (source, destination, protocol, length) = if !value("ip.src").is_empty() {
            let length = number("ip.len").checked_sub(number("ip.hdr_len"));
            ("ip.src", "ip.dst", number("ip.proto"), length)
        } else if !value("ipv6.src").is_empty() {
            let extensions = [
                "ipv6.hopopts.len_oct",
                "ipv6.routing.len_oct",
                "ipv6.dstopts.len_oct",
            ];
            let mut before: u64 = extensions.map(number).iter().sum();
            before += if value("ipv6.fraghdr.nxt").is_empty() {
                0
            } else {
                8
            };
            let next = [
                "ipv6.nxt",
                "ipv6.hopopts.nxt",
                "ipv6.routing.nxt",
                "ipv6.dstopts.nxt",
                "ipv6.fraghdr.nxt",
            ];
            let protocol = next
                .map(number)
                .into_iter()
                .find(|next| [6, 17, 58].contains(next));
            (
                "ipv6.src",
                "ipv6.dst",
                protocol.unwrap_or(0),
                number("ipv6.plen").checked_sub(before),
            )
        } else {
            continue;
        };
        let protocol = match protocol {
            6 => Protocol::Tcp,
            17 => Protocol::Udp,
            1 | 58 => Protocol::Icmp,
            _ => continue,
        };
        let length = length.unwrap_or_else(|| panic!("{line}"));
        let address = |name: &str| value(name).parse::<IpAddr>().unwrap();
        let (source, destination) = (address(source), address(destination));
        if device.contains(&source) {
            sums.entry((protocol, destination)).or_default().1 += length;
        } else if device.contains(&destination) {
            sums.entry((protocol, source)).or_default().0 += length;
        }
    }
    Some(sums)
}
