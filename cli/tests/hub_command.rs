//! `defender hub`: the hub as a process, and what is done with it from the command line.

#![cfg(unix)]

mod support;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
};

use predicates::{prelude::PredicateBooleanExt, str::contains};
use serde_json::{Value, json};
use support::{defender, json_lines};

/// A hub that runs, and ends with its test.
struct Hub {
    child: Running,
    said: BufReader<ChildStderr>,
    url: String,
}

impl Hub {
    fn start(folder: &Path, args: &[&str]) -> Self {
        Self::run(&mut Self::command(folder, args))
    }

    fn command(folder: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_defender"));
        command
            .args(["hub", "--mqtt", "127.0.0.1:0", "--web", "127.0.0.1:0"])
            .arg("--data")
            .arg(folder)
            .args(args);
        command
    }

    fn run(command: &mut Command) -> Self {
        let mut child = Running(command.stderr(Stdio::piped()).spawn().unwrap());
        let mut said = BufReader::new(child.0.stderr.take().unwrap());
        let line = read_until(&mut said, "API at ");
        let url = line.rsplit_once("API at ").unwrap().1.trim().to_owned();
        Self { child, said, url }
    }

    fn ask(&self, args: &[&str]) -> assert_cmd::assert::Assert {
        let all = ["hub", "alerts", "--url", &self.url, "--who", "ann"];
        defender(all.iter().chain(args)).assert()
    }

    /// Lists alerts until there are so many.
    fn list(&self, args: &[&str], count: usize) -> Vec<Value> {
        let mut alerts = Vec::new();
        for _ in 0..600 {
            let answer = self.ask(&[&["list", "--json"], args].concat()).success();
            alerts = json_lines(&answer.get_output().stdout);
            if alerts.len() == count {
                return alerts;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("there are not {count} alerts: {alerts:#?}");
    }
}

/// A process that ends with its test.
struct Running(Child);

impl Running {
    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.0.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The first line of what an API answers.
#[cfg(target_os = "linux")]
fn status(address: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

fn read_until(said: &mut impl BufRead, part: &str) -> String {
    let mut all = String::new();
    loop {
        let mut line = String::new();
        let length = said.read_line(&mut line).unwrap();
        all.push_str(&line);
        assert!(length > 0, "the hub ended without {part:?}: {all}");
        if line.contains(part) {
            return line;
        }
    }
}

/// A device that has just scanned, as JSON lines of `replay`. An alert about what was long ago would be over as soon as the hub looks at its clock,
/// which on a busy machine is between two lines.
fn messages(folder: &Path) -> std::path::PathBuf {
    let lines = folder.join("messages.jsonl");
    let start = std::time::SystemTime::now() - std::time::Duration::from_secs(600);
    let start = humantime::format_rfc3339_seconds(start).to_string();
    fs::write(
        &lines,
        replayed(folder, &["vertical-scan", "--start", &start]),
    )
    .unwrap();
    lines
}

/// What the device `sensor` says in a scenario.
fn replayed(folder: &Path, scenario: &[&str]) -> Vec<u8> {
    let capture = folder.join("sensor.pcap");
    defender(["scenario"].iter().chain(scenario))
        .arg("--out")
        .arg(&capture)
        .assert()
        .success();
    let replayed = defender(["replay", "--pure", "--json"])
        .arg(&capture)
        .assert()
        .success();
    fs::remove_file(capture).unwrap();
    replayed.get_output().stdout.clone()
}

#[test]
fn a_hub_finds_keeps_and_tells_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = messages(folder.path());
    let out = folder.path().join("alerts.jsonl");
    let config = folder.path().join("hub.toml");
    let text = format!("[[source.file]]\npath = {path:?}\n[[sink.ocsf]]\nfile = {out:?}\n");
    fs::write(&config, text).unwrap();
    let data = folder.path().join("data");
    let config = config.to_str().unwrap();
    let mut hub = Hub::start(&data, &["--config", config]);
    // The same as `defender detect` finds in the file.
    let detected = defender(["detect", "--json"]).arg(&path).assert().code(3);
    let detected = json_lines(&detected.get_output().stdout);
    let mut found = hub.list(&["--all"], detected.len());
    let by_id = |alerts: &mut Vec<Value>| {
        alerts.sort_by_key(|alert| alert["id"].as_str().unwrap().to_owned());
        let ids = alerts.iter().map(|alert| alert["id"].clone());
        ids.collect::<Vec<_>>()
    };
    let mut expected = detected.clone();
    assert_eq!(by_id(&mut found), by_id(&mut expected));
    let names =
        |alert: &Value| -> Vec<String> { alert.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(names(&found[0]), names(&expected[0]));
    let id = found[0]["id"].as_str().unwrap().to_owned();
    read_until(&mut hub.said, &id);

    hub.ask(&[]).success().stdout(contains(&id));
    hub.ask(&["acknowledge", &id, "--comment", "seen"])
        .success();
    let shown = hub.ask(&["show", &id]).success();
    let shown: Value = serde_json::from_slice(&shown.get_output().stdout).unwrap();
    assert_eq!(
        shown["history"].as_array().unwrap().last().unwrap()["comment"],
        "seen"
    );
    hub.ask(&["close", "nothing"])
        .code(1)
        .stderr(contains("no alert of this id"));
    hub.ask(&["except", "--reason", "everything"])
        .code(1)
        .stderr(contains("silence every alert"));
    hub.ask(&["except", "--device", "nobody", "--reason", "test"])
        .success();
    let listed = hub.ask(&["exceptions"]).success();
    assert_eq!(
        json_lines(&listed.get_output().stdout)[0]["who"],
        json!("ann")
    );
    hub.ask(&["unexcept", "1"]).success();

    let copy = folder.path().join("copy.db");
    let backup = |to: &Path| {
        let mut command = defender(["hub", "backup", "--data"]);
        command.arg(&data).arg(to).assert()
    };
    backup(&copy).success();
    backup(&copy).code(1).stderr(contains("is there already"));

    hub.child.signal("HUP");
    read_until(&mut hub.said, "were read again");
    hub.child.signal("TERM");
    read_until(&mut hub.said, "stopping");
    assert_eq!(hub.child.0.wait().unwrap().code(), Some(0));
    let told = fs::read(&out).unwrap();
    let hub = Hub::start(&data, &["--config", config]);
    let mut again = hub.list(&["--all"], detected.len());
    assert_eq!(by_id(&mut again), by_id(&mut found));
    assert_eq!(fs::read(&out).unwrap(), told);
}

#[test]
fn a_hub_learns_and_people_decide_what_is_normal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.jsonl");
    let mut lines = replayed(folder.path(), &["office"]);
    let later = ["mining-pool", "--start", "2026-01-01T01:00:00Z"];
    lines.extend(replayed(folder.path(), &later));
    fs::write(&path, lines).unwrap();
    let settings = folder.path().join("detect.toml");
    fs::write(&settings, "[baseline]\nlearning = '12m'\n").unwrap();
    let config = folder.path().join("hub.toml");
    let text = format!("[[source.file]]\npath = {path:?}\n[detection]\nconfig = {settings:?}\n");
    fs::write(&config, text).unwrap();
    let data = folder.path().join("data");
    let config = config.to_str().unwrap();
    const MINING: &str = "TCP 3333 out to the Internet";
    let ask = |hub: &Hub, args: &[&str]| {
        defender(["hub", "baseline", "--url", &hub.url].iter().chain(args)).assert()
    };
    // It has its effect a moment later.
    let until = |hub: &Hub, origin: Option<&str>| {
        for _ in 0..600 {
            let shown = ask(hub, &["show", "--json"]).success();
            let groups = json_lines(&shown.get_output().stdout);
            let classes = groups
                .iter()
                .filter_map(|group| group["classes"].as_array());
            let mut classes = classes.flatten();
            let found = classes.find(|known| known["class"] == MINING);
            if found.map(|known| known["origin"].as_str().unwrap()) == origin {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("the mining pool is not {origin:?}");
    };
    let mut hub = Hub::start(&data, &["--config", config]);
    until(&hub, Some("alerted"));
    hub.ask(&["list", "--all", "--json"])
        .success()
        .stdout(contains("NewTrafficClass"));
    ask(&hub, &["accept", MINING])
        .success()
        .stderr(contains("accepted"));
    until(&hub, Some("accepted"));
    hub.child.signal("TERM");
    assert_eq!(hub.child.0.wait().unwrap().code(), Some(0));
    let hub = Hub::start(&data, &["--config", config]);
    until(&hub, Some("accepted"));
    ask(&hub, &[])
        .success()
        .stdout(contains("default: taught by"))
        .stdout(contains(MINING));
    ask(&hub, &["forget", MINING]).success();
    until(&hub, None);
    ask(&hub, &["forget", "--group", "lamps", MINING])
        .code(1)
        .stderr(contains("nothing is known of a group `lamps`"));
}

/// With a capture as its source, and standard output as its sink.
#[test]
fn a_capture_gives_a_device_and_alerts_and_standard_output_has_findings_alone() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("sensor.pcap");
    let start = std::time::SystemTime::now() - std::time::Duration::from_secs(600);
    let start = humantime::format_rfc3339_seconds(start).to_string();
    defender(["scenario", "vertical-scan", "--start", &start, "--out"])
        .arg(&capture)
        .assert()
        .success();
    let config = folder.path().join("hub.toml");
    let text = format!("[[source.file]]\npath = {capture:?}\n[[sink.ocsf]]\nfile = \"-\"\n");
    fs::write(&config, text).unwrap();
    let out = folder.path().join("out");
    let args = ["--config", config.to_str().unwrap()];
    let mut hub = Hub::run(
        Hub::command(&folder.path().join("data"), &args).stdout(fs::File::create(&out).unwrap()),
    );
    // The same as `defender detect` finds in it.
    let detected = defender(["detect", "--json"])
        .arg(&capture)
        .assert()
        .code(3);
    let ids = |alerts: Vec<Value>| {
        let ids = alerts.iter().map(|alert| alert["id"].as_str().unwrap());
        let mut ids: Vec<_> = ids.map(str::to_owned).collect();
        ids.sort_unstable();
        ids
    };
    let detected = ids(json_lines(&detected.get_output().stdout));
    assert!(!detected.is_empty());
    let found = hub.list(&["--all"], detected.len());
    assert!(found.iter().all(|alert| alert["device"] == "sensor"));
    assert_eq!(ids(found), detected);
    for _ in 0..600 {
        // Each was raised, and may be over.
        let lines = fs::read_to_string(&out).unwrap().matches('\n').count();
        if lines >= detected.len() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    hub.child.signal("HUP");
    read_until(&mut hub.said, "were read again");
    hub.child.signal("TERM");
    assert_eq!(hub.child.0.wait().unwrap().code(), Some(0));
    let told = fs::read_to_string(&out).unwrap();
    assert!(told.ends_with('\n'));
    let uids: Vec<_> = told
        .lines()
        .map(|line| {
            let finding: Value = serde_json::from_str(line).unwrap();
            assert_eq!(finding["class_uid"], 2004, "{line}");
            finding["metadata"]["uid"].as_str().unwrap().to_owned()
        })
        .collect();
    for id in detected {
        assert!(uids.contains(&format!("{id}/raised")), "{id}: {uids:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_service_manager_is_told_when_it_is_ready_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    let patience = Some(std::time::Duration::from_secs(60));
    socket.set_read_timeout(patience).unwrap();
    let next = || {
        let mut datagram = [0; 1024];
        let length = socket.recv(&mut datagram).unwrap();
        String::from_utf8(datagram[..length].to_vec()).unwrap()
    };
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let web = free.local_addr().unwrap().to_string();
    drop(free);
    let command = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_defender"));
        command
            .args(["hub", "--mqtt", "127.0.0.1:0", "--web", &web, "--data"])
            .arg(folder.path().join("data"))
            .args(args)
            .env("NOTIFY_SOCKET", &path)
            .stderr(Stdio::null());
        command
    };
    let mut hub = Running(command(&[]).spawn().unwrap());
    let ready = next();
    let healthy = status(&web, "/healthz");
    assert!(ready.lines().any(|line| line == "READY=1"), "{ready}");
    assert!(healthy.contains(" 200 "), "{healthy}");
    hub.signal("TERM");
    let stopping = next();
    assert!(
        stopping.lines().any(|line| line == "STOPPING=1"),
        "{stopping}"
    );
    assert_eq!(hub.0.wait().unwrap().code(), Some(0));
    // A hub that cannot start is never ready.
    let mut failing = Running(command(&["--config", "/nonexistent.toml"]).spawn().unwrap());
    assert_eq!(failing.0.wait().unwrap().code(), Some(2));
    socket.set_nonblocking(true).unwrap();
    assert!(socket.recv(&mut [0; 16]).is_err());
}

#[test]
fn what_is_wrong_is_said_and_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hub.toml");
    let start = |text: &str| {
        fs::write(&config, text).unwrap();
        let mut command = defender(["hub", "--mqtt", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
        command.arg("--data");
        command.arg(folder.path().join("data"));
        command.arg("--config").arg(&config).assert()
    };
    // A line for each.
    start("[listen]\nwep = 5\nmqtt = 5")
        .code(2)
        .stderr(contains("error: ").count(2))
        .stderr(contains(
            "hub.toml: line 2, column 1: there is no key `wep`",
        ))
        .stderr(contains("hub.toml: line 3, column 8: "));
    start("[detection]\nrules = [\"none.json\"]")
        .code(2)
        .stderr(contains("none.json"));
    start("[web]\nkey = \"k\"")
        .code(2)
        .stderr(contains("both certificate and key"));
    start("[listen]\nmqtts = \"127.0.0.1:0\"")
        .code(2)
        .stderr(contains("`defender hub init`"));
    start("[mqtts]\nkey = \"k\"\n[listen]\nmqtts = \"127.0.0.1:0\"")
        .code(2)
        .stderr(contains("[mqtts] needs both"));
    defender([
        "hub",
        "--mqtt",
        "0.0.0.0:0",
        "--web",
        "127.0.0.1:0",
        "--data",
    ])
    .arg(folder.path())
    .assert()
    .code(2)
    .stderr(contains("could be read and used by anybody"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    defender(["hub", "--mqtt", &taken, "--web", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .assert()
        .code(1)
        .stderr(contains("is another hub running").and(contains("--mqtt")));
    defender(["hub", "--web", "0.0.0.0:0", "--data"])
        .arg(folder.path())
        .assert()
        .code(2)
        .stderr(contains("could be read by anybody"));
    defender(["hub", "alerts", "--url", "http://127.0.0.1:9"])
        .assert()
        .code(1)
        .stderr(contains("no hub answers at http://127.0.0.1:9"));
}
