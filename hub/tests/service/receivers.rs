//! Sinks against real receivers: Alertmanager and rsyslog, as Debian packages them. Without them these tests say so; where the variable
//! CI is set they must be there.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use defender_hub::identity::KeyFiles;
use serde_json::{Value, json};

use crate::support::{alerts, post, report, scan, start, until};

/// A program that ends with its test.
pub struct Program(pub Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where a program is, if it is there.
pub fn program(name: &str, package: &str) -> Option<PathBuf> {
    let folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"];
    let places = folders.iter().map(|folder| Path::new(folder).join(name));
    needed(places, name, package)
}

/// The first of these places at which there is something, if there is.
fn needed(mut places: impl Iterator<Item = PathBuf>, name: &str, package: &str) -> Option<PathBuf> {
    let found = places.find(|path| path.exists());
    assert!(
        found.is_some() || std::env::var_os("CI").is_none(),
        "CI needs {name}, of Debian's package {package}"
    );
    if found.is_none() {
        eprintln!("skipped: there is no {name}, of Debian's package {package}");
    }
    found
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn ask(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer.split_once("\r\n\r\n")?.1.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn alertmanager_shows_an_alert_until_it_closes() {
    let Some(path) = program("prometheus-alertmanager", "prometheus-alertmanager") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let settings = folder.path().join("alertmanager.yml");
    fs::write(
        &settings,
        "route: {receiver: none}\nreceivers: [{name: none}]\n",
    )
    .unwrap();
    let started = Command::new(path)
        .arg(format!("--config.file={}", settings.display()))
        .arg(format!(
            "--storage.path={}",
            folder.path().join("am").display()
        ))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--cluster.listen-address=")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _program = Program(started.unwrap());
    // The hub does not wait for it.
    let config = format!("[[sink.alertmanager]]\nurl = \"http://127.0.0.1:{port}\"");
    let (hub, _) = start(folder.path(), &config).await.unwrap();
    report(&hub, "pump \"7\"\u{e4}", scan(1)).await;
    let id = alerts(&hub, "", 1).await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = move || -> Vec<Value> {
        let answer = ask(port, "/api/v2/alerts").unwrap_or_default();
        serde_json::from_str(&answer).unwrap_or_default()
    };
    until("it is shown", || shown().len() == 1).await;
    let labels = shown()[0]["labels"].clone();
    assert_eq!(labels["alertname"], "PortScan");
    assert_eq!(labels["device"], "pump \"7\"\u{e4}");
    assert_eq!(labels["alert_id"], id.as_str());
    let act = json!({ "who": "ann" });
    post(&hub, &format!("/api/v1/alerts/{id}/close"), act)
        .await
        .unwrap();
    until("it is over", || shown().is_empty()).await;
    hub.stop().await.unwrap();
}

/// A server that writes to the file `written` of a folder, with these settings of its own and inputs; listens at a port.
async fn rsyslog(path: &Path, folder: &Path, global: &str, inputs: &str, port: u16) -> Program {
    let settings = folder.join("rsyslog.conf");
    let written = folder.join("written");
    let text = format!(
        "global(workDirectory={folder:?}{global})\n\
         template(name=\"t\" type=\"string\" string=\"%syslogfacility-text%.%syslogseverity-text% %app-name% %msgid% %msg%\\n\")\n\
         ruleset(name=\"r\") {{ action(type=\"omfile\" file={written:?} template=\"t\") }}\n{inputs}"
    );
    fs::write(&settings, text).unwrap();
    let started = Command::new(path)
        .args(["-n", "-i", "NONE", "-f"])
        .arg(&settings)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let program = Program(started.unwrap());
    until("rsyslog listens", || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    })
    .await;
    program
}

fn lines(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rsyslog_writes_each_message_as_one_line() {
    let Some(path) = program("rsyslogd", "rsyslog") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (tcp, udp) = (free_port(), free_port());
    let written = folder.path().join("written");
    let inputs = format!(
        "module(load=\"imtcp\")\nmodule(load=\"imudp\")\n\
         input(type=\"imtcp\" address=\"127.0.0.1\" port=\"{tcp}\" ruleset=\"r\")\n\
         input(type=\"imudp\" address=\"127.0.0.1\" port=\"{udp}\" ruleset=\"r\")\n"
    );
    let _program = rsyslog(&path, folder.path(), "", &inputs, tcp).await;
    let config = format!(
        "[[sink.syslog]]\naddress = \"127.0.0.1:{tcp}\"\n[[sink.syslog]]\nname = \"udp\"\naddress = \"127.0.0.1:{udp}\"\ntransport = \"udp\""
    );
    let (hub, _) = start(folder.path(), &config).await.unwrap();
    report(&hub, "pump\nCEF:0|forged", scan(1)).await;
    report(&hub, "camera", scan(2)).await;
    alerts(&hub, "", 2).await;
    let lines = || lines(&written);
    until("both have come, both ways", || lines().len() >= 4).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let lines = lines();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    for line in &lines {
        assert!(
            line.starts_with("audit.warning defender raised CEF:0|"),
            "{line}"
        );
    }
    let forged = lines
        .iter()
        .filter(|line| line.contains("deviceExternalId=pump\\nCEF:0|forged"));
    assert_eq!(forged.count(), 2, "{lines:#?}");
    hub.stop().await.unwrap();
}

/// Killed, it has what came before; what is raised while it is away comes when it is back.
#[tokio::test(flavor = "multi_thread")]
async fn rsyslog_takes_messages_over_tls_also_after_it_was_killed() {
    let Some(path) = program("rsyslogd", "rsyslog") else {
        return;
    };
    // Debian has a folder for each architecture.
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let drivers = folders.map(|folder| folder.path().join("rsyslog/lmnsd_ossl.so"));
    if needed(drivers, "lmnsd_ossl.so", "rsyslog-openssl").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let files = |name: &str| {
        let files = KeyFiles::of(&folder.path().join(name));
        files.init(&["127.0.0.1".into()]).unwrap();
        files
    };
    let (own, others) = (files("own"), files("others"));
    let global = format!(
        " defaultNetstreamDriver=\"ossl\" defaultNetstreamDriverCAFile={:?} defaultNetstreamDriverCertFile={:?} defaultNetstreamDriverKeyFile={:?}",
        own.ca(),
        own.certificate(),
        own.key(),
    );
    let port = free_port();
    let inputs = format!(
        "module(load=\"imtcp\" streamDriver.name=\"ossl\" streamDriver.mode=\"1\" streamDriver.authMode=\"anon\")\n\
         input(type=\"imtcp\" address=\"127.0.0.1\" port=\"{port}\" ruleset=\"r\")\n"
    );
    let server = rsyslog(&path, folder.path(), &global, &inputs, port).await;
    let sink = |name: &str, ca: &Path| {
        format!(
            "[[sink.syslog]]\nname = \"{name}\"\naddress = \"127.0.0.1:{port}\"\ntransport = \"tls\"\nca = {ca:?}\n"
        )
    };
    let config = sink("syslog", &own.ca()) + &sink("strict", &others.ca());
    let (hub, said) = start(&folder.path().join("hub"), &config).await.unwrap();
    let written = folder.path().join("written");
    let has = |device: &str| {
        let end = format!("deviceExternalId={device}");
        let lines = lines(&written);
        lines.iter().filter(|line| line.contains(&end)).count()
    };
    let is_said = |part: &str| said.texts().iter().any(|text| text.contains(part));
    report(&hub, "pump", scan(1)).await;
    until("it has come", || has("pump") == 1).await;
    // Whom the other one is to trust has not made the server's certificate.
    until("that is said", || {
        is_said("sink strict takes nothing, and is tried again")
    })
    .await;
    drop(server);
    for number in 0..10 {
        report(&hub, &format!("away-{number}"), scan(2)).await;
    }
    until("it is missed", || is_said("sink syslog takes nothing")).await;
    let _server = rsyslog(&path, folder.path(), &global, &inputs, port).await;
    until("it has all", || {
        (0..10).all(|one| has(&format!("away-{one}")) > 0)
    })
    .await;
    report(&hub, "after", scan(3)).await;
    until("it goes on", || has("after") == 1).await;
    let all = lines(&written);
    assert_eq!(all.len(), 12, "{all:#?}");
    for line in &all {
        assert!(
            line.starts_with("audit.warning defender raised CEF:0|"),
            "{line}"
        );
    }
    hub.stop().await.unwrap();
}
