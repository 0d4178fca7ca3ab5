//! What a hub client proves itself with, and what it does so by.

use core::fmt;

use netxduo_sys::{NX_CRYPTO_CIPHERSUITE, NX_CRYPTO_METHOD};

use crate::error::Error;
use crate::ffi::tls::Tables;

/// The private key of a certificate, in DER. It does not show in [`Debug`](fmt::Debug).
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrivateKey {
    /// RSA, as of PKCS #1 (in PEM: `BEGIN RSA PRIVATE KEY`).
    Rsa(&'static [u8]),
    /// Elliptic curve, as of SEC 1 (in PEM: `BEGIN EC PRIVATE KEY`).
    Ec(&'static [u8]),
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa(_) => "Rsa(..)",
            Self::Ec(_) => "Ec(..)",
        })
    }
}

/// The cryptography that TLS may use.
#[derive(Clone, Copy)]
pub struct CipherSuites(pub(crate) Tables);

impl CipherSuites {
    /// Those that come with the middleware (`nx_azure_iot_ciphersuites.h`): ECDHE or RSA with AES-128, RSA and ECDSA certificates.
    pub fn azure_iot() -> Self {
        Self(Tables::azure_iot())
    }

    /// A table of one's own: the methods, the cipher suites that are made of them, and the bytes of metadata that TLS needs
    /// with them.
    ///
    /// # Safety
    /// The pointers in the tables are valid, and what they point to stays as it is.
    pub unsafe fn from_raw(
        crypto: &'static [*const NX_CRYPTO_METHOD],
        ciphers: &'static [*const NX_CRYPTO_CIPHERSUITE],
        metadata_bytes: usize,
    ) -> Self {
        Self(Tables {
            crypto: crypto.as_ptr().cast_mut(),
            crypto_size: u32::try_from(crypto.len()).unwrap_or(u32::MAX),
            ciphers: ciphers.as_ptr().cast_mut(),
            ciphers_size: u32::try_from(ciphers.len()).unwrap_or(u32::MAX),
            metadata: metadata_bytes,
        })
    }

    /// The bytes of metadata that [`HubClientStorage`](super::HubClientStorage) needs at least.
    pub fn metadata_bytes(&self) -> usize {
        self.0.metadata
    }
}

impl Default for CipherSuites {
    fn default() -> Self {
        Self::azure_iot()
    }
}

impl fmt::Debug for CipherSuites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CipherSuites")
            .field("metadata_bytes", &self.metadata_bytes())
            .finish_non_exhaustive()
    }
}

/// Whether a text is Base64, with padding: otherwise the middleware would notice it no sooner than when it connects.
pub(super) fn check_symmetric_key(key: &str) -> Result<(), Error> {
    let digits = key.trim_end_matches('=');
    let padding = key.len() - digits.len();
    let is_digit = |digit: u8| digit.is_ascii_alphanumeric() || digit == b'+' || digit == b'/';
    // One digit alone, six bits, makes no byte: so there are at most two bytes of padding.
    let is_key = !digits.is_empty()
        && key.len().is_multiple_of(4)
        && padding <= 2
        && digits.bytes().all(is_digit);
    if is_key {
        Ok(())
    } else {
        Err(Error::SymmetricKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symmetric_keys_are_base64() {
        for key in ["QUJD", "QUI=", "QQ==", "+/+/"] {
            assert_eq!(check_symmetric_key(key), Ok(()), "{key}");
        }
        for key in [
            "",
            "====",
            "Q===",
            "QUJ",
            "QU!D",
            "QU=D",
            "QUJD QUI=",
            "ÄUJD",
        ] {
            assert_eq!(check_symmetric_key(key), Err(Error::SymmetricKey), "{key}");
        }
    }

    #[test]
    fn private_keys_do_not_show() {
        extern crate std;
        let shown = std::format!("{:?}", PrivateKey::Rsa(&[0x30, 0x42]));
        assert_eq!(shown, "Rsa(..)");
    }
}
