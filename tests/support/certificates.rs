//! Certificates for a hub and a device of one's own, made on the spot: an authority, and what it issued.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;

/// The size of keys. The middleware's cipher suites take RSA only, and its samples bring room for this size.
const RSA_BITS: usize = 2048;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The name of the file with the authority's certificate for programs on a host.
pub const CA_PEM: &str = "ca.pem";
/// The same for a device.
pub const CA_DER: &str = "ca.der";
/// The names of the files with the hub's certificate and key.
pub const HUB_FILES: [&str; 2] = ["hub.pem", "hub.key"];
/// The names of the files with the device's certificate, and its key in PKCS #1.
pub const DEVICE_FILES: [&str; 2] = ["device.der", "device.key.der"];

/// Makes all certificates and writes them to files in `directory`.
///
/// The first of `hub_names` is the common name, too; names may be IP addresses.
pub fn write(
    directory: &Path,
    hub_names: &[&str],
    device_id: &str,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let put = |name: &str, content: &[u8]| fs::write(directory.join(name), content);

    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "threadx-defender test authority");
    valid_now(&mut params);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let (key, _) = rsa_key()?;
    let authority = CertifiedIssuer::self_signed(params, key)?;
    put(CA_PEM, authority.pem().as_bytes())?;
    put(CA_DER, authority.der())?;

    let names: Vec<_> = hub_names.iter().map(|name| (*name).to_owned()).collect();
    let hub = entity(
        CertificateParams::new(names)?,
        hub_names.first().copied().unwrap_or("hub"),
        ExtendedKeyUsagePurpose::ServerAuth,
    );
    let (key, _) = rsa_key()?;
    let certificate = hub.signed_by(&key, &authority)?;
    put(HUB_FILES[0], certificate.pem().as_bytes())?;
    put(HUB_FILES[1], key.serialize_pem().as_bytes())?;

    let device = entity(
        CertificateParams::default(),
        device_id,
        ExtendedKeyUsagePurpose::ClientAuth,
    );
    let (key, pkcs1) = rsa_key()?;
    let certificate = device.signed_by(&key, &authority)?;
    put(DEVICE_FILES[0], certificate.der())?;
    put(DEVICE_FILES[1], &pkcs1)?;
    Ok(())
}

fn entity(
    mut params: CertificateParams,
    name: &str,
    purpose: ExtendedKeyUsagePurpose,
) -> CertificateParams {
    params.distinguished_name.push(DnType::CommonName, name);
    valid_now(&mut params);
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
    ];
    params.extended_key_usages = vec![purpose];
    params
}

/// From yesterday, for devices of which the clock is late, for ten years.
fn valid_now(params: &mut CertificateParams) {
    let now = SystemTime::now();
    params.not_before = (now - DAY).into();
    params.not_after = (now + 3650 * DAY).into();
}

/// A key, also as the PKCS #1 DER that NetX Secure reads.
fn rsa_key() -> Result<(KeyPair, Vec<u8>), Box<dyn Error + Send + Sync>> {
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS)?;
    let pkcs1 = key.to_pkcs1_der()?.as_bytes().to_vec();
    let pkcs8 = key.to_pkcs8_der()?;
    Ok((KeyPair::try_from(pkcs8.as_bytes())?, pkcs1))
}
