//! What the safe API does not show: the hooks in an IP instance, and objects that C made.

use std::ffi::CStr;
use std::ptr::{null, null_mut};
use std::sync::Mutex;

use netxduo_sys::host::{NX_HOST_HUB_TRANSPORT, nx_host_hub_client_transport_set};
use netxduo_sys::{
    _nx_ip_created_count, _nx_ip_created_ptr, NX_AZURE_IOT, NX_AZURE_IOT_HUB_CLIENT,
    NX_AZURE_IOT_SUCCESS, NX_CLOUD_COMMON_PERIODIC_EVENT, NX_DNS, NX_IP, NX_IP_DRIVER, NX_PACKET,
    NX_SUCCESS, nx_azure_iot_create, nx_azure_iot_hub_client_connect,
    nx_azure_iot_hub_client_initialize, nx_dns_create, nx_ip_create,
};
use threadx_sys::{TX_OR, TX_SUCCESS, UCHAR, UINT, ULONG, tx_event_flags_set};

use crate::device;

/// An IP packet filter.
pub type Filter = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET, UINT) -> UINT;
/// The receive function of a transport protocol.
pub type Receive = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET);

/// Memory for a control block, for ever.
fn leak<T>() -> *mut T {
    // SAFETY: control blocks are plain C structures, for which all zeros is a value.
    Box::leak(Box::new(unsafe { std::mem::zeroed::<T>() }))
}

/// An IP instance that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawIp(pub *mut NX_IP);

// SAFETY: the tests delete no instance while another thread has this.
unsafe impl Send for RawIp {}

/// The functions in an IP instance that the agent hooks, as addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    pub filter: Option<usize>,
    pub tcp: Option<usize>,
    pub udp: Option<usize>,
    pub icmp: Option<usize>,
    pub icmpv6: Option<usize>,
}

impl Fields {
    /// The same with another filter.
    pub fn with_filter(self, filter: Option<usize>) -> Self {
        Self { filter, ..self }
    }
}

impl RawIp {
    /// The instance of that name.
    pub fn named(name: &CStr) -> Self {
        // SAFETY: nobody else creates or deletes instances meanwhile, so the list and its names are valid.
        unsafe {
            let mut ip = _nx_ip_created_ptr;
            for _ in 0.._nx_ip_created_count {
                if CStr::from_ptr((*ip).nx_ip_name.cast()) == name {
                    return Self(ip);
                }
                ip = (*ip).nx_ip_created_next;
            }
        }
        panic!("no IP instance {name:?}");
    }

    /// An instance that C made, with 10.0.9.2/24 and no protocol enabled.
    pub fn bare(name: &'static CStr, like: Self) -> Self {
        let ip = leak();
        // SAFETY: control block and stack are leaked, the name is static, and the other instance's pool exists.
        let status = unsafe {
            nx_ip_create(
                ip,
                name.as_ptr().cast_mut().cast(),
                0x0A00_0902,
                0xFFFF_FF00,
                (*like.0).nx_ip_default_packet_pool,
                Some(no_network),
                leak::<[u64; 512]>().cast(),
                4096,
                1,
            )
        };
        assert_eq!(status, NX_SUCCESS);
        Self(ip)
    }

    pub fn fields(self) -> Fields {
        // SAFETY: the instance exists.
        let ip = unsafe { &*self.0 };
        let receive = |field: Option<Receive>| field.map(|function| function as usize);
        Fields {
            filter: ip
                .nx_ip_packet_filter_extended
                .map(|function| function as usize),
            tcp: receive(ip.nx_ip_tcp_packet_receive),
            udp: receive(ip.nx_ip_udp_packet_receive),
            icmp: receive(ip.nx_ip_icmp_packet_receive),
            icmpv6: receive(ip.nx_ip_icmpv6_packet_process),
        }
    }

    pub fn filter(self) -> Option<Filter> {
        // SAFETY: the instance exists.
        unsafe { (*self.0).nx_ip_packet_filter_extended }
    }

    pub fn set_filter(self, filter: Option<Filter>) {
        // SAFETY: the instance exists, and no packet passes meanwhile.
        unsafe { (*self.0).nx_ip_packet_filter_extended = filter };
    }

    pub fn udp_receive(self) -> Option<Receive> {
        // SAFETY: the instance exists.
        unsafe { (*self.0).nx_ip_udp_packet_receive }
    }

    pub fn set_udp_receive(self, receive: Option<Receive>) {
        // SAFETY: the instance exists, and no packet passes meanwhile.
        unsafe { (*self.0).nx_ip_udp_packet_receive = receive };
    }
}

unsafe extern "C" fn no_network(request: *mut NX_IP_DRIVER) {
    // SAFETY: NetX Duo calls its driver with a valid request.
    unsafe { (*request).nx_ip_driver_status = NX_SUCCESS };
}

/// An instance of the middleware that C made, on an IP instance.
#[derive(Clone, Copy)]
pub struct RawAzure(pub *mut NX_AZURE_IOT);

// SAFETY: it is never deleted, and the middleware locks for itself.
unsafe impl Send for RawAzure {}

impl RawAzure {
    pub fn create(ip: RawIp) -> Self {
        let (azure, dns) = (leak::<NX_AZURE_IOT>(), leak::<NX_DNS>());
        // SAFETY: control blocks and stack are leaked, the names are static, instance and pool exist.
        unsafe {
            let status = nx_dns_create(dns, ip.0, c"dns".as_ptr().cast_mut().cast());
            assert_eq!(status, NX_SUCCESS);
            let status = nx_azure_iot_create(
                azure,
                c"raw".as_ptr().cast(),
                ip.0,
                (*ip.0).nx_ip_default_packet_pool,
                dns,
                leak::<[u64; 4096]>().cast(),
                32_768,
                4,
                Some(unix_time_get),
            );
            assert_eq!(status, NX_AZURE_IOT_SUCCESS);
        }
        Self(azure)
    }

    /// How many modules its cloud helper has.
    pub fn modules(&self) -> ULONG {
        // SAFETY: the instance exists.
        unsafe { (*self.0).nx_azure_iot_cloud.nx_cloud_modules_count }
    }

    /// Lets the cloud helper call its modules as if a second had passed. From everywhere.
    pub fn second(&self) {
        // SAFETY: the instance exists, and so do its cloud helper's event flags.
        let status = unsafe {
            let events = &raw mut (*self.0).nx_azure_iot_cloud.nx_cloud_events;
            tx_event_flags_set(events, NX_CLOUD_COMMON_PERIODIC_EVENT, TX_OR)
        };
        assert_eq!(status, TX_SUCCESS);
    }

    /// A connected client that C made. What it publishes, the function gets.
    pub fn connect(&self, device_id: &'static str) -> *mut NX_AZURE_IOT_HUB_CLIENT {
        let client = leak();
        let host = "hub.example";
        // SAFETY: the control block is leaked, the texts and the transport are static, and the instance exists.
        unsafe {
            let status = nx_azure_iot_hub_client_initialize(
                client,
                self.0,
                host.as_ptr(),
                host.len() as UINT,
                device_id.as_ptr(),
                device_id.len() as UINT,
                null(),
                0,
                null_mut(),
                0,
                null_mut(),
                0,
                null_mut(),
                0,
                null_mut(),
            );
            assert_eq!(status, NX_AZURE_IOT_SUCCESS);
            let status = nx_host_hub_client_transport_set(client, &raw const TRANSPORT, null_mut());
            assert_eq!(status, NX_AZURE_IOT_SUCCESS);
            let status = nx_azure_iot_hub_client_connect(client, 1, 0);
            assert_eq!(status, NX_AZURE_IOT_SUCCESS);
        }
        client
    }
}

unsafe extern "C" fn unix_time_get(time: *mut ULONG) -> UINT {
    match device::unix_time() {
        Some(now) => {
            // SAFETY: the middleware gives a place for the time.
            unsafe { time.write(now) };
            NX_AZURE_IOT_SUCCESS
        }
        None => netxduo_sys::NX_AZURE_IOT_FAILURE,
    }
}

/// What clients made by C have published.
pub static PUBLISHED: Mutex<Vec<(String, Vec<u8>)>> = Mutex::new(Vec::new());

static TRANSPORT: NX_HOST_HUB_TRANSPORT = NX_HOST_HUB_TRANSPORT {
    connect: Some(raw_connect),
    disconnect: Some(raw_disconnect),
    publish: Some(raw_publish),
};

type Context = *mut core::ffi::c_void;

unsafe extern "C" fn raw_connect(_: Context, _: *mut NX_AZURE_IOT_HUB_CLIENT) -> UINT {
    NX_AZURE_IOT_SUCCESS
}

unsafe extern "C" fn raw_disconnect(_: Context, _: *mut NX_AZURE_IOT_HUB_CLIENT) {}

unsafe extern "C" fn raw_publish(
    _: Context,
    _: *mut NX_AZURE_IOT_HUB_CLIENT,
    topic: *const UCHAR,
    topic_length: UINT,
    payload: *const UCHAR,
    payload_length: UINT,
) -> UINT {
    // SAFETY: the client passes as many bytes as it says.
    let (topic, payload) = unsafe {
        (
            std::slice::from_raw_parts(topic, topic_length as usize),
            std::slice::from_raw_parts(payload, payload_length as usize),
        )
    };
    let topic = String::from_utf8_lossy(topic).into_owned();
    PUBLISHED.lock().unwrap().push((topic, payload.to_vec()));
    NX_AZURE_IOT_SUCCESS
}
