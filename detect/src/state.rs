//! States as bytes: what a store keeps, and what moves with a device from one worker to another.

use serde::{Serialize, de::DeserializeOwned};

/// The version of the bytes that are written. Those of any other are refused.
const VERSION: u8 = 5;

/// The most bytes that a device's state takes, whatever the device sends.
pub const MOST_BYTES: usize = 16 * 1024;

/// The most bytes that a group's state takes, whatever its devices send.
pub const MOST_GROUP_BYTES: usize = 64 * 1024;

/// Bytes that are no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Another version of this program wrote them.
    #[error(
        "the state has version {found}, this program reads version {VERSION}: start the device anew"
    )]
    Version {
        /// The version that they state.
        found: u8,
    },
    /// They are damaged.
    #[error("the state is damaged: start the device anew")]
    Damaged,
}

pub(crate) fn to_bytes(state: &impl Serialize) -> Vec<u8> {
    // Serialization into a growing vector has nothing to fail on.
    postcard::to_extend(state, vec![VERSION]).unwrap_or_default()
}

pub(crate) fn from_bytes<S: DeserializeOwned>(
    bytes: &[u8],
    most: usize,
    is_valid: impl Fn(&S) -> bool,
) -> Result<S, StateError> {
    let (&version, bytes) = bytes.split_first().ok_or(StateError::Damaged)?;
    if version != VERSION {
        return Err(StateError::Version { found: version });
    }
    if bytes.len() > most {
        return Err(StateError::Damaged);
    }
    match postcard::take_from_bytes::<S>(bytes) {
        Ok((state, [])) if is_valid(&state) => Ok(state),
        _ => Err(StateError::Damaged),
    }
}
