//! The names that applications use, which are macros in C: for the checked form of a service, or for the plain one with
//! `NX_DISABLE_ERROR_CHECKING`. The Azure IoT services are functions there, too.

use crate::bindings::{
    NX_IP, NX_IP_DRIVER, NX_PACKET, NX_PACKET_POOL, NX_TCP_SOCKET, NX_UDP_SOCKET, NXD_ADDRESS,
};
use core::ffi::c_void;
use threadx_sys::{CHAR, UINT, ULONG};

/// Services under the names of both their forms.
macro_rules! services {
    ($($name:ident = $checked:ident / $plain:ident;)*) => {$(
        #[cfg(error_checking)]
        #[doc(inline)]
        pub use crate::bindings::$checked as $name;
        #[cfg(not(error_checking))]
        #[doc(inline)]
        pub use crate::bindings::$plain as $name;
    )*};
}

services! {
    nx_arp_enable = _nxe_arp_enable / _nx_arp_enable;
    nx_cloud_create = _nxe_cloud_create / _nx_cloud_create;
    nx_cloud_delete = _nxe_cloud_delete / _nx_cloud_delete;
    nx_cloud_module_deregister = _nxe_cloud_module_deregister / _nx_cloud_module_deregister;
    nx_cloud_module_event_clear = _nxe_cloud_module_event_clear / _nx_cloud_module_event_clear;
    nx_cloud_module_event_set = _nxe_cloud_module_event_set / _nx_cloud_module_event_set;
    nx_cloud_module_register = _nxe_cloud_module_register / _nx_cloud_module_register;
    nx_dns_create = _nxe_dns_create / _nx_dns_create;
    nx_dns_delete = _nxe_dns_delete / _nx_dns_delete;
    nx_dns_packet_pool_set = _nxe_dns_packet_pool_set / _nx_dns_packet_pool_set;
    nx_icmp_enable = _nxe_icmp_enable / _nx_icmp_enable;
    nx_ip_address_get = _nxe_ip_address_get / _nx_ip_address_get;
    nx_ip_address_set = _nxe_ip_address_set / _nx_ip_address_set;
    nx_ip_delete = _nxe_ip_delete / _nx_ip_delete;
    nx_ip_fragment_enable = _nxe_ip_fragment_enable / _nx_ip_fragment_enable;
    nx_ip_gateway_address_set = _nxe_ip_gateway_address_set / _nx_ip_gateway_address_set;
    nx_ip_interface_attach = _nxe_ip_interface_attach / _nx_ip_interface_attach;
    nx_ipv4_multicast_interface_join = _nxe_ipv4_multicast_interface_join / _nx_ipv4_multicast_interface_join;
    nx_packet_allocate = _nxe_packet_allocate / _nx_packet_allocate;
    nx_packet_copy = _nxe_packet_copy / _nx_packet_copy;
    nx_packet_data_append = _nxe_packet_data_append / _nx_packet_data_append;
    nx_packet_data_extract_offset = _nxe_packet_data_extract_offset / _nx_packet_data_extract_offset;
    nx_packet_data_retrieve = _nxe_packet_data_retrieve / _nx_packet_data_retrieve;
    nx_packet_length_get = _nxe_packet_length_get / _nx_packet_length_get;
    nx_packet_pool_delete = _nxe_packet_pool_delete / _nx_packet_pool_delete;
    nx_secure_x509_certificate_initialize = _nxe_secure_x509_certificate_initialize / _nx_secure_x509_certificate_initialize;
    nx_tcp_client_socket_bind = _nxe_tcp_client_socket_bind / _nx_tcp_client_socket_bind;
    nx_tcp_client_socket_unbind = _nxe_tcp_client_socket_unbind / _nx_tcp_client_socket_unbind;
    nx_tcp_enable = _nxe_tcp_enable / _nx_tcp_enable;
    nx_tcp_server_socket_accept = _nxe_tcp_server_socket_accept / _nx_tcp_server_socket_accept;
    nx_tcp_server_socket_listen = _nxe_tcp_server_socket_listen / _nx_tcp_server_socket_listen;
    nx_tcp_server_socket_relisten = _nxe_tcp_server_socket_relisten / _nx_tcp_server_socket_relisten;
    nx_tcp_server_socket_unaccept = _nxe_tcp_server_socket_unaccept / _nx_tcp_server_socket_unaccept;
    nx_tcp_server_socket_unlisten = _nxe_tcp_server_socket_unlisten / _nx_tcp_server_socket_unlisten;
    nx_tcp_socket_delete = _nxe_tcp_socket_delete / _nx_tcp_socket_delete;
    nx_tcp_socket_disconnect = _nxe_tcp_socket_disconnect / _nx_tcp_socket_disconnect;
    nx_tcp_socket_mss_get = _nxe_tcp_socket_mss_get / _nx_tcp_socket_mss_get;
    nx_tcp_socket_receive = _nxe_tcp_socket_receive / _nx_tcp_socket_receive;
    nx_udp_enable = _nxe_udp_enable / _nx_udp_enable;
    nx_udp_socket_bind = _nxe_udp_socket_bind / _nx_udp_socket_bind;
    nx_udp_socket_delete = _nxe_udp_socket_delete / _nx_udp_socket_delete;
    nx_udp_socket_port_get = _nxe_udp_socket_port_get / _nx_udp_socket_port_get;
    nx_udp_socket_receive = _nxe_udp_socket_receive / _nx_udp_socket_receive;
    nx_udp_socket_unbind = _nxe_udp_socket_unbind / _nx_udp_socket_unbind;
    nxd_dns_host_by_name_get = _nxde_dns_host_by_name_get / _nxd_dns_host_by_name_get;
    nxd_dns_server_add = _nxde_dns_server_add / _nxd_dns_server_add;
    nxd_icmp_enable = _nxde_icmp_enable / _nxd_icmp_enable;
    nxd_icmp_ping = _nxde_icmp_ping / _nxd_icmp_ping;
    nxd_ipv6_address_set = _nxde_ipv6_address_set / _nxd_ipv6_address_set;
    nxd_ipv6_default_router_add = _nxde_ipv6_default_router_add / _nxd_ipv6_default_router_add;
    nxd_ipv6_enable = _nxde_ipv6_enable / _nxd_ipv6_enable;
    nxd_ipv6_multicast_interface_join = _nxde_ipv6_multicast_interface_join / _nxd_ipv6_multicast_interface_join;
    nxd_tcp_client_socket_connect = _nxde_tcp_client_socket_connect / _nxd_tcp_client_socket_connect;
    nxd_tcp_socket_peer_info_get = _nxde_tcp_socket_peer_info_get / _nxd_tcp_socket_peer_info_get;
    nxd_udp_source_extract = _nxde_udp_source_extract / _nxd_udp_source_extract;
}

#[cfg(dhcp)]
services! {
    nx_dhcp_create = _nxe_dhcp_create / _nx_dhcp_create;
    nx_dhcp_delete = _nxe_dhcp_delete / _nx_dhcp_delete;
    nx_dhcp_packet_pool_set = _nxe_dhcp_packet_pool_set / _nx_dhcp_packet_pool_set;
    nx_dhcp_interface_server_address_get = _nxe_dhcp_interface_server_address_get / _nx_dhcp_interface_server_address_get;
    nx_dhcp_start = _nxe_dhcp_start / _nx_dhcp_start;
    nx_dhcp_user_option_request = _nxe_dhcp_user_option_request / _nx_dhcp_user_option_request;
    nx_dhcp_interface_user_option_retrieve = _nxe_dhcp_interface_user_option_retrieve / _nx_dhcp_interface_user_option_retrieve;
}

#[cfg(sntp)]
services! {
    nx_sntp_client_create = _nxe_sntp_client_create / _nx_sntp_client_create;
    nx_sntp_client_delete = _nxe_sntp_client_delete / _nx_sntp_client_delete;
    nx_sntp_client_run_unicast = _nxe_sntp_client_run_unicast / _nx_sntp_client_run_unicast;
    nx_sntp_client_set_time_update_notify = _nxe_sntp_client_set_time_update_notify / _nx_sntp_client_set_time_update_notify;
    nx_sntp_client_stop = _nxe_sntp_client_stop / _nx_sntp_client_stop;
    nxd_sntp_client_initialize_unicast = _nxde_sntp_client_initialize_unicast / _nxd_sntp_client_initialize_unicast;
}

// Services with one form.
#[doc(inline)]
pub use crate::bindings::{
    _nx_ip_driver_deferred_processing as nx_ip_driver_deferred_processing,
    _nx_secure_tls_initialize as nx_secure_tls_initialize,
    _nx_system_initialize as nx_system_initialize,
};

/// Calls the checked form of a create service with the size of the control block behind its arguments, which it compares with
/// the stack's own idea of it; or the plain form without.
macro_rules! create {
    ($block:ty, $checked:ident, $plain:ident, [$($argument:expr),* $(,)?]) => {{
        #[cfg(not(any(host_port, generated_bindings)))]
        crate::declarations::refuse_to_link();
        #[cfg(error_checking)]
        // SAFETY: the caller's promises are those the C function needs, and the size is that of the control block.
        let status = unsafe { crate::bindings::$checked($($argument,)* size_of::<$block>() as UINT) };
        #[cfg(not(error_checking))]
        // SAFETY: the caller's promises are those the C function needs.
        let status = unsafe { crate::bindings::$plain($($argument),*) };
        status
    }};
}

/// Calls the checked form of a service with a pointer to its caller's pointer to a packet, which it clears once the packet is
/// not the caller's any more; or the plain form with the packet.
macro_rules! with_packet {
    ($checked:ident, $plain:ident, [$($before:expr),*], $packet:ident, [$($after:expr),*]) => {{
        #[cfg(error_checking)]
        // SAFETY: the pointer to the packet lives on this stack, and the rest is the caller's promise.
        let status = unsafe {
            let mut packet = $packet;
            crate::bindings::$checked($($before,)* &raw mut packet, $($after),*)
        };
        #[cfg(not(error_checking))]
        // SAFETY: the caller's promises are those the C function needs.
        let status = unsafe { crate::bindings::$plain($($before,)* $packet, $($after),*) };
        status
    }};
}

/// Makes packets of `payload_size` bytes out of `pool_size` bytes of memory. From initialization and threads.
///
/// Errors: `NX_PTR_ERROR`, `NX_SIZE_ERROR`, `NX_CALLER_ERROR`.
///
/// # Safety
/// `pool` points to memory for a control block that is not in use; it, the name and the memory stay where they are until
/// the pool is deleted.
pub unsafe fn nx_packet_pool_create(
    pool: *mut NX_PACKET_POOL,
    name: *mut CHAR,
    payload_size: ULONG,
    pool_start: *mut c_void,
    pool_size: ULONG,
) -> UINT {
    create!(
        NX_PACKET_POOL,
        _nxe_packet_pool_create,
        _nx_packet_pool_create,
        [pool, name, payload_size, pool_start, pool_size]
    )
}

/// Gives a packet and all that is chained to it back to their pools. From everywhere.
///
/// Errors: `NX_PTR_ERROR` (also for a packet that is free already), `NX_UNDERFLOW`, `NX_OVERFLOW`.
///
/// # Safety
/// `packet` is null or points to a packet that the caller owns.
pub unsafe fn nx_packet_release(packet: *mut NX_PACKET) -> UINT {
    with_packet!(_nxe_packet_release, _nx_packet_release, [], packet, [])
}

/// What a link driver does with a packet that it has sent. From everywhere.
///
/// Errors: those of [`nx_packet_release`].
///
/// # Safety
/// `packet` is null or points to a packet that the stack gave to the driver.
pub unsafe fn nx_packet_transmit_release(packet: *mut NX_PACKET) -> UINT {
    with_packet!(
        _nxe_packet_transmit_release,
        _nx_packet_transmit_release,
        [],
        packet,
        []
    )
}

/// Creates an IP instance with interface 0. From initialization and threads.
///
/// Addresses in host byte order, `memory_size` in bytes. Errors: `NX_PTR_ERROR`, `NX_SIZE_ERROR`, `NX_OPTION_ERROR`,
/// `NX_IP_ADDRESS_ERROR`, `NX_CALLER_ERROR`.
///
/// # Safety
/// `ip` points to memory for a control block that is not in use; it, the name, the pool and the memory stay where they
/// are until the instance is deleted. `driver` copes with every request that the stack makes.
#[allow(clippy::too_many_arguments)] // NetX Duo's signature.
pub unsafe fn nx_ip_create(
    ip: *mut NX_IP,
    name: *mut CHAR,
    ip_address: ULONG,
    network_mask: ULONG,
    default_pool: *mut NX_PACKET_POOL,
    driver: Option<unsafe extern "C" fn(*mut NX_IP_DRIVER)>,
    memory: *mut c_void,
    memory_size: ULONG,
    priority: UINT,
) -> UINT {
    create!(
        NX_IP,
        _nxe_ip_create,
        _nx_ip_create,
        [
            ip,
            name,
            ip_address,
            network_mask,
            default_pool,
            driver,
            memory,
            memory_size,
            priority
        ]
    )
}

/// Creates a UDP socket. From initialization and threads.
///
/// Errors: `NX_PTR_ERROR`, `NX_OPTION_ERROR`, `NX_CALLER_ERROR`, `NX_NOT_ENABLED`; `NX_NOT_SUPPORTED` on the host port.
///
/// # Safety
/// `ip` is null or points to an IP instance, `socket` to memory for a control block that is not in use; it and the name stay
/// where they are until the socket is deleted.
pub unsafe fn nx_udp_socket_create(
    ip: *mut NX_IP,
    socket: *mut NX_UDP_SOCKET,
    name: *mut CHAR,
    type_of_service: ULONG,
    fragment: ULONG,
    time_to_live: UINT,
    queue_maximum: ULONG,
) -> UINT {
    create!(
        NX_UDP_SOCKET,
        _nxe_udp_socket_create,
        _nx_udp_socket_create,
        [
            ip,
            socket,
            name,
            type_of_service,
            fragment,
            time_to_live,
            queue_maximum
        ]
    )
}

/// Sends a datagram to a port of an address of either version. After an error the packet is still the caller's.
///
/// Errors: `NX_PTR_ERROR`, `NX_IP_ADDRESS_ERROR`, `NX_NOT_BOUND`, `NX_INVALID_PORT`, `NX_UNDERFLOW`, `NX_OVERFLOW`,
/// `NX_CALLER_ERROR`, `NX_NOT_ENABLED`, `NX_NO_INTERFACE_ADDRESS`; `NX_NOT_SUPPORTED` on the host port.
///
/// # Safety
/// `socket` is null or points to a socket, `packet` to a packet of the caller's with room for the headers, `address` to an
/// address.
pub unsafe fn nxd_udp_socket_send(
    socket: *mut NX_UDP_SOCKET,
    packet: *mut NX_PACKET,
    address: *mut NXD_ADDRESS,
    port: UINT,
) -> UINT {
    with_packet!(
        _nxde_udp_socket_send,
        _nxd_udp_socket_send,
        [socket],
        packet,
        [address, port]
    )
}

/// Creates a TCP socket with a receive window of `window_size` bytes. From initialization and threads.
///
/// Errors: `NX_PTR_ERROR`, `NX_OPTION_ERROR`, `NX_CALLER_ERROR`, `NX_NOT_ENABLED`; `NX_NOT_SUPPORTED` on the host port.
///
/// # Safety
/// `ip` is null or points to an IP instance, `socket` to memory for a control block that is not in use; it and the name stay
/// where they are until the socket is deleted. The functions may be called on any thread until then.
#[allow(clippy::too_many_arguments)] // NetX Duo's signature.
pub unsafe fn nx_tcp_socket_create(
    ip: *mut NX_IP,
    socket: *mut NX_TCP_SOCKET,
    name: *mut CHAR,
    type_of_service: ULONG,
    fragment: ULONG,
    time_to_live: UINT,
    window_size: ULONG,
    urgent_data: Option<unsafe extern "C" fn(*mut NX_TCP_SOCKET)>,
    disconnected: Option<unsafe extern "C" fn(*mut NX_TCP_SOCKET)>,
) -> UINT {
    create!(
        NX_TCP_SOCKET,
        _nxe_tcp_socket_create,
        _nx_tcp_socket_create,
        [
            ip,
            socket,
            name,
            type_of_service,
            fragment,
            time_to_live,
            window_size,
            urgent_data,
            disconnected
        ]
    )
}

/// Sends data on a connection, waiting for up to `wait_option` ticks for room in the peer's window. After an error the
/// packet is still the caller's. From threads, without waiting from everywhere but interrupts.
///
/// Errors: `NX_PTR_ERROR`, `NX_NOT_BOUND`, `NX_NOT_CONNECTED`, `NX_ALREADY_SUSPENDED`, `NX_WINDOW_OVERFLOW`,
/// `NX_TX_QUEUE_DEPTH`, `NX_WAIT_ABORTED`, `NX_UNDERFLOW`, `NX_OVERFLOW`, `NX_CALLER_ERROR`; `NX_NOT_SUPPORTED` on the host
/// port.
///
/// # Safety
/// `socket` is null or points to a socket, `packet` to a packet of the caller's with room for the headers.
pub unsafe fn nx_tcp_socket_send(
    socket: *mut NX_TCP_SOCKET,
    packet: *mut NX_PACKET,
    wait_option: ULONG,
) -> UINT {
    with_packet!(
        _nxe_tcp_socket_send,
        _nx_tcp_socket_send,
        [socket],
        packet,
        [wait_option]
    )
}

#[cfg(generated_bindings)]
unsafe extern "C" {
    /// A random number from `NX_RAND`, with 15 bits at least. From threads.
    pub fn netxduo_sys_rand() -> core::ffi::c_int;
}
