//! TLS towards a hub: whom to trust, and what a failed handshake means.

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rumqttc::{ConnectionError, TlsError};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{
        CertificateDer,
        pem::{self, PemObject},
    },
};

/// Why it is not known whom to trust.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Certificates for a hub that shows none.
    #[error("--ca {path} has no use with {url}, which is not encrypted; did you mean mqtts://?", path = .path.display())]
    Unused {
        /// The file that was named.
        path: PathBuf,
        /// The hub, without credentials.
        url: String,
    },
    /// The file does not open.
    #[error("{path} cannot be read: {error}", path = .path.display())]
    Unreadable {
        /// The file that was named.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The file holds something else.
    #[error(
        "{path} holds no certificate; one in PEM begins with -----BEGIN CERTIFICATE-----",
        path = .path.display()
    )]
    Empty {
        /// The file that was named.
        path: PathBuf,
    },
    /// The file begins to be PEM.
    #[error("{path} is damaged PEM: {error}", path = .path.display())]
    Pem {
        /// The file that was named.
        path: PathBuf,
        /// What is wrong.
        error: pem::Error,
    },
    /// PEM of something else, or a damaged certificate.
    #[error("certificate {number} in {path} is damaged: {error}", path = .path.display())]
    Certificate {
        /// The file that was named.
        path: PathBuf,
        /// Which one of the file, beginning with 1.
        number: usize,
        /// What is wrong.
        error: rustls::Error,
    },
    /// No file was named and the machine has no certificates either.
    #[error(
        "this machine has no certificates of its own to trust; name the hub's with --ca FILE, or install ca-certificates"
    )]
    NoneInstalled,
    /// The cryptography does not do what it promises.
    #[error("TLS cannot be set up: {0}; this is a bug, please report it")]
    Library(rustls::Error),
}

impl TrustError {
    /// Whether the user named the wrong file.
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::NoneInstalled | Self::Library(_))
    }
}

/// What TLS needs to know: trust in the certificates of a PEM file, or in those that the system trusts.
pub fn client_config(ca: Option<&Path>) -> Result<Arc<ClientConfig>, TrustError> {
    let roots = match ca {
        Some(path) => roots_of(path)?,
        None => roots_of_system()?,
    };
    // Named here, because a process-wide default may be set only once.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TrustError::Library)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn roots_of(path: &Path) -> Result<RootCertStore, TrustError> {
    let text = fs::read(path).map_err(|error| TrustError::Unreadable {
        path: path.into(),
        error,
    })?;
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(&text).enumerate() {
        let certificate = certificate.map_err(|error| TrustError::Pem {
            path: path.into(),
            error,
        })?;
        roots
            .add(certificate)
            .map_err(|error| TrustError::Certificate {
                path: path.into(),
                number: index + 1,
                error,
            })?;
    }
    if roots.is_empty() {
        return Err(TrustError::Empty { path: path.into() });
    }
    Ok(roots)
}

fn roots_of_system() -> Result<RootCertStore, TrustError> {
    let mut roots = RootCertStore::empty();
    // Some systems have a few that are no longer valid; the others are as good as ever.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(TrustError::NoneInstalled);
    }
    Ok(roots)
}

/// Why a hub is there, but no encrypted connection came about. Displayed, it goes on a sentence that began with the hub.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// Its certificate was issued by somebody else than those trusted.
    #[error(
        "shows a certificate of an issuer that is not trusted; name the issuer's with --ca FILE"
    )]
    UnknownIssuer,
    /// Its certificate is for somebody else.
    #[error("shows a certificate for {names}, not for the host of the URL; use one of its names", names = list(.0))]
    OtherName(Vec<String>),
    /// Its certificate is of another time.
    #[error("shows a certificate that is not valid now; is the clock of this machine right?")]
    OtherTime,
    /// Its certificate will not do for another reason.
    #[error("shows a certificate that cannot be accepted: {0}")]
    Certificate(CertificateError),
    /// It wants to know more about us than we can tell.
    #[error("asks for a certificate of its clients, which this tool cannot show")]
    WantsCertificate,
    /// It speaks another protocol.
    #[error("does not answer in TLS; is the port one for mqtt://?")]
    NoTls,
}

impl HandshakeError {
    /// What a failed connection says about the handshake; `None` when something else was in the way.
    pub fn of(failure: &ConnectionError) -> Option<Self> {
        match cause::<rustls::Error>(failure) {
            Some(rustls::Error::InvalidCertificate(reason)) => Some(Self::of_certificate(reason)),
            Some(rustls::Error::AlertReceived(AlertDescription::CertificateRequired)) => {
                Some(Self::WantsCertificate)
            }
            Some(rustls::Error::InvalidMessage(_)) => Some(Self::NoTls),
            None => match failure {
                // Brokers close a connection that does not begin like MQTT.
                ConnectionError::Tls(TlsError::Io(error)) => matches!(
                    error.kind(),
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
                )
                .then_some(Self::NoTls),
                _ => None,
            },
            _ => None,
        }
    }

    fn of_certificate(reason: &CertificateError) -> Self {
        match reason {
            // A bad signature is that of a namesake of a trusted issuer.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownIssuer,
            CertificateError::NotValidForName => Self::OtherName(Vec::new()),
            CertificateError::NotValidForNameContext { presented, .. } => {
                Self::OtherName(presented.clone())
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Self::OtherTime,
            other => Self::Certificate(other.clone()),
        }
    }
}

/// What an error goes back to, if that is an `E`.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // `source` of an I/O error is that of the error in it.
        next = match error.downcast_ref::<io::Error>() {
            Some(outer) => outer.get_ref().map(|inner| inner as _),
            None => error.source(),
        };
    }
    None
}

/// The names of a certificate as a sentence has them. They come as `DnsName("hub.example")` and `IpAddress(192.0.2.1)`.
fn list(names: &[String]) -> String {
    let bare = |name: &String| {
        let inner = name.split_once('(').map_or(name.as_str(), |(_, rest)| rest);
        inner.trim_matches(['"', ')']).to_owned()
    };
    match names {
        [] => "other names".to_owned(),
        names => names.iter().map(bare).collect::<Vec<_>>().join(", "),
    }
}
