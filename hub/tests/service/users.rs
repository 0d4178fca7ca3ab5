//! People elsewhere: logging in, what each may do, and who is refused. The test is the proxy that the configuration names.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use defender_hub::{
    Hub,
    users::{self, User, UserRole},
};
use serde_json::{Value, json};
use tokio::task;

use crate::support::{Said, report, scan, start, until};

const PASSWORD: &str = "correct horse";
const PROXIED: &str = "[web]\nproxies = [\"127.0.0.1\"]";

/// What came back.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The cookie of this name, as it is set.
    fn cookie(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| {
            line.strip_prefix("set-cookie: ")
                .filter(|cookie| cookie.starts_with(&format!("{name}=")))
        })
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// A value that a form of the page has hidden.
    fn hidden(&self, before: &str) -> String {
        let rest = self.body.split(before).nth(1).expect(before);
        rest.split('"').next().unwrap().to_owned()
    }
}

/// A browser behind the proxy, or somebody who says to be.
#[derive(Clone)]
struct Browser {
    hub: SocketAddr,
    address: String,
    /// What the proxy says, and what else is sent.
    headers: Vec<(String, String)>,
    cookie: String,
    csrf: String,
}

impl Browser {
    fn at(hub: &Hub, address: &str) -> Self {
        Self {
            hub: hub.web_address(),
            address: address.to_owned(),
            headers: vec![("X-Forwarded-Proto".into(), "https".into())],
            cookie: String::new(),
            csrf: String::new(),
        }
    }

    fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.retain(|(it, _)| it != name);
        other.headers.push((name.into(), value.into()));
        other
    }

    fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> Answer {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: hub.example\r\nConnection: close\r\nX-Forwarded-For: {}\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in &self.headers {
            request += &format!("{name}: {value}\r\n");
        }
        for (name, value) in [
            ("Cookie", &self.cookie),
            ("X-CSRF-Token", &self.csrf),
            ("Content-Type", &kind.to_owned()),
        ] {
            if !value.is_empty() {
                request += &format!("{name}: {value}\r\n");
            }
        }
        let mut stream = TcpStream::connect(self.hub).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        write!(stream, "{request}\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head[9..12].parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", "")
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, "application/json", &body.to_string())
    }

    /// Sends the form for logging in, as it came.
    fn log_in(&mut self, name: &str, password: &str) -> Answer {
        let form = self.get("/login?to=%2Falerts");
        assert_eq!(form.status, 200);
        let cookie = form.cookie("__Host-defender-form").unwrap();
        let mut sending = self.clone();
        sending.cookie = cookie.split(';').next().unwrap().to_owned();
        let said = format!(
            "name={name}&password={}&to=%2Falerts&csrf={}",
            password.replace(' ', "+"),
            form.hidden("name=\"csrf\" value=\"")
        );
        let answer = sending.ask("POST", "/login", "application/x-www-form-urlencoded", &said);
        if let Some(cookie) = answer.cookie("__Host-defender") {
            self.cookie = cookie.split(';').next().unwrap().to_owned();
            self.csrf = self
                .get("/alerts")
                .hidden("<meta name=\"csrf-token\" content=\"");
        }
        answer
    }
}

fn add(folder: &Path, name: &str, role: UserRole) {
    let password = users::hash(PASSWORD).unwrap();
    let user = User::new(name.parse().unwrap(), role, password, 1);
    users::open(folder).unwrap().add(&user).unwrap();
}

/// A hub behind a proxy, with an alert and two users.
async fn hub(folder: &Path, config: &str) -> (Hub, Said) {
    add(folder, "ann", UserRole::Operator);
    add(folder, "wall", UserRole::Reader);
    let (hub, said) = start(folder, config).await.unwrap();
    report(&hub, "pump", scan(1)).await;
    until("there is an alert", || !said.changes().is_empty()).await;
    (hub, said)
}

/// The id of the alert.
fn alert(browser: &Browser) -> String {
    let alerts = browser.get("/api/v1/alerts").json();
    alerts["alerts"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_logs_in_acts_under_their_name_and_logs_out() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = hub(folder.path(), PROXIED).await;
    let mut ann = Browser::at(&hub, "203.0.113.7");
    task::block_in_place(|| {
        let sent = ann.get("/alerts?state=open");
        assert_eq!(sent.status, 303);
        let to = "/login?to=%2Falerts%3Fstate%3Dopen";
        assert_eq!(sent.header("location"), Some(to));
        let form = ann.get(to);
        assert!(form.body.contains("value=\"/alerts?state=open\""));
        assert!(!form.body.contains("<script"), "{}", form.body);

        let entered = ann.log_in("ann", PASSWORD);
        assert_eq!(
            (entered.status, entered.header("location")),
            (303, Some("/alerts"))
        );
        let cookie = entered.cookie("__Host-defender").unwrap();
        for flag in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
            assert!(cookie.contains(flag), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        let me = json!({ "user": "ann", "role": "operator" });
        assert_eq!(ann.get("/api/v1/me").json(), me);

        let path = format!("/alerts/{}", alert(&ann));
        let page = ann.get(&path).body;
        assert!(
            page.contains("Acknowledge") && page.contains("Log out"),
            "{page}"
        );
        assert!(!page.contains("Who you are"), "{page}");
        let act = json!({ "who": "mallory", "comment": "seen" });
        let done = ann.post(&format!("/api/v1{path}/acknowledge"), &act);
        assert_eq!(done.status, 200);
        assert_eq!(done.json()["history"][1]["who"], "ann");
        let exception = json!({ "device": "other", "reason": "ours" });
        assert_eq!(ann.post("/api/v1/exceptions", &exception).status, 201);
        let made = ann.get("/api/v1/exceptions").json();
        assert_eq!(made["exceptions"][0]["who"], "ann");

        // Somebody else's page cannot log her out, and she can.
        let out = |csrf: &str| {
            let body = format!("csrf={csrf}");
            ann.ask(
                "POST",
                "/logout",
                "application/x-www-form-urlencoded",
                &body,
            )
        };
        assert_eq!(out("x").status, 403);
        assert_eq!(ann.get("/api/v1/me").status, 200);
        let gone = out(&ann.csrf);
        assert_eq!(
            (gone.status, gone.header("location")),
            (303, Some("/login"))
        );
        assert!(
            gone.cookie("__Host-defender")
                .unwrap()
                .contains("Max-Age=0")
        );
        assert_eq!(ann.get("/api/v1/me").status, 401);
    });
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_reads_sees_all_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = hub(folder.path(), PROXIED).await;
    let mut wall = Browser::at(&hub, "203.0.113.8");
    task::block_in_place(|| {
        assert_eq!(wall.log_in("wall", PASSWORD).status, 303);
        let path = format!("/alerts/{}", alert(&wall));
        for page in [
            "/",
            "/alerts",
            &path,
            "/devices/pump",
            "/baselines/default",
            "/exceptions",
            "/policy",
        ] {
            let shown = wall.get(page);
            assert_eq!(shown.status, 200, "{page}");
            assert!(!shown.body.contains("data-form"), "{page}: {}", shown.body);
            assert!(shown.body.contains("who may look"), "{page}");
        }
        let act = json!({ "comment": "x" });
        for (path, body) in [
            (format!("/api/v1{path}/acknowledge"), act.clone()),
            (format!("/api/v1{path}/close"), act),
            (
                "/api/v1/exceptions".into(),
                json!({ "device": "pump", "reason": "x" }),
            ),
            (
                "/api/v1/baselines/default/accept".into(),
                json!({ "class": "TCP 23 out to the Internet" }),
            ),
        ] {
            let refused = wall.post(&path, &body);
            assert_eq!(refused.status, 403, "{path}");
            let reason = refused.json()["error"].to_string();
            assert!(
                reason.contains("wall may look, and change nothing"),
                "{reason}"
            );
        }
        assert_eq!(
            wall.ask("DELETE", "/api/v1/exceptions/1", "", "").status,
            403
        );
        let history = wall.get(&format!("/api/v1{path}")).json()["history"].clone();
        assert_eq!(history.as_array().unwrap().len(), 1);
    });
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shows_nothing_or_something_false_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "hush").unwrap();
    let config = format!("{PROXIED}\ntoken = {{ file = {token:?} }}");
    let (hub, _) = hub(folder.path(), &config).await;
    let mut ann = Browser::at(&hub, "203.0.113.7");
    let stranger = ann.clone();
    task::block_in_place(|| {
        // Without what the proxy has to say, and with what it must not.
        for proto in ["http", "", "https, http"] {
            let refused = stranger.with("X-Forwarded-Proto", proto).get("/login");
            assert_eq!(refused.status, 403, "{proto}");
            assert!(refused.body.contains("X-Forwarded-Proto"));
        }
        for (path, status) in [
            ("/healthz", 200),
            ("/page.css", 200),
            ("/metrics", 401),
            ("/api/v1/alerts", 401),
            ("/api/v1/events", 401),
            ("/api/v1/openapi.json", 401),
            ("/devices/pump", 303),
            ("/nothing", 303),
        ] {
            let answer = stranger.get(path);
            assert_eq!(answer.status, status, "{path}");
            assert!(!answer.body.contains("pump"), "{path}");
        }
        // A program shows its token, and needs no more.
        let program = stranger.with("Authorization", "Bearer hush");
        let id = alert(&program);
        let path = format!("/api/v1/alerts/{id}/acknowledge");
        let act = json!({ "who": "robot" });
        assert_eq!(program.post(&path, &act).status, 200);
        let wrong = stranger.with("Authorization", "Bearer hash");
        assert_eq!(wrong.get("/api/v1/alerts").status, 401);

        assert_eq!(ann.log_in("ann", PASSWORD).status, 303);
        // A session is a cookie that was given, and no other.
        for forged in ["__Host-defender=", "__Host-defender=x", "defender=y"] {
            let mut other = ann.clone();
            other.cookie = forged.into();
            assert_eq!(other.get("/api/v1/me").status, 401, "{forged}");
        }
        // What changes something shows that it is of her page, and of no other.
        for csrf in ["", "x", &"A".repeat(ann.csrf.len())] {
            let mut other = ann.clone();
            other.csrf = csrf.into();
            let refused = other.post(&path, &act);
            assert_eq!(refused.status, 403, "{csrf}");
            assert!(refused.body.contains("load the page again"));
        }
        for origin in ["https://evil.example", "http://hub.example", "null"] {
            let other = ann.with("Origin", origin);
            assert_eq!(other.post(&path, &act).status, 403, "{origin}");
            assert_eq!(other.get("/").status, 403, "{origin}");
        }
        let own = ann.with("Origin", "https://hub.example");
        assert_eq!(own.post(&path, &act).status, 200);
        // A form for logging in that was not asked for: somebody else would be logged in.
        let said = format!("name=ann&password={}&csrf=x", PASSWORD.replace(' ', "+"));
        let mut other = stranger.clone();
        for cookie in ["", "__Host-defender-form=y", "__Host-defender-form="] {
            other.cookie = cookie.into();
            let refused = other.ask("POST", "/login", "application/x-www-form-urlencoded", &said);
            assert_eq!(refused.status, 403, "{cookie}");
            assert!(refused.cookie("__Host-defender").is_none());
        }
    });
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_gets_slow_and_a_session_ends_with_the_password_and_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = hub(folder.path(), PROXIED).await;
    let at = |number: u32| Browser::at(&hub, &format!("198.51.100.{number}"));
    task::block_in_place(|| {
        let (mut ann, mut wall) = (at(1), at(2));
        assert_eq!(ann.log_in("ann", PASSWORD).status, 303);
        assert_eq!(wall.log_in("wall", PASSWORD).status, 303);
        let refusals = |name: &str, address: fn(u32) -> u32| -> Vec<_> {
            let tries = (0..12).map(|number| at(address(number)).log_in(name, "a guess, no more"));
            tries.collect()
        };
        // One address, names that nobody has; one name that nobody has, and one that somebody has, from everywhere.
        for answers in [
            refusals("nobody", |number| 100 + number),
            refusals("ann", |number| 120 + number),
            (0..12)
                .map(|number| at(99).log_in(&format!("name-{number}"), "a guess, no more"))
                .collect(),
        ] {
            let all: Vec<_> = answers.iter().map(|answer| answer.status).collect();
            assert_eq!(all[..10], [401; 10], "{all:?}");
            assert_eq!(all[10..], [429; 2], "{all:?}");
            let wait = answers[11].header("retry-after").unwrap();
            assert!((1..=61).contains(&wait.parse::<u64>().unwrap()), "{wait}");
            let told = answers[0].body.contains("Name or password is wrong.");
            assert!(told, "{}", answers[0].body);
        }
        // Who is in already stays in.
        assert_eq!(ann.get("/api/v1/me").status, 200);

        let users = users::open(folder.path()).unwrap();
        users
            .set_password("ann", &users::hash("another one").unwrap())
            .unwrap();
        assert_eq!(ann.get("/api/v1/me").status, 401);
        assert_eq!(wall.get("/api/v1/me").status, 200);
        users.remove("wall").unwrap();
        assert_eq!(wall.get("/api/v1/me").status, 401);
        assert_eq!(wall.get("/").status, 303);
    });
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_who_is_named_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[web]\nproxies = [\"192.0.2.1\"]";
    let (hub, said) = start(folder.path(), config).await.unwrap();
    let browser = Browser::at(&hub, "203.0.113.7");
    task::block_in_place(|| {
        let refused = browser.get("/login");
        assert_eq!(refused.status, 403);
        assert!(refused.body.contains("its proxy alone"), "{}", refused.body);
    });
    let told = |text: &String| text.contains("defender hub user add");
    assert!(said.texts().iter().any(told), "{:?}", said.texts());
    hub.stop().await.unwrap();
}
