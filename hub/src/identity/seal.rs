//! What keeps symmetric keys from those who have the database alone: they are encrypted with a key that is elsewhere.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::{IdentityError, SharedKey, random};

/// The variable of the environment that may have the key, in base64.
pub const VARIABLE: &str = "DEFENDER_HUB_KEY";

const KEY_LEN: usize = 32;

/// The key that seals others. It does not show in [`Debug`](std::fmt::Debug).
#[derive(Clone)]
pub struct SealingKey(LessSafeKey);

/// Why there is no sealing key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealingKeyError {
    /// The file cannot be read, or made.
    #[error("cannot use the key file {path}: {error}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is no key.
    #[error("{0} must have 32 bytes in base64")]
    NoKey(String),
    /// The file is open to others.
    #[error("{path} can be read by others; run: chmod 600 {path}", path = .0.display())]
    Open(PathBuf),
    /// There are no random numbers.
    #[error(transparent)]
    Random(#[from] IdentityError),
}

impl SealingKey {
    /// The key of the environment's [`VARIABLE`] or, without one, of a file, which is made if it is not there.
    ///
    /// # Errors
    /// [`SealingKeyError`] when there is neither, or what is there is no key.
    pub fn open(path: &Path) -> Result<Self, SealingKeyError> {
        match std::env::var(VARIABLE) {
            Ok(text) => Self::from_base64(&text)
                .ok_or_else(|| SealingKeyError::NoKey(format!("the variable {VARIABLE}"))),
            Err(_) => Self::of_file(path),
        }
    }

    fn of_file(path: &Path) -> Result<Self, SealingKeyError> {
        let failed = |error| SealingKeyError::File {
            path: path.into(),
            error,
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = BASE64_STANDARD.encode(random::<KEY_LEN>()?);
                match write_secret(path, text.as_bytes()) {
                    // Somebody else was faster: theirs it is.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                        fs::read_to_string(path).map_err(failed)?
                    }
                    written => {
                        written.map_err(failed)?;
                        text
                    }
                }
            }
            Err(error) => return Err(failed(error)),
        };
        if is_open_to_others(path).map_err(failed)? {
            return Err(SealingKeyError::Open(path.into()));
        }
        Self::from_base64(text.trim())
            .ok_or_else(|| SealingKeyError::NoKey(path.display().to_string()))
    }

    fn from_base64(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text).ok()?;
        Self::new(bytes.as_slice().try_into().ok()?)
    }

    /// A key of these bytes.
    fn new(bytes: &[u8; KEY_LEN]) -> Option<Self> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes).ok()?;
        Some(Self(LessSafeKey::new(key)))
    }

    /// A key that is kept nowhere.
    ///
    /// # Errors
    /// [`IdentityError`] when there are no random numbers.
    pub fn unkept() -> Result<Self, IdentityError> {
        Self::new(&random()?).ok_or(IdentityError::Random)
    }

    /// Seals a device's key. What comes of it is for this device alone.
    ///
    /// # Errors
    /// [`IdentityError`] when there are no random numbers.
    pub fn seal(&self, device: &str, key: &SharedKey) -> Result<Vec<u8>, IdentityError> {
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut text = key.bytes().to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(device),
                &mut text,
            )
            .map_err(|_| IdentityError::Sealed)?;
        Ok([nonce.as_slice(), &text].concat())
    }

    /// The key of a device that was sealed.
    ///
    /// # Errors
    /// [`IdentityError`] when it was sealed with another key, for another device, or was changed.
    pub fn unseal(&self, device: &str, sealed: &[u8]) -> Result<SharedKey, IdentityError> {
        let (nonce, text) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(IdentityError::Sealed)?;
        let mut text = text.to_vec();
        let key = self
            .0
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(device),
                &mut text,
            )
            .map_err(|_| IdentityError::Sealed)?;
        SharedKey::new(key.to_vec()).map_err(|_| IdentityError::Sealed)
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

/// Writes a new file that nobody else may read, with its folder if that is not there.
///
/// # Errors
/// What the system says; `AlreadyExists` when there is such a file.
pub fn write_secret(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_for_one_device_and_one_key() {
        let sealing = SealingKey::unkept().unwrap();
        let key = SharedKey::from_base64("c2VjcmV0").unwrap();
        let sealed = sealing.seal("dev-1", &key).unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"secret"));
        assert_eq!(sealing.unseal("dev-1", &sealed).unwrap(), key);
        assert!(sealing.unseal("dev-2", &sealed).is_err());
        assert!(
            SealingKey::unkept()
                .unwrap()
                .unseal("dev-1", &sealed)
                .is_err()
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealing.unseal("dev-1", &changed).is_err());
            assert!(sealing.unseal("dev-1", &sealed[..at]).is_err());
        }
    }

    #[test]
    fn a_key_file_is_made_once_and_is_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("secret.key");
        let sealed = {
            let sealing = SealingKey::of_file(&path).unwrap();
            let key = SharedKey::from_base64("c2VjcmV0").unwrap();
            sealing.seal("dev-1", &key).unwrap()
        };
        let again = SealingKey::of_file(&path).unwrap();
        assert!(again.unseal("dev-1", &sealed).is_ok());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(
                SealingKey::of_file(&path),
                Err(SealingKeyError::Open(_))
            ));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::write(&path, "secret").unwrap();
        assert!(matches!(
            SealingKey::of_file(&path),
            Err(SealingKeyError::NoKey(_))
        ));
    }
}
