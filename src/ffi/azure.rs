//! The Azure IoT middleware's instance.

use core::ffi::CStr;
use core::mem;
use core::net::IpAddr;
use core::sync::atomic::{AtomicBool, Ordering};

use netxduo_sys::{
    NX_AZURE_IOT, NX_AZURE_IOT_FAILURE, NX_AZURE_IOT_SUCCESS, NX_DNS, nx_azure_iot_create,
    nx_azure_iot_delete, nx_azure_iot_unix_time_get, nx_dns_delete,
};
use threadx_sys::{UINT, ULONG, tx_thread_identify};

use super::dns;
use super::kernel::in_thread;
use super::lock::{Locked, locked};
use super::net::Instance;
use super::pinned::{Occupancy, Pinned, Use};
use super::pool::{Memory, Pool};
use super::tls;
use super::user;
use crate::error::{Api, Error, check};

/// Unix time in seconds, if the device knows it.
pub(crate) type UnixTime = fn() -> Option<u32>;

/// The middleware takes a function without context, so there is one for the program.
static UNIX_TIME: Locked<Option<UnixTime>> = Locked::new(None);

/// The middleware keeps its instance in a variable of its own, so there is one in a program.
static CREATED: AtomicBool = AtomicBool::new(false);

#[repr(C)]
struct Parts<const STACK: usize> {
    azure: NX_AZURE_IOT,
    dns: NX_DNS,
    stack: Memory<STACK>,
}

pub(crate) struct AzureRoom<const STACK: usize>(Pinned<Parts<STACK>>);

/// An instance of the middleware.
pub(crate) struct Azure {
    pointer: *mut NX_AZURE_IOT,
    /// `None`: C made it and answers for it.
    owned: Option<Owned>,
}

struct Owned {
    dns: *mut NX_DNS,
    occupancy: &'static Occupancy,
    uses: Option<[Use; 2]>,
}

// SAFETY: the pointers are to statics, and the middleware locks for itself.
unsafe impl Send for Azure {}
// SAFETY: likewise.
unsafe impl Sync for Azure {}

impl<const STACK: usize> AzureRoom<STACK> {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    /// Creates the instance with its cloud helper and a DNS client. Threads only.
    pub fn create(
        &'static self,
        name: &'static CStr,
        ip: &Instance,
        pool: &Pool,
        dns_servers: &[IpAddr],
        priority: u32,
        unix_time: UnixTime,
    ) -> Result<Azure, Error> {
        let room = self.0.take("AzureIot")?;
        if CREATED.swap(true, Ordering::AcqRel) {
            self.0.release();
            return Err(Error::AlreadyCreated);
        }
        locked(|section| *UNIX_TIME.get(section) = Some(unix_time));
        // Before there is an instance that a hub client could be made with.
        // SAFETY: whoever set `CREATED` is here alone, until it is cleared.
        unsafe { tls::initialize() };
        let give_up = || {
            CREATED.store(false, Ordering::Release);
            self.0.release();
        };
        // SAFETY: the room is ours and valid.
        let (azure, dns_client, stack) = unsafe {
            (
                &raw mut (*room).azure,
                &raw mut (*room).dns,
                &raw mut (*room).stack,
            )
        };
        // SAFETY: the room is static and was not in use; IP instance and pool exist and stay as long as the result.
        unsafe { dns::create(dns_client, ip, pool, dns_servers) }.inspect_err(|_| give_up())?;
        // SAFETY: likewise; the name is static.
        let status = unsafe {
            nx_azure_iot_create(
                azure,
                name.as_ptr().cast(),
                ip.pointer,
                pool.pointer,
                dns_client,
                stack.cast(),
                STACK as UINT,
                priority,
                Some(unix_time_get),
            )
        };
        check(Api::AzureIot, "nx_azure_iot_create", status).inspect_err(|_| {
            // SAFETY: it was created above, and nothing uses it.
            unsafe { nx_dns_delete(dns_client) };
            give_up();
        })?;
        Ok(Azure {
            pointer: azure,
            owned: Some(Owned {
                dns: dns_client,
                occupancy: self.0.occupancy(),
                uses: Some([ip.hold(), pool.hold()]),
            }),
        })
    }
}

impl Azure {
    /// # Safety
    /// `pointer` is a created instance, and stays one and in its place for as long as the result and everything made
    /// from it lives.
    pub const unsafe fn from_raw(pointer: *mut NX_AZURE_IOT) -> Self {
        Self {
            pointer,
            owned: None,
        }
    }

    pub fn pointer(&self) -> *mut NX_AZURE_IOT {
        self.pointer
    }

    pub fn hold(&self) -> Use {
        Use::of(self.owned.as_ref().map(|owned| owned.occupancy))
    }
}

impl Drop for Azure {
    fn drop(&mut self) {
        let Some(owned) = &mut self.owned else {
            return;
        };
        // Only a thread may delete it, and without error checking C does not refuse others.
        let deleted = in_thread() && !owned.occupancy.in_use() && {
            // SAFETY: the instance exists, no object of ours uses it, and the caller is a thread.
            unsafe { nx_azure_iot_delete(self.pointer) == 0 }
        };
        if !deleted {
            // It stays, so IP instance and pool must.
            mem::forget(owned.uses.take());
            return;
        }
        // SAFETY: it was created with the instance, which alone used it.
        unsafe { nx_dns_delete(owned.dns) };
        CREATED.store(false, Ordering::Release);
        owned.occupancy.release();
    }
}

/// Whether the caller is the thread of the instance's cloud helper.
pub(crate) fn is_on_helper(azure: *mut NX_AZURE_IOT) -> bool {
    // SAFETY: allowed everywhere; nothing is taken of the instance but its place.
    unsafe { tx_thread_identify() == &raw mut (*azure).nx_azure_iot_cloud.nx_cloud_thread }
}

/// Unix time as the middleware knows it, in seconds.
///
/// # Safety
/// `azure` is a created instance.
pub(crate) unsafe fn middleware_time(azure: *mut NX_AZURE_IOT) -> Option<u32> {
    let mut time: ULONG = 0;
    // SAFETY: the instance is created.
    let status = unsafe { nx_azure_iot_unix_time_get(azure, &raw mut time) };
    (status == NX_AZURE_IOT_SUCCESS).then_some(time as u32)
}

/// The middleware asks for the time.
unsafe extern "C" fn unix_time_get(time: *mut ULONG) -> UINT {
    match UNIX_TIME.load().and_then(user::unix_time) {
        Some(now) if !time.is_null() => {
            // SAFETY: the middleware gives a place for the time.
            unsafe { time.write(now as ULONG) };
            NX_AZURE_IOT_SUCCESS
        }
        _ => NX_AZURE_IOT_FAILURE,
    }
}
