//! How many packets a second `defender replay` takes, and how many messages `defender watch`. There is no budget: rates are those
//! of the machine, and of what else it does.

#[path = "../../hub/tests/support/peer.rs"]
mod peer;

use std::{
    env, fs,
    io::{BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Instant,
};

use peer::{Peer, listen, topic};

const PACKETS: u32 = 4_860_000;
const MESSAGES: u32 = 300_000;

fn main() {
    // Tests of all targets run it, too, and without optimization it says nothing.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let capture = directory.path().join("capture.pcap");
    write_capture(&capture).expect("room for half a gigabyte");
    for (name, options) in [("hooks", &[][..]), ("pure", &["--pure"])] {
        let seconds = replay(&capture, options);
        let rate = f64::from(PACKETS) / seconds;
        println!("replay, {name}: {PACKETS} packets in {seconds:.2} s, {rate:.0} a second");
    }
    for (name, options) in [
        ("JSON", &["--json"][..]),
        ("text", &[]),
        ("JSON, session", &["--json", "--session", "bench"]),
    ] {
        let seconds = watch(options);
        let rate = f64::from(MESSAGES) / seconds;
        println!("watch, {name}: {MESSAGES} messages in {seconds:.2} s, {rate:.0} a second");
    }
}

fn defender(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_defender"));
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// An hour of small packets of 400 flows on Ethernet.
fn write_capture(path: &Path) -> std::io::Result<()> {
    const DEVICE: [u8; 4] = [10, 0, 0, 2];
    let mut file = BufWriter::with_capacity(1 << 20, fs::File::create(path)?);
    file.write_all(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0])?;
    for number in [0_u32, 0, 262_144, 1] {
        file.write_all(&number.to_le_bytes())?;
    }
    let mut state = 1_u32;
    for index in 0..PACKETS {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let flow = (state >> 16) % 400;
        let peer = [198, 18, (flow / 100) as u8, (flow % 100) as u8];
        let (from, to) = if flow.is_multiple_of(2) {
            (DEVICE, peer)
        } else {
            (peer, DEVICE)
        };
        let payload = 20 + flow as u16 % 60;
        let length = u32::from(14 + 28 + payload);
        let second = u64::from(index) * 3600 / u64::from(PACKETS);
        for number in [1_760_000_000 + second as u32, 0, length, length] {
            file.write_all(&number.to_le_bytes())?;
        }
        file.write_all(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0])?;
        file.write_all(&(28 + payload).to_be_bytes())?;
        file.write_all(&[0, 0, 0, 0, 64, 17, 0, 0])?;
        file.write_all(&[from, to].concat())?;
        for field in [5000, 53, 8 + payload, 0] {
            file.write_all(&field.to_be_bytes())?;
        }
        file.write_all(&[0xa5; 100][..payload.into()])?;
    }
    file.flush()
}

/// Seconds that it takes, the look for whose packets they are included.
fn replay(capture: &Path, options: &[&str]) -> f64 {
    let begun = Instant::now();
    let status = defender(&["replay", "--json"])
        .args(options)
        .arg(capture)
        .status();
    assert!(status.expect("it runs").success());
    begun.elapsed().as_secs_f64()
}

/// Seconds from the first message that it may have to the last that it has shown.
fn watch(options: &[&str]) -> f64 {
    let payload = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data/office/messages/001-1795379321.bin");
    let payload = fs::read(payload).expect("the vector");
    let (listener, url) = listen();
    let count = MESSAGES.to_string();
    let mut watcher = defender(&["watch", &url, "--count", &count])
        .args(options)
        .spawn()
        .expect("it runs");
    let (mut peer, introduction) = Peer::accept(&listener);
    peer.accept_connection(!introduction.is_clean);
    peer.accept_subscription();
    // What is acknowledged has to be read.
    let mut reader = Peer(peer.0.try_clone().expect("a second handle"));
    thread::spawn(move || while reader.next().is_some() {});
    let batch: Vec<_> = (1..=1000)
        .flat_map(|id| peer::publish(&topic("dev1"), &payload, Some(id)))
        .collect();
    let begun = Instant::now();
    for _ in 0..=MESSAGES / 1000 {
        peer.send(&batch);
    }
    assert!(watcher.wait().expect("it ran").success());
    begun.elapsed().as_secs_f64()
}
