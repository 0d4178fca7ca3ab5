//! A device's state as bytes: what a store keeps, and what moves with a device from one worker to another.

use crate::device::Device;

/// The version of the bytes that are written. Those of any other are refused.
const VERSION: u8 = 4;

/// The most bytes that a device's state takes, whatever the device sends.
pub const MOST_BYTES: usize = 16 * 1024;

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

pub(crate) fn to_bytes(device: &Device) -> Vec<u8> {
    // Serialization into a growing vector has nothing to fail on.
    postcard::to_extend(device, vec![VERSION]).unwrap_or_default()
}

pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Device, StateError> {
    let (&version, bytes) = bytes.split_first().ok_or(StateError::Damaged)?;
    if version != VERSION {
        return Err(StateError::Version { found: version });
    }
    if bytes.len() > MOST_BYTES {
        return Err(StateError::Damaged);
    }
    match postcard::take_from_bytes::<Device>(bytes) {
        Ok((device, [])) if device.is_valid() => Ok(device),
        _ => Err(StateError::Damaged),
    }
}
