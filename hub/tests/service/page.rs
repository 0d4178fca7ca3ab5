//! The page: that it shows what there is, that nothing in it runs or refers elsewhere, and that it is told of what changes.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use defender_detect::SignalKind;
use defender_hub::intake::What;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use tokio::task;

use crate::support::{alerts, delete, get, page, post, put, raw, report, scan, start, until_get};

const HOSTILE: &str = "<script>alert(1)</script>\"'&lt;\u{202e}\u{7}</title><img src=x onerror=y>";

fn escaped(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// Everything between `<` and `>`, names and texts of attributes left out.
fn tags(page: &str) -> Vec<&str> {
    let tags = page.split('<').skip(1);
    tags.map(|tag| tag.split([' ', '>']).next().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_stay_names_on_every_page() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    report(&hub, HOSTILE, scan(1)).await;
    let id = alerts(&hub, "", 1).await[0]["id"].clone();
    let path = format!("/alerts/{}", escaped(id.as_str().unwrap()));
    let act = json!({ "who": HOSTILE, "comment": HOSTILE });
    post(&hub, &format!("/api/v1{path}/acknowledge"), act)
        .await
        .unwrap();
    let exception = json!({ "who": HOSTILE, "reason": HOSTILE, "device": "other" });
    post(&hub, "/api/v1/exceptions", exception).await.unwrap();
    let device = format!("/devices/{}", escaped(HOSTILE));
    let group = format!("/baselines/{}", escaped(HOSTILE));
    let search = format!("/?search={0}&group={0}&after=", escaped(HOSTILE));
    let filter = format!("/alerts?device={}", escaped(HOSTILE));
    for path in [
        "/",
        "/alerts",
        "/exceptions",
        "/baselines",
        "/policy",
        &group,
        &path,
        &device,
        &search,
        &filter,
    ] {
        let page = page(&hub, path);
        let (head, body) = page.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains("content-security-policy: default-src 'none'; script-src 'self';"),
            "{head}"
        );
        let scripts = tags(body).into_iter().filter(|tag| *tag == "script");
        assert_eq!(scripts.count(), 1, "{path}: {body}");
        assert!(
            !body.contains("<img") && !body.contains("<style"),
            "{path}: {body}"
        );
        // What a field holds is the name itself, for the API; it turns around nothing beside it.
        let shown: String = body
            .split("value=\"")
            .enumerate()
            .map(|(index, part)| match part.split_once('"') {
                Some((_, after)) if index > 0 => after,
                _ => part,
            })
            .collect();
        assert!(!shown.contains(['\u{202e}', '\u{7}']), "{path}: {body}");
        // What a field proposes leads nowhere.
        let body = body.replace("https://.+", "").replace("\"https://\"", "");
        for elsewhere in ["http:", "https:", "\"//"] {
            assert!(!body.contains(elsewhere), "{path}: {body}");
        }
    }
    assert!(page(&hub, &device).contains("Port scan of"));
    assert!(page(&hub, &path).contains("Do: "));
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_for_this_machine_and_say_what_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    for path in ["/", "/alerts", "/page.js", "/api/v1/events"] {
        assert!(raw(&hub, path, "evil.example").starts_with("HTTP/1.1 403"));
    }
    for (path, reason) in [
        ("/alerts/none", "there is no alert of this id"),
        ("/devices/none", "there is no device of this id"),
    ] {
        let answer = raw(&hub, path, "localhost");
        assert!(
            answer.starts_with("HTTP/1.1 404") && answer.contains(reason),
            "{answer}"
        );
    }
    assert!(page(&hub, "/").contains("No alert is open."));
    assert!(page(&hub, "/page.css").contains("prefers-color-scheme"));
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_some_and_leads_to_the_next_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    for number in 0..150 {
        let device = format!("lamp {number:03}");
        put(
            hub.intake(),
            What::Signal {
                device,
                what: SignalKind::Connected { source: None },
            },
        )
        .await;
    }
    report(&hub, "lamp 149", scan(1)).await;
    alerts(&hub, "", 1).await;
    let first = page(&hub, "/?search=LAMP");
    assert!(first.contains("150 devices"), "{first}");
    // The one with an alert, and the first fifty.
    assert!(first.contains(">lamp 149<") && first.contains(">lamp 049<"));
    assert!(!first.contains(">lamp 050<"));
    let next = "/?search=LAMP&amp;group=&amp;order=&amp;after=lamp%20049";
    assert!(first.contains(next), "{first}");
    let second = page(&hub, &next.replace("&amp;", "&"));
    assert!(second.contains(">lamp 050<") && !second.contains(">lamp 049<"));
    // By another order, page by page, too.
    let first = page(&hub, "/?search=LAMP&order=messages");
    assert!(first.contains("All, by most messages"), "{first}");
    assert!(first.contains(">lamp 100<") && !first.contains(">lamp 099<"));
    let next = "/?search=LAMP&amp;group=&amp;order=messages&amp;after=lamp%20100&amp;at=0";
    assert!(first.contains(next), "{first}");
    // What has sent more meanwhile does not move those that come.
    report(&hub, "lamp 100", vec![0xFF].into()).await;
    report(&hub, "lamp 020", vec![0xFF].into()).await;
    let is_there = |answer: &serde_json::Value| answer["reports"] == 1;
    until_get(&hub, "/api/v1/devices/lamp%20020", is_there).await;
    let second = page(&hub, &next.replace("&amp;", "&"));
    assert!(second.contains(">lamp 099<") && !second.contains(">lamp 100<"));
    assert!(second.contains(">lamp 050<") && !second.contains(">lamp 049<"));
    for (query, count) in [
        ("state=open", 1),
        ("state=closed", 0),
        ("severity=High", 0),
        ("severity=Medium&acknowledged=no&device=lamp%20149", 1),
        ("severity=&acknowledged=&device=&state=", 1),
        ("device=lamp%20001", 0),
    ] {
        let found = page(&hub, &format!("/alerts?{query}"));
        assert_eq!(found.matches("<article").count(), count, "{query}: {found}");
    }
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_says_beforehand_what_it_would_close() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    for device in ["a", "b", "c"] {
        report(&hub, device, scan(1)).await;
    }
    let found = alerts(&hub, "state=open", 3).await;
    let of_a = found.iter().find(|alert| alert["device"] == "a").unwrap();
    let preview = "/api/v1/exceptions/preview";
    for (names, count) in [
        (json!({ "device": "a" }), 1),
        (json!({ "rule": "PortScan" }), 3),
        (json!({ "rule": "PortScan", "device": "d" }), 0),
        (json!({ "group": "default", "rule": "PortScan" }), 3),
        // This alert is about one peer or none, as its rule has it; nobody is at this address.
        (json!({ "rule": "PortScan", "peer": "203.0.113.77" }), 0),
    ] {
        let mut asked = names.clone();
        asked["who"] = json!("ann");
        asked["reason"] = json!("our scanner");
        let said = post(&hub, preview, asked).await.unwrap();
        assert_eq!(said["count"], count, "{names}");
        assert_eq!(said["covers"].as_array().unwrap().len(), count);
    }
    let exception = json!({ "who": "ann", "reason": "our scanner", "device": "a" });
    let said = post(&hub, preview, exception.clone()).await.unwrap();
    assert_eq!(said["covers"][0]["id"], of_a["id"]);
    // Nothing was made by asking.
    assert_eq!(
        get(&hub, "/api/v1/exceptions").await["exceptions"],
        json!([])
    );
    alerts(&hub, "state=open", 3).await;
    let made = post(&hub, "/api/v1/exceptions", exception).await.unwrap();
    let closed = alerts(&hub, "state=closed", 1).await;
    assert_eq!(closed[0]["id"], of_a["id"]);
    assert!(page(&hub, "/exceptions").contains("our scanner"));
    delete(&hub, &format!("/api/v1/exceptions/{}", made["id"]))
        .await
        .unwrap();
    assert!(!page(&hub, "/exceptions").contains("our scanner"));
    let wrong = json!({ "who": "ann", "reason": "x" });
    assert!(
        post(&hub, preview, wrong)
            .await
            .unwrap_err()
            .contains("every alert")
    );
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_of_many_lines_says_how_many_are_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let make = |reason: String| {
        let exception = json!({ "who": "ann", "reason": reason, "device": "a" });
        post(&hub, "/api/v1/exceptions", exception)
    };
    make("our scanner\nof tuesdays".into()).await.unwrap();
    let shown = page(&hub, "/exceptions");
    assert!(!shown.contains("more line"), "{shown}");
    let reason: Vec<_> = (1..=40).map(|line| format!("because {line};")).collect();
    let made = make(reason.join("\n")).await.unwrap();
    let shown = page(&hub, "/exceptions");
    let last = shown.matches("because ").count();
    assert!((10..40).contains(&last), "{shown}");
    let (_, behind) = made["text"]
        .as_str()
        .unwrap()
        .split_once(&format!("because {last};\n"))
        .unwrap();
    let said = format!("And {} more lines", behind.lines().count());
    assert!(shown.contains(&said), "{said}: {shown}");
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_is_told_within_a_second_and_holds_up_no_stop() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = start(folder.path(), "").await.unwrap();
    let address = hub.web_address();
    let (sender, told) = mpsc::channel();
    let listener = thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        write!(
            stream,
            "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        .unwrap();
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if line.starts_with("data:") && sender.send(Instant::now()).is_err() {
                break;
            }
        }
    });
    let wait = Duration::from_secs(20);
    // One at once, for what may have changed before it listened.
    task::block_in_place(|| told.recv_timeout(wait)).unwrap();
    let begun = Instant::now();
    report(&hub, "pump", scan(1)).await;
    let at = task::block_in_place(|| told.recv_timeout(wait)).unwrap();
    let took = at - begun;
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(page(&hub, "/alerts").contains("pump"));
    let begun = Instant::now();
    hub.stop().await.unwrap();
    // The stream has ended.
    task::block_in_place(|| listener.join()).unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}
