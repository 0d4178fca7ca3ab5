//! The middleware's instance and IoT Hub clients with their telemetry.

#[path = "../../threadx-sys/tests/common/mod.rs"]
mod common;
mod support;

use common::objects::*;
use common::{in_kernel, in_kernel_after};
use netxduo_sys::host::*;
use netxduo_sys::threadx_sys::*;
use netxduo_sys::*;
use std::ptr::{null, null_mut};
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicU32, Ordering};
use support::{Ip, Pool};

/// What the transport and the status callback were told.
static LOG: StdMutex<Vec<String>> = StdMutex::new(Vec::new());
/// What the transport answers.
static ANSWER: AtomicU32 = AtomicU32::new(NX_AZURE_IOT_SUCCESS);

fn log(what: impl Into<String>) {
    LOG.lock().unwrap().push(what.into());
}

fn take_log() -> Vec<String> {
    std::mem::take(&mut LOG.lock().unwrap())
}

type Context = *mut core::ffi::c_void;

unsafe extern "C" fn connect(context: Context, client: *mut NX_AZURE_IOT_HUB_CLIENT) -> UINT {
    log(format!(
        "connect {} in state {}",
        context.addr(),
        Client(client).state()
    ));
    ANSWER.load(Ordering::Relaxed)
}

unsafe extern "C" fn disconnect(context: Context, _: *mut NX_AZURE_IOT_HUB_CLIENT) {
    log(format!("disconnect {}", context.addr()));
}

unsafe extern "C" fn publish(
    context: Context,
    _: *mut NX_AZURE_IOT_HUB_CLIENT,
    topic: *const UCHAR,
    topic_length: UINT,
    payload: *const UCHAR,
    payload_length: UINT,
) -> UINT {
    let slice = |bytes: *const UCHAR, length: UINT| {
        if length == 0 {
            return String::new();
        }
        // SAFETY: the client passes as many bytes as it says.
        String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(bytes, length as usize) })
            .into_owned()
    };
    log(format!(
        "publish {} {}: {}",
        context.addr(),
        slice(topic, topic_length),
        slice(payload, payload_length)
    ));
    ANSWER.load(Ordering::Relaxed)
}

unsafe extern "C" fn status_changed(client: *mut NX_AZURE_IOT_HUB_CLIENT, status: UINT) {
    log(format!(
        "status {status:#x} in state {}",
        Client(client).state()
    ));
}

static TRANSPORT: NX_HOST_HUB_TRANSPORT = NX_HOST_HUB_TRANSPORT {
    connect: Some(connect),
    disconnect: Some(disconnect),
    publish: Some(publish),
};

#[derive(Clone, Copy)]
struct Client(*mut NX_AZURE_IOT_HUB_CLIENT);

impl Client {
    fn initialize(iot: *mut NX_AZURE_IOT, module: Option<&'static [u8]>) -> Self {
        let client = leak();
        let (host, device) = (b"hub.example".as_slice(), b"dev1".as_slice());
        // SAFETY: the control blocks are valid and the names static.
        let status = unsafe {
            nx_azure_iot_hub_client_initialize(
                client,
                iot,
                host.as_ptr(),
                host.len() as UINT,
                device.as_ptr(),
                device.len() as UINT,
                module.map_or(null(), <[u8]>::as_ptr),
                module.map_or(0, <[u8]>::len) as UINT,
                null_mut(),
                0,
                null_mut(),
                0,
                null_mut(),
                0,
                null_mut(),
            )
        };
        assert_eq!(status, NX_AZURE_IOT_SUCCESS);
        Self(client)
    }

    /// A client with a transport, whose context is the number.
    fn with_transport(iot: *mut NX_AZURE_IOT, number: usize) -> Self {
        let client = Self::initialize(iot, None);
        assert_eq!(
            client.set_transport(&TRANSPORT, number),
            NX_AZURE_IOT_SUCCESS
        );
        // SAFETY: the client is valid.
        let status = unsafe {
            nx_azure_iot_hub_client_connection_status_callback_set(client.0, Some(status_changed))
        };
        assert_eq!(status, NX_AZURE_IOT_SUCCESS);
        client
    }

    fn set_transport(self, transport: *const NX_HOST_HUB_TRANSPORT, number: usize) -> UINT {
        // SAFETY: the client is valid, and the transport is static or null.
        unsafe {
            nx_host_hub_client_transport_set(
                self.0,
                transport,
                std::ptr::without_provenance_mut(number),
            )
        }
    }

    fn state(self) -> UINT {
        // SAFETY: the client is valid.
        unsafe { (*self.0).nx_azure_iot_hub_client_state }
    }

    fn connect(self) -> UINT {
        // SAFETY: the client is valid.
        unsafe { nx_azure_iot_hub_client_connect(self.0, 1, NX_WAIT_FOREVER) }
    }

    fn disconnect(self) -> UINT {
        // SAFETY: the client is valid.
        unsafe { nx_azure_iot_hub_client_disconnect(self.0) }
    }

    fn deinitialize(self) -> UINT {
        // SAFETY: the client is valid.
        unsafe { nx_azure_iot_hub_client_deinitialize(self.0) }
    }

    fn set_connection(self, connected: UINT) -> UINT {
        // SAFETY: the client is valid.
        unsafe { nx_host_hub_client_connection_set(self.0, connected) }
    }

    /// Status and message.
    fn message(self) -> (UINT, *mut NX_PACKET) {
        let mut packet = null_mut();
        // SAFETY: the client is valid, and the pointer lives until the call returns.
        let status = unsafe {
            nx_azure_iot_hub_client_telemetry_message_create(self.0, &raw mut packet, NX_NO_WAIT)
        };
        (status, packet)
    }

    fn send(self, packet: *mut NX_PACKET, payload: &[u8]) -> UINT {
        // SAFETY: the client and the packet are valid, and so is the slice.
        unsafe {
            nx_azure_iot_hub_client_telemetry_send(
                self.0,
                packet,
                payload.as_ptr(),
                payload.len() as UINT,
                NX_NO_WAIT,
            )
        }
    }
}

fn add_property(packet: *mut NX_PACKET, name: &str, value: &str) -> UINT {
    // SAFETY: the packet is valid, and so are the strings.
    unsafe {
        nx_azure_iot_hub_client_telemetry_property_add(
            packet,
            name.as_ptr(),
            name.len() as USHORT,
            value.as_ptr(),
            value.len() as USHORT,
            NX_NO_WAIT,
        )
    }
}

fn delete(packet: *mut NX_PACKET) -> UINT {
    // SAFETY: the packet is the caller's.
    unsafe { nx_azure_iot_hub_client_telemetry_message_delete(packet) }
}

unsafe extern "C" fn unix_time(time: *mut ULONG) -> UINT {
    // SAFETY: the caller passes a valid pointer.
    unsafe { *time = 1_700_000_000 + now() / TX_TIMER_TICKS_PER_SECOND };
    NX_AZURE_IOT_SUCCESS
}

/// An instance with a pool of its own.
fn iot(pool: Pool) -> *mut NX_AZURE_IOT {
    let (iot, dns, stack) = (leak(), leak(), leak::<[u8; 2048]>());
    let ip = Ip::bare(pool);
    // SAFETY: everything is leaked, and the name is static.
    unsafe {
        assert_eq!(nx_dns_create(dns, ip.0, null_mut()), NX_SUCCESS);
        let name = c"iot".as_ptr().cast();
        let status = nx_azure_iot_create(
            iot,
            name,
            ip.0,
            pool.0,
            dns,
            stack.cast(),
            2048,
            3,
            Some(unix_time),
        );
        assert_eq!(status, NX_AZURE_IOT_SUCCESS);
    }
    iot
}

#[test]
fn a_client_connects_sends_and_disconnects() {
    in_kernel(|| {
        let pool = Pool::new(6, 256);
        let client = Client::with_transport(iot(pool), 7);
        assert_eq!(client.connect(), NX_AZURE_IOT_SUCCESS);
        assert_eq!(client.state(), NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED);
        assert_eq!(client.connect(), NX_AZURE_IOT_ALREADY_CONNECTED);
        let (status, packet) = client.message();
        assert_eq!(status, NX_AZURE_IOT_SUCCESS);
        assert_eq!(add_property(packet, "mti", "2.3-1-0-0"), NX_SUCCESS);
        assert_eq!(add_property(packet, "%24.ifid", "urn%3Aa"), NX_SUCCESS);
        assert_eq!(client.send(packet, b"hello"), NX_AZURE_IOT_SUCCESS);
        assert_eq!(pool.available(), 6, "the packet is gone");
        assert_eq!(client.disconnect(), NX_AZURE_IOT_SUCCESS);
        assert_eq!(client.disconnect(), NX_AZURE_IOT_SUCCESS);
        assert_eq!(
            take_log(),
            [
                "connect 7 in state 1",
                "status 0x0 in state 2",
                "publish 7 devices/dev1/messages/events/mti=2.3-1-0-0&%24.ifid=urn%3Aa: hello",
                "status 0x2000c in state 0",
                "disconnect 7",
            ]
        );
    });
}

#[test]
fn a_module_has_a_topic_of_its_own() {
    in_kernel(|| {
        let client = Client::initialize(iot(Pool::new(4, 256)), Some(b"mod"));
        assert_eq!(client.set_transport(&TRANSPORT, 1), NX_AZURE_IOT_SUCCESS);
        assert_eq!(client.connect(), NX_AZURE_IOT_SUCCESS);
        let (_, packet) = client.message();
        assert_eq!(client.send(packet, b""), NX_AZURE_IOT_SUCCESS);
        assert_eq!(
            take_log()[1],
            "publish 1 devices/dev1/modules/mod/messages/events/: "
        );
        let text = |span: az_span| {
            let (bytes, size) = (span._internal.ptr, span._internal.size as usize);
            // SAFETY: the client points to the names it was given.
            String::from_utf8(unsafe { std::slice::from_raw_parts(bytes, size) }.to_vec()).unwrap()
        };
        // SAFETY: the client is valid.
        let identity = unsafe { (*client.0).iot_hub_client_core._internal };
        assert_eq!(text(identity.iot_hub_hostname), "hub.example");
        assert_eq!(text(identity.device_id), "dev1");
        assert_eq!(text(identity.options.module_id), "mod");
    });
}

#[test]
fn a_failed_send_leaves_the_message_to_the_caller() {
    in_kernel(|| {
        let pool = Pool::new(6, 256);
        let client = Client::with_transport(iot(pool), 1);
        let (_, packet) = client.message();
        assert_eq!(client.send(packet, b"x"), NX_AZURE_IOT_DISCONNECTED);
        assert_eq!(client.connect(), NX_AZURE_IOT_SUCCESS);
        ANSWER.store(NXD_MQTT_COMMUNICATION_FAILURE, Ordering::Relaxed);
        assert_eq!(
            client.send(packet, &[b'x'; 300]),
            NXD_MQTT_COMMUNICATION_FAILURE
        );
        assert_eq!(
            client.send(packet, &[b'x'; 3000]),
            NX_NO_PACKET,
            "the pool has no room for that"
        );
        ANSWER.store(NX_AZURE_IOT_SUCCESS, Ordering::Relaxed);
        take_log();
        // The middleware itself leaves in the packet what it has added.
        if cfg!(host_port) {
            assert_eq!(
                client.send(packet, b"again"),
                NX_AZURE_IOT_SUCCESS,
                "it is as it was"
            );
            assert_eq!(
                take_log(),
                ["publish 1 devices/dev1/messages/events/: again"]
            );
        } else {
            assert_eq!(delete(packet), NX_SUCCESS);
        }
        let (_, packet) = client.message();
        assert_eq!(delete(packet), NX_SUCCESS);
        assert_eq!(pool.available(), 6);
    });
}

#[test]
fn topics_and_properties_keep_to_their_packets() {
    in_kernel(|| {
        // Some 20 bytes behind the room for headers, which is larger in the middleware: before the client is connected it
        // is that for IPv6, and the header of an MQTT packet.
        let tight = Pool::new(3, if cfg!(host_port) { 80 } else { 104 });
        let client = Client::with_transport(iot(tight), 1);
        assert_eq!(
            client.message().0,
            NX_AZURE_IOT_SDK_CORE_ERROR,
            "the topic needs more than that"
        );
        assert_eq!(tight.available(), 3);

        let pool = Pool::new(3, 200);
        let client = Client::with_transport(iot(pool), 1);
        assert_eq!(client.connect(), NX_AZURE_IOT_SUCCESS);
        let (_, packet) = client.message();
        assert_eq!(add_property(packet, "first", "1"), NX_SUCCESS);
        assert_eq!(add_property(packet, "long", &"v".repeat(150)), NX_SUCCESS);
        assert_eq!(support::parts(packet).len(), 2);
        // In the middleware itself half a property remains of those.
        if cfg!(host_port) {
            assert_eq!(add_property(packet, "too", &"v".repeat(400)), NX_NO_PACKET);
            assert_eq!(add_property(packet, "empty", ""), NX_SIZE_ERROR);
        }
        assert_eq!(add_property(packet, "last", "2"), NX_SUCCESS);
        take_log();
        assert_eq!(client.send(packet, b"p"), NX_AZURE_IOT_SUCCESS);
        let value = "v".repeat(150);
        let expected =
            format!("publish 1 devices/dev1/messages/events/first=1&long={value}&last=2: p");
        assert_eq!(take_log(), [expected]);
        assert_eq!(pool.available(), 3);
    });
}

#[test]
fn a_connection_fails_without_transport_or_with_a_failing_one() {
    in_kernel(|| {
        let iot = iot(Pool::new(4, 256));
        let bare = Client::initialize(iot, None);
        // Where there is a network, it looks for one and finds no name server.
        assert_eq!(
            bare.connect(),
            if cfg!(host_port) {
                NX_AZURE_IOT_NOT_INITIALIZED
            } else {
                0xA1 // NX_DNS_NO_SERVER
            }
        );
        assert_eq!(
            bare.set_transport(null(), 0),
            NX_AZURE_IOT_INVALID_PARAMETER
        );
        let client = Client::with_transport(iot, 1);
        ANSWER.store(NXD_MQTT_CONNECT_FAILURE, Ordering::Relaxed);
        assert_eq!(client.connect(), NXD_MQTT_CONNECT_FAILURE);
        assert_eq!(client.state(), NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED);
        assert_eq!(
            take_log(),
            ["connect 1 in state 1", "status 0x10005 in state 0"]
        );
        assert_eq!(Client(leak()).connect(), NX_AZURE_IOT_INVALID_PARAMETER);
    });
}

#[test]
fn the_network_can_break_and_make_a_connection() {
    in_kernel(|| {
        let client = Client::with_transport(iot(Pool::new(4, 256)), 1);
        assert_eq!(client.set_connection(1), NX_AZURE_IOT_SUCCESS);
        assert_eq!(client.set_connection(1), NX_AZURE_IOT_SUCCESS);
        assert_eq!(
            client.set_transport(&TRANSPORT, 2),
            NX_AZURE_IOT_WRONG_STATE
        );
        let (_, packet) = client.message();
        assert_eq!(client.send(packet, b"a"), NX_AZURE_IOT_SUCCESS);
        assert_eq!(client.set_connection(0), NX_AZURE_IOT_SUCCESS);
        assert_eq!(client.set_connection(0), NX_AZURE_IOT_SUCCESS);
        assert_eq!(
            take_log(),
            [
                "status 0x0 in state 2",
                "publish 1 devices/dev1/messages/events/: a",
                "status 0x2000c in state 0",
            ]
        );
    });
}

#[test]
fn the_transport_may_call_the_client() {
    in_kernel(|| {
        unsafe extern "C" fn connect_and_lose(
            _: Context,
            client: *mut NX_AZURE_IOT_HUB_CLIENT,
        ) -> UINT {
            assert_eq!(Client(client).connect(), NX_AZURE_IOT_CONNECTING);
            assert_eq!(Client(client).disconnect(), NX_AZURE_IOT_SUCCESS);
            NX_AZURE_IOT_SUCCESS
        }
        static NERVOUS: NX_HOST_HUB_TRANSPORT = NX_HOST_HUB_TRANSPORT {
            connect: Some(connect_and_lose),
            disconnect: Some(disconnect),
            publish: Some(publish),
        };
        let client = Client::with_transport(iot(Pool::new(4, 256)), 1);
        assert_eq!(client.set_transport(&NERVOUS, 2), NX_AZURE_IOT_SUCCESS);
        assert_eq!(client.connect(), NX_AZURE_IOT_DISCONNECTED);
        assert_eq!(client.state(), NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED);
        if cfg!(host_port) {
            assert_eq!(take_log(), ["disconnect 2"]);
        } else {
            // The middleware tells how each attempt ended.
            let status = "status 0x2000c in state 0";
            assert_eq!(take_log(), ["disconnect 2", status]);
        }
    });
}

#[test]
fn the_instance_lists_its_clients() {
    in_kernel(|| {
        let iot = iot(Pool::new(4, 256));
        let clients = || {
            let mut clients = Vec::new();
            // SAFETY: the instance is valid, and nobody changes its list now.
            unsafe {
                let mut resource = (*iot).nx_azure_iot_resource_list_header;
                while !resource.is_null() {
                    assert_eq!((*resource).resource_type, NX_AZURE_IOT_RESOURCE_IOT_HUB);
                    clients.push((*resource).resource_data_ptr.cast());
                    resource = (*resource).resource_next;
                }
            }
            clients
        };
        let (first, second) = (
            Client::with_transport(iot, 1),
            Client::with_transport(iot, 2),
        );
        assert_eq!(clients(), [second.0, first.0]);
        assert_eq!(first.connect(), NX_AZURE_IOT_SUCCESS);
        take_log();
        assert_eq!(first.deinitialize(), NX_AZURE_IOT_SUCCESS);
        assert_eq!(take_log(), ["status 0x2000c in state 0", "disconnect 1"]);
        assert_eq!(clients(), [second.0]);
        assert_eq!(first.deinitialize(), NX_AZURE_IOT_NOT_FOUND);
        // SAFETY: the instance is valid.
        unsafe {
            assert_eq!(nx_azure_iot_delete(iot), NX_AZURE_IOT_DELETE_ERROR);
            assert_eq!(second.deinitialize(), NX_AZURE_IOT_SUCCESS);
            assert_eq!(nx_azure_iot_delete(iot), NX_AZURE_IOT_SUCCESS);
        }
    });
}

#[test]
fn the_instance_knows_the_time_and_its_parameters() {
    in_kernel_after(manual_clock, || {
        let pool = Pool::new(4, 256);
        let iot = iot(pool);
        advance(500);
        let mut time = 0;
        let (ip, other, stack) = (Ip::bare(pool), leak(), leak::<[u8; 512]>());
        // SAFETY: the instance is valid, or the call has an argument that is refused before it is used.
        unsafe {
            assert_eq!(
                nx_azure_iot_unix_time_get(iot, &raw mut time),
                NX_AZURE_IOT_SUCCESS
            );
            assert_eq!(time, 1_700_000_005);
            assert_eq!(
                nx_azure_iot_unix_time_get(iot, null_mut()),
                NX_AZURE_IOT_INVALID_PARAMETER
            );
            assert_eq!(
                nx_azure_iot_unix_time_get(null_mut(), &raw mut time),
                NX_AZURE_IOT_INVALID_PARAMETER
            );
            let create = |ip, pool, dns, size| {
                nx_azure_iot_create(
                    other,
                    null(),
                    ip,
                    pool,
                    dns,
                    stack.cast(),
                    size,
                    3,
                    Some(unix_time),
                )
            };
            assert_eq!(
                create(null_mut(), pool.0, leak(), 512),
                NX_AZURE_IOT_INVALID_PARAMETER
            );
            assert_eq!(
                create(ip.0, null_mut(), leak(), 512),
                NX_AZURE_IOT_INVALID_PARAMETER
            );
            assert_eq!(
                create(ip.0, pool.0, null_mut(), 512),
                NX_AZURE_IOT_INVALID_PARAMETER
            );
            assert_eq!(create(ip.0, pool.0, leak(), 100), NX_SIZE_ERROR);
            assert_eq!(
                nx_azure_iot_delete(null_mut()),
                NX_AZURE_IOT_INVALID_PARAMETER
            );
        }
    });
}
