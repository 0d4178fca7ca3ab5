//! Shared access signatures, as an IoT Hub checks them: who has a device's key may speak for it until a time.
//!
//! A token is `SharedAccessSignature sr=…&sig=…&se=…`. What it is for (`sr`) and the second of Unix time at which it ends
//! (`se`) are signed as they are written, percent-encoded, with a line feed between them.

use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ring::hmac;

use super::{IdentityError, random};

/// What a token begins with.
const SCHEME: &str = "SharedAccessSignature ";

/// What is percent-encoded in a token.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A device's symmetric key. It does not show in [`Debug`](std::fmt::Debug).
#[derive(Clone, PartialEq, Eq)]
pub struct SharedKey(Vec<u8>);

/// Why a token does not prove what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SasError {
    /// It is no token.
    #[error("no shared access signature: it must be 'SharedAccessSignature sr=…&sig=…&se=…'")]
    Malformed,
    /// It is for something else.
    #[error("the shared access signature is for another hub or device")]
    Scope,
    /// It is not signed with the device's key.
    #[error("the shared access signature is not signed with the device's key")]
    Signature,
    /// Its time is over.
    #[error("the time of the shared access signature is over")]
    Expired,
}

/// Text that is no symmetric key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a symmetric key is base64 of 1 to 256 bytes")]
pub struct SharedKeyError;

impl SharedKey {
    /// How long the keys are that the hub makes, in bytes: as long as the hash, more would not be stronger.
    const MADE: usize = 32;

    /// The longest key, in bytes.
    const MAX: usize = 256;

    /// A key of these bytes.
    ///
    /// # Errors
    /// [`SharedKeyError`] unless there are 1 to 256.
    pub fn new(bytes: Vec<u8>) -> Result<Self, SharedKeyError> {
        match bytes.len() {
            1..=Self::MAX => Ok(Self(bytes)),
            _ => Err(SharedKeyError),
        }
    }

    /// A key that nobody guesses.
    ///
    /// # Errors
    /// [`IdentityError`] when there are no random numbers.
    pub fn make() -> Result<Self, IdentityError> {
        Ok(Self(random::<{ Self::MADE }>()?.to_vec()))
    }

    /// A key in base64, as connection strings have it.
    ///
    /// # Errors
    /// [`SharedKeyError`] when the text is no base64, or the key has not 1 to 256 bytes.
    pub fn from_base64(text: &str) -> Result<Self, SharedKeyError> {
        Self::new(BASE64_STANDARD.decode(text).map_err(|_| SharedKeyError)?)
    }

    /// The key in base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64_STANDARD.encode(&self.0)
    }

    /// The key's bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn hmac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }

    /// A token with which a device of the hub `host` proves until `expiry`, in Unix time, that it has this key.
    #[must_use]
    pub fn sign(&self, host: &str, device: &str, expiry: u64) -> String {
        let resource = format!("{host}/devices/{device}");
        let resource = utf8_percent_encode(&resource, ENCODED).to_string();
        let signature = hmac::sign(&self.hmac(), format!("{resource}\n{expiry}").as_bytes());
        let signature = BASE64_STANDARD.encode(signature);
        let signature = utf8_percent_encode(&signature, ENCODED);
        format!("{SCHEME}sr={resource}&sig={signature}&se={expiry}")
    }
}

impl std::fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedKey(..)")
    }
}

/// Checks a token of a device of the hub `host` at the time `now`, and gives the time at which it ends, both in Unix time.
///
/// That it has ended is said of those tokens only that are right otherwise: a device with a late token is known to be one.
///
/// # Errors
/// [`SasError`] says why the token proves nothing.
pub fn check(
    token: &str,
    host: &str,
    device: &str,
    key: &SharedKey,
    now: u64,
) -> Result<u64, SasError> {
    let fields = Fields::of(token).ok_or(SasError::Malformed)?;
    let resource = decode(fields.resource).ok_or(SasError::Malformed)?;
    let signature = decode(fields.signature).ok_or(SasError::Malformed)?;
    let signature = BASE64_STANDARD
        .decode(signature)
        .map_err(|_| SasError::Malformed)?;
    let is_number = fields.expiry.bytes().all(|digit| digit.is_ascii_digit());
    let expiry: u64 = match fields.expiry.parse() {
        Ok(expiry) if is_number => expiry,
        _ => return Err(SasError::Malformed),
    };
    let (at, path) = resource.split_once('/').ok_or(SasError::Scope)?;
    if !at.eq_ignore_ascii_case(host) || path.strip_prefix("devices/") != Some(device) {
        return Err(SasError::Scope);
    }
    let signed = format!("{}\n{}", fields.resource, fields.expiry);
    // In a time that does not tell how much of it is right.
    hmac::verify(&key.hmac(), signed.as_bytes(), &signature).map_err(|_| SasError::Signature)?;
    if now >= expiry {
        return Err(SasError::Expired);
    }
    Ok(expiry)
}

/// The fields of a token, as they are written.
struct Fields<'a> {
    resource: &'a str,
    signature: &'a str,
    expiry: &'a str,
}

impl<'a> Fields<'a> {
    /// The fields, in any order; `None` when one is missing, there twice, or another than these.
    fn of(token: &'a str) -> Option<Self> {
        let [mut resource, mut signature, mut expiry] = [None; 3];
        for field in token.strip_prefix(SCHEME)?.split('&') {
            let (name, value) = field.split_once('=')?;
            let place = match name {
                "sr" => &mut resource,
                "sig" => &mut signature,
                "se" => &mut expiry,
                // The name of a policy of the hub: devices have keys of their own.
                "skn" if value.is_empty() => continue,
                _ => return None,
            };
            if place.replace(value).is_some() {
                return None;
            }
        }
        Some(Self {
            resource: resource?,
            signature: signature?,
            expiry: expiry?,
        })
    }
}

fn decode(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOST: &str = "hub.example";
    const EXPIRY: u64 = 1_800_000_000;

    /// Signed by Python's `hmac` and `base64`, with the key `secret`.
    const TOKEN: &str = "SharedAccessSignature sr=hub.example%2Fdevices%2Fdev-1&sig=DV4L%2BqOHuve%2F6lUemQM%2BKlkQuX3To1O6KA0SbkZ%2Frb4%3D&se=1800000000";

    fn key() -> SharedKey {
        SharedKey::from_base64("c2VjcmV0").unwrap()
    }

    fn of_device(token: &str, now: u64) -> Result<u64, SasError> {
        check(token, HOST, "dev-1", &key(), now)
    }

    #[test]
    fn a_token_proves_its_key_until_it_ends() {
        assert_eq!(key().sign(HOST, "dev-1", EXPIRY), TOKEN);
        assert_eq!(of_device(TOKEN, 0), Ok(EXPIRY));
        assert_eq!(of_device(TOKEN, EXPIRY - 1), Ok(EXPIRY));
        assert_eq!(of_device(TOKEN, EXPIRY), Err(SasError::Expired));
        // The order of fields says nothing, and neither does an empty policy.
        let (head, expiry) = TOKEN.rsplit_once('&').unwrap();
        let fields = head.strip_prefix(SCHEME).unwrap();
        let other = format!("{SCHEME}{expiry}&{fields}&skn=");
        assert_eq!(of_device(&other, 0), Ok(EXPIRY));
        // A host's name has no case.
        assert_eq!(check(TOKEN, "HUB.example", "dev-1", &key(), 0), Ok(EXPIRY));
    }

    #[test]
    fn a_token_of_another_proves_nothing() {
        let other = |host, device| check(TOKEN, host, device, &key(), 0);
        assert_eq!(other(HOST, "dev-2"), Err(SasError::Scope));
        assert_eq!(other(HOST, "dev-1/messages"), Err(SasError::Scope));
        assert_eq!(other("other.example", "dev-1"), Err(SasError::Scope));
        let stranger = SharedKey::from_base64("c3RyYW5nZXI=").unwrap();
        let forged = stranger.sign(HOST, "dev-1", EXPIRY);
        assert_eq!(of_device(&forged, 0), Err(SasError::Signature));
        // Forged and late is forged.
        assert_eq!(of_device(&forged, EXPIRY), Err(SasError::Signature));
    }

    #[test]
    fn nothing_signed_can_be_changed() {
        let longer = TOKEN.replace("se=1800000000", "se=1800000001");
        assert_eq!(of_device(&longer, 0), Err(SasError::Signature));
        // Another way to write the same name was not signed.
        let written = TOKEN.replace("%2F", "/");
        assert_eq!(of_device(&written, 0), Err(SasError::Signature));
        let twice = format!("{TOKEN}&se=1900000000");
        assert_eq!(of_device(&twice, 0), Err(SasError::Malformed));
        for (right, wrong) in [
            ("se=1800000000", "se=+1800000000"),
            ("se=1800000000", "se="),
            ("se=1800000000", "se=99999999999999999999"),
            ("&se=1800000000", ""),
            ("SharedAccessSignature ", ""),
            ("sig=", "sig=!"),
            ("&se", "&skn=device&se"),
        ] {
            let token = TOKEN.replace(right, wrong);
            assert_eq!(of_device(&token, 0), Err(SasError::Malformed), "{token}");
        }
    }

    #[test]
    fn keys_are_base64_and_do_not_show() {
        assert_eq!(key().to_base64(), "c2VjcmV0");
        assert_eq!(format!("{:?}", key()), "SharedKey(..)");
        let long = BASE64_STANDARD.encode([0; 257]);
        for text in ["", "c2VjcmV", "c2Vj cmV0", &long] {
            assert_eq!(SharedKey::from_base64(text), Err(SharedKeyError), "{text}");
        }
    }

    proptest! {
        /// Whatever is sent, only what the key has signed passes.
        #[test]
        fn no_text_passes_by_chance(text in ".{0,200}") {
            prop_assert!(of_device(&text, 0).is_err());
            let text = format!("{SCHEME}{text}");
            prop_assert!(of_device(&text, 0).is_err());
        }

        #[test]
        fn a_token_with_a_byte_changed_fails(at in 0..TOKEN.len(), byte in b'!'..b'~') {
            let mut token = TOKEN.as_bytes().to_vec();
            token[at] = byte;
            let token = String::from_utf8(token).unwrap();
            // A percent-encoding that says the same in other letters is the same for the signature alone.
            prop_assume!(!token.eq_ignore_ascii_case(TOKEN));
            prop_assert!(of_device(&token, 0).is_err());
        }

        #[test]
        fn every_device_proves_its_own(
            id in "[A-Za-z0-9._:%=@$-]{1,64}",
            bytes in proptest::collection::vec(any::<u8>(), 1..64),
        ) {
            let key = SharedKey::new(bytes).unwrap();
            let token = key.sign(HOST, &id, EXPIRY);
            prop_assert_eq!(check(&token, HOST, &id, &key, 0), Ok(EXPIRY));
        }
    }
}
