//! TLS: its initialization, X.509 certificates, and tables of cryptography.

use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

use netxduo_sys::{
    _nx_azure_iot_tls_ciphersuite_map, _nx_azure_iot_tls_ciphersuite_map_size,
    _nx_azure_iot_tls_supported_crypto, _nx_azure_iot_tls_supported_crypto_size,
    NX_AZURE_IOT_TLS_METADATA_BUFFER_SIZE, NX_CRYPTO_CIPHERSUITE, NX_CRYPTO_METHOD,
    NX_SECURE_X509_CERT, NX_SECURE_X509_KEY_TYPE_EC_DER, NX_SECURE_X509_KEY_TYPE_NONE,
    NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER, nx_secure_tls_initialize,
    nx_secure_x509_certificate_initialize,
};
use threadx_sys::UINT;

use super::arguments::length;
use crate::azure::PrivateKey;
use crate::error::{Api, Error, check};

/// Prepares TLS, the first time: doing it again would forget the sessions that there are. From initialization and threads.
///
/// # Safety
/// Nobody else is here meanwhile, so that the next one finds it done and not only begun.
pub(super) unsafe fn initialize() {
    static INITIALIZED: AtomicBool = AtomicBool::new(false);
    if !INITIALIZED.load(Ordering::Acquire) {
        // SAFETY: this is the first call, and the only one.
        unsafe { nx_secure_tls_initialize() };
        INITIALIZED.store(true, Ordering::Release);
    }
}

/// Sets a certificate up in place, with the private key that belongs to it. Threads only.
///
/// # Safety
/// `certificate` points to memory for one that nobody uses.
pub(super) unsafe fn set_up_certificate(
    certificate: *mut NX_SECURE_X509_CERT,
    what: &'static str,
    der: &'static [u8],
    key: Option<PrivateKey>,
) -> Result<(), Error> {
    let (key, key_type) = match key {
        None => (None, NX_SECURE_X509_KEY_TYPE_NONE),
        Some(PrivateKey::Rsa(der)) => (Some(der), NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER),
        Some(PrivateKey::Ec(der)) => (Some(der), NX_SECURE_X509_KEY_TYPE_EC_DER),
    };
    let der_length = length(what, der)?;
    let key_length = key.map_or(Ok(0), |key| length("the private key", key))?;
    // SAFETY: the memory is as the caller says; certificate and key are static, and C only reads them where they are, because
    // it gets no buffer to copy them to.
    let status = unsafe {
        nx_secure_x509_certificate_initialize(
            certificate,
            der.as_ptr().cast_mut(),
            der_length,
            ptr::null_mut(),
            0,
            key.map_or(ptr::null(), <[u8]>::as_ptr),
            key_length,
            key_type as UINT,
        )
    };
    check(
        Api::NetXDuo,
        "nx_secure_x509_certificate_initialize",
        status,
    )
}

/// Tables of cryptography.
#[derive(Clone, Copy)]
pub(crate) struct Tables {
    pub crypto: *mut *const NX_CRYPTO_METHOD,
    pub crypto_size: UINT,
    pub ciphers: *mut *const NX_CRYPTO_CIPHERSUITE,
    pub ciphers_size: UINT,
    /// The bytes that TLS needs to work with them.
    pub metadata: usize,
}

// SAFETY: the tables are static, and nobody changes them.
unsafe impl Send for Tables {}
// SAFETY: likewise.
unsafe impl Sync for Tables {}

impl Tables {
    /// Those that come with the middleware.
    pub fn azure_iot() -> Self {
        Self {
            crypto: (&raw mut _nx_azure_iot_tls_supported_crypto).cast(),
            // SAFETY: a constant of C.
            crypto_size: unsafe { _nx_azure_iot_tls_supported_crypto_size },
            ciphers: (&raw mut _nx_azure_iot_tls_ciphersuite_map).cast(),
            // SAFETY: a constant of C.
            ciphers_size: unsafe { _nx_azure_iot_tls_ciphersuite_map_size },
            metadata: NX_AZURE_IOT_TLS_METADATA_BUFFER_SIZE as usize,
        }
    }
}
