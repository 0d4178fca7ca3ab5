//! Random bytes of the platform.

use crate::agent::EntropyUnavailable;

/// Random bytes of the operating system: the [`EntropyHook`](crate::defender::EntropyHook) that an agent has unless its builder gets
/// another one. Without an operating system they are those of `NX_RAND`, which NetX Duo itself uses for ports and the secrets of TLS.
///
/// # Errors
/// [`EntropyUnavailable`]: the system has none yet, or the C side is only declared.
pub fn default_entropy(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    fill(bytes)
}

#[cfg(unix)]
fn fill(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    getrandom::fill(bytes).map_err(|_| EntropyUnavailable)
}

/// The bits of `NX_RAND` next to the lowest: generators with 15 bits have them, too.
#[cfg(all(not(unix), netx_random))]
fn fill(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    for byte in bytes {
        // SAFETY: without arguments; it may be called on every thread, as NetX Duo does.
        *byte = (unsafe { netxduo_sys::netxduo_sys_rand() } >> 4) as u8;
    }
    Ok(())
}

/// There is no C side.
#[cfg(not(any(unix, netx_random)))]
fn fill(_bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    Err(EntropyUnavailable)
}
