//! `defender demo`, as somebody sees it who has never seen the project.

mod support;

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    time::{Duration, Instant},
};

use assert_cmd::assert::Assert;
use predicates::str::contains;
use support::defender;

fn shown(assert: &Assert) -> String {
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(support::is_harmless(&text), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert_eq!(line.trim_end(), line);
    }
    text
}

/// What follows a question of the report at the end.
fn answer<'a>(text: &'a str, question: &str) -> &'a str {
    let after = text.split_once(question).unwrap().1;
    after.split(['?', ':']).next().unwrap().trim_start()
}

/// On a pipe it is plain text of 80 columns, which says which device it is, since when, why, and what to do.
fn is_the_whole_story(text: &str) {
    for name in [
        "door-camera",
        "hall-sensor",
        "lab-sensor",
        "lamp-3",
        "line-2",
        "meter-gateway",
        "plug-5",
        "pump-7",
    ] {
        assert!(text.contains(name), "{name}: {text}");
    }
    // In the order in which it happens, wherever lines are broken.
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = &*words;
    for part in [
        "The hub's page, while this runs: http://127.0.0.1:",
        "All report: ",
        "High Scan of many hosts",
        "lamp-3 tried TCP port 23 and others of ",
        "Do: ",
        "Page: http://127.0.0.1:",
        "/alerts/HostScan-",
        "After 5 minutes: ",
        " alerts (1 High, ",
        "Which device?",
        "lamp-3",
        "Since when?",
        "What is it?",
        "Scan of many hosts (High)",
        "What to do?",
        "Disconnect the device",
        "The others?",
        "nothing to do",
    ] {
        rest = rest
            .split_once(part)
            .unwrap_or_else(|| panic!("{part}: {text}"))
            .1;
    }
    // No other alert needs anybody.
    assert_eq!(text.matches("  Do: ").count(), 1, "{text}");
    assert!(!text.contains("Medium"), "{text}");
    assert!(answer(text, "Since when?").starts_with("20"), "{text}");
}

#[test]
fn without_a_command_it_demonstrates_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    // Nothing but the program is needed.
    let assert = defender::<&str>([])
        .env_clear()
        .env("TMPDIR", folder.path())
        .current_dir("/")
        .assert()
        .success()
        .stderr("");
    let took = begun.elapsed();
    let text = shown(&assert);
    is_the_whole_story(&text);
    assert!(
        text.contains("Where to look next:") && text.contains("demo --stay"),
        "{text}"
    );
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert!(
        took > Duration::from_secs(5),
        "{took:?}: too fast to be read"
    );
    is_empty(folder.path());
}

#[test]
fn it_may_be_as_fast_as_possible_and_two_at_once() {
    let other = std::thread::spawn(|| defender(["demo", "--speed", "max"]).assert().success());
    let assert = defender(["demo", "--speed", "max"]).assert().success();
    for assert in [assert, other.join().unwrap()] {
        let text = shown(&assert);
        for part in ["Which device?  lamp-3", "The others?    nothing to do"] {
            assert!(text.contains(part), "{text}");
        }
    }
}

/// A colour that nobody can show would be noise; one that somebody asks for is there.
#[test]
fn colours_are_for_those_who_have_them() {
    defender(["demo", "--speed", "max"])
        .env("CLICOLOR_FORCE", "1")
        .assert()
        .success()
        .stdout(contains("\u{1b}["));
}

#[test]
fn what_is_in_the_way_is_said() {
    defender(["demo"])
        .env("TMPDIR", "/nowhere/at/all")
        .assert()
        .code(1)
        .stdout("")
        .stderr(contains(
            "cannot make a folder for the hub in /nowhere/at/all",
        ))
        .stderr(contains("TMPDIR"));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    defender(["demo", "--web", &taken])
        .assert()
        .code(1)
        .stdout("")
        .stderr(contains(format!("cannot listen on {taken}")))
        .stderr(contains("--web"));
    defender(["demo", "--web", "0.0.0.0:0"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("let it listen on 127.0.0.1"));
    for speed in ["0.5", "soon"] {
        defender(["demo", "--speed", speed])
            .assert()
            .code(2)
            .stderr(contains(speed));
    }
}

fn is_empty(folder: &Path) {
    let left: Vec<_> = fs::read_dir(folder).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Whatever becomes of the test, its program ends.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The page and the API are there, and the fleet goes on; Ctrl-C ends it, and nothing is left behind.
#[cfg(unix)]
#[test]
fn it_stays_until_it_is_interrupted() {
    use std::process::{Command, Stdio};

    use defender_hub::web::ApiClient;

    let folder = tempfile::tempdir().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_defender"))
        .args(["demo", "--stay", "--speed", "max"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = Ended(child.unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let mut said = String::new();
    while !said.contains("Ctrl-C ends it") {
        said += &lines.next().unwrap().unwrap();
        said.push('\n');
    }
    is_the_whole_story(&said);
    assert!(!said.contains("Where to look next"), "{said}");
    let page = said
        .split_once("The hub's page, while this runs: ")
        .unwrap()
        .1;
    let page = page.split_whitespace().next().unwrap();
    let client = ApiClient::new(page, None, None).unwrap();
    let alerts = client
        .get("/api/v1/alerts?state=open&severity=Medium")
        .unwrap();
    let alerts = alerts["alerts"].as_array().unwrap();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0]["device"], "lamp-3");
    let id = alerts[0]["id"].as_str().unwrap();
    assert!(said.contains(&format!("{page}/alerts/{id}")), "{said}");
    // In real time each device reports every ten seconds.
    let messages = || {
        let devices = client.get("/api/v1/devices").unwrap();
        let devices = devices["devices"].as_array().unwrap();
        assert_eq!(devices.len(), 8);
        devices
            .iter()
            .map(|device| device["reports"].as_u64().unwrap())
            .sum::<u64>()
    };
    let before = messages();
    let begun = Instant::now();
    while messages() == before {
        assert!(begun.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(200));
    }
    let sent = Command::new("kill")
        .args(["-s", "INT", &child.0.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    assert_eq!(child.0.wait().unwrap().code(), Some(0));
    is_empty(folder.path());
}
