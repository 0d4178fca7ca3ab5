//! The agent as a module of the cloud helper, which calls it once a second.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::MaybeUninit;

use netxduo_sys::{
    NX_AZURE_IOT, NX_CLOUD_COMMON_PERIODIC_EVENT, NX_CLOUD_MODULE, NX_CLOUD_MODULE_AZURE_ISM_EVENT,
    nx_cloud_module_deregister, nx_cloud_module_register,
};
use threadx_sys::ULONG;

use super::hooks::Target;
use crate::error::{Api, Error, check};

/// The module's place in the cloud helper's list.
///
/// It is never cleared: the cloud helper goes on along the list from a module whose function it has called, even if that
/// function took the module off the list.
pub(crate) struct CloudModule(UnsafeCell<MaybeUninit<NX_CLOUD_MODULE>>);

// SAFETY: the content is the cloud helper's, which locks for itself.
unsafe impl Sync for CloudModule {}

impl CloudModule {
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::zeroed()))
    }

    /// From now on [`hooks::Instance::tick`](super::hooks::Instance::tick) of `target` is called once a second. Threads only.
    ///
    /// # Safety
    /// `azure` is a created instance, and stays one until [`deregister`](Self::deregister). The module is not registered.
    pub unsafe fn register(
        &'static self,
        azure: *mut NX_AZURE_IOT,
        target: Target,
    ) -> Result<(), Error> {
        // SAFETY: the instance is created, so its cloud helper is; the module is static, and not in a list.
        let status = unsafe {
            nx_cloud_module_register(
                &raw mut (*azure).nx_azure_iot_cloud,
                self.0.get().cast(),
                c"defender-iot-micro-agent".as_ptr(),
                NX_CLOUD_MODULE_AZURE_ISM_EVENT | NX_CLOUD_COMMON_PERIODIC_EVENT,
                Some(cloud_event),
                target.into_raw(),
            )
        };
        check(Api::NetXDuo, "nx_cloud_module_register", status)
    }

    /// No more calls begin. One that has begun goes on: the cloud helper does not wait for its modules. Threads only; on an
    /// error the module stays registered.
    ///
    /// # Safety
    /// `azure` is what [`register`](Self::register) got.
    pub unsafe fn deregister(&'static self, azure: *mut NX_AZURE_IOT) -> Result<(), Error> {
        // SAFETY: the instance and its cloud helper exist, and the module is registered there.
        let status = unsafe {
            nx_cloud_module_deregister(&raw mut (*azure).nx_azure_iot_cloud, self.0.get().cast())
        };
        check(Api::NetXDuo, "nx_cloud_module_deregister", status)
    }
}

/// The cloud helper has an event for the agent.
unsafe extern "C" fn cloud_event(target: *mut c_void, common: ULONG, _own: ULONG) {
    if common & NX_CLOUD_COMMON_PERIODIC_EVENT != 0 {
        // SAFETY: `register` passed this on.
        unsafe { Target::from_raw(target) }.tick();
    }
}
