//! What a hub client proves itself with is checked when the client is created, not when it connects.

use std::time::Duration;

use threadx_defender::Error;
use threadx_defender::azure::{
    AzureIot, CipherSuites, HubClient, HubClientBuilder, HubClientStorage, PrivateKey,
};
use threadx_defender::kernel;
use threadx_defender::net::PacketPoolStorage;

use crate::device::{AZURE, Device, HUBS, azure, create_ip};
use crate::kernel::{in_kernel, in_process_of, test_of};

const CERTIFICATE: &[u8] = include_bytes!("../data/certificate/certificate.der");
const KEY: &[u8] = include_bytes!("../data/certificate/key.der");

const METADATA: usize = 64 * 1024;

static LARGE: HubClientStorage<METADATA> = HubClientStorage::new();
static SMALL: HubClientStorage<100> = HubClientStorage::new();

fn builder() -> HubClientBuilder {
    HubClient::builder("hub.example", "another device")
}

/// Tests with a device that has an instance of the middleware.
fn with_azure<F: FnOnce(&AzureIot) + Send + 'static>(test: F) {
    in_process_of(test_of::<F>(), || {
        kernel::run(|kernel| test(&Device::without_agent(kernel).azure))
            .expect("the kernel starts");
    });
}

/// Why a client with that is not created, after which its storage is free again.
fn refused(azure: &AzureIot, builder: HubClientBuilder) -> Error {
    let error = builder.create(&LARGE, azure).unwrap_err();
    self::builder().create(&LARGE, azure).unwrap();
    error
}

fn is_refused_by_c(error: Error) -> bool {
    matches!(
        error,
        Error::C {
            call: "nx_secure_x509_certificate_initialize",
            ..
        }
    )
}

#[test]
fn certificates_and_keys_are_taken() {
    with_azure(|azure| {
        let client = builder()
            .symmetric_key("c2VjcmV0")
            .certificate(CERTIFICATE, PrivateKey::Rsa(KEY))
            .trusted_root(CERTIFICATE)
            .trusted_root(CERTIFICATE)
            .trusted_root(CERTIFICATE)
            .transport(&HUBS[1])
            .create(&LARGE, azure)
            .unwrap();
        client.connect(true, Duration::ZERO).unwrap();
        assert!(client.is_connected());
    });
}

#[test]
fn a_storage_that_is_too_small_for_tls_is_refused() {
    with_azure(|azure| {
        let needed = CipherSuites::azure_iot().metadata_bytes();
        let too_small = Error::MetadataTooSmall { needed, given: 100 };
        let error = builder().trusted_root(CERTIFICATE).create(&SMALL, azure);
        assert_eq!(error.unwrap_err(), too_small);
        let key = PrivateKey::Rsa(KEY);
        let error = builder()
            .certificate(CERTIFICATE, key)
            .create(&SMALL, azure);
        assert_eq!(error.unwrap_err(), too_small);
        assert!(too_small.to_string().contains("HubClientStorage<10240>"));
        // Without TLS it will do.
        builder()
            .symmetric_key("c2VjcmV0")
            .create(&SMALL, azure)
            .unwrap();
    });
}

#[test]
fn what_is_no_certificate_is_refused() {
    with_azure(|azure| {
        let (half, _) = CERTIFICATE.split_at(CERTIFICATE.len() / 2);
        for no_certificate in [b"-----BEGIN CERTIFICATE-----", half, &[0; 100]] {
            let error = refused(azure, builder().trusted_root(no_certificate));
            assert!(is_refused_by_c(error), "{error}");
            let key = PrivateKey::Rsa(KEY);
            let error = refused(azure, builder().certificate(no_certificate, key));
            assert!(is_refused_by_c(error), "{error}");
        }
        let error = refused(azure, builder().trusted_root(b""));
        assert!(matches!(error, Error::TextLength { length: 0, .. }));
        static LONG: [u8; 65_536] = [0x30; 65_536];
        let error = refused(azure, builder().trusted_root(&LONG));
        assert!(matches!(
            error,
            Error::TextLength {
                length: 65_536,
                max: 65_535,
                ..
            }
        ));
    });
}

#[test]
fn what_is_no_key_is_refused() {
    with_azure(|azure| {
        let (half, _) = KEY.split_at(KEY.len() / 2);
        for no_key in [b"-----BEGIN RSA PRIVATE KEY-----", half, &[0; 100]] {
            let key = PrivateKey::Rsa(no_key);
            let error = refused(azure, builder().certificate(CERTIFICATE, key));
            assert!(is_refused_by_c(error), "{error}");
        }
        for key in ["", "not base64!", "c2VjcmV0=", "c2Vjcm=0"] {
            let error = refused(azure, builder().symmetric_key(key));
            assert_eq!(error, Error::SymmetricKey, "{key}");
        }
    });
}

#[test]
fn more_roots_than_there_is_room_for_are_refused() {
    with_azure(|azure| {
        let builder = (0..4).fold(builder(), |builder, _| builder.trusted_root(CERTIFICATE));
        let error = refused(azure, builder);
        assert!(
            matches!(
                error,
                Error::TooMany {
                    count: 4,
                    max: 3,
                    ..
                }
            ),
            "{error}"
        );
    });
}

#[test]
fn keys_do_not_show() {
    let builder = builder()
        .symmetric_key("c2VjcmV0")
        .certificate(CERTIFICATE, PrivateKey::Rsa(b"secret"));
    let shown = format!("{builder:?} {:?}", PrivateKey::Ec(b"secret"));
    assert!(shown.contains("another device"), "{shown}");
    for secret in ["c2VjcmV0", "secret", "115, 101"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[cfg(not(host_port))]
#[test]
fn a_client_that_trusts_nobody_does_not_connect() {
    with_azure(|azure| {
        let client = builder().create(&LARGE, azure).unwrap();
        let refused = client.connect(true, Duration::from_secs(1));
        assert_eq!(refused, Err(Error::NoTrustedRoot));
    });
}

#[test]
fn packets_that_are_too_small_for_the_middleware_are_refused() {
    static SMALL: PacketPoolStorage<10_000> = PacketPoolStorage::new();
    in_kernel(|kernel| {
        let pool = SMALL.create(kernel, c"small", 128).unwrap();
        let ip = create_ip(kernel, 0, c"ip", &pool);
        let refused = azure().create(kernel, &AZURE, &ip, &pool).unwrap_err();
        let too_small = Error::PayloadTooSmall {
            needed: 256,
            given: 128,
        };
        assert_eq!(refused, too_small);
    });
}
