//! The agent as a module of the cloud helper, which calls it once a second.

use core::ffi::c_void;
use core::ptr;

use netxduo_sys::{
    NX_AZURE_IOT, NX_CLOUD_COMMON_PERIODIC_EVENT, NX_CLOUD_MODULE, NX_CLOUD_MODULE_AZURE_ISM_EVENT,
    nx_cloud_module_deregister, nx_cloud_module_register,
};
use threadx_sys::ULONG;

use super::hooks;
use super::pinned::Pinned;
use crate::error::{Api, Error, check};

/// The module's place in the cloud helper's list.
pub(crate) struct CloudModule(Pinned<NX_CLOUD_MODULE>);

impl CloudModule {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    /// From now on [`hooks::Instance::tick`] is called once a second.
    ///
    /// # Safety
    /// `azure` is a created instance, and stays one until [`deregister`](Self::deregister).
    pub unsafe fn register(&'static self, azure: *mut NX_AZURE_IOT) -> Result<(), Error> {
        let module = self.0.take("cloud module")?;
        // SAFETY: the instance is created, so its cloud helper is; the module's memory is static and not in use.
        let status = unsafe {
            nx_cloud_module_register(
                &raw mut (*azure).nx_azure_iot_cloud,
                module,
                c"defender-iot-micro-agent".as_ptr(),
                NX_CLOUD_MODULE_AZURE_ISM_EVENT | NX_CLOUD_COMMON_PERIODIC_EVENT,
                Some(cloud_event),
                ptr::null_mut(),
            )
        };
        let result = check(Api::NetXDuo, "nx_cloud_module_register", status);
        if result.is_err() {
            self.0.release();
        }
        result
    }

    /// No more calls begin. One that has begun goes on: the cloud helper does not wait for its modules.
    ///
    /// # Safety
    /// `azure` is what [`register`](Self::register) got.
    pub unsafe fn deregister(&'static self, azure: *mut NX_AZURE_IOT) -> Result<(), Error> {
        // SAFETY: the instance and its cloud helper exist, and the module is registered there.
        let status = unsafe {
            nx_cloud_module_deregister(&raw mut (*azure).nx_azure_iot_cloud, self.0.pointer())
        };
        self.0.release();
        check(Api::NetXDuo, "nx_cloud_module_deregister", status)
    }
}

/// The cloud helper has an event for the agent.
unsafe extern "C" fn cloud_event(_context: *mut c_void, common: ULONG, _own: ULONG) {
    if common & NX_CLOUD_COMMON_PERIODIC_EVENT != 0 {
        hooks::tick_installed();
    }
}
