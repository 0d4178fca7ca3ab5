//! The hub's own certificates: an authority, the hub's certificate that it issues, and those of devices.
//!
//! Keys are RSA of 2,048 bits: the cipher suites that come with NetX Duo's IoT Hub client take the hub's certificate with
//! RSA only, and its samples bring room for this size.

use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rsa::{RsaPrivateKey, pkcs1::EncodeRsaPrivateKey, pkcs8::EncodePrivateKey};

const RSA_BITS: usize = 2048;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long certificates are valid: as long as devices may be out of reach.
const VALID: Duration = Duration::from_secs(3650 * 24 * 60 * 60);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A key cannot be made.
    #[error("cannot make an RSA key: {0}")]
    Key(String),
    /// A certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
}

/// Who issues certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, in PEM: what devices are to trust.
    certificate: String,
}

/// A certificate and its key.
pub struct Issued {
    /// The certificate in DER.
    pub certificate: Vec<u8>,
    /// The certificate in PEM.
    pub certificate_pem: String,
    /// The key in PKCS #8 PEM.
    pub key_pem: String,
    /// The key in PKCS #1 DER, as NetX Secure reads it.
    pub key_pkcs1: Vec<u8>,
}

impl Authority {
    /// A new authority, and its key in PEM.
    ///
    /// # Errors
    /// [`AuthorityError`] when that cannot be made.
    pub fn make(name: &str) -> Result<(Self, String), AuthorityError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        valid_from_now(&mut params);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = Key::make()?;
        let certificate = params.self_signed(&key.pair)?.pem();
        let pem = key.pair.serialize_pem();
        let issuer = Issuer::new(params, key.pair);
        let authority = Self {
            issuer,
            certificate,
        };
        Ok((authority, pem))
    }

    /// An authority that was made before: its certificate and its key, in PEM.
    ///
    /// # Errors
    /// [`AuthorityError`] when they are no such.
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, AuthorityError> {
        let issuer = Issuer::from_ca_cert_pem(certificate, KeyPair::from_pem(key)?)?;
        Ok(Self {
            issuer,
            certificate: certificate.to_owned(),
        })
    }

    /// Its certificate in PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate of a hub with these names and addresses; the first is its common name.
    ///
    /// # Errors
    /// [`AuthorityError`] when one is no name, or it cannot be made.
    pub fn issue_hub(&self, names: &[String]) -> Result<Issued, AuthorityError> {
        let params = CertificateParams::new(names)?;
        let name = names.first().map_or("hub", String::as_str);
        self.issue(params, name, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A certificate of a device.
    ///
    /// # Errors
    /// [`AuthorityError`] when it cannot be made.
    pub fn issue_device(&self, id: &str) -> Result<Issued, AuthorityError> {
        let params = CertificateParams::default();
        self.issue(params, id, ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn issue(
        &self,
        mut params: CertificateParams,
        name: &str,
        purpose: ExtendedKeyUsagePurpose,
    ) -> Result<Issued, AuthorityError> {
        params.distinguished_name.push(DnType::CommonName, name);
        valid_from_now(&mut params);
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
        ];
        params.extended_key_usages = vec![purpose];
        let key = Key::make()?;
        let certificate = params.signed_by(&key.pair, &self.issuer)?;
        Ok(Issued {
            certificate: certificate.der().to_vec(),
            certificate_pem: certificate.pem(),
            key_pem: key.pair.serialize_pem(),
            key_pkcs1: key.pkcs1,
        })
    }
}

/// From yesterday, for devices of which the clock is late.
fn valid_from_now(params: &mut CertificateParams) {
    let now = SystemTime::now();
    params.not_before = (now - DAY).into();
    params.not_after = (now + VALID).into();
}

struct Key {
    pair: KeyPair,
    pkcs1: Vec<u8>,
}

impl Key {
    fn make() -> Result<Self, AuthorityError> {
        let failed = |error: String| AuthorityError::Key(error);
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS)
            .map_err(|error| failed(error.to_string()))?;
        let pkcs1 = key
            .to_pkcs1_der()
            .map_err(|error| failed(error.to_string()))?;
        let pkcs8 = key
            .to_pkcs8_der()
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            pair: KeyPair::try_from(pkcs8.as_bytes())?,
            pkcs1: pkcs1.as_bytes().to_vec(),
        })
    }
}
