//! The Azure IoT middleware's instance and its hub clients.

use core::ffi::CStr;
use core::mem;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use netxduo_sys::{
    NX_AZURE_IOT, NX_AZURE_IOT_FAILURE, NX_AZURE_IOT_HUB_CLIENT,
    NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED, NX_AZURE_IOT_SUCCESS, NX_DNS, NX_FALSE, NX_TRUE,
    nx_azure_iot_create, nx_azure_iot_delete, nx_azure_iot_hub_client_connect,
    nx_azure_iot_hub_client_deinitialize, nx_azure_iot_hub_client_disconnect,
    nx_azure_iot_hub_client_initialize, nx_azure_iot_unix_time_get, nx_dns_create, nx_dns_delete,
};
use threadx_sys::{UINT, ULONG};

use super::lock::{Locked, locked};
use super::net::{Instance, Memory, Pool};
use super::pinned::{Occupancy, Pinned, Use};
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
        priority: u32,
        unix_time: UnixTime,
    ) -> Result<Azure, Error> {
        let room = self.0.take("AzureIot")?;
        if CREATED.swap(true, Ordering::AcqRel) {
            self.0.release();
            return Err(Error::AlreadyCreated);
        }
        locked(|section| *UNIX_TIME.get(section) = Some(unix_time));
        let give_up = || {
            CREATED.store(false, Ordering::Release);
            self.0.release();
        };
        // SAFETY: the room is ours and valid.
        let (azure, dns, stack) = unsafe {
            (
                &raw mut (*room).azure,
                &raw mut (*room).dns,
                &raw mut (*room).stack,
            )
        };
        // SAFETY: the room is static and was not in use; the IP instance exists and stays as long as the result.
        let status = unsafe { nx_dns_create(dns, ip.pointer, c"".as_ptr().cast_mut().cast()) };
        check(Api::NetXDuo, "nx_dns_create", status).inspect_err(|_| give_up())?;
        // SAFETY: likewise for the pool; the name is static.
        let status = unsafe {
            nx_azure_iot_create(
                azure,
                name.as_ptr().cast(),
                ip.pointer,
                pool.pointer,
                dns,
                stack.cast(),
                STACK as UINT,
                priority,
                Some(unix_time_get),
            )
        };
        check(Api::AzureIot, "nx_azure_iot_create", status).inspect_err(|_| {
            // SAFETY: it was created above, and nothing uses it.
            unsafe { nx_dns_delete(dns) };
            give_up();
        })?;
        Ok(Azure {
            pointer: azure,
            owned: Some(Owned {
                dns,
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
        // SAFETY: the instance exists, and no object of ours uses it.
        if owned.occupancy.in_use() || unsafe { nx_azure_iot_delete(self.pointer) } != 0 {
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
    match UNIX_TIME.load().and_then(|hook| hook()) {
        Some(now) if !time.is_null() => {
            // SAFETY: the middleware gives a place for the time.
            unsafe { time.write(now as ULONG) };
            NX_AZURE_IOT_SUCCESS
        }
        _ => NX_AZURE_IOT_FAILURE,
    }
}

#[repr(C)]
struct ClientParts<const METADATA: usize> {
    client: NX_AZURE_IOT_HUB_CLIENT,
    metadata: Memory<METADATA>,
}

pub(crate) struct ClientRoom<const METADATA: usize>(Pinned<ClientParts<METADATA>>);

/// An IoT Hub client.
pub(crate) struct Client {
    pointer: *mut NX_AZURE_IOT_HUB_CLIENT,
    /// `None`: C made it and answers for it.
    occupancy: Option<&'static Occupancy>,
    azure: Option<Use>,
}

// SAFETY: the pointer is to a static, and the middleware locks for itself.
unsafe impl Send for Client {}
// SAFETY: likewise.
unsafe impl Sync for Client {}

/// Who a hub client is. C keeps pointers to the texts.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    pub host_name: &'static str,
    pub device_id: &'static str,
    pub module_id: &'static str,
}

impl<const METADATA: usize> ClientRoom<METADATA> {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    /// Initializes a client without security of its own. Threads only.
    pub fn initialize(&'static self, azure: &Azure, identity: Identity) -> Result<Client, Error> {
        let room = self.0.take("hub client")?;
        // SAFETY: the room is ours and valid.
        let (client, metadata) = unsafe { (&raw mut (*room).client, &raw mut (*room).metadata) };
        let Identity {
            host_name,
            device_id,
            module_id,
        } = identity;
        let module_pointer = if module_id.is_empty() {
            ptr::null()
        } else {
            module_id.as_ptr()
        };
        // SAFETY: the room is static and was not in use; the texts are static; the instance exists and stays as long as
        // the result.
        let status = unsafe {
            nx_azure_iot_hub_client_initialize(
                client,
                azure.pointer,
                host_name.as_ptr(),
                host_name.len() as UINT,
                device_id.as_ptr(),
                device_id.len() as UINT,
                module_pointer,
                module_id.len() as UINT,
                ptr::null_mut(),
                0,
                ptr::null_mut(),
                0,
                metadata.cast(),
                METADATA as UINT,
                ptr::null_mut(),
            )
        };
        check(Api::AzureIot, "nx_azure_iot_hub_client_initialize", status)
            .inspect_err(|_| self.0.release())?;
        Ok(Client {
            pointer: client,
            occupancy: Some(self.0.occupancy()),
            azure: Some(azure.hold()),
        })
    }
}

impl Client {
    /// # Safety
    /// `pointer` is an initialized client, and stays one and in its place for as long as the result lives.
    pub unsafe fn from_raw(pointer: *mut NX_AZURE_IOT_HUB_CLIENT) -> Self {
        Self {
            pointer,
            occupancy: None,
            azure: None,
        }
    }

    #[cfg(host_port)]
    pub fn pointer(&self) -> *mut NX_AZURE_IOT_HUB_CLIENT {
        self.pointer
    }

    pub fn connect(&self, clean_session: bool, wait_ticks: ULONG) -> Result<(), Error> {
        let clean = if clean_session { NX_TRUE } else { NX_FALSE };
        // SAFETY: the client is initialized.
        let status = unsafe { nx_azure_iot_hub_client_connect(self.pointer, clean, wait_ticks) };
        check(Api::AzureIot, "nx_azure_iot_hub_client_connect", status)
    }

    pub fn disconnect(&self) -> Result<(), Error> {
        // SAFETY: the client is initialized.
        let status = unsafe { nx_azure_iot_hub_client_disconnect(self.pointer) };
        check(Api::AzureIot, "nx_azure_iot_hub_client_disconnect", status)
    }

    pub fn is_connected(&self) -> bool {
        // SAFETY: the client is initialized.
        unsafe { is_connected(self.pointer) }
    }
}

/// Whether a client is connected, from any thread.
///
/// # Safety
/// `client` is initialized.
pub(super) unsafe fn is_connected(client: *mut NX_AZURE_IOT_HUB_CLIENT) -> bool {
    // SAFETY: the client is initialized; the state is an aligned word, which the middleware may change meanwhile.
    let state = unsafe {
        AtomicU32::from_ptr(&raw mut (*client).nx_azure_iot_hub_client_state)
            .load(Ordering::Relaxed)
    };
    state == NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED
}

impl Drop for Client {
    fn drop(&mut self) {
        let Some(occupancy) = self.occupancy else {
            return;
        };
        // SAFETY: the client is initialized, and this is its last use.
        if unsafe { nx_azure_iot_hub_client_deinitialize(self.pointer) } == 0 {
            occupancy.release();
        } else {
            // It stays, so the instance must.
            mem::forget(self.azure.take());
        }
    }
}
