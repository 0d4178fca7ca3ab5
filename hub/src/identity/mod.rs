//! Who may connect: enrolled devices and services, and what each proves itself by.
//!
//! [`Directory`] is where they are kept. What proves an identity is pure: [`sas`], [`password`], and [`thumbprint`].
//! Nothing secret is kept as it is: passwords are hashed, symmetric keys sealed with a key that is elsewhere ([`seal`]),
//! of a certificate only its thumbprint is known.

pub mod authority;
mod connection_string;
mod files;
mod memory;
pub mod password;
pub mod sas;
pub mod seal;
mod store;
pub mod table;
pub mod thumbprint;

use ring::rand::{SecureRandom, SystemRandom};

pub use self::{
    connection_string::{ConnectionString, ConnectionStringError},
    files::{DeviceFiles, KeyFileError, KeyFiles},
    memory::MemoryDirectory,
    sas::SharedKey,
    seal::SealingKey,
    store::{StoreDirectory, open},
    thumbprint::Thumbprint,
};
use crate::{mqtt::DeviceId, store::StoreError};

/// An identity that is enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Device {
    /// Its name, which is its MQTT client id.
    pub id: DeviceId,
    /// What it may do.
    pub role: Role,
    /// What it proves itself by.
    pub credential: Credential,
    /// When it was enrolled, in seconds of Unix time.
    pub added: u32,
}

impl Device {
    /// An identity.
    #[must_use]
    pub fn new(id: DeviceId, role: Role, credential: Credential, added: u32) -> Self {
        Self {
            id,
            role,
            credential,
            added,
        }
    }
}

/// What an identity may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// Speak for itself: its own topics, and nothing else.
    Device,
    /// See the messages of all devices, and send messages to each.
    Service,
}

/// What an identity proves itself by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// A symmetric key, sealed: it signs tokens.
    Key(Vec<u8>),
    /// A password.
    Password(password::Hashed),
    /// A certificate.
    Certificate(Thumbprint),
}

/// Why something about an identity cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// A password that cannot be hashed.
    #[error("this password cannot be hashed: it is too long")]
    Password,
    /// A sealed key that does not open.
    #[error(
        "the device's key cannot be unsealed: it was sealed with another key file; enrol the device again, or bring the key file back"
    )]
    Sealed,
}

/// Why a directory does not do what it is asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// There is such an identity already.
    #[error("{0} is enrolled already; remove it first")]
    Exists(String),
    /// What is kept is damaged.
    #[error("the entry of {0} is damaged; remove it, and enrol it again")]
    Damaged(String),
    /// The database fails.
    #[error("the database of identities fails: {0}")]
    Database(#[from] rusqlite::Error),
    /// The hub's store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys of devices were sealed with another key.
    #[error(
        "the keys of devices were sealed with another key than that of the file sealing.key or the variable DEFENDER_HUB_KEY: bring that back, or enrol them again"
    )]
    OtherKey,
}

/// Where identities are kept. Calls may take as long as a disk does.
pub trait Directory: Send + Sync {
    /// The identity of this name.
    ///
    /// # Errors
    /// [`DirectoryError`] when that cannot be found out.
    fn find(&self, id: &str) -> Result<Option<Device>, DirectoryError>;

    /// Enrols an identity.
    ///
    /// # Errors
    /// [`DirectoryError`] when it is there already, or cannot be kept.
    fn add(&self, device: &Device) -> Result<(), DirectoryError>;

    /// Removes an identity, and says whether it was there.
    ///
    /// # Errors
    /// [`DirectoryError`] when that cannot be kept.
    fn remove(&self, id: &str) -> Result<bool, DirectoryError>;

    /// All identities, in the order of their names.
    ///
    /// # Errors
    /// [`DirectoryError`] when they cannot be read.
    fn list(&self) -> Result<Vec<Device>, DirectoryError>;
}

/// Random bytes that nobody guesses.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], IdentityError> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| IdentityError::Random)?;
    Ok(bytes)
}
