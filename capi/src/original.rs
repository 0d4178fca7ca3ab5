//! The original agent's two calls, under their names.

use netxduo_sys::NX_AZURE_IOT;
use threadx_sys::UINT;

use crate::agent;
use crate::status::call;

/// Enable the agent on a created instance of the middleware. It begins when the device knows the Unix time and has random bytes, and
/// counts flows meanwhile. Again with the same instance: nothing changes. From threads.
///
/// @param nx_azure_iot_ptr The instance. It must not be deleted before the agent is disabled.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null, or while the agent is enabled on another instance;
///         NX_AZURE_IOT_WRONG_STATE from initialization, a timer or an interrupt; NX_AZURE_IOT_PENDING while another thread enables it,
///         or up to a second after it was disabled in a callback: try again; NX_AZURE_IOT_FAILURE when the cloud helper does not take it.
///
/// # Safety
/// See the parameter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nx_azure_iot_security_module_enable(
    nx_azure_iot_ptr: *mut NX_AZURE_IOT,
) -> UINT {
    // SAFETY: the caller says so.
    call(|| unsafe { agent::enable(nx_azure_iot_ptr) })
}

/// Disable the agent, and put every hook back as it was. What it has counted and not sent is given up. From threads, before the instance is
/// deleted.
///
/// @param nx_azure_iot_ptr The instance that it is enabled on; null: whichever that is.
/// @return NX_AZURE_IOT_SUCCESS, also when it is not enabled; NX_AZURE_IOT_INVALID_PARAMETER when it is enabled on another instance;
///         NX_AZURE_IOT_WRONG_STATE from initialization, a timer or an interrupt; NX_AZURE_IOT_PENDING while another thread enables it.
#[unsafe(no_mangle)]
pub extern "C" fn nx_azure_iot_security_module_disable(
    nx_azure_iot_ptr: *mut NX_AZURE_IOT,
) -> UINT {
    call(|| agent::disable(nx_azure_iot_ptr))
}
