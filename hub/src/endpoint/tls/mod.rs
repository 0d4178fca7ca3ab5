//! TLS of the endpoint: as IoT Hub clients need it, those of NetX Duo among them.
//!
//! A client may show a certificate, and need not. Who issued it says nothing; that the client has its key is checked here, and
//! whether it is the one that the device is enrolled with when the client has said who it is.

pub(super) mod cbc;
mod client;
mod mac;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

pub use self::client::AnyCertificate;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {error}; `defender hub init` makes certificate and key", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A file has not what it should.
    #[error("{path} has no {what} in PEM", path = .path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What it should have.
        what: &'static str,
    },
    /// Certificate and key are of no use.
    #[error("certificate and key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// What TLS needs to know, with the certificate and the key of two PEM files.
///
/// # Errors
/// [`TlsError`] says which file is of no use, and why.
pub fn server_config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .filter_map(Result::ok)
        .collect();
    if chain.is_empty() {
        return Err(TlsError::Pem {
            path: certificate.into(),
            what: "certificate",
        });
    }
    let key = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| TlsError::Pem {
        path: key.into(),
        what: "private key",
    })?;
    server_config_of(chain, key)
}

/// The same with a certificate, with those that lead to it, and its key.
///
/// # Errors
/// [`TlsError`] when they are of no use.
pub fn server_config_of(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(provider());
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(AnyCertificate::new(provider)))
        .with_single_cert(chain, key)?;
    // The suite that is last is for clients that have no other, also when they do not put it last.
    config.ignore_client_order = true;
    Ok(Arc::new(config))
}

/// ring's cryptography, with the one suite of NetX Duo's IoT Hub client behind all others.
fn provider() -> CryptoProvider {
    let mut provider = ring::default_provider();
    provider.cipher_suites.extend(*cbc::SUITE);
    provider
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| TlsError::Unreadable {
        path: path.into(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use rcgen::{CertificateParams, KeyPair};
    use rustls::{
        CipherSuite, ClientConfig, ClientConnection, RootCertStore, ServerConnection, version,
    };

    use super::*;
    use crate::identity::authority::Authority;

    fn server(authority: &Authority) -> Arc<ServerConfig> {
        let folder = tempfile::tempdir().unwrap();
        let issued = authority.issue_hub(&["hub.example".into()]).unwrap();
        let [certificate, key] = ["hub.pem", "hub.key"].map(|name| folder.path().join(name));
        fs::write(&certificate, issued.certificate_pem).unwrap();
        fs::write(&key, issued.key_pem).unwrap();
        server_config(&certificate, &key).unwrap()
    }

    /// A client with one cipher suite, as NetX Duo's: a client of rustls that has learned it, too.
    fn client(
        authority: &Authority,
        identity: Option<(&CertificateParams, KeyPair)>,
    ) -> ClientConfig {
        let mut provider = ring::default_provider();
        provider.cipher_suites = cbc::SUITE.iter().copied().collect();
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap();
        roots.add(root).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&version::TLS12])
            .unwrap()
            .with_root_certificates(roots);
        match identity {
            None => config.with_no_client_auth(),
            Some((params, key)) => {
                let certificate = params.self_signed(&key).unwrap();
                let chain = vec![certificate.der().clone()];
                config.with_client_auth_cert(chain, key.into()).unwrap()
            }
        }
    }

    /// A handshake, and a text each way.
    fn talk(server: Arc<ServerConfig>, client: ClientConfig) -> ServerConnection {
        let name = "hub.example".try_into().unwrap();
        let mut client = ClientConnection::new(Arc::new(client), name).unwrap();
        let mut server = ServerConnection::new(server).unwrap();
        let text: Vec<u8> = (0..40_000_u32).map(|at| at as u8).collect();
        client.writer().write_all(&text).unwrap();
        server.writer().write_all(&text).unwrap();
        let mut got = [Vec::new(), Vec::new()];
        let mut wire = Vec::new();
        while got.iter().any(|got| got.len() < text.len()) {
            wire.clear();
            while client.wants_write() {
                client.write_tls(&mut wire).unwrap();
            }
            let mut left = wire.as_slice();
            while !left.is_empty() {
                server.read_tls(&mut left).unwrap();
                server.process_new_packets().unwrap();
                let _ = server.reader().read_to_end(&mut got[0]);
            }
            wire.clear();
            while server.wants_write() {
                server.write_tls(&mut wire).unwrap();
            }
            let mut left = wire.as_slice();
            while !left.is_empty() {
                client.read_tls(&mut left).unwrap();
                client.process_new_packets().unwrap();
                let _ = client.reader().read_to_end(&mut got[1]);
            }
        }
        assert!(got.iter().all(|got| *got == text));
        server
    }

    #[test]
    fn the_suite_of_netx_duo_is_spoken() {
        let (authority, _) = Authority::make("test").unwrap();
        let server = server(&authority);
        let connection = talk(Arc::clone(&server), client(&authority, None));
        let suite = connection.negotiated_cipher_suite().unwrap().suite();
        assert_eq!(suite, CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256);
        assert!(connection.peer_certificates().is_none());
        // Whoever issued it.
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::default();
        let connection = talk(server, client(&authority, Some((&params, key))));
        assert_eq!(connection.peer_certificates().map(<[_]>::len), Some(1));
    }

    #[test]
    fn files_that_are_of_no_use_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] = ["hub.pem", "hub.key"].map(|name| folder.path().join(name));
        let error = || server_config(&certificate, &key).unwrap_err().to_string();
        assert!(error().contains("hub.pem"), "{}", error());
        fs::write(&certificate, "nothing").unwrap();
        assert!(error().contains("no certificate"), "{}", error());
        let pair = KeyPair::generate().unwrap();
        let made = CertificateParams::default().self_signed(&pair).unwrap();
        fs::write(&certificate, made.pem()).unwrap();
        assert!(error().contains("hub.key"), "{}", error());
        fs::write(&key, made.pem()).unwrap();
        assert!(error().contains("no private key"), "{}", error());
        // A key of another certificate.
        fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
        assert!(error().contains("cannot be used"), "{}", error());
    }
}
