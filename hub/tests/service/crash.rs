//! A hub that is killed at any moment, or whose disk is full: what was acknowledged has its effect, and no alert is lost or told twice.
//!
//! The hub that is killed is this test program itself, started again with another test of it, `child`.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use defender_hub::intake::What;

use crate::{
    killed::{Killed, command, config, findings, folder, random, rounds},
    support::{SOON, get, put, scan, start},
};

/// The first number that the child is to send.
const FROM: &str = "DEFENDER_CRASH_FROM";

/// Sends scans, each of a device of its own, and prints each number once it is acknowledged.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is started by other tests"]
async fn child() {
    let folder = folder();
    let from: u64 = env::var(FROM).unwrap().parse().unwrap();
    let (hub, _) = start(&folder, &config(&folder)).await.unwrap();
    let next = Arc::new(AtomicU64::new(from));
    for _ in 0..16 {
        let (next, intake) = (Arc::clone(&next), hub.intake().clone());
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let device = format!("device-{number}");
                let payload = scan(number.into());
                println!("sent {number}");
                if put(&intake, What::Report { device, payload }).await {
                    println!("kept {number}");
                } else {
                    println!("lost {number}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        });
    }
    std::future::pending().await
}

/// What a child says.
#[derive(Default)]
struct Log {
    sent: BTreeSet<u64>,
    kept: BTreeSet<u64>,
    lost: u64,
}

impl Log {
    fn line(&mut self, line: &str) {
        let Some((word, number)) = line.split_once(' ') else {
            return;
        };
        let Ok(number) = number.parse() else { return };
        match word {
            "sent" => {
                self.sent.insert(number);
            }
            "kept" => {
                self.kept.insert(number);
            }
            "lost" => self.lost += 1,
            _ => {}
        }
    }
}

fn child_command(folder: &Path, from: u64) -> Command {
    let mut command = command("crash::child", folder);
    command.env(FROM, from.to_string());
    command
}

/// Reads what a child says on a thread of its own.
fn listen(child: &mut Child) -> (std::sync::mpsc::Receiver<String>, thread::JoinHandle<()>) {
    let out = child.stdout.take().unwrap();
    let (sender, lines) = std::sync::mpsc::channel();
    let reading = thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    (lines, reading)
}

async fn judge(folder: &Path, log: &Log) {
    let (hub, _) = start(folder, &config(folder)).await.unwrap();
    // Everything acknowledged has had its effect when the hub has started.
    let mut devices = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = get(&hub, &format!("/api/v1/devices?limit=10000&after={after}")).await;
        let page = page["devices"].as_array().unwrap().clone();
        let Some(last) = page.last() else { break };
        after = last["device"].as_str().unwrap().to_owned();
        for device in page {
            let name = device["device"].as_str().unwrap().to_owned();
            devices.insert(name, device);
        }
    }
    for number in &log.kept {
        let device = devices.get(&format!("device-{number}"));
        let device = device.unwrap_or_else(|| panic!("report {number} was acknowledged and lost"));
        assert_eq!(
            (&device["reports"], &device["open_alerts"]),
            (&1.into(), &1.into())
        );
    }
    assert!(devices.len() <= log.sent.len());
    // The sink has every alert, none twice. What it was not told between the kills comes now, however much it is.
    let (mut before, mut begun) = (0, Instant::now());
    loop {
        let findings = findings(folder);
        let told: BTreeSet<_> = findings
            .iter()
            .map(|finding| finding["device"]["uid"].as_str().unwrap())
            .collect();
        let (told, all) = (told.len(), devices.len());
        if told == all {
            break;
        }
        if told > before {
            (before, begun) = (told, Instant::now());
        }
        assert!(begun.elapsed() < SOON, "{told} of {all}, and no more");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_hub_is_killed_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::default();
    let mut seed = 0x9E37_79B9_7F4A_7C15;
    for round in 0..rounds() {
        let mut child = Killed(child_command(folder.path(), round << 32).spawn().unwrap());
        let (lines, reading) = listen(&mut child.0);
        // From its first acknowledgement on, at any moment: some of them before the first commit, some after several.
        // A start takes over all devices so far, and checks the whole file: after two hundred rounds that takes a while.
        let mut until = Instant::now() + SOON * 6;
        let mut has_begun = false;
        while let Ok(line) = lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            log.line(&line);
            if !has_begun && line.starts_with("kept") {
                has_begun = true;
                until = Instant::now() + Duration::from_millis(random(&mut seed) % 700);
            }
        }
        assert!(has_begun, "round {round}: nothing was acknowledged");
        drop(child);
        reading.join().unwrap();
        lines.iter().for_each(|line| log.line(&line));
    }
    assert!(log.kept.len() as u64 > rounds());
    judge(folder.path(), &log).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_acknowledges_nothing_and_is_over_when_there_is_room() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        assert!(env::var_os("CI").is_none(), "CI needs prlimit");
        eprintln!("skipped: there is no prlimit");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let child = child_command(folder.path(), 0);
    // A limit of the size of files acts like a disk that is full; beyond it a write must fail and not kill.
    let mut limited = Command::new("sh");
    limited
        .args([
            "-c",
            "trap '' XFSZ; exec prlimit --fsize=600000:unlimited \"$@\"",
            "sh",
        ])
        .arg(child.get_program())
        .args(child.get_args())
        .envs(
            child
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = Killed(limited.spawn().unwrap());
    let (lines, reading) = listen(&mut child.0);
    let mut log = Log::default();
    // Until nothing comes any more, or nothing but what was not kept.
    while let Ok(line) = lines.recv_timeout(Duration::from_secs(3)) {
        log.line(&line);
        if log.lost > 100 {
            break;
        }
    }
    let kept = log.kept.len();
    assert!(kept > 0);
    // There is room again.
    let id = child.0.id().to_string();
    let raised = Command::new("prlimit")
        .args(["--pid", &id, "--fsize=unlimited:unlimited"])
        .status();
    assert!(raised.unwrap().success());
    while log.kept.len() < kept + 100 {
        log.line(&lines.recv_timeout(SOON).expect("the hub goes on"));
    }
    drop(child);
    reading.join().unwrap();
    lines.iter().for_each(|line| log.line(&line));
    judge(folder.path(), &log).await;
}
