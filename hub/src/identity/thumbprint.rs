//! Certificates of devices: the hub knows each by its thumbprint, whoever issued it.

use std::{fmt, str::FromStr};

use ring::digest::{SHA256, digest};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The SHA-256 hash of a certificate in DER.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Thumbprint([u8; 32]);

/// Text that is no thumbprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a thumbprint is the SHA-256 hash of a certificate: 64 hexadecimal digits")]
pub struct ThumbprintError;

impl Thumbprint {
    /// The thumbprint of a certificate in DER.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Self(bytes)
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Thumbprint {
    type Err = ThumbprintError;

    /// Hexadecimal digits, also with colons between the bytes, as OpenSSL writes them.
    fn from_str(text: &str) -> Result<Self, ThumbprintError> {
        let digits: String = text.chars().filter(|digit| *digit != ':').collect();
        let mut bytes = [0; 32];
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(ThumbprintError);
        }
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| ThumbprintError)?;
        }
        Ok(Self(bytes))
    }
}

/// What a device shows of itself in TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The certificate's thumbprint.
    pub thumbprint: Thumbprint,
    /// The seconds of Unix time in which it is valid, first and last.
    pub valid: (i64, i64),
}

impl Shown {
    /// What there is to know of a certificate in DER; `None` when it is none.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        let valid = &parsed.tbs_certificate.validity;
        Some(Self {
            thumbprint: Thumbprint::of(certificate),
            valid: (valid.not_before.timestamp(), valid.not_after.timestamp()),
        })
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn thumbprints_are_written_and_read() {
        // SHA-256 of nothing.
        let text = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
        let empty = Thumbprint::of(b"");
        assert_eq!(empty.to_string(), text);
        assert_eq!(text.parse(), Ok(empty));
        assert_eq!(text.to_lowercase().parse(), Ok(empty));
        let colons: Vec<_> = text
            .as_bytes()
            .chunks(2)
            .map(String::from_utf8_lossy)
            .collect();
        assert_eq!(colons.join(":").parse(), Ok(empty));
        for wrong in [
            "",
            &text[1..],
            &text.replace('E', "G"),
            &text.replace('E', "é"),
        ] {
            assert_eq!(wrong.parse::<Thumbprint>(), Err(ThumbprintError));
        }
    }

    #[test]
    fn a_certificate_shows_how_long_it_is_valid() {
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let shown = Shown::of(certificate.der()).unwrap();
        assert_eq!(shown.valid, (1_577_836_800, 1_609_459_200));
        assert_eq!(shown.thumbprint, Thumbprint::of(certificate.der()));
        assert_eq!(Shown::of(b"no certificate"), None);
    }
}
