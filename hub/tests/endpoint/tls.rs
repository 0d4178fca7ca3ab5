//! TLS: certificates of the hub and of devices, and handshakes that stall.

use std::{
    io::Read,
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use defender_detect::input::{Refusal, SignalKind};
use defender_hub::{
    endpoint::{Limits, tls},
    identity::{Credential, Role, Thumbprint, authority::Authority},
    mqtt::{DeviceId, Endpoint, Publisher, PublisherOptions},
};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};
use tempfile::TempDir;

use crate::{
    client::{Client, Connect, Packet},
    hub::{Hub, LOCALHOST, token, user},
};

/// A hub that listens with TLS, and whom to trust to find it.
pub struct Tls {
    pub hub: Hub,
    pub address: SocketAddr,
    /// A folder with `ca.pem`.
    pub ca: TempDir,
    authority: Authority,
}

impl Tls {
    pub fn new() -> Self {
        let (authority, _) = Authority::make("test").unwrap();
        let issued = authority.issue_hub(&["127.0.0.1".into()]).unwrap();
        let config = tls::server_config_of(
            vec![issued.certificate.into()],
            PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes()).unwrap(),
        );
        let mut hub = Hub::new({
            let mut limits = Limits::default();
            limits.introduced_within = Duration::from_secs(5);
            limits
        });
        hub.keep();
        let address = hub.listen_tls(config.unwrap());
        let ca = tempfile::tempdir().unwrap();
        std::fs::write(ca.path().join("ca.pem"), authority.certificate()).unwrap();
        Self {
            hub,
            address,
            ca,
            authority,
        }
    }

    pub fn client(
        &self,
        identity: Option<(CertificateDer<'static>, KeyPair)>,
    ) -> Client<StreamOwned<ClientConnection, TcpStream>> {
        let mut roots = RootCertStore::empty();
        let root = self.authority.certificate().as_bytes();
        roots
            .add(CertificateDer::from_pem_slice(root).unwrap())
            .unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match identity {
            None => config.with_no_client_auth(),
            // Also with a key that is another's.
            Some((certificate, key)) => {
                let key = ring::sign::any_supported_type(&key.into()).unwrap();
                let identity = CertifiedKey::new(vec![certificate], key);
                let identity = Arc::new(SingleCertAndKey::from(identity));
                config.with_client_cert_resolver(identity)
            }
        };
        let name = "127.0.0.1".try_into().unwrap();
        let session = ClientConnection::new(Arc::new(config), name).unwrap();
        let Client(stream) = Client::open(self.address);
        Client(StreamOwned::new(session, stream))
    }
}

#[test]
fn a_device_with_a_token_is_let_in_and_a_stranger_is_not() {
    let tls = Tls::new();
    let key = tls.hub.enrol_key("a");
    let mut client = tls.client(None);
    let (user, token) = (user("a"), token(&key, "a", 60));
    let answer = client.connect(&Connect::with("a", &user, &token));
    assert_eq!(answer, (false, 0));
    client.publish("devices/a/messages/events/", b"x", Some(1));
    assert_eq!(client.next(), Some(Packet::PubAck(1)));
    assert_eq!(tls.client(None).connect(&Connect::new("b")).1, 5);
}

#[test]
fn a_certificate_lets_its_device_in_and_others_are_told_apart() {
    let tls = Tls::new();
    let make = |from, to| {
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        (certificate, key)
    };
    let enrol = |id, certificate: &CertificateDer<'_>| {
        let credential = Credential::Certificate(Thumbprint::of(certificate));
        tls.hub.enrol(id, Role::Device, credential);
    };
    let source = LOCALHOST;
    let refused = |id, reason| tls.hub.wait_for(id, SignalKind::Refused { reason, source });
    let (right, key) = make(2020, 2100);
    enrol("a", &right);
    let identity = (right.clone(), key);
    assert_eq!(tls.client(Some(identity)).connect(&Connect::new("a")).1, 0);
    assert_eq!(
        tls.client(Some(make(2020, 2100)))
            .connect(&Connect::new("a"))
            .1,
        5
    );
    refused("a", Refusal::CertificateMismatch);
    assert_eq!(tls.client(None).connect(&Connect::new("a")).1, 5);
    refused("a", Refusal::Unauthorized);
    let (late, key) = make(2020, 2021);
    enrol("b", &late);
    assert_eq!(
        tls.client(Some((late, key))).connect(&Connect::new("b")).1,
        5
    );
    refused("b", Refusal::CertificateExpired);
    // The certificate of a device, and not its key.
    let mut thief = tls.client(Some((right, KeyPair::generate().unwrap())));
    thief.send(&Connect::new("a").bytes());
    assert_eq!(thief.next(), None);
}

#[test]
fn a_device_of_ours_reports_over_tls() {
    let tls = Tls::new();
    let key = tls.hub.enrol_key("a");
    let ca = tls.ca.path().join("ca.pem");
    let encode = |text: &str| {
        let set = percent_encoding::NON_ALPHANUMERIC;
        percent_encoding::utf8_percent_encode(text, set).to_string()
    };
    let (user, token) = (encode(&user("a")), encode(&token(&key, "a", 60)));
    let url = format!("mqtts://{user}:{token}@{}", tls.address);
    let endpoint = Endpoint::new(url.parse().unwrap(), Some(&ca)).unwrap();
    let id: DeviceId = "a".parse().unwrap();
    let device = Publisher::connect(&endpoint, &id, PublisherOptions::default()).unwrap();
    device.publish("devices/a/messages/events/", b"x").unwrap();
    drop(device);
    tls.hub.wait_for("a", SignalKind::Disconnected);
}

#[test]
fn a_handshake_that_stalls_harms_nobody() {
    let tls = Tls::new();
    let key = tls.hub.enrol_key("a");
    // Some say nothing, some begin a handshake.
    let mut stalled: Vec<_> = (0..40).map(|_| Client::open(tls.address)).collect();
    for client in stalled.iter_mut().step_by(2) {
        client.send(&[0x16, 3, 1, 2, 0, 1]);
    }
    let begun = Instant::now();
    let (user, token) = (user("a"), token(&key, "a", 60));
    let connect = Connect::with("a", &user, &token);
    assert_eq!(tls.client(None).connect(&connect).1, 0);
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
    for mut client in stalled {
        let mut rest = Vec::new();
        let _ = client.0.read_to_end(&mut rest);
    }
    assert!(begun.elapsed() < Duration::from_secs(30));
}
