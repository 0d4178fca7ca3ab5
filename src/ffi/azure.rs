//! The Azure IoT middleware's instance.

use core::ffi::CStr;
use core::net::IpAddr;

use netxduo_sys::{
    NX_AZURE_IOT, NX_AZURE_IOT_FAILURE, NX_AZURE_IOT_SUCCESS, NX_DNS, NX_OPTION_ERROR,
    NX_SIZE_ERROR, nx_azure_iot_create, nx_azure_iot_delete, nx_azure_iot_unix_time_get,
    nx_dns_delete,
};
use threadx_sys::{UINT, ULONG, tx_thread_identify};

use super::arguments::Service;
use super::dns;
use super::handle::{Handle, Object};
use super::lock::Locked;
use super::net::Instance;
use super::pinned::{Pinned, Use};
use super::pool::{Memory, Pool};
use super::tls;
use super::user;
use crate::error::{Api, Error, check};

/// Unix time in seconds, if the device knows it.
pub(crate) type UnixTime = fn() -> Option<u32>;

/// The middleware takes a function without context, so there is one for the program.
static UNIX_TIME: Locked<Option<UnixTime>> = Locked::new(None);

/// The middleware keeps its instance in a variable of its own, so there is one in a program.
static CREATED: Locked<bool> = Locked::new(false);

#[repr(C)]
struct Parts<const STACK: usize> {
    /// First, so that a pointer to it is one to the whole.
    head: Head,
    stack: Memory<STACK>,
}

/// What every [`Parts`] begins with.
#[repr(C)]
struct Head {
    /// First, so that a pointer to it is one to the whole.
    azure: NX_AZURE_IOT,
    dns: NX_DNS,
}

pub(crate) struct AzureRoom<const STACK: usize>(Pinned<Parts<STACK>>);

/// An instance of the middleware.
pub(crate) struct Azure(Handle<NX_AZURE_IOT, 2>);

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
        let service = Service(Api::AzureIot, "nx_azure_iot_create");
        let stack_size = service.require_thread(priority, NX_OPTION_ERROR, STACK, NX_SIZE_ERROR)?;
        let room = self.0.take("AzureIot")?;
        if CREATED.replace(true) {
            self.0.release();
            return Err(Error::AlreadyCreated);
        }
        UNIX_TIME.store(Some(unix_time));
        // Before there is an instance that a hub client could be made with.
        // SAFETY: whoever set `CREATED` is here alone, until it is cleared.
        unsafe { tls::initialize() };
        let give_up = || {
            CREATED.store(false);
            self.0.release();
        };
        // SAFETY: the room is ours and valid.
        let (azure, dns_client, stack) = unsafe {
            (
                &raw mut (*room).head.azure,
                &raw mut (*room).head.dns,
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
                ip.pointer(),
                pool.pointer(),
                dns_client,
                stack.cast(),
                stack_size as UINT,
                priority,
                Some(unix_time_get),
            )
        };
        check(Api::AzureIot, "nx_azure_iot_create", status).inspect_err(|_| {
            // SAFETY: it was created above, and nothing uses it.
            unsafe { nx_dns_delete(dns_client) };
            give_up();
        })?;
        let uses = [ip.hold(), pool.hold()];
        // SAFETY: the instance exists in the room, which is ours.
        Ok(Azure(unsafe {
            Handle::owning(azure, self.0.occupancy(), uses)
        }))
    }
}

impl Azure {
    /// # Safety
    /// `pointer` is a created instance, and stays one and in its place for as long as the result and everything made
    /// from it lives.
    pub const unsafe fn from_raw(pointer: *mut NX_AZURE_IOT) -> Self {
        // SAFETY: the caller says so.
        Self(unsafe { Handle::foreign(pointer) })
    }

    pub fn pointer(&self) -> *mut NX_AZURE_IOT {
        self.0.pointer()
    }

    pub fn hold(&self) -> Use {
        self.0.hold()
    }
}

impl Object for NX_AZURE_IOT {
    unsafe fn delete(this: *mut Self) -> bool {
        // A thread cannot end itself.
        // SAFETY: the caller says so.
        if is_on_helper(this) || unsafe { nx_azure_iot_delete(this) } != 0 {
            return false;
        }
        // SAFETY: an instance in a room of ours begins a head; the DNS client was created with it, and nobody else used it.
        unsafe { nx_dns_delete(&raw mut (*this.cast::<Head>()).dns) };
        CREATED.store(false);
        true
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
