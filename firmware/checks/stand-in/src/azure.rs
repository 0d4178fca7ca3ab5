//! The Azure IoT middleware: an instance with one hub client that is connected, and whatever is sent arrives.

use core::ffi::c_void;
use core::mem;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering::Relaxed};

use netxduo_sys::{
    NX_AZURE_IOT, NX_AZURE_IOT_HUB_CLIENT, NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED,
    NX_AZURE_IOT_RESOURCE_IOT_HUB, NX_CLOUD, NX_CLOUD_COMMON_PERIODIC_EVENT, NX_CLOUD_MODULE,
    NX_DNS, NX_PACKET,
};
use threadx_sys::{CHAR, TX_MUTEX, TX_TIMER_TICKS_PER_SECOND, UCHAR, UINT, ULONG, USHORT};

use crate::cell::Block;
use crate::kernel;
use crate::opaque::functions;

functions! {
    _nxe_cloud_module_register = module_register;
    _nxe_cloud_module_deregister = module_deregister;
    nx_azure_iot_unix_time_get = unix_time_get;
    nx_azure_iot_delete = delete;
    _nxe_dns_delete = delete_dns;
    nx_azure_iot_hub_client_telemetry_message_create = message_create;
    nx_azure_iot_hub_client_telemetry_message_delete = message_delete;
    nx_azure_iot_hub_client_telemetry_property_add = property_add;
    nx_azure_iot_hub_client_telemetry_send = send;
}

static AZURE: Block<NX_AZURE_IOT> = Block::new();
static MUTEX: Block<TX_MUTEX> = Block::new();
static CLIENT: Block<NX_AZURE_IOT_HUB_CLIENT> = Block::new();
static MESSAGE: Block<NX_PACKET> = Block::new();

type Process = unsafe extern "C" fn(*mut c_void, ULONG, ULONG);

static PROCESS: AtomicUsize = AtomicUsize::new(0);
static CONTEXT: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
static MESSAGES: AtomicU32 = AtomicU32::new(0);
static BYTES: AtomicU32 = AtomicU32::new(0);

/// The instance.
pub fn azure() -> *mut NX_AZURE_IOT {
    let azure = AZURE.get();
    let client = CLIENT.get();
    // SAFETY: these programs have one thread; all zero is valid in these blocks.
    unsafe {
        let resource = &raw mut (*client).nx_azure_iot_hub_client_resource;
        (*resource).resource_type = NX_AZURE_IOT_RESOURCE_IOT_HUB;
        (*resource).resource_data_ptr = client.cast();
        (*client).nx_azure_iot_ptr = azure;
        (*client).nx_azure_iot_hub_client_state = NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED;
        (*azure).nx_azure_iot_mutex_ptr = MUTEX.get();
        (*azure).nx_azure_iot_resource_list_header = resource;
    }
    azure
}

/// What the cloud helper does once a second.
#[inline(always)]
pub fn tick() {
    let process = PROCESS.load(Relaxed);
    if process != 0 {
        // SAFETY: `module_register` put it there, with its context.
        unsafe {
            mem::transmute::<usize, Process>(process)(
                CONTEXT.load(Relaxed),
                NX_CLOUD_COMMON_PERIODIC_EVENT,
                0,
            );
        }
    }
}

/// Moves time by a second.
pub fn next_second() {
    kernel::set_ticks(kernel::ticks() + TX_TIMER_TICKS_PER_SECOND);
}

/// A second, with what the cloud helper does in it.
pub fn pass_second() {
    next_second();
    tick();
}

/// Messages that were sent, and their bytes.
pub fn sent() -> (u32, u32) {
    (MESSAGES.load(Relaxed), BYTES.load(Relaxed))
}

unsafe extern "C" fn module_register(
    _: *mut NX_CLOUD,
    _: *mut NX_CLOUD_MODULE,
    _: *const CHAR,
    _: ULONG,
    process: Option<Process>,
    context: *mut c_void,
) -> UINT {
    PROCESS.store(process.map_or(0, |process| process as usize), Relaxed);
    CONTEXT.store(context, Relaxed);
    0
}

unsafe extern "C" fn module_deregister(_: *mut NX_CLOUD, _: *mut NX_CLOUD_MODULE) -> UINT {
    PROCESS.store(0, Relaxed);
    0
}

unsafe extern "C" fn unix_time_get(_: *mut NX_AZURE_IOT, time: *mut ULONG) -> UINT {
    // SAFETY: the caller gives a place for it.
    unsafe { time.write(kernel::unix_time()) };
    0
}

extern "C" fn delete(_: *mut NX_AZURE_IOT) -> UINT {
    0
}

extern "C" fn delete_dns(_: *mut NX_DNS) -> UINT {
    0
}

unsafe extern "C" fn message_create(
    _: *mut NX_AZURE_IOT_HUB_CLIENT,
    packet: *mut *mut NX_PACKET,
    _: UINT,
) -> UINT {
    // SAFETY: the caller gives a place for it.
    unsafe { packet.write(MESSAGE.get()) };
    0
}

extern "C" fn message_delete(_: *mut NX_PACKET) -> UINT {
    0
}

extern "C" fn property_add(
    _: *mut NX_PACKET,
    _: *const UCHAR,
    _: USHORT,
    _: *const UCHAR,
    _: USHORT,
    _: UINT,
) -> UINT {
    0
}

extern "C" fn send(
    _: *mut NX_AZURE_IOT_HUB_CLIENT,
    _: *mut NX_PACKET,
    _: *const UCHAR,
    length: UINT,
    _: UINT,
) -> UINT {
    MESSAGES.store(MESSAGES.load(Relaxed) + 1, Relaxed);
    BYTES.store(BYTES.load(Relaxed) + length, Relaxed);
    0
}
