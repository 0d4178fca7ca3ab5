//! TLS towards a hub: whom to trust.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{
        CertificateDer,
        pem::{self, PemObject},
    },
};

/// Why it is not known whom to trust.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::NoneInstalled | Self::Library(_))
    }
}

/// What TLS needs to know: trust in the certificates of a PEM file, or in those that the system trusts.
pub(crate) fn client_config(ca: Option<&Path>) -> Result<Arc<ClientConfig>, TrustError> {
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
