//! TLS of the API, of syslog and of webhooks: who is trusted is spoken to, and nobody else.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use defender_hub::{
    identity::{KeyFiles, authority::Authority},
    web::ApiClient,
};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::task;

use crate::{
    client,
    support::{SOON, alerts, report, scan, start, until},
};

/// Files of an authority and of a server's certificate.
struct Trust {
    ca: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

impl Trust {
    fn make(folder: &Path, name: &str) -> Self {
        let (authority, _) = Authority::make(name).unwrap();
        let issued = authority
            .issue_hub(&["127.0.0.1".into(), "localhost".into()])
            .unwrap();
        let file = |end: &str, content: &str| {
            let path = folder.join(format!("{name}-{end}.pem"));
            fs::write(&path, content).unwrap();
            path
        };
        Self {
            ca: file("ca", authority.certificate()),
            certificate: file("certificate", &issued.certificate_pem),
            key: file("key", &issued.key_pem),
        }
    }

    fn server(&self) -> Arc<ServerConfig> {
        let chain = CertificateDer::pem_file_iter(&self.certificate).unwrap();
        let chain = chain.map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_file(&self.key).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key);
        Arc::new(config.unwrap())
    }

    /// A server that says what it has heard, and answers with `answer`.
    fn listen(&self, answer: &'static str) -> (SocketAddr, mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let config = self.server();
        let (sender, heard) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                stream
                    .set_read_timeout(Some(Duration::from_secs(10)))
                    .unwrap();
                let session = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(session, stream);
                let mut part = [0; 64 << 10];
                // A client that does not trust this one goes before it says anything.
                while let Ok(length @ 1..) = stream.read(&mut part) {
                    let text = String::from_utf8_lossy(&part[..length]).into_owned();
                    if sender.send(text).is_err() {
                        return;
                    }
                    let _ = stream.write_all(answer.as_bytes());
                    let _ = stream.flush();
                }
            }
        });
        (address, heard)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_spoken_to_with_its_certificate_and_token() {
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (
        Trust::make(folder.path(), "right"),
        Trust::make(folder.path(), "wrong"),
    );
    let token = folder.path().join("token");
    fs::write(&token, "hush\n").unwrap();
    let config = format!(
        "[web]\ncertificate = {:?}\nkey = {:?}\ntoken = {{ file = {token:?} }}",
        right.certificate, right.key
    );
    let (hub, _) = start(folder.path(), &config).await.unwrap();
    let address = hub.web_address();
    let ask = move |scheme: &str, token: Option<&str>, ca: &Path| {
        let url = format!("{scheme}://{address}");
        let client = ApiClient::new(&url, token, Some(ca)).unwrap();
        client
            .get("/api/v1/alerts")
            .map_err(|error| error.to_string())
    };
    let asked = task::spawn_blocking(move || {
        assert!(ask("https", Some("hush"), &right.ca).is_ok());
        let refused = ask("https", Some("Hush"), &right.ca).unwrap_err();
        assert!(refused.contains("show the token"), "{refused}");
        let refused = ask("https", None, &right.ca).unwrap_err();
        assert!(refused.contains("show the token"), "{refused}");
        let refused = ask("https", Some("hush"), &wrong.ca).unwrap_err();
        assert!(refused.contains("no hub answers"), "{refused}");
        // A stalled handshake holds up nobody, and what is no TLS gets nothing.
        let _stalled: Vec<_> = (0..20)
            .map(|_| std::net::TcpStream::connect(address).unwrap())
            .collect();
        let mut plain = std::net::TcpStream::connect(address).unwrap();
        plain.set_read_timeout(Some(SOON)).unwrap();
        plain
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
        let mut said = Vec::new();
        let _ = plain.read_to_end(&mut said);
        assert!(!String::from_utf8_lossy(&said).contains("HTTP/1.1"));
        assert!(ask("https", Some("hush"), &right.ca).is_ok());
    });
    asked.await.unwrap();
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sinks_tell_those_whom_they_trust_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (
        Trust::make(folder.path(), "right"),
        Trust::make(folder.path(), "wrong"),
    );
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let (syslog, heard_syslog) = right.listen("");
    let (webhook, heard_webhook) = right.listen(ok);
    let (false_syslog, heard_nothing) = wrong.listen("");
    let (false_webhook, heard_nothing_either) = wrong.listen(ok);
    let ca = &right.ca;
    let config = format!(
        "[[sink.syslog]]\naddress = \"{syslog}\"\ntransport = \"tls\"\nca = {ca:?}\n\
         [[sink.webhook]]\nurl = \"https://{webhook}\"\nca = {ca:?}\n\
         [[sink.syslog]]\nname = \"false-syslog\"\naddress = \"{false_syslog}\"\ntransport = \"tls\"\nca = {ca:?}\n\
         [[sink.webhook]]\nname = \"false-webhook\"\nurl = \"https://{false_webhook}\"\nca = {ca:?}\n"
    );
    let (hub, said) = start(folder.path(), &config).await.unwrap();
    report(&hub, "pump", scan(1)).await;
    alerts(&hub, "", 1).await;
    let heard = task::spawn_blocking(move || {
        let all = |heard: mpsc::Receiver<String>, end: &str| {
            let mut text = String::new();
            while !text.contains(end) {
                text += &heard.recv_timeout(SOON).expect(&text);
            }
            text
        };
        (
            all(heard_syslog, "deviceExternalId=pump"),
            all(heard_webhook, "\"class_uid\""),
        )
    });
    let (syslog, webhook) = heard.await.unwrap();
    assert!(syslog.contains("CEF:0|"), "{syslog}");
    assert!(webhook.starts_with("POST / HTTP/1.1"), "{webhook}");
    for name in ["false-syslog", "false-webhook"] {
        let complaint = format!("sink {name} takes nothing");
        until(&complaint, || {
            said.texts()
                .iter()
                .any(|text| text.contains(&complaint) && text.contains("ertificate"))
        })
        .await;
    }
    hub.stop().await.unwrap();
    assert!(heard_nothing.try_recv().is_err() && heard_nothing_either.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_exchanged_while_the_hub_runs() {
    let folder = tempfile::tempdir().unwrap();
    let files = KeyFiles::of(folder.path());
    files.init(&["127.0.0.1".into()]).unwrap();
    let first = Trust::make(folder.path(), "first");
    let second = Trust::make(folder.path(), "second");
    let config = format!(
        "[listen]\nmqtts = \"127.0.0.1:0\"\n[web]\ncertificate = {:?}\nkey = {:?}",
        first.certificate, first.key
    );
    let (hub, said) = start(folder.path(), &config).await.unwrap();
    let (mqtts, web) = (hub.mqtts_address().unwrap(), hub.web_address());
    let ca = files.ca();
    // What a client is shown that trusts the hub's authority, and has begun a handshake.
    let shown = move || {
        let mut client = client::over_tls(mqtts, &ca, None);
        let stream = &mut client.0;
        stream.conn.complete_io(&mut stream.sock).unwrap();
        let chain = stream.conn.peer_certificates().unwrap();
        let der = chain[0].to_vec();
        (client, der)
    };
    let is_trusted = move |ca: &Path| {
        let client = ApiClient::new(&format!("https://{web}"), None, Some(ca)).unwrap();
        client.get("/api/v1/alerts").is_ok()
    };
    let own = || {
        CertificateDer::from_pem_file(files.certificate())
            .unwrap()
            .to_vec()
    };
    let before = own();
    task::block_in_place(|| {
        assert_eq!(shown().1, before);
        assert!(is_trusted(&first.ca) && !is_trusted(&second.ca));
    });
    let (mut there, _) = task::block_in_place(&shown);
    files.renew(&[]).unwrap();
    fs::copy(&second.certificate, &first.certificate).unwrap();
    fs::copy(&second.key, &first.key).unwrap();
    task::block_in_place(|| assert_eq!(shown().1, before, "nobody has asked for it yet"));
    hub.reload().await;
    assert_ne!(own(), before);
    task::block_in_place(|| {
        assert_eq!(shown().1, own());
        assert!(is_trusted(&second.ca) && !is_trusted(&first.ca));
        // A connection that was there goes on: it is answered.
        there.connect(&client::Connect::new("nobody"));
    });
    let lines = ["mqtts", "web"].map(|of| format!("the certificate of {of} was read again"));
    for line in lines {
        assert!(said.texts().contains(&line), "{:?}", said.texts());
    }
    // What is of no use stays out, and the other is read all the same.
    let after = own();
    fs::write(files.certificate(), "nothing").unwrap();
    hub.reload().await;
    let stays = "the certificate of mqtts stays as it was";
    let texts = said.texts();
    assert!(texts.iter().any(|text| text.ends_with(stays)), "{texts:?}");
    task::block_in_place(|| {
        assert_eq!(shown().1, after);
        assert!(is_trusted(&second.ca));
    });
    hub.stop().await.unwrap();
}
