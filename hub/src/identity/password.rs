//! Passwords: kept as what they hash to.

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{IdentityError, random};

/// A password's hash, by Argon2id with the crate's recommended cost: 19 MiB and tens of milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashed(String);

impl Hashed {
    /// Hashes a password with a salt of its own.
    ///
    /// # Errors
    /// [`IdentityError`] when there are no random numbers.
    pub fn new(password: &[u8]) -> Result<Self, IdentityError> {
        let salt = SaltString::encode_b64(&random::<16>()?).map_err(|_| IdentityError::Random)?;
        let hash = Argon2::default().hash_password(password, &salt);
        Ok(Self(hash.map_err(|_| IdentityError::Password)?.to_string()))
    }

    /// A hash as [`Self::as_str`] gave it; `None` when it is none.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        PasswordHash::new(text).ok()?;
        Some(Self(text.to_owned()))
    }

    /// The hash as text, in PHC form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a password is the one.
    #[must_use]
    pub fn is_of(&self, password: &[u8]) -> bool {
        PasswordHash::new(&self.0)
            .is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
    }
}

/// A password that nobody guesses.
///
/// # Errors
/// [`IdentityError`] when there are no random numbers.
pub fn make() -> Result<String, IdentityError> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<24>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let password = make().unwrap();
        let hashed = Hashed::new(password.as_bytes()).unwrap();
        assert!(!hashed.as_str().contains(&password));
        let again = Hashed::from_text(hashed.as_str()).unwrap();
        assert!(again.is_of(password.as_bytes()));
        assert!(!again.is_of(b""));
        assert!(!again.is_of(format!("{password} ").as_bytes()));
        // Salted: the same password twice does not look the same.
        assert_ne!(Hashed::new(b"a").unwrap(), Hashed::new(b"a").unwrap());
        assert_ne!(make().unwrap(), password);
        assert_eq!(Hashed::from_text("secret"), None);
    }
}
