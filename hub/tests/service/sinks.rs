//! Sinks: each at its own pace, told at least once, an opening and a closing always.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    path::Path,
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{alerts, post, report, scan, scan_again, start, until};

/// A request that came in: its first line, its headers in lower case, its body.
pub struct Request {
    line: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let mut lines = lines.into_iter();
        let line = lines.next()?;
        let headers: Vec<_> = lines
            .filter_map(|line| {
                let (name, value) = line.split_once(": ")?;
                Some((name.to_lowercase(), value.to_owned()))
            })
            .collect();
        let mut request = Self {
            line,
            headers,
            body: Vec::new(),
        };
        let length = request.header("content-length")?.parse().ok()?;
        request.body = vec![0; length];
        reader.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A web server that answers every request with what `answer` says of its number; an empty one means that it stalls.
fn server(answer: impl Fn(usize) -> &'static str + Send + 'static) -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests): (Sender<Request>, _) = mpsc::channel();
    thread::spawn(move || {
        let mut stalled = Vec::new();
        let mut number = 0;
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            while let Some(request) = Request::read(&mut stream) {
                let said = answer(number);
                number += 1;
                if said.is_empty() {
                    break;
                }
                let is_taken = said.starts_with("200");
                let _ = write!(stream, "HTTP/1.1 {said}\r\nContent-Length: 0\r\n\r\n");
                if is_taken && sender.send(request).is_err() {
                    return;
                }
            }
            stalled.push(stream);
        }
    });
    (url, requests)
}

fn uids(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let uids = text.lines().filter_map(|line| {
        let finding: Value = serde_json::from_str(line).ok()?;
        Some(finding["metadata"]["uid"].as_str()?.to_owned())
    });
    uids.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_stalls_and_fails_holds_back_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alerts.jsonl");
    // Stalls, is broken, leads elsewhere; then works.
    let (other, strayed) = server(|_| "200 OK");
    let elsewhere: &str = format!("302 Found\r\nLocation: {other}/").leak();
    let (url, requests) = server(move |number| match number {
        0 => "",
        1 => "500 Broken",
        2 => elsewhere,
        _ => "200 OK",
    });
    let secret = folder.path().join("secret");
    fs::write(&secret, "hush\n").unwrap();
    let config = format!(
        "[[sink.ocsf]]\nfile = {file:?}\n[[sink.webhook]]\nurl = \"{url}\"\nsecret = {{ file = {secret:?} }}"
    );
    let (hub, said) = start(folder.path(), &config).await.unwrap();
    for number in 0..20 {
        report(&hub, &format!("device-{number}"), scan(number)).await;
    }
    let all = alerts(&hub, "", 20).await;
    until("the file has all", || uids(&file).len() == 20).await;
    let id = all[0]["id"].as_str().unwrap();
    let act = json!({ "who": "ann" });
    post(&hub, &format!("/api/v1/alerts/{id}/close"), act)
        .await
        .unwrap();
    let told = tokio::task::spawn_blocking(move || {
        let mut told = Vec::new();
        while told.len() < 21 {
            told.push(requests.recv_timeout(Duration::from_secs(60)).unwrap());
        }
        told
    });
    let told = told.await.unwrap();
    let ids: Vec<_> = told
        .iter()
        .map(|request| request.header("webhook-id").unwrap().to_owned())
        .collect();
    assert_eq!(ids.last(), Some(&format!("{id}/closed")));
    assert!(strayed.try_recv().is_err(), "it was led elsewhere");
    let mut raised = ids.clone();
    raised.sort();
    raised.dedup();
    assert_eq!(raised.len(), 21, "{ids:?}");
    for request in &told {
        assert!(request.line.starts_with("POST / "), "{}", request.line);
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["class_uid"], 2004);
        let header = |name| request.header(name).unwrap();
        assert_eq!(body["metadata"]["uid"], header("webhook-id"));
        let signed = [
            header("webhook-id").as_bytes(),
            header("webhook-timestamp").as_bytes(),
            &request.body,
        ]
        .join(&b'.');
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"hush");
        let signature = header("webhook-signature").strip_prefix("v1,").unwrap();
        use base64::{Engine, engine::general_purpose::STANDARD};
        let tag = STANDARD.decode(signature).unwrap();
        ring::hmac::verify(&key, &signed, &tag).unwrap();
    }
    until("the file has the closing", || uids(&file).len() == 21).await;
    assert!(
        said.texts()
            .iter()
            .any(|text| text.contains("sink webhook takes nothing"))
    );
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_is_told_what_happened_while_it_was_down_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (down, _) = server(|_| "503 Down");
    let config = |url: &str| format!("[[sink.webhook]]\nurl = \"{url}\"");
    let (hub, _) = start(folder.path(), &config(&down)).await.unwrap();
    // Openings, many updates, a closing: the updates coalesce.
    for number in 0..100 {
        report(&hub, "pump", scan_again(number)).await;
    }
    report(&hub, "camera", scan(1)).await;
    let all = alerts(&hub, "", 2).await;
    let of = |device: &str| {
        let alert = all.iter().find(|alert| alert["device"] == device);
        alert.unwrap()["id"].as_str().unwrap()
    };
    let (id, other) = (of("pump"), of("camera"));
    until_count(&hub, id, 100).await;
    let act = json!({ "who": "ann" });
    post(&hub, &format!("/api/v1/alerts/{id}/close"), act)
        .await
        .unwrap();
    alerts(&hub, "state=closed", 1).await;
    hub.stop().await.unwrap();

    let (up, requests) = server(|_| "200 OK");
    let (hub, _) = start(folder.path(), &config(&up)).await.unwrap();
    let told = tokio::task::spawn_blocking(move || {
        let mut told = Vec::new();
        while let Ok(request) =
            requests.recv_timeout(Duration::from_secs(if told.len() < 4 { 60 } else { 1 }))
        {
            told.push(request.header("webhook-id").unwrap().to_owned());
        }
        told
    });
    let told = told.await.unwrap();
    let mut expected = vec![
        format!("{id}/raised"),
        format!("{id}/again/100"),
        format!("{id}/closed"),
        format!("{other}/raised"),
    ];
    let mut sorted = told.clone();
    sorted.sort();
    expected.sort();
    assert_eq!(sorted, expected);
    hub.stop().await.unwrap();
}

async fn until_count(hub: &defender_hub::Hub, id: &str, count: u64) {
    for _ in 0..1500 {
        let found = crate::support::get(hub, &format!("/api/v1/alerts/{id}")).await;
        if found["alert"]["count"].as_u64().unwrap() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let last = crate::support::get(hub, &format!("/api/v1/alerts/{id}")).await;
    panic!(
        "the alert was not seen {count} times: {}",
        last["alert"]["count"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn syslog_comes_over_udp_and_tcp_also_when_a_server_was_away() {
    let folder = tempfile::tempdir().unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let (udp_address, tcp_address) = (udp.local_addr().unwrap(), tcp.local_addr().unwrap());
    let config = format!(
        "[[sink.syslog]]\nname = \"udp\"\naddress = \"{udp_address}\"\ntransport = \"udp\"\n[[sink.syslog]]\naddress = \"{tcp_address}\""
    );
    let (hub, _) = start(folder.path(), &config).await.unwrap();
    report(&hub, "pump", scan(1)).await;
    alerts(&hub, "", 1).await;
    let (first, second) = tokio::task::spawn_blocking(move || {
        let mut datagram = [0; 4096];
        let length = udp.recv(&mut datagram).unwrap();
        let datagram = String::from_utf8(datagram[..length].to_vec()).unwrap();
        let (stream, _) = tcp.accept().unwrap();
        let framed = framed(&stream);
        // The server goes, and comes back.
        drop(stream);
        (datagram, (framed, tcp))
    })
    .await
    .unwrap();
    let (second, tcp) = second;
    assert!(
        first.contains("CEF:0|") && first.contains("/raised "),
        "{first}"
    );
    let message = |text: &str| text.split_once(" - CEF:").unwrap().1.to_owned();
    assert_eq!(message(&first), message(&second));
    tokio::time::sleep(Duration::from_millis(200)).await;
    report(&hub, "camera", scan(2)).await;
    let third = tokio::task::spawn_blocking(move || framed(&tcp.accept().unwrap().0));
    let third = third.await.unwrap();
    assert!(third.contains("deviceExternalId=camera"), "{third}");
    hub.stop().await.unwrap();
}

/// A message with its length before it.
fn framed(mut stream: &TcpStream) -> String {
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut length = String::new();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        match byte[0] {
            b' ' => break,
            digit => length.push(digit.into()),
        }
    }
    let mut message = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut message).unwrap();
    String::from_utf8(message).unwrap()
}
