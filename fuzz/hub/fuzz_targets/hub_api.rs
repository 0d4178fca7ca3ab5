//! Requests of the hub's API and page, of every route: each is answered, what is refused is said as the API says it, nothing of a request
//! comes back as markup, and the hub is well afterwards.

#![no_main]

use std::{
    cell::RefCell,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::LazyLock,
    thread,
    time::Duration,
};

use arbitrary::Arbitrary;
use defender_hub::{
    Hub,
    config::HubConfig,
    intake::{Delivery, What},
    notice::Notices,
};
use defender_message::{
    SecurityMessage,
    decode::{Event, EventId, Payload},
    flow::{Flow, Protocol},
};
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// What a request writes before its texts. In a page it would be an element.
const MARK: &str = "<xq>";

/// A device that is there, with an alert.
const DEVICE: &str = "camera-1";

/// Those of the page, which the API's document does not name, and what their forms and queries have.
const PAGES: [(&str, &str, &[&str]); 11] = [
    (
        "GET",
        "/",
        &["search", "group", "order", "after", "at", "skip"],
    ),
    (
        "GET",
        "/alerts",
        &["state", "severity", "acknowledged", "device", "before"],
    ),
    ("GET", "/alerts/{id}", &[]),
    ("GET", "/devices/{id}", &[]),
    ("GET", "/baselines", &[]),
    ("GET", "/baselines/{group}", &["skip"]),
    ("GET", "/exceptions", &["after"]),
    ("GET", "/policy", &[]),
    ("GET", "/login", &["to"]),
    ("POST", "/login", &["name", "password", "csrf", "to"]),
    ("POST", "/logout", &["csrf"]),
];

const HEADERS: [&str; 8] = [
    "Authorization",
    "Content-Type",
    "Cookie",
    "Forwarded",
    "Origin",
    "Sec-Fetch-Site",
    "X-Csrf-Token",
    "X-Forwarded-For",
];

#[derive(Arbitrary, Debug)]
struct Request<'a> {
    route: u8,
    /// In place of what is in braces; none: something that is there.
    place: Option<&'a str>,
    is_marked: bool,
    query: Vec<(u8, Text<'a>)>,
    headers: Vec<(u8, &'a str)>,
    body: Body<'a>,
}

#[derive(Arbitrary, Debug)]
enum Text<'a> {
    Any(&'a str),
    Number(i64),
    Word(u8),
}

#[derive(Arbitrary, Debug)]
enum Body<'a> {
    None,
    Any(&'a [u8]),
    Json(Vec<(u8, Text<'a>)>),
    Form(Vec<(u8, Text<'a>)>),
}

/// Words that fields take.
const WORDS: [&str; 12] = [
    DEVICE,
    "open",
    "closed",
    "High",
    "tcp_scan",
    "default",
    "10.0.0.0/8",
    "2027-01-31",
    "true",
    "443",
    "first_seen",
    "somebody",
];

struct Route {
    method: String,
    path: String,
    /// Of its query, and of its body.
    names: Vec<String>,
}

struct Target {
    address: SocketAddr,
    alert: String,
    routes: Vec<Route>,
}

static TARGET: LazyLock<Target> = LazyLock::new(Target::start);

thread_local! {
    static CONNECTION: RefCell<Option<BufReader<TcpStream>>> = const { RefCell::new(None) };
}

fuzz_target!(|request: Request| {
    let target = &*TARGET;
    let route = &target.routes[usize::from(request.route) % target.routes.len()];
    let answer = ask(target.address, &request.bytes(route, &target.alert));
    let what = format_args!("{} {}: {answer:?}", route.method, route.path);
    // As many listen for changes as may.
    let is_full = answer.status == 503 && route.path.ends_with("/events");
    assert!(answer.status < 500 || is_full, "{what}");
    // An exception that was taken can be read again.
    assert!(
        answer.status != 409 || !route.path.contains("exceptions"),
        "{what}"
    );
    if answer.status >= 400 && route.path.starts_with("/api/") {
        let problem: Value = serde_json::from_slice(&answer.body).expect("a problem is JSON");
        let reason = problem["error"].as_str();
        assert!(reason.is_some_and(|reason| !reason.is_empty()), "{what}");
    }
    if answer.kind.starts_with("text/html") {
        let page = std::str::from_utf8(&answer.body).expect("a page is text");
        assert!(!page.contains(MARK), "{what}");
    }
    if request.route == 0 {
        let health = ask(
            target.address,
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        );
        assert_eq!(health.status, 200, "{health:?}");
    }
});

impl Text<'_> {
    fn value(&self, mark: &str) -> Value {
        match self {
            Self::Number(number) => (*number).into(),
            _ => self.text(mark).into(),
        }
    }

    fn text(&self, mark: &str) -> String {
        match self {
            Self::Any(text) => format!("{mark}{text}"),
            Self::Number(number) => number.to_string(),
            Self::Word(word) => WORDS[usize::from(*word) % WORDS.len()].to_owned(),
        }
    }
}

impl Request<'_> {
    fn bytes(&self, route: &Route, alert: &str) -> Vec<u8> {
        let mark = if self.is_marked { MARK } else { "" };
        let mut path = route.path.clone();
        if let (Some(begin), Some(end)) = (path.find('{'), path.find('}')) {
            let place = match self.place {
                Some(place) => encoded(&format!("{mark}{place}")),
                None if path.contains("alerts") => alert.to_owned(),
                None => DEVICE.to_owned(),
            };
            path.replace_range(begin..=end, &place);
        }
        let query = fields(&self.query, route, mark);
        let (kind, body) = match &self.body {
            Body::None => ("text/plain", Vec::new()),
            Body::Any(bytes) => ("application/json", bytes.to_vec()),
            Body::Json(list) => {
                let named = list
                    .iter()
                    .filter_map(|(index, text)| Some((name(route, *index)?, text.value(mark))));
                (
                    "application/json",
                    Value::Object(named.collect::<Map<_, _>>())
                        .to_string()
                        .into_bytes(),
                )
            }
            Body::Form(list) => (
                "application/x-www-form-urlencoded",
                fields(list, route, mark).into_bytes(),
            ),
        };
        let mut head = format!(
            "{} {path}?{query} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n",
            route.method,
            body.len()
        );
        let mut has_kind = false;
        for (index, value) in &self.headers {
            let header = HEADERS[usize::from(*index) % HEADERS.len()];
            has_kind |= header == "Content-Type";
            let value: String = value
                .chars()
                .filter(|character| !character.is_control())
                .collect();
            head += &format!("{header}: {value}\r\n");
        }
        if !has_kind {
            head += &format!("Content-Type: {kind}\r\n");
        }
        head += "\r\n";
        [head.into_bytes(), body].concat()
    }
}

fn name(route: &Route, index: u8) -> Option<String> {
    route
        .names
        .get(usize::from(index) % route.names.len().max(1))
        .cloned()
}

fn fields(list: &[(u8, Text<'_>)], route: &Route, mark: &str) -> String {
    let named = list.iter().filter_map(|(index, text)| {
        Some(format!(
            "{}={}",
            name(route, *index)?,
            encoded(&text.text(mark))
        ))
    });
    named.collect::<Vec<_>>().join("&")
}

/// As it may stand in an address.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[derive(Debug)]
struct Answer {
    status: u16,
    kind: String,
    body: Vec<u8>,
}

/// Asks over the connection of the last request, or another one when the hub has ended that.
fn ask(address: SocketAddr, request: &[u8]) -> Answer {
    CONNECTION.with_borrow_mut(|connection| {
        if let Some(old) = connection
            && let Some(answer) = exchange(old, request)
        {
            if answer.ends() {
                *connection = None;
            }
            return answer;
        }
        let stream = TcpStream::connect(address).expect("the hub listens");
        stream.set_nodelay(true).expect("it is open");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("it is open");
        let mut fresh = BufReader::new(stream);
        let answer = exchange(&mut fresh, request).expect("an answer");
        *connection = (!answer.ends()).then_some(fresh);
        answer
    })
}

impl Answer {
    /// Nothing more can be asked over its connection: it goes on without end.
    fn ends(&self) -> bool {
        self.kind.starts_with("text/event-stream")
    }
}

fn exchange(connection: &mut BufReader<TcpStream>, request: &[u8]) -> Option<Answer> {
    connection.get_mut().write_all(request).ok()?;
    let mut line = String::new();
    connection.read_line(&mut line).ok()?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let (mut kind, mut length) = (String::new(), 0);
    loop {
        line.clear();
        connection.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name {
            "content-type" => value.clone_into(&mut kind),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).ok()?;
    Some(Answer { status, kind, body })
}

impl Target {
    /// A hub with a device that has been scanned, in a folder that goes with the machine's other temporary ones.
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("defender-hub-fuzz-{}", std::process::id()));
        let mut config = HubConfig::parse("", Path::new("hub.toml")).expect("nothing is said");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        config.listen.web = any;
        config.listen.mqtt = Some(any);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let hub = runtime.block_on(async {
            let hub = Hub::start(config, folder, Notices::new(|_| ()))
                .await
                .expect("it starts");
            let what = What::Report {
                device: DEVICE.to_owned(),
                payload: scan().into(),
            };
            let delivery = Delivery {
                received: now(),
                what,
                kept: None,
            };
            hub.intake().put(delivery).await.expect("it takes reports");
            hub
        });
        let address = hub.web_address();
        // It goes on as long as the process.
        std::mem::forget((hub, runtime));
        let document = get(address, "/api/v1/openapi.json");
        let mut routes: Vec<_> = document["paths"]
            .as_object()
            .expect("paths")
            .iter()
            .flat_map(|path| of_document(&document, path))
            .collect();
        assert!(routes.len() > 15, "every route of the API");
        routes.extend(PAGES.map(|(method, path, names)| Route {
            method: method.to_owned(),
            path: path.to_owned(),
            names: names.iter().map(|&name| name.to_owned()).collect(),
        }));
        let alert = loop {
            let alerts = get(address, "/api/v1/alerts");
            if let Some(id) = alerts["alerts"][0]["id"].as_str() {
                break id.to_owned();
            }
            thread::sleep(Duration::from_millis(20));
        };
        Self {
            address,
            alert,
            routes,
        }
    }
}

fn get(address: SocketAddr, path: &str) -> Value {
    let answer = ask(
        address,
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes(),
    );
    serde_json::from_slice(&answer.body).expect("it is JSON")
}

/// The methods of a path, with the names of what their queries and bodies have.
fn of_document<'d>(
    document: &'d Value,
    (path, methods): (&'d String, &'d Value),
) -> impl Iterator<Item = Route> + 'd {
    let methods = methods.as_object().into_iter().flatten();
    methods
        .filter(|(method, _)| matches!(method.as_str(), "get" | "post" | "delete"))
        .map(move |(method, operation)| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let mut names: Vec<_> = parameters
                .filter_map(|parameter| Some(parameter["name"].as_str()?.to_owned()))
                .collect();
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            let body = body["$ref"]
                .as_str()
                .and_then(|to| document.pointer(to.trim_start_matches('#')))
                .unwrap_or(body);
            names.extend(
                body["properties"]
                    .as_object()
                    .into_iter()
                    .flat_map(Map::keys)
                    .cloned(),
            );
            Route {
                method: method.to_uppercase(),
                path: path.clone(),
                names,
            }
        })
}

fn now() -> u32 {
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("after 1970");
    now.as_secs() as u32
}

/// Ten ports of a host that were asked: one alert.
fn scan() -> Vec<u8> {
    let flows = (1..=10).map(|port| Flow {
        protocol: Protocol::Tcp,
        local_address: [10, 0, 0, 2].into(),
        local_port: 40_000 + port,
        remote_address: [10, 1, 0, 9].into(),
        remote_port: port,
        bytes_in: 0,
        bytes_out: 40,
    });
    let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
    message.events.push(Event {
        id: EventId([7; 16]),
        time: now(),
        collection_interval: 10,
        payload: Payload::NetworkActivity {
            flows: flows.collect(),
        },
    });
    message.to_bytes().expect("it fits")
}
