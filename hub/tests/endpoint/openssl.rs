//! The cipher suite of NetX Duo's IoT Hub client against OpenSSL, which has it from elsewhere: what is right passes both ways, and whatever
//! is changed on the way, one and the same alert comes back.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

use crate::{
    client::{Client, Connect, PATIENCE, Packet, publish},
    hub::{token, user},
    tls::Tls,
};

/// Application data, and what a record has before its content.
const DATA: u8 = 23;
const HEADER: usize = 5;
const BLOCK: usize = 16;

const SUITE: &str = "ECDHE-RSA-AES128-SHA256";

/// Whether OpenSSL is there.
fn is_there() -> bool {
    let is_there = Command::new("openssl").arg("version").output().is_ok();
    assert!(
        is_there || std::env::var_os("CI").is_none(),
        "CI needs openssl"
    );
    if !is_there {
        eprintln!("skipped: there is no openssl");
    }
    is_there
}

/// `openssl s_client`: what goes in and comes out of it is what TLS protects.
struct OpenSsl {
    child: Child,
    input: ChildStdin,
    output: Receiver<u8>,
    said: thread::JoinHandle<String>,
}

impl OpenSsl {
    fn connect(address: SocketAddr, tls: &Tls, args: &[&str]) -> Self {
        let mut child = Command::new("openssl")
            .args(["s_client", "-tls1_2", "-nocommands", "-verify_return_error"])
            .args(["-CAfile", tls.ca.path().join("ca.pem").to_str().unwrap()])
            .args(["-connect", &address.to_string()])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let (sender, output) = mpsc::channel();
        let mut out = child.stdout.take().unwrap();
        thread::spawn(move || {
            let mut byte = [0];
            while out.read_exact(&mut byte).is_ok() && sender.send(byte[0]).is_ok() {}
        });
        let mut err = child.stderr.take().unwrap();
        let said = thread::spawn(move || {
            let mut said = String::new();
            let _ = err.read_to_string(&mut said);
            said
        });
        Self {
            child,
            input,
            output,
            said,
        }
    }

    fn client(self) -> Client<Self> {
        Client(self)
    }

    /// What it has said when it has ended.
    fn end(mut self) -> String {
        drop(self.input);
        let _ = self.child.wait();
        self.said.join().unwrap()
    }
}

impl Read for OpenSsl {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let first = self.output.recv_timeout(PATIENCE);
        buffer[0] = first.map_err(|_| io::ErrorKind::UnexpectedEof)?;
        Ok(1)
    }
}

impl Write for OpenSsl {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.input.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.input.flush()
    }
}

/// A record of TLS, with its header.
fn record(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut record = vec![0; HEADER];
    stream.read_exact(&mut record)?;
    let length = u16::from_be_bytes([record[3], record[4]]);
    record.resize(HEADER + usize::from(length), 0);
    stream.read_exact(&mut record[HEADER..])?;
    Ok(record)
}

/// What is done to the second record with data of a client: what goes to the hub in its place. It is given the last record from the hub, too.
type Change = Box<dyn Fn(&[u8], &[u8]) -> Vec<u8> + Send>;

/// Somebody between a client and the hub.
fn between(hub: SocketAddr, change: Change) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut hub = TcpStream::connect(hub).unwrap();
        let (mut back, mut to_client) = (hub.try_clone().unwrap(), client.try_clone().unwrap());
        let (sender, from_hub) = mpsc::channel();
        let passing = thread::spawn(move || {
            while let Ok(record) = record(&mut back) {
                let _ = sender.send(record.clone());
                if to_client.write_all(&record).is_err() {
                    return;
                }
            }
            let _ = to_client.shutdown(std::net::Shutdown::Both);
        });
        let mut count = 0;
        while let Ok(mut record) = record(&mut client) {
            count += usize::from(record[0] == DATA);
            if record[0] == DATA && count == 2 {
                let last = from_hub.try_iter().last().unwrap();
                record = change(&record, &last);
            }
            if hub.write_all(&record).is_err() {
                break;
            }
        }
        passing.join().unwrap();
    });
    address
}

#[test]
fn openssl_speaks_the_suite_and_others_first() {
    if !is_there() {
        return;
    }
    let tls = Tls::new();
    let key = tls.hub.enrol_key("a");
    let (user, token) = (user("a"), token(&key, "a", 60));
    let connect = Connect::with("a", &user, &token);
    let mut client = OpenSsl::connect(tls.address, &tls, &["-cipher", SUITE, "-quiet"]).client();
    assert_eq!(client.connect(&connect), (false, 0));
    // Texts of every length modulo the block, one that fills a record, and one that takes several.
    let lengths = (0..40).chain([16_000, 16_384, 40_000]);
    for (id, length) in (1..).zip(lengths) {
        client.publish("devices/a/messages/events/", &vec![7; length], Some(id));
        assert_eq!(client.next(), Some(Packet::PubAck(id)), "{length}");
    }
    client.send(&[0xE0, 0]);
    client.0.end();
    // Who has something better gets that, in whatever order it says so.
    let both = format!("{SUITE}:ECDHE-RSA-AES128-GCM-SHA256");
    for (suites, chosen) in [
        (SUITE, SUITE),
        (both.as_str(), "ECDHE-RSA-AES128-GCM-SHA256"),
    ] {
        let mut session = OpenSsl::connect(tls.address, &tls, &["-cipher", suites]);
        let expected = format!("Cipher is {chosen}");
        let mut shown = String::new();
        let mut byte = [0];
        while !shown.contains(&expected) {
            session.read_exact(&mut byte).expect(&shown);
            shown.push(byte[0].into());
        }
        let _ = session.child.kill();
        session.end();
    }
}

#[test]
fn whatever_is_changed_on_the_way_one_alert_comes_back() {
    if !is_there() {
        return;
    }
    let tls = Tls::new();
    let key = tls.hub.enrol_key("a");
    let (user, token) = (user("a"), token(&key, "a", 600));
    let message = publish("devices/a/messages/events/", &[7; 100], Some(1));
    let flipped = |at: fn(usize) -> usize| -> Change {
        Box::new(move |record, _| {
            let mut record = record.to_vec();
            let at = at(record.len());
            record[at] ^= 1;
            record
        })
    };
    let resized = |resize: fn(&mut Vec<u8>)| -> Change {
        Box::new(move |record, _| {
            let mut record = record.to_vec();
            resize(&mut record);
            let length = (record.len() - HEADER) as u16;
            record[3..HEADER].copy_from_slice(&length.to_be_bytes());
            record
        })
    };
    let changes: Vec<(&str, Change)> = vec![
        ("initialization vector", flipped(|_| HEADER)),
        ("text", flipped(|_| HEADER + BLOCK + 3)),
        // The last block but one is xored to padding and, in front of it, code.
        (
            "length of the padding",
            flipped(|length| length - BLOCK - 1),
        ),
        ("code", flipped(|length| length - 3 * BLOCK)),
        ("last block", flipped(|length| length - 1)),
        ("kind", flipped(|_| 0)),
        (
            "padding cut",
            resized(|record| record.truncate(record.len() - BLOCK)),
        ),
        ("block added", resized(|record| record.extend([0; BLOCK]))),
        ("byte added", resized(|record| record.push(0))),
        (
            "byte cut",
            resized(|record| record.truncate(record.len() - 1)),
        ),
        (
            "too short",
            resized(|record| record.truncate(HEADER + BLOCK)),
        ),
        ("nothing in it", resized(|record| record.truncate(HEADER))),
        (
            "sent again",
            Box::new(|record, _| [record, record].concat()),
        ),
        // Its keys are those of the other direction.
        ("the hub's own", Box::new(|_, last| last.to_vec())),
    ];
    for (what, change) in changes {
        let address = between(tls.address, change);
        let args = ["-cipher", SUITE, "-quiet"];
        let mut client = OpenSsl::connect(address, &tls, &args).client();
        let connect = Connect::with("a", &user, &token);
        assert_eq!(client.connect(&connect).1, 0, "{what}");
        client.send(&message);
        // Of the two that are sent again the first is right: it may be acknowledged before the second ends all.
        while let Some(packet) = client.next() {
            assert_eq!((packet, what), (Packet::PubAck(1), "sent again"));
        }
        let said = client.0.end();
        assert!(said.contains("SSL alert number 20"), "{what}: {said}");
    }
    // Others are served.
    let mut client = tls.client(None);
    let connect = Connect::with("a", &user, &token);
    assert_eq!(client.connect(&connect).1, 0);
}
