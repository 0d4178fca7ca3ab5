//! What the platform gives the agent, as functions in C.

use netxduo_sys::{
    NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_SUCCESS, nx_azure_iot_unix_time_get,
};
use threadx_defender::agent::EntropyUnavailable;
use threadx_defender::defender::default_entropy;
use threadx_sys::{UCHAR, UINT, ULONG};

use crate::agent::shared;
use crate::status::call;

pub type Entropy = unsafe extern "C" fn(bytes: *mut UCHAR, length: UINT) -> UINT;
pub type UnixTime = unsafe extern "C" fn(unix_time: *mut ULONG) -> UINT;

/// Set where random bytes come from, for the ids of events and for what keeps the flow table from being aimed at. It holds at once, for the
/// agent that runs, too. From everywhere.
///
/// @param entropy Fills the bytes and returns 0, or returns anything else as long as there are none. It is called on threads, and stays
///        where it is. Null: the default, which is the operating system's, or `NX_RAND` of nx_user.h without one.
/// @return NX_AZURE_IOT_SUCCESS.
#[unsafe(no_mangle)]
pub extern "C" fn threadx_defender_entropy_set(
    entropy: Option<unsafe extern "C" fn(bytes: *mut UCHAR, length: UINT) -> UINT>,
) -> UINT {
    call(|| {
        shared(|shared| shared.entropy = entropy);
        Ok(())
    })
}

/// Set where the Unix time comes from. It holds at once, for the agent that runs, too. From everywhere.
///
/// @param unix_time Stores the seconds since 1970 and returns 0, or returns anything else as long as the device does not know the time. It
///        is called on threads, and stays where it is. Null: the default, which is the middleware's own function.
/// @return NX_AZURE_IOT_SUCCESS.
#[unsafe(no_mangle)]
pub extern "C" fn threadx_defender_unix_time_set(
    unix_time: Option<unsafe extern "C" fn(unix_time: *mut ULONG) -> UINT>,
) -> UINT {
    call(|| {
        shared(|shared| shared.unix_time = unix_time);
        Ok(())
    })
}

/// Random bytes, from wherever C says.
pub fn entropy(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
    let Some(hook) = shared(|shared| shared.entropy) else {
        return default_entropy(bytes);
    };
    let length = UINT::try_from(bytes.len()).map_err(|_| EntropyUnavailable)?;
    // SAFETY: a function of the caller's, which fills as many bytes as it is told.
    match unsafe { hook(bytes.as_mut_ptr(), length) } {
        0 => Ok(()),
        _ => Err(EntropyUnavailable),
    }
}

/// Unix time, from wherever C says.
pub fn unix_time() -> Option<u32> {
    let (hook, instance) = shared(|shared| (shared.unix_time, shared.instance()));
    let mut now = 0;
    let status = match (hook, instance) {
        // SAFETY: a function of the caller's, which gets a place for the time.
        (Some(hook), _) => unsafe { hook(&raw mut now) },
        // SAFETY: the agent asks while it is enabled, so the instance exists.
        (None, Some(instance)) => unsafe { nx_azure_iot_unix_time_get(instance, &raw mut now) },
        (None, None) => NX_AZURE_IOT_INVALID_PARAMETER,
    };
    #[allow(clippy::useless_conversion, reason = "ULONG has 64 bits elsewhere")]
    let now = u32::try_from(now).ok()?;
    (status == NX_AZURE_IOT_SUCCESS).then_some(now)
}
