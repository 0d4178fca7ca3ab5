//! The names that applications use, which are macros in C. The Azure IoT services are functions there, too.

use crate::bindings_host::{
    _nxe_ip_create, _nxe_packet_pool_create, _nxe_packet_release, _nxe_packet_transmit_release,
    NX_IP, NX_IP_DRIVER, NX_PACKET, NX_PACKET_POOL,
};
use core::ffi::c_void;
use threadx_sys::{CHAR, UINT, ULONG};

#[doc(inline)]
pub use crate::bindings_host::{
    _nx_system_initialize as nx_system_initialize, _nxde_icmp_enable as nxd_icmp_enable,
    _nxde_ipv6_address_set as nxd_ipv6_address_set, _nxde_ipv6_enable as nxd_ipv6_enable,
    _nxde_ipv6_multicast_interface_join as nxd_ipv6_multicast_interface_join,
    _nxe_cloud_create as nx_cloud_create, _nxe_cloud_delete as nx_cloud_delete,
    _nxe_cloud_module_deregister as nx_cloud_module_deregister,
    _nxe_cloud_module_event_clear as nx_cloud_module_event_clear,
    _nxe_cloud_module_event_set as nx_cloud_module_event_set,
    _nxe_cloud_module_register as nx_cloud_module_register, _nxe_dns_create as nx_dns_create,
    _nxe_dns_delete as nx_dns_delete, _nxe_icmp_enable as nx_icmp_enable,
    _nxe_ip_address_get as nx_ip_address_get, _nxe_ip_address_set as nx_ip_address_set,
    _nxe_ip_delete as nx_ip_delete, _nxe_ip_interface_attach as nx_ip_interface_attach,
    _nxe_ipv4_multicast_interface_join as nx_ipv4_multicast_interface_join,
    _nxe_packet_allocate as nx_packet_allocate, _nxe_packet_copy as nx_packet_copy,
    _nxe_packet_data_append as nx_packet_data_append,
    _nxe_packet_data_extract_offset as nx_packet_data_extract_offset,
    _nxe_packet_data_retrieve as nx_packet_data_retrieve,
    _nxe_packet_length_get as nx_packet_length_get,
    _nxe_packet_pool_delete as nx_packet_pool_delete, _nxe_tcp_enable as nx_tcp_enable,
    _nxe_udp_enable as nx_udp_enable,
};

/// The size of a control block, which the checked create calls compare with the stack's own idea of it.
fn control_block_size<T>() -> UINT {
    #[cfg(not(host_port))]
    crate::declarations::refuse_to_link();
    size_of::<T>() as UINT
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
    let block_size = control_block_size::<NX_PACKET_POOL>();
    // SAFETY: the caller's promises are those the C function needs, and the size is that of the control block.
    unsafe { _nxe_packet_pool_create(pool, name, payload_size, pool_start, pool_size, block_size) }
}

/// Gives a packet and all that is chained to it back to their pools. From everywhere.
///
/// Errors: `NX_PTR_ERROR` (also for a packet that is free already), `NX_UNDERFLOW`, `NX_OVERFLOW`.
///
/// # Safety
/// `packet` is null or points to a packet that the caller owns.
pub unsafe fn nx_packet_release(mut packet: *mut NX_PACKET) -> UINT {
    // SAFETY: the pointer to the packet lives on this stack, and the packet is the caller's.
    unsafe { _nxe_packet_release(&raw mut packet) }
}

/// What a link driver does with a packet that it has sent. From everywhere.
///
/// Errors: those of [`nx_packet_release`].
///
/// # Safety
/// `packet` is null or points to a packet that the stack gave to the driver.
pub unsafe fn nx_packet_transmit_release(mut packet: *mut NX_PACKET) -> UINT {
    // SAFETY: the pointer to the packet lives on this stack, and the packet is the caller's.
    unsafe { _nxe_packet_transmit_release(&raw mut packet) }
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
    // SAFETY: the caller's promises are those the C function needs, and the size is that of the control block.
    unsafe {
        _nxe_ip_create(
            ip,
            name,
            ip_address,
            network_mask,
            default_pool,
            driver,
            memory,
            memory_size,
            priority,
            control_block_size::<NX_IP>(),
        )
    }
}
