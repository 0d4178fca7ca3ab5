//! Random bytes of the operating system, where there is one.

use crate::agent::EntropyUnavailable;

/// Fills `bytes` from the operating system.
#[cfg(unix)]
pub(crate) fn operating_system(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    // `getentropy` takes at most 256 bytes at a time.
    for chunk in bytes.chunks_mut(256) {
        // SAFETY: the chunk is ours and as long as stated.
        let result = unsafe { libc::getentropy(chunk.as_mut_ptr().cast(), chunk.len()) };
        if result != 0 {
            return Err(EntropyUnavailable);
        }
    }
    Ok(())
}

/// There is none: the firmware has to bring a hook.
#[cfg(not(unix))]
pub(crate) fn operating_system(_bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    Err(EntropyUnavailable)
}
