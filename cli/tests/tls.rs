//! Hubs that speak TLS, and what is said when trust in them fails.

mod support;

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    sync::Arc,
    thread,
};

use defender_message::SecurityMessage;
use predicates::{prelude::PredicateBooleanExt, str::contains};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    SanType, date_time_ymd,
};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};
use support::{OFFICE, defender, json_lines, vector, vector_json, without_ids};
use tempfile::TempDir;

const LOCALHOST: &str = "127.0.0.1";
const MESSAGE: &str = "office/messages/000-1795379311.bin";
const TOPIC: &str = "devices/dev1/messages/events/mti=2.3-1-0-0&%24.ifid=urn%3Aazureiot%3ASecurity%3ASecurityAgent%3A1";

/// Who issues the certificates of hubs.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, directory }
    }

    /// Its own certificate, in a file.
    fn file(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// A hub's certificate with its key.
    fn issue(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            certificate: certificate.der().clone(),
            key: key.into(),
        }
    }
}

struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}

/// A hub on a free port that talks to one client, and its URL.
fn hub<T: Send + 'static>(
    config: ServerConfig,
    talk: impl FnOnce(&mut dyn Stream) -> T + Send + 'static,
) -> (String, thread::JoinHandle<T>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("mqtts://{}", listener.local_addr().unwrap());
    let hub = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let session = ServerConnection::new(Arc::new(config)).unwrap();
        talk(&mut StreamOwned::new(session, stream))
    });
    (url, hub)
}

fn config(identity: Identity) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate], identity.key)
        .unwrap()
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// Reads a packet that is longer than what tells its length; `None` when the client is gone.
fn packet(stream: &mut dyn Stream) -> Option<(u8, Vec<u8>)> {
    let mut byte = [0];
    stream.read_exact(&mut byte).ok()?;
    let kind = byte[0] >> 4;
    let mut length = 0;
    for shift in [0, 7, 14, 21] {
        stream.read_exact(&mut byte).ok()?;
        length |= usize::from(byte[0] & 0x7f) << shift;
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    let mut content = vec![0; length];
    stream.read_exact(&mut content).ok()?;
    Some((kind, content))
}

/// Reads CONNECT and accepts.
fn accept(stream: &mut dyn Stream) {
    packet(stream).unwrap();
    stream.write_all(&[0x20, 2, 0, 0]).unwrap();
}

#[test]
fn a_watcher_sees_messages_over_tls() {
    let authority = Authority::new();
    let message = fs::read(vector(MESSAGE)).unwrap();
    let (url, hub) = hub(config(authority.issue(params(LOCALHOST))), move |stream| {
        accept(stream);
        let (_, subscribe) = packet(stream).unwrap();
        stream
            .write_all(&[0x90, 4, subscribe[0], subscribe[1], 1, 1])
            .unwrap();
        let length = 2 + TOPIC.len() + message.len();
        // The length takes two bytes, seven bits each.
        assert!((0x80..0x4000).contains(&length));
        let mut publish = vec![0x30, (length % 0x80) as u8 | 0x80, (length / 0x80) as u8];
        publish.extend((TOPIC.len() as u16).to_be_bytes());
        publish.extend(TOPIC.bytes());
        publish.extend(message);
        stream.write_all(&publish).unwrap();
        // Until the client is gone.
        while packet(stream).is_some() {}
    });
    let output = defender(["watch", &url, "--count", "1", "--json", "--ca"])
        .arg(authority.file())
        .assert()
        .success()
        .stderr(format!("watching {url}\n"));
    let shown = without_ids(json_lines(&output.get_output().stdout));
    assert_eq!(shown[0]["device"], "dev1");
    assert_eq!(
        shown[0]["events"],
        vector_json("office/expected.json")[0]["events"]
    );
    hub.join().unwrap();
}

#[test]
fn a_device_sends_its_messages_over_tls() {
    let authority = Authority::new();
    let (url, hub) = hub(config(authority.issue(params(LOCALHOST))), |stream| {
        const PUBLISH: u8 = 3;
        accept(stream);
        let mut messages = 0;
        while let Some((kind, content)) = packet(stream) {
            if kind == PUBLISH {
                let id = 2 + usize::from(u16::from_be_bytes([content[0], content[1]]));
                stream
                    .write_all(&[0x40, 2, content[id], content[id + 1]])
                    .unwrap();
                SecurityMessage::decode(&content[id + 2..]).unwrap();
                messages += 1;
            }
        }
        messages
    });
    defender(["device", "--hub", &url, "--id", "dev1", "--speed", "max"])
        .args(OFFICE)
        .arg(vector("office/input.pcap"))
        .arg("--ca")
        .arg(authority.file())
        .assert()
        .success();
    let expected = vector_json("office/expected.json");
    assert_eq!(hub.join().unwrap(), expected.as_array().unwrap().len());
}

/// Watching a hub with a certificate fails with exit code 1 and a sentence that has `expected` in it.
fn refused(authority: &Authority, params: CertificateParams, ca: &PathBuf, expected: &str) {
    let (url, hub) = hub(config(authority.issue(params)), |stream| {
        packet(stream).is_none()
    });
    defender(["watch", &url, "--ca"])
        .arg(ca)
        .assert()
        .code(1)
        .stdout("")
        .stderr(contains(format!("error: {url} shows ")))
        .stderr(contains(expected));
    assert!(hub.join().unwrap(), "the client went on");
}

#[test]
fn hubs_that_are_not_to_be_trusted_are_refused() {
    let authority = Authority::new();
    let stranger = Authority::new();
    refused(
        &stranger,
        params(LOCALHOST),
        &authority.file(),
        "a certificate of an issuer that is not trusted; name the certificate of its issuer with --ca",
    );
    // The trusted issuer's own, shown by a hub.
    let mut of_authority = params(LOCALHOST);
    of_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    refused(
        &authority,
        of_authority,
        &authority.file(),
        "the certificate of a certificate authority (CA) as its own; have that authority issue one",
    );
    refused(
        &authority,
        CertificateParams::default(),
        &authority.file(),
        "a certificate that names no host (subjectAltName), which is needed; have one issued",
    );
    let mut of_client = params(LOCALHOST);
    of_client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    refused(
        &authority,
        of_client,
        &authority.file(),
        "a certificate that is not one for servers (extended key usage serverAuth)",
    );
    refused(
        &authority,
        params("hub.example"),
        &authority.file(),
        "a certificate for hub.example, not for the host of the URL; use one of its names",
    );
    let mut expired = params(LOCALHOST);
    expired.not_before = date_time_ymd(2019, 1, 1);
    expired.not_after = date_time_ymd(2020, 1, 1);
    refused(
        &authority,
        expired,
        &authority.file(),
        "a certificate that is not valid now: it expired ",
    );
    let mut early = params(LOCALHOST);
    early.not_before = date_time_ymd(2300, 1, 1);
    early.not_after = date_time_ymd(2301, 1, 1);
    refused(
        &authority,
        early,
        &authority.file(),
        "is the clock of this machine right?",
    );
}

/// Names of certificates reach no terminal as they are.
#[test]
fn hostile_names_of_certificates_are_escaped() {
    let authority = Authority::new();
    let mut hostile = CertificateParams::default();
    let name = "\x1b]0;gone\x07\x7f".try_into().unwrap();
    hostile.subject_alt_names = vec![SanType::DnsName(name)];
    let (url, hub) = hub(config(authority.issue(hostile)), |stream| {
        packet(stream).is_none()
    });
    let assert = defender(["watch", &url, "--ca"])
        .arg(authority.file())
        .assert()
        .code(1);
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(said.contains("shows a certificate"), "{said:?}");
    assert!(
        said.trim_end()
            .chars()
            .all(|character| !character.is_control()),
        "{said:?}"
    );
    assert!(hub.join().unwrap(), "the client went on");
}

#[test]
fn without_a_file_the_system_says_whom_to_trust() {
    let authority = Authority::new();
    let watch = |file: PathBuf| {
        let (url, hub) = hub(config(authority.issue(params(LOCALHOST))), |stream| {
            accept(stream);
        });
        let assert = defender(["watch", &url])
            .env("SSL_CERT_FILE", file)
            .env_remove("SSL_CERT_DIR")
            .assert()
            .code(1);
        (assert, hub)
    };
    // The hub goes away before the watcher has subscribed: it was accepted.
    let (assert, hub) = watch(authority.file());
    assert.stderr(contains("certificate").not());
    hub.join().unwrap();
    let (assert, _) = watch(Authority::new().file());
    assert.stderr(contains("of an issuer that is not trusted"));
    let (assert, _) = watch(PathBuf::from("/nowhere"));
    assert.stderr(contains("--ca FILE"));
}

#[test]
fn a_hub_that_wants_a_certificate_is_understood() {
    let authority = Authority::new();
    let provider = Arc::new(ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.issuer.der().clone()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
    let identity = authority.issue(params(LOCALHOST));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![identity.certificate], identity.key)
        .unwrap();
    let (url, hub) = hub(config, |stream| packet(stream).is_none());
    defender(["watch", &url, "--ca"])
        .arg(authority.file())
        .assert()
        .code(1)
        .stderr(contains(format!("error: {url} asks for a certificate")));
    assert!(hub.join().unwrap(), "the client was accepted");
}

#[test]
fn a_hub_without_tls_is_understood() {
    let authority = Authority::new();
    for answer in [&b""[..], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("mqtts://{}", listener.local_addr().unwrap());
        let hub = thread::spawn(move || {
            let (mut stream, _): (TcpStream, _) = listener.accept().unwrap();
            // Closing before the greeting is read would be a reset.
            let _ = stream.read(&mut [0; 4096]);
            stream.write_all(answer).unwrap();
        });
        defender(["watch", &url, "--ca"])
            .arg(authority.file())
            .assert()
            .code(1)
            .stderr(contains(format!("{url} does not answer in TLS")));
        hub.join().unwrap();
    }
}

#[test]
fn files_that_say_nothing_about_trust_are_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("ca.pem");
    let key = KeyPair::generate().unwrap().serialize_pem();
    for (content, expected) in [
        (None, "cannot be read"),
        (Some(""), "holds no certificate"),
        (Some("something else"), "holds no certificate"),
        (Some(&*key), "holds no certificate"),
        (
            Some("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
            "damaged PEM",
        ),
        (
            Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            "certificate 1 in",
        ),
    ] {
        if let Some(content) = content {
            fs::write(&path, content).unwrap();
        }
        for args in [
            &["watch", "mqtts://localhost"][..],
            &["device", "--hub", "mqtts://localhost", "--id", "dev1"],
        ] {
            let mut command = defender(args);
            if args[0] == "device" {
                command.arg(vector("office/input.pcap"));
            }
            command
                .arg("--ca")
                .arg(&path)
                .assert()
                .code(2)
                .stdout("")
                .stderr(contains(path.display().to_string()))
                .stderr(contains(expected));
        }
    }
    defender(["watch", "mqtt://localhost", "--ca"])
        .arg(&path)
        .assert()
        .code(2)
        .stderr(contains("did you mean mqtts://"));
}
