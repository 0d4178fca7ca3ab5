// Made from the headers by tests/bindings.rs: do not edit, run it with UPDATE_BINDINGS=1.

use threadx_sys::*;

/// An address of either version, in host byte order.
pub type NXD_ADDRESS = NXD_ADDRESS_STRUCT;
/** A packet, or one link of a chain of packets. The bytes from `nx_packet_prepend_ptr` to `nx_packet_append_ptr` are
its data; `nx_packet_length` in the first packet counts those of the whole chain.*/
pub type NX_PACKET = NX_PACKET_STRUCT;
/// A pool of packets of one size.
pub type NX_PACKET_POOL = NX_PACKET_POOL_STRUCT;
/// An IPv6 address of an interface.
pub type NXD_IPV6_ADDRESS = NXD_IPV6_ADDRESS_STRUCT;
/// A network interface. IPv4 addresses in host byte order.
pub type NX_INTERFACE = NX_INTERFACE_STRUCT;
/// A joined IPv4 multicast group.
pub type NX_IPV4_MULTICAST_ENTRY = NX_IPV4_MULTICAST_ENTRY_STRUCT;
/// A joined IPv6 multicast group.
pub type NX_IPV6_MULTICAST_ENTRY = NX_IPV6_MULTICAST_ENTRY_STRUCT;
/// An IP instance.
pub type NX_IP = NX_IP_STRUCT;
/// A request to a link driver.
pub type NX_IP_DRIVER = NX_IP_DRIVER_STRUCT;
/// An IPv4 header as the receive hooks see it: five words in host byte order, options removed.
pub type NX_IPV4_HEADER = NX_IPV4_HEADER_STRUCT;
/// An IPv6 header as the receive hooks see it: ten words in host byte order.
pub type NX_IPV6_HEADER = NX_IPV6_HEADER_STRUCT;
/// A TCP socket, which never exists.
pub type NX_TCP_SOCKET = NX_TCP_SOCKET_STRUCT;
/// A UDP socket, which never exists.
pub type NX_UDP_SOCKET = NX_UDP_SOCKET_STRUCT;
/// A module of a cloud helper.
pub type NX_CLOUD_MODULE = NX_CLOUD_MODULE_STRUCT;
/// A cloud helper.
pub type NX_CLOUD = NX_CLOUD_STRUCT;
/// A DNS client.
pub type NX_DNS = NX_DNS_STRUCT;
/// A certificate, perhaps with its private key.
pub type NX_SECURE_X509_CERT = NX_SECURE_X509_CERT_STRUCT;
/// A cryptographic method.
pub type NX_CRYPTO_METHOD = NX_CRYPTO_METHOD_STRUCT;
/// A TLS cipher suite.
pub type NX_CRYPTO_CIPHERSUITE = NX_CRYPTO_CIPHERSUITE_STRUCT;
/// What the middleware knows of one client.
pub type NX_AZURE_IOT_RESOURCE = NX_AZURE_IOT_RESOURCE_STRUCT;
/// The middleware's instance. Its list of resources is guarded by the mutex.
pub type NX_AZURE_IOT = NX_AZURE_IOT_STRUCT;
/// An IoT Hub client.
pub type NX_AZURE_IOT_HUB_CLIENT = NX_AZURE_IOT_HUB_CLIENT_STRUCT;
/// A DHCP client.
pub type NX_DHCP = NX_DHCP_STRUCT;
/// A time as NTP has it: seconds since 1900, and 2^-32 of one.
pub type NX_SNTP_TIME = NX_SNTP_TIME_STRUCT;
/// What a server says.
pub type NX_SNTP_TIME_MESSAGE = NX_SNTP_TIME_MESSAGE_STRUCT;
/// An SNTP client.
pub type NX_SNTP_CLIENT = NX_SNTP_CLIENT_STRUCT;
/** What carries an IoT Hub client's connection. The functions run on the thread that calls the client, without any lock
of the host port held, and may call the client's functions. Topic and payload are not terminated and belong to the
caller.*/
pub type NX_HOST_HUB_TRANSPORT = NX_HOST_HUB_TRANSPORT_STRUCT;
/// An address of either version, in host byte order.
#[repr(C)]
#[derive(Copy, Clone)]
pub struct NXD_ADDRESS_STRUCT {
    pub nxd_ip_version: ULONG,
    pub nxd_ip_address: NXD_ADDRESS_STRUCT__bindgen_ty_1,
}
/** A packet, or one link of a chain of packets. The bytes from `nx_packet_prepend_ptr` to `nx_packet_append_ptr` are
its data; `nx_packet_length` in the first packet counts those of the whole chain.*/
#[repr(C)]
pub struct NX_PACKET_STRUCT {
    pub nx_packet_pool_owner: *mut NX_PACKET_POOL_STRUCT,
    pub nx_packet_queue_next: *mut NX_PACKET_STRUCT,
    pub nx_packet_union_next: NX_PACKET_STRUCT__bindgen_ty_1,
    pub nx_packet_next: *mut NX_PACKET_STRUCT,
    pub nx_packet_last: *mut NX_PACKET_STRUCT,
    pub nx_packet_length: ULONG,
    pub nx_packet_option_state: UCHAR,
    pub nx_packet_destination_header: UCHAR,
    pub nx_packet_option_offset: USHORT,
    pub nx_packet_ip_version: UCHAR,
    pub nx_packet_identical_copy: UCHAR,
    pub nx_packet_ip_header_length: UCHAR,
    pub nx_packet_reserved: UCHAR,
    pub nx_packet_address: NX_PACKET_STRUCT__bindgen_ty_2,
    pub nx_packet_data_start: *mut UCHAR,
    pub nx_packet_data_end: *mut UCHAR,
    pub nx_packet_prepend_ptr: *mut UCHAR,
    pub nx_packet_append_ptr: *mut UCHAR,
    pub nx_packet_ip_header: *mut UCHAR,
}
/// A pool of packets of one size.
#[repr(C)]
pub struct NX_PACKET_POOL_STRUCT {
    pub nx_packet_pool_id: ULONG,
    pub nx_packet_pool_name: *mut CHAR,
    pub nx_packet_pool_available: ULONG,
    pub nx_packet_pool_total: ULONG,
    pub nx_packet_pool_empty_requests: ULONG,
    pub nx_packet_pool_empty_suspensions: ULONG,
    pub nx_packet_pool_invalid_releases: ULONG,
    pub nx_packet_pool_available_list: *mut NX_PACKET,
    pub nx_packet_pool_start: *mut CHAR,
    pub nx_packet_pool_size: ULONG,
    pub nx_packet_pool_payload_size: ULONG,
    pub nx_packet_pool_host_packets: TX_SEMAPHORE,
    pub nx_packet_pool_created_next: *mut NX_PACKET_POOL_STRUCT,
    pub nx_packet_pool_created_previous: *mut NX_PACKET_POOL_STRUCT,
}
/// An IPv6 address of an interface.
#[repr(C)]
#[derive(Copy, Clone)]
pub struct NXD_IPV6_ADDRESS_STRUCT {
    pub nxd_ipv6_address_valid: UCHAR,
    pub nxd_ipv6_address_type: UCHAR,
    pub nxd_ipv6_address_state: UCHAR,
    pub nxd_ipv6_address_prefix_length: UCHAR,
    pub nxd_ipv6_address_attached: *mut NX_INTERFACE_STRUCT,
    pub nxd_ipv6_address: [ULONG; 4usize],
    pub nxd_ipv6_address_next: *mut NXD_IPV6_ADDRESS_STRUCT,
    pub nxd_ipv6_address_index: UCHAR,
}
/// A network interface. IPv4 addresses in host byte order.
#[repr(C)]
pub struct NX_INTERFACE_STRUCT {
    pub nx_interface_name: *mut CHAR,
    pub nx_interface_valid: UCHAR,
    pub nx_interface_address_mapping_needed: UCHAR,
    pub nx_interface_link_up: UCHAR,
    pub nx_interface_index: UCHAR,
    pub nx_interface_physical_address_msw: ULONG,
    pub nx_interface_physical_address_lsw: ULONG,
    pub nx_interface_ip_address: ULONG,
    pub nx_interface_ip_network_mask: ULONG,
    pub nx_interface_ip_network: ULONG,
    pub nxd_interface_ipv6_address_list_head: *mut NXD_IPV6_ADDRESS,
    pub nx_interface_ip_mtu_size: ULONG,
    pub nx_interface_additional_link_info: *mut cty::c_void,
    pub nx_interface_link_driver_entry: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut NX_IP_DRIVER_STRUCT),
    >,
}
/// A joined IPv4 multicast group.
#[repr(C)]
pub struct NX_IPV4_MULTICAST_ENTRY_STRUCT {
    pub nx_ipv4_multicast_join_list: ULONG,
    pub nx_ipv4_multicast_join_interface_list: *mut NX_INTERFACE,
    pub nx_ipv4_multicast_join_count: ULONG,
}
/// A joined IPv6 multicast group.
#[repr(C)]
pub struct NX_IPV6_MULTICAST_ENTRY_STRUCT {
    pub nx_ip_mld_join_list: [ULONG; 4usize],
    pub nx_ip_mld_join_interface_list: *mut NX_INTERFACE,
    pub nx_ip_mld_join_count: ULONG,
}
/// An IP instance.
#[repr(C)]
pub struct NX_IP_STRUCT {
    pub nx_ip_id: ULONG,
    pub nx_ip_name: *mut CHAR,
    pub nx_ipv6_address: [NXD_IPV6_ADDRESS; 12usize],
    pub nx_ip_total_packets_received: ULONG,
    pub nx_ip_total_packets_delivered: ULONG,
    pub nx_ip_total_bytes_received: ULONG,
    pub nx_ip_invalid_packets: ULONG,
    pub nx_ip_unknown_protocols_received: ULONG,
    pub nx_ip_receive_packets_dropped: ULONG,
    pub nx_ip_total_packets_sent: ULONG,
    pub nx_ip_total_bytes_sent: ULONG,
    pub nx_ip_send_packets_dropped: ULONG,
    pub nx_ip_gateway_address: ULONG,
    pub nx_ip_arp_cache_memory: *mut cty::c_void,
    pub nx_ip_default_packet_pool: *mut NX_PACKET_POOL,
    pub nx_ip_protection: TX_MUTEX,
    pub nx_ip_initialize_done: UINT,
    pub nx_ipv4_multicast_entry: [NX_IPV4_MULTICAST_ENTRY; 7usize],
    pub nx_ipv6_multicast_entry: [NX_IPV6_MULTICAST_ENTRY; 7usize],
    pub nx_ip_igmp_packet_receive: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut NX_IP_STRUCT, arg2: *mut NX_PACKET),
    >,
    pub nx_ip_icmp_packet_receive: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut NX_IP_STRUCT, arg2: *mut NX_PACKET),
    >,
    pub nx_ip_icmpv6_packet_process: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut NX_IP_STRUCT, arg2: *mut NX_PACKET),
    >,
    pub nx_ip_udp_packet_receive: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut NX_IP_STRUCT, arg2: *mut NX_PACKET),
    >,
    pub nx_ip_tcp_packet_receive: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut NX_IP_STRUCT, arg2: *mut NX_PACKET),
    >,
    pub nx_ipv4_packet_receive: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut NX_IP_STRUCT, arg2: *mut NX_PACKET),
    >,
    pub nx_ipv6_packet_receive: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut NX_IP_STRUCT, arg2: *mut NX_PACKET),
    >,
    pub nx_ip_created_next: *mut NX_IP_STRUCT,
    pub nx_ip_created_previous: *mut NX_IP_STRUCT,
    pub nx_ip_reserved_ptr: *mut cty::c_void,
    pub nx_ip_packet_filter: ::core::option::Option<
        unsafe extern "C" fn(ip_header: *mut cty::c_void, direction: UINT) -> UINT,
    >,
    pub nx_ip_packet_filter_extended: ::core::option::Option<
        unsafe extern "C" fn(
            ip_ptr: *mut NX_IP_STRUCT,
            packet_ptr: *mut NX_PACKET,
            direction: UINT,
        ) -> UINT,
    >,
    pub nx_ip_interface: [NX_INTERFACE; 4usize],
}
/// A request to a link driver.
#[repr(C)]
pub struct NX_IP_DRIVER_STRUCT {
    pub nx_ip_driver_command: UINT,
    pub nx_ip_driver_status: UINT,
    pub nx_ip_driver_physical_address_msw: ULONG,
    pub nx_ip_driver_physical_address_lsw: ULONG,
    pub nx_ip_driver_packet: *mut NX_PACKET,
    pub nx_ip_driver_return_ptr: *mut ULONG,
    pub nx_ip_driver_ptr: *mut NX_IP,
    pub nx_ip_driver_interface: *mut NX_INTERFACE,
}
/// An IPv4 header as the receive hooks see it: five words in host byte order, options removed.
#[repr(C)]
pub struct NX_IPV4_HEADER_STRUCT {
    pub nx_ip_header_word_0: ULONG,
    pub nx_ip_header_word_1: ULONG,
    pub nx_ip_header_word_2: ULONG,
    pub nx_ip_header_source_ip: ULONG,
    pub nx_ip_header_destination_ip: ULONG,
}
/// An IPv6 header as the receive hooks see it: ten words in host byte order.
#[repr(C)]
pub struct NX_IPV6_HEADER_STRUCT {
    pub nx_ip_header_word_0: ULONG,
    pub nx_ip_header_word_1: ULONG,
    pub nx_ip_header_source_ip: [ULONG; 4usize],
    pub nx_ip_header_destination_ip: [ULONG; 4usize],
}
/// A TCP socket, which never exists.
#[repr(C)]
pub struct NX_TCP_SOCKET_STRUCT {
    pub nx_tcp_socket_id: ULONG,
}
/// A UDP socket, which never exists.
#[repr(C)]
pub struct NX_UDP_SOCKET_STRUCT {
    pub nx_udp_socket_id: ULONG,
}
/// A module of a cloud helper.
#[repr(C)]
pub struct NX_CLOUD_MODULE_STRUCT {
    pub nx_cloud_module_name: *const CHAR,
    pub nx_cloud_module_registered_events: ULONG,
    pub nx_cloud_module_own_events: ULONG,
    pub nx_cloud_module_process: ::core::option::Option<
        unsafe extern "C" fn(
            module_context: *mut cty::c_void,
            common_events: ULONG,
            module_own_events: ULONG,
        ),
    >,
    pub nx_cloud_module_context: *mut cty::c_void,
    pub nx_cloud_module_next: *mut NX_CLOUD_MODULE_STRUCT,
    pub nx_cloud_ptr: *mut NX_CLOUD_STRUCT,
}
/// A cloud helper.
#[repr(C)]
pub struct NX_CLOUD_STRUCT {
    pub nx_cloud_id: ULONG,
    pub nx_cloud_name: *const CHAR,
    pub nx_cloud_thread: TX_THREAD,
    pub nx_cloud_events: TX_EVENT_FLAGS_GROUP,
    pub nx_cloud_mutex: TX_MUTEX,
    pub nx_cloud_periodic_timer: TX_TIMER,
    pub nx_cloud_modules_list_header: *mut NX_CLOUD_MODULE,
    pub nx_cloud_modules_count: ULONG,
    pub nx_cloud_host_next_module: *mut NX_CLOUD_MODULE,
}
/// A DNS client.
#[repr(C)]
pub struct NX_DNS_STRUCT {
    pub nx_dns_id: ULONG,
    pub nx_dns_domain: *mut UCHAR,
    pub nx_dns_ip_ptr: *mut NX_IP,
    pub nx_dns_packet_pool_ptr: *mut NX_PACKET_POOL,
    pub nx_dns_server_ip_array: [NXD_ADDRESS; 5usize],
}
/// A certificate, perhaps with its private key.
#[repr(C)]
pub struct NX_SECURE_X509_CERT_STRUCT {
    pub nx_secure_x509_certificate_raw_data: *mut UCHAR,
    pub nx_secure_x509_certificate_raw_data_length: UINT,
    pub nx_secure_x509_host_private_key: *const UCHAR,
    pub nx_secure_x509_host_private_key_length: UINT,
    pub nx_secure_x509_private_key_type: UINT,
}
/// A pointer and a size in bytes; null and 0 when empty.
#[repr(C)]
#[derive(Copy, Clone)]
pub struct az_span {
    pub _internal: az_span__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct az_span__bindgen_ty_1 {
    pub ptr: *mut u8,
    pub size: i32,
}
/// What is optional in a client's identity.
#[repr(C)]
#[derive(Copy, Clone)]
pub struct az_iot_hub_client_options {
    pub module_id: az_span,
    pub user_agent: az_span,
    pub model_id: az_span,
    pub component_names: *mut az_span,
    pub component_names_length: i32,
}
/// The identity of a client.
#[repr(C)]
#[derive(Copy, Clone)]
pub struct az_iot_hub_client {
    pub _internal: az_iot_hub_client__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct az_iot_hub_client__bindgen_ty_1 {
    pub iot_hub_hostname: az_span,
    pub device_id: az_span,
    pub options: az_iot_hub_client_options,
}
#[repr(C)]
#[derive(Debug)]
pub struct NX_CRYPTO_METHOD_STRUCT {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug)]
pub struct NX_CRYPTO_CIPHERSUITE_STRUCT {
    _unused: [u8; 0],
}
/// What the middleware knows of one client.
#[repr(C)]
pub struct NX_AZURE_IOT_RESOURCE_STRUCT {
    pub resource_type: UINT,
    pub resource_data_ptr: *mut cty::c_void,
    pub resource_crypto_array: *mut *const NX_CRYPTO_METHOD,
    pub resource_crypto_array_size: UINT,
    pub resource_cipher_map: *mut *const NX_CRYPTO_CIPHERSUITE,
    pub resource_cipher_map_size: UINT,
    pub resource_metadata_ptr: *mut UCHAR,
    pub resource_metadata_size: UINT,
    pub resource_trusted_certificates: [*mut NX_SECURE_X509_CERT; 3usize],
    pub resource_device_certificates: [*mut NX_SECURE_X509_CERT; 2usize],
    pub resource_hostname: *const UCHAR,
    pub resource_hostname_length: UINT,
    pub resource_next: *mut NX_AZURE_IOT_RESOURCE_STRUCT,
}
/// The middleware's instance. Its list of resources is guarded by the mutex.
#[repr(C)]
pub struct NX_AZURE_IOT_STRUCT {
    pub nx_azure_iot_name: *const UCHAR,
    pub nx_azure_iot_ip_ptr: *mut NX_IP,
    pub nx_azure_iot_pool_ptr: *mut NX_PACKET_POOL,
    pub nx_azure_iot_dns_ptr: *mut NX_DNS,
    pub nx_azure_iot_cloud: NX_CLOUD,
    pub nx_azure_iot_cloud_module: NX_CLOUD_MODULE,
    pub nx_azure_iot_mutex_ptr: *mut TX_MUTEX,
    pub nx_azure_iot_resource_list_header: *mut NX_AZURE_IOT_RESOURCE,
    pub nx_azure_iot_unix_time_get: ::core::option::Option<
        unsafe extern "C" fn(unix_time: *mut ULONG) -> UINT,
    >,
}
/// An IoT Hub client.
#[repr(C)]
pub struct NX_AZURE_IOT_HUB_CLIENT_STRUCT {
    pub nx_azure_iot_ptr: *mut NX_AZURE_IOT,
    pub nx_azure_iot_hub_client_state: UINT,
    pub nx_azure_iot_hub_client_connection_status_callback: ::core::option::Option<
        unsafe extern "C" fn(
            hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT_STRUCT,
            status: UINT,
        ),
    >,
    pub nx_azure_iot_hub_client_symmetric_key: *const UCHAR,
    pub nx_azure_iot_hub_client_symmetric_key_length: UINT,
    pub nx_azure_iot_hub_client_resource: NX_AZURE_IOT_RESOURCE,
    pub iot_hub_client_core: az_iot_hub_client,
    pub nx_azure_iot_hub_client_host_transport: *const NX_HOST_HUB_TRANSPORT_STRUCT,
    pub nx_azure_iot_hub_client_host_context: *mut cty::c_void,
}
/// A DHCP client.
#[repr(C)]
pub struct NX_DHCP_STRUCT {
    pub nx_dhcp_id: ULONG,
}
/// A time as NTP has it: seconds since 1900, and 2^-32 of one.
#[repr(C)]
pub struct NX_SNTP_TIME_STRUCT {
    pub seconds: ULONG,
    pub fraction: ULONG,
}
/// What a server says.
#[repr(C)]
pub struct NX_SNTP_TIME_MESSAGE_STRUCT {
    pub transmit_time: NX_SNTP_TIME,
}
/// An SNTP client.
#[repr(C)]
pub struct NX_SNTP_CLIENT_STRUCT {
    pub nx_sntp_client_id: ULONG,
}
/** What carries an IoT Hub client's connection. The functions run on the thread that calls the client, without any lock
of the host port held, and may call the client's functions. Topic and payload are not terminated and belong to the
caller.*/
#[repr(C)]
pub struct NX_HOST_HUB_TRANSPORT_STRUCT {
    /// Connect; the status is that of `nx_azure_iot_hub_client_connect`.
    pub connect: ::core::option::Option<
        unsafe extern "C" fn(
            context: *mut cty::c_void,
            hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        ) -> UINT,
    >,
    /// Disconnect.
    pub disconnect: ::core::option::Option<
        unsafe extern "C" fn(
            context: *mut cty::c_void,
            hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        ),
    >,
    /// Take a message; the status is that of `nx_azure_iot_hub_client_telemetry_send`.
    pub publish: ::core::option::Option<
        unsafe extern "C" fn(
            context: *mut cty::c_void,
            hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
            topic: *const UCHAR,
            topic_length: UINT,
            payload: *const UCHAR,
            payload_length: UINT,
        ) -> UINT,
    >,
}
pub const NX_MAX_PHYSICAL_INTERFACES: u32 = 4;
pub const NX_MAX_IPV6_ADDRESSES: u32 = 12;
pub const NX_MAX_MULTICAST_GROUPS: u32 = 7;
pub const NX_PHYSICAL_HEADER: u32 = 16;
pub const NX_PHYSICAL_TRAILER: u32 = 4;
pub const NX_IP_PERIODIC_RATE: u32 = 100;
pub const NETXDUO_MAJOR_VERSION: u32 = 6;
pub const NETXDUO_MINOR_VERSION: u32 = 4;
pub const NETXDUO_PATCH_VERSION: u32 = 2;
pub const NX_NO_WAIT: u32 = 0;
pub const NX_WAIT_FOREVER: u32 = 4294967295;
pub const NX_TRUE: u32 = 1;
pub const NX_FALSE: u32 = 0;
pub const NX_SUCCESS: u32 = 0;
pub const NX_NO_PACKET: u32 = 1;
pub const NX_UNDERFLOW: u32 = 2;
pub const NX_OVERFLOW: u32 = 3;
pub const NX_DELETED: u32 = 5;
pub const NX_POOL_ERROR: u32 = 6;
pub const NX_PTR_ERROR: u32 = 7;
pub const NX_WAIT_ERROR: u32 = 8;
pub const NX_SIZE_ERROR: u32 = 9;
pub const NX_OPTION_ERROR: u32 = 10;
pub const NX_DELETE_ERROR: u32 = 16;
pub const NX_CALLER_ERROR: u32 = 17;
pub const NX_INVALID_PACKET: u32 = 18;
pub const NX_NOT_ENABLED: u32 = 20;
pub const NX_ALREADY_ENABLED: u32 = 21;
pub const NX_ENTRY_NOT_FOUND: u32 = 22;
pub const NX_NO_MORE_ENTRIES: u32 = 23;
pub const NX_WAIT_ABORTED: u32 = 26;
pub const NX_IP_INTERNAL_ERROR: u32 = 32;
pub const NX_IP_ADDRESS_ERROR: u32 = 33;
pub const NX_ALREADY_BOUND: u32 = 34;
pub const NX_PORT_UNAVAILABLE: u32 = 35;
pub const NX_NOT_BOUND: u32 = 36;
pub const NX_NOT_CREATED: u32 = 39;
pub const NX_SOCKETS_BOUND: u32 = 40;
pub const NX_NO_RESPONSE: u32 = 41;
pub const NX_POOL_DELETED: u32 = 48;
pub const NX_ALREADY_RELEASED: u32 = 49;
pub const NX_DUPLICATE_LISTEN: u32 = 52;
pub const NX_NOT_CLOSED: u32 = 53;
pub const NX_NOT_LISTEN_STATE: u32 = 54;
pub const NX_IN_PROGRESS: u32 = 55;
pub const NX_NOT_CONNECTED: u32 = 56;
pub const NX_DISCONNECT_FAILED: u32 = 65;
pub const NX_NOT_SUCCESSFUL: u32 = 67;
pub const NX_UNHANDLED_COMMAND: u32 = 68;
pub const NX_NOT_IMPLEMENTED: u32 = 74;
pub const NX_NOT_SUPPORTED: u32 = 75;
pub const NX_INVALID_INTERFACE: u32 = 76;
pub const NX_INVALID_PARAMETERS: u32 = 77;
pub const NX_NOT_FOUND: u32 = 78;
pub const NX_NO_INTERFACE_ADDRESS: u32 = 80;
pub const NX_DUPLICATED_ENTRY: u32 = 82;
pub const NX_PACKET_OFFSET_ERROR: u32 = 83;
pub const NX_OPTION_HEADER_ERROR: u32 = 84;
pub const NX_IP_PACKET_IN: u32 = 0;
pub const NX_IP_PACKET_OUT: u32 = 1;
pub const NX_IP_VERSION_V4: u32 = 4;
pub const NX_IP_VERSION_V6: u32 = 6;
pub const NX_RECEIVE_PACKET: u32 = 0;
pub const NX_IPv4_PACKET: u32 = 36;
pub const NX_IPv4_UDP_PACKET: u32 = 44;
pub const NX_IPv4_TCP_PACKET: u32 = 56;
pub const NX_IPv6_PACKET: u32 = 56;
pub const NX_IPv6_UDP_PACKET: u32 = 64;
pub const NX_IPv6_TCP_PACKET: u32 = 76;
pub const NX_IP_PACKET: u32 = 56;
pub const NX_UDP_PACKET: u32 = 64;
pub const NX_TCP_PACKET: u32 = 76;
pub const NX_PROTOCOL_NEXT_HEADER_HOP_BY_HOP: u32 = 0;
pub const NX_PROTOCOL_ICMP: u32 = 1;
pub const NX_PROTOCOL_IGMP: u32 = 2;
pub const NX_PROTOCOL_TCP: u32 = 6;
pub const NX_PROTOCOL_UDP: u32 = 17;
pub const NX_PROTOCOL_NEXT_HEADER_ROUTING: u32 = 43;
pub const NX_PROTOCOL_NEXT_HEADER_FRAGMENT: u32 = 44;
pub const NX_PROTOCOL_NEXT_HEADER_ENCAP_SECURITY: u32 = 50;
pub const NX_PROTOCOL_NEXT_HEADER_AUTHENTICATION: u32 = 51;
pub const NX_PROTOCOL_ICMPV6: u32 = 58;
pub const NX_PROTOCOL_NO_NEXT_HEADER: u32 = 59;
pub const NX_PROTOCOL_NEXT_HEADER_DESTINATION: u32 = 60;
pub const NX_IPV6_ADDR_STATE_UNKNOWN: u32 = 0;
pub const NX_IPV6_ADDR_STATE_TENTATIVE: u32 = 1;
pub const NX_IPV6_ADDR_STATE_PREFERRED: u32 = 2;
pub const NX_IPV6_ADDR_STATE_DEPRECATED: u32 = 3;
pub const NX_IPV6_ADDR_STATE_VALID: u32 = 4;
pub const NX_LINK_PACKET_SEND: u32 = 0;
pub const NX_LINK_INITIALIZE: u32 = 1;
pub const NX_LINK_ENABLE: u32 = 2;
pub const NX_LINK_DISABLE: u32 = 3;
pub const NX_LINK_PACKET_BROADCAST: u32 = 4;
pub const NX_LINK_ARP_SEND: u32 = 5;
pub const NX_LINK_ARP_RESPONSE_SEND: u32 = 6;
pub const NX_LINK_RARP_SEND: u32 = 7;
pub const NX_LINK_MULTICAST_JOIN: u32 = 8;
pub const NX_LINK_MULTICAST_LEAVE: u32 = 9;
pub const NX_LINK_GET_STATUS: u32 = 10;
pub const NX_LINK_UNINITIALIZE: u32 = 17;
pub const NX_LINK_DEFERRED_PROCESSING: u32 = 18;
pub const NX_LINK_INTERFACE_ATTACH: u32 = 19;
pub const NX_ANY_PORT: u32 = 0;
pub const NX_IP_ID: u32 = 1229987872;
pub const NX_PACKET_POOL_ID: u32 = 1346454347;
pub const NX_CLOUD_ID: u32 = 1129074500;
pub const NX_CLOUD_MODULE_ALREADY_REGISTERED: u32 = 240;
pub const NX_CLOUD_MODULE_NOT_REGISTERED: u32 = 241;
pub const NX_CLOUD_MODULE_BOUND: u32 = 242;
pub const NX_CLOUD_MODULE_EVENT_INVALID: u32 = 243;
pub const NX_CLOUD_ALL_EVENTS: u32 = 4294967295;
pub const NX_CLOUD_COMMON_PERIODIC_EVENT: u32 = 1;
pub const NX_CLOUD_COMMON_ALL_EVENT: u32 = 1;
pub const NX_CLOUD_MODULE_MQTT_EVENT: u32 = 65536;
pub const NX_CLOUD_MODULE_AZURE_SDK_EVENT: u32 = 131072;
pub const NX_CLOUD_MODULE_AZURE_ADU_EVENT: u32 = 262144;
pub const NX_CLOUD_MODULE_AZURE_ISM_EVENT: u32 = 524288;
pub const NX_DNS_TIMEOUT: u32 = 162;
pub const NX_DNS_QUERY_FAILED: u32 = 163;
pub const NX_DNS_PARAM_ERROR: u32 = 168;
pub const NX_DNS_EMPTY_DNS_SERVER_LIST: u32 = 171;
pub const NX_DNS_DUPLICATE_ENTRY: u32 = 175;
pub const NX_DNS_MAX_SERVERS: u32 = 5;
pub const NX_DNS_ID: u32 = 1145983776;
pub const NXD_MQTT_SUCCESS: u32 = 0;
pub const NXD_MQTT_ALREADY_CONNECTED: u32 = 65537;
pub const NXD_MQTT_NOT_CONNECTED: u32 = 65538;
pub const NXD_MQTT_CONNECT_FAILURE: u32 = 65541;
pub const NXD_MQTT_PACKET_POOL_FAILURE: u32 = 65542;
pub const NXD_MQTT_COMMUNICATION_FAILURE: u32 = 65543;
pub const NXD_MQTT_ERROR_SERVER_UNAVAILABLE: u32 = 65667;
pub const NXD_MQTT_ERROR_NOT_AUTHORIZED: u32 = 65669;
pub const NX_SECURE_X509_SUCCESS: u32 = 0;
pub const NX_SECURE_PKCS1_INVALID_PRIVATE_KEY: u32 = 394;
pub const NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE: u32 = 413;
pub const NX_SECURE_X509_INVALID_CERTIFICATE: u32 = 418;
pub const NX_SECURE_X509_KEY_TYPE_NONE: u32 = 0;
pub const NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER: u32 = 1;
pub const NX_SECURE_X509_KEY_TYPE_EC_DER: u32 = 2;
pub const NX_AZURE_IOT_SUCCESS: u32 = 0;
pub const NX_AZURE_IOT_FAILURE: u32 = 131072;
pub const NX_AZURE_IOT_SDK_CORE_ERROR: u32 = 131073;
pub const NX_AZURE_IOT_INVALID_PARAMETER: u32 = 131074;
pub const NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE: u32 = 131075;
pub const NX_AZURE_IOT_INVALID_PACKET: u32 = 131076;
pub const NX_AZURE_IOT_NO_PACKET: u32 = 131077;
pub const NX_AZURE_IOT_NOT_FOUND: u32 = 131078;
pub const NX_AZURE_IOT_NOT_ENABLED: u32 = 131079;
pub const NX_AZURE_IOT_NOT_INITIALIZED: u32 = 131080;
pub const NX_AZURE_IOT_NOT_SUPPORTED: u32 = 131081;
pub const NX_AZURE_IOT_ALREADY_CONNECTED: u32 = 131082;
pub const NX_AZURE_IOT_CONNECTING: u32 = 131083;
pub const NX_AZURE_IOT_DISCONNECTED: u32 = 131084;
pub const NX_AZURE_IOT_PENDING: u32 = 131085;
pub const NX_AZURE_IOT_SERVER_RESPONSE_ERROR: u32 = 131086;
pub const NX_AZURE_IOT_TOPIC_TOO_LONG: u32 = 131087;
pub const NX_AZURE_IOT_MESSAGE_TOO_LONG: u32 = 131088;
pub const NX_AZURE_IOT_NO_AVAILABLE_CIPHER: u32 = 131089;
pub const NX_AZURE_IOT_WRONG_STATE: u32 = 131090;
pub const NX_AZURE_IOT_DELETE_ERROR: u32 = 131091;
pub const NX_AZURE_IOT_NO_SUBSCRIBE_ACK: u32 = 131092;
pub const NX_AZURE_IOT_THROTTLED: u32 = 131093;
pub const NX_AZURE_IOT_EMPTY_JSON: u32 = 131094;
pub const NX_AZURE_IOT_SAS_TOKEN_EXPIRED: u32 = 131095;
pub const NX_AZURE_IOT_NO_MORE_ENTRIES: u32 = 131096;
pub const NX_AZURE_IOT_RESOURCE_IOT_HUB: u32 = 1;
pub const NX_AZURE_IOT_RESOURCE_IOT_PROVISIONING: u32 = 2;
pub const NX_AZURE_IOT_MAX_NUM_OF_TRUSTED_CERTS: u32 = 3;
pub const NX_AZURE_IOT_MAX_NUM_OF_DEVICE_CERTS: u32 = 2;
pub const NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED: u32 = 0;
pub const NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTING: u32 = 1;
pub const NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED: u32 = 2;
pub const NX_AZURE_IOT_TLS_METADATA_BUFFER_SIZE: u32 = 10240;
pub const NX_DHCP_OPTION_GATEWAYS: u32 = 3;
pub const NX_DHCP_OPTION_DNS_SVR: u32 = 6;
pub const NX_DHCP_OPTION_NTP_SVR: u32 = 42;
pub const NX_DHCP_NOT_BOUND: u32 = 148;
pub const NX_DHCP_PARSE_ERROR: u32 = 151;
pub const NX_DHCP_PACKET_PAYLOAD: u32 = 592;
pub const NX_SNTP_CLIENT_NOT_STARTED: u32 = 3339;
#[repr(C)]
#[derive(Copy, Clone)]
pub union NXD_ADDRESS_STRUCT__bindgen_ty_1 {
    pub v4: ULONG,
    pub v6: [ULONG; 4usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union NX_PACKET_STRUCT__bindgen_ty_1 {
    pub nx_packet_tcp_queue_next: *mut NX_PACKET_STRUCT,
    pub nx_packet_fragment_next: *mut NX_PACKET_STRUCT,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union NX_PACKET_STRUCT__bindgen_ty_2 {
    pub nx_packet_interface_ptr: *mut NX_INTERFACE_STRUCT,
    pub nx_packet_ipv6_address_ptr: *mut NXD_IPV6_ADDRESS_STRUCT,
}
unsafe extern "C" {
    /// Prepare NetX Duo; once, before everything else.
    pub fn _nx_system_initialize();
}
unsafe extern "C" {
    pub fn _nx_packet_pool_create(
        pool_ptr: *mut NX_PACKET_POOL,
        name_ptr: *mut CHAR,
        payload_size: ULONG,
        pool_start: *mut cty::c_void,
        pool_size: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Make packets of `payload_size` bytes out of `pool_size` bytes of memory. From initialization and threads. Errors:
NX_PTR_ERROR, NX_SIZE_ERROR, NX_CALLER_ERROR.*/
    pub fn _nxe_packet_pool_create(
        pool_ptr: *mut NX_PACKET_POOL,
        name_ptr: *mut CHAR,
        payload_size: ULONG,
        pool_start: *mut cty::c_void,
        pool_size: ULONG,
        pool_control_block_size: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_packet_pool_delete(pool_ptr: *mut NX_PACKET_POOL) -> UINT;
}
unsafe extern "C" {
    /** Delete a pool; threads that wait for a packet get NX_POOL_DELETED. From threads. Errors: NX_PTR_ERROR,
NX_CALLER_ERROR.*/
    pub fn _nxe_packet_pool_delete(pool_ptr: *mut NX_PACKET_POOL) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_packet_allocate(
        pool_ptr: *mut NX_PACKET_POOL,
        packet_ptr: *mut *mut NX_PACKET,
        packet_type: ULONG,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Take a packet, keeping `packet_type` bytes free in front. From everywhere without waiting, from threads with
(ticks). Errors: NX_NO_PACKET, NX_POOL_DELETED, NX_WAIT_ABORTED, NX_PTR_ERROR, NX_OPTION_ERROR,
NX_INVALID_PARAMETERS, NX_CALLER_ERROR.*/
    pub fn _nxe_packet_allocate(
        pool_ptr: *mut NX_PACKET_POOL,
        packet_ptr: *mut *mut NX_PACKET,
        packet_type: ULONG,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_packet_release(packet_ptr: *mut NX_PACKET) -> UINT;
}
unsafe extern "C" {
    /** Give a packet and all that is chained to it back, and clear the pointer. From everywhere. Errors: NX_PTR_ERROR
(also for a packet that is free already), NX_UNDERFLOW, NX_OVERFLOW.*/
    pub fn _nxe_packet_release(packet_ptr_ptr: *mut *mut NX_PACKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_packet_transmit_release(packet_ptr: *mut NX_PACKET) -> UINT;
}
unsafe extern "C" {
    /// What a link driver does with a packet it has sent; on the host the same as a release.
    pub fn _nxe_packet_transmit_release(packet_ptr_ptr: *mut *mut NX_PACKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_packet_data_append(
        packet_ptr: *mut NX_PACKET,
        data_start: *mut cty::c_void,
        data_size: ULONG,
        pool_ptr: *mut NX_PACKET_POOL,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Add data at the end, in further packets from the pool where one does not do; after an error the packet is as it
was. From everywhere without waiting, from threads with (ticks). Errors: NX_NO_PACKET, NX_POOL_DELETED,
NX_WAIT_ABORTED, NX_PTR_ERROR, NX_SIZE_ERROR, NX_UNDERFLOW, NX_OVERFLOW, NX_CALLER_ERROR.*/
    pub fn _nxe_packet_data_append(
        packet_ptr: *mut NX_PACKET,
        data_start: *mut cty::c_void,
        data_size: ULONG,
        pool_ptr: *mut NX_PACKET_POOL,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_packet_data_retrieve(
        packet_ptr: *mut NX_PACKET,
        buffer_start: *mut cty::c_void,
        bytes_copied: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Copy all data of a packet; the buffer must have room for `nx_packet_length` bytes. From everywhere. Errors:
NX_INVALID_PACKET, NX_PTR_ERROR.*/
    pub fn _nxe_packet_data_retrieve(
        packet_ptr: *mut NX_PACKET,
        buffer_start: *mut cty::c_void,
        bytes_copied: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_packet_data_extract_offset(
        packet_ptr: *mut NX_PACKET,
        offset: ULONG,
        buffer_start: *mut cty::c_void,
        buffer_length: ULONG,
        bytes_copied: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /// Copy data of a packet from an offset on. From everywhere. Errors: NX_PACKET_OFFSET_ERROR, NX_PTR_ERROR.
    pub fn _nxe_packet_data_extract_offset(
        packet_ptr: *mut NX_PACKET,
        offset: ULONG,
        buffer_start: *mut cty::c_void,
        buffer_length: ULONG,
        bytes_copied: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_packet_copy(
        packet_ptr: *mut NX_PACKET,
        new_packet_ptr: *mut *mut NX_PACKET,
        pool_ptr: *mut NX_PACKET_POOL,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Copy a packet into new ones from a pool. From everywhere without waiting, from threads with (ticks). Errors:
NX_NO_PACKET, NX_INVALID_PACKET, NX_POOL_DELETED, NX_WAIT_ABORTED, NX_PTR_ERROR, NX_UNDERFLOW, NX_OVERFLOW,
NX_CALLER_ERROR.*/
    pub fn _nxe_packet_copy(
        packet_ptr: *mut NX_PACKET,
        new_packet_ptr: *mut *mut NX_PACKET,
        pool_ptr: *mut NX_PACKET_POOL,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_packet_length_get(packet_ptr: *mut NX_PACKET, length: *mut ULONG) -> UINT;
}
unsafe extern "C" {
    /// The length of a packet with its chain. From everywhere. Errors: NX_PTR_ERROR.
    pub fn _nxe_packet_length_get(
        packet_ptr: *mut NX_PACKET,
        length: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_ip_create(
        ip_ptr: *mut NX_IP,
        name: *mut CHAR,
        ip_address: ULONG,
        network_mask: ULONG,
        default_pool: *mut NX_PACKET_POOL,
        ip_link_driver: ::core::option::Option<
            unsafe extern "C" fn(arg1: *mut NX_IP_DRIVER),
        >,
        memory_ptr: *mut cty::c_void,
        memory_size: ULONG,
        priority: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Create an IP instance with interface 0. The host port has no IP thread: the stack stays unused, and the driver is
asked to attach the interface, and to initialize and enable the link, by the caller. From initialization and threads. Errors: NX_PTR_ERROR,
NX_SIZE_ERROR, NX_OPTION_ERROR, NX_IP_ADDRESS_ERROR, NX_CALLER_ERROR.*/
    pub fn _nxe_ip_create(
        ip_ptr: *mut NX_IP,
        name: *mut CHAR,
        ip_address: ULONG,
        network_mask: ULONG,
        default_pool: *mut NX_PACKET_POOL,
        ip_link_driver: ::core::option::Option<
            unsafe extern "C" fn(arg1: *mut NX_IP_DRIVER),
        >,
        memory_ptr: *mut cty::c_void,
        memory_size: ULONG,
        priority: UINT,
        ip_control_block_size: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_ip_delete(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    /// Delete an IP instance. From threads. Errors: NX_PTR_ERROR, NX_CALLER_ERROR.
    pub fn _nxe_ip_delete(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_ip_interface_attach(
        ip_ptr: *mut NX_IP,
        interface_name: *mut CHAR,
        ip_address: ULONG,
        network_mask: ULONG,
        ip_link_driver: ::core::option::Option<
            unsafe extern "C" fn(arg1: *mut NX_IP_DRIVER),
        >,
    ) -> UINT;
}
unsafe extern "C" {
    /** Add an interface. From initialization and threads. Errors: NX_NO_MORE_ENTRIES, NX_PTR_ERROR, NX_IP_ADDRESS_ERROR,
NX_CALLER_ERROR.*/
    pub fn _nxe_ip_interface_attach(
        ip_ptr: *mut NX_IP,
        interface_name: *mut CHAR,
        ip_address: ULONG,
        network_mask: ULONG,
        ip_link_driver: ::core::option::Option<
            unsafe extern "C" fn(arg1: *mut NX_IP_DRIVER),
        >,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_ip_address_get(
        ip_ptr: *mut NX_IP,
        ip_address: *mut ULONG,
        network_mask: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** The IPv4 address and mask of interface 0. From initialization and threads. Errors: NX_PTR_ERROR,
NX_CALLER_ERROR.*/
    pub fn _nxe_ip_address_get(
        ip_ptr: *mut NX_IP,
        ip_address: *mut ULONG,
        network_mask: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_ip_address_set(
        ip_ptr: *mut NX_IP,
        ip_address: ULONG,
        network_mask: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Set the IPv4 address and mask of interface 0. From initialization and threads. Errors: NX_PTR_ERROR,
NX_IP_ADDRESS_ERROR, NX_CALLER_ERROR.*/
    pub fn _nxe_ip_address_set(
        ip_ptr: *mut NX_IP,
        ip_address: ULONG,
        network_mask: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_ipv4_multicast_interface_join(
        ip_ptr: *mut NX_IP,
        group_address: ULONG,
        interface_index: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Receive an IPv4 multicast group on an interface. From threads. Errors: NX_NO_MORE_ENTRIES, NX_PTR_ERROR,
NX_IP_ADDRESS_ERROR, NX_INVALID_INTERFACE, NX_CALLER_ERROR.*/
    pub fn _nxe_ipv4_multicast_interface_join(
        ip_ptr: *mut NX_IP,
        group_address: ULONG,
        interface_index: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_ipv6_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    /// Receive IPv6. From initialization and threads. Errors: NX_ALREADY_ENABLED, NX_PTR_ERROR, NX_CALLER_ERROR.
    pub fn _nxde_ipv6_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_ipv6_address_set(
        ip_ptr: *mut NX_IP,
        interface_index: UINT,
        ip_address: *mut NXD_ADDRESS,
        prefix_length: ULONG,
        address_index: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Add an IPv6 address to an interface; a null address makes a link-local one of the physical address. It is valid at
once: the host has no duplicate address detection. From initialization and threads. Errors: NX_NO_MORE_ENTRIES,
NX_DUPLICATED_ENTRY, NX_PTR_ERROR, NX_IP_ADDRESS_ERROR, NX_INVALID_INTERFACE, NX_CALLER_ERROR.*/
    pub fn _nxde_ipv6_address_set(
        ip_ptr: *mut NX_IP,
        interface_index: UINT,
        ip_address: *mut NXD_ADDRESS,
        prefix_length: ULONG,
        address_index: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_ipv6_multicast_interface_join(
        ip_ptr: *mut NX_IP,
        group_address: *mut NXD_ADDRESS,
        interface_index: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Receive an IPv6 multicast group on an interface. From threads. Errors: NX_NO_MORE_ENTRIES, NX_PTR_ERROR,
NX_IP_ADDRESS_ERROR, NX_INVALID_INTERFACE, NX_CALLER_ERROR.*/
    pub fn _nxde_ipv6_multicast_interface_join(
        ip_ptr: *mut NX_IP,
        group_address: *mut NXD_ADDRESS,
        interface_index: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    /** Receive TCP: on the host into `nx_ip_tcp_packet_receive`, which releases the packet. From initialization, threads
and timers. Errors: NX_ALREADY_ENABLED, NX_PTR_ERROR, NX_CALLER_ERROR.*/
    pub fn _nxe_tcp_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_udp_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    /** Receive UDP: on the host into `nx_ip_udp_packet_receive`, which releases the packet. From initialization, threads
and timers. Errors: NX_ALREADY_ENABLED, NX_PTR_ERROR, NX_CALLER_ERROR.*/
    pub fn _nxe_udp_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_icmp_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    /** Receive ICMP for IPv4: on the host into `nx_ip_icmp_packet_receive`, which releases the packet. From
initialization and threads. Errors: NX_ALREADY_ENABLED, NX_PTR_ERROR, NX_CALLER_ERROR.*/
    pub fn _nxe_icmp_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_icmp_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    /** Receive ICMP for both versions: on the host into `nx_ip_icmp_packet_receive` for IPv4 and into
`nx_ip_icmpv6_packet_process` for IPv6, which release the packet. From initialization and threads. Errors:
NX_PTR_ERROR, NX_CALLER_ERROR.*/
    pub fn _nxde_icmp_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_ip_gateway_address_set(ip_ptr: *mut NX_IP, ip_address: ULONG) -> UINT;
}
unsafe extern "C" {
    /** Set the IPv4 gateway, which nothing is sent to on the host port. From initialization and threads. Errors: NX_PTR_ERROR,
NX_IP_ADDRESS_ERROR for one outside of every interface's network, NX_CALLER_ERROR.*/
    pub fn _nxe_ip_gateway_address_set(ip_ptr: *mut NX_IP, ip_address: ULONG) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_ipv6_default_router_add(
        ip_ptr: *mut NX_IP,
        router_addr: *mut NXD_ADDRESS,
        router_lifetime: ULONG,
        interface_index: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Add an IPv6 router, which nothing is sent to on the host port. From initialization and threads. Errors: NX_PTR_ERROR,
NX_INVALID_PARAMETERS for another version, NX_INVALID_INTERFACE, NX_IP_ADDRESS_ERROR for a group and for an address outside of every
network of the interface, NX_CALLER_ERROR.*/
    pub fn _nxde_ipv6_default_router_add(
        ip_ptr: *mut NX_IP,
        router_addr: *mut NXD_ADDRESS,
        router_lifetime: ULONG,
        interface_index: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_ip_fragment_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    /** Turn on fragmentation and reassembly, which the host port has no use for. From initialization and threads. Errors:
NX_PTR_ERROR, NX_CALLER_ERROR.*/
    pub fn _nxe_ip_fragment_enable(ip_ptr: *mut NX_IP) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_arp_enable(
        ip_ptr: *mut NX_IP,
        arp_cache_memory: *mut cty::c_void,
        arp_cache_size: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Turn on ARP with memory for its cache, which the host port has no use for. From initialization and threads. Errors:
NX_PTR_ERROR, NX_SIZE_ERROR, NX_ALREADY_ENABLED, NX_CALLER_ERROR.*/
    pub fn _nxe_arp_enable(
        ip_ptr: *mut NX_IP,
        arp_cache_memory: *mut cty::c_void,
        arp_cache_size: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_icmp_ping(
        ip_ptr: *mut NX_IP,
        ip_address: *mut NXD_ADDRESS,
        data_ptr: *mut CHAR,
        data_size: ULONG,
        response_ptr: *mut *mut NX_PACKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /// Send an echo request. NX_NOT_SUPPORTED on the host port, where nobody answers.
    pub fn _nxde_icmp_ping(
        ip_ptr: *mut NX_IP,
        ip_address: *mut NXD_ADDRESS,
        data_ptr: *mut CHAR,
        data_size: ULONG,
        response_ptr: *mut *mut NX_PACKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** A link driver has received an IP packet, whose data begins with the IP header; it belongs to the stack from here on.
The host port passes it through the receive path on the calling thread, as `nx_host_packet_inject` does. From
everywhere.*/
    pub fn _nx_ip_packet_deferred_receive(
        ip_ptr: *mut NX_IP,
        packet_ptr: *mut NX_PACKET,
    );
}
unsafe extern "C" {
    /** A link driver wants to be called with NX_LINK_DEFERRED_PROCESSING: upstream by the IP thread, here by this function, for
each interface. From everywhere.*/
    pub fn _nx_ip_driver_deferred_processing(ip_ptr: *mut NX_IP);
}
unsafe extern "C" {
    pub fn _nx_tcp_socket_create(
        ip_ptr: *mut NX_IP,
        socket_ptr: *mut NX_TCP_SOCKET,
        name: *mut CHAR,
        type_of_service: ULONG,
        fragment: ULONG,
        time_to_live: UINT,
        window_size: ULONG,
        tcp_urgent_data_callback: ::core::option::Option<
            unsafe extern "C" fn(arg1: *mut NX_TCP_SOCKET),
        >,
        tcp_disconnect_callback: ::core::option::Option<
            unsafe extern "C" fn(arg1: *mut NX_TCP_SOCKET),
        >,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_socket_create(
        ip_ptr: *mut NX_IP,
        socket_ptr: *mut NX_TCP_SOCKET,
        name: *mut CHAR,
        type_of_service: ULONG,
        fragment: ULONG,
        time_to_live: UINT,
        window_size: ULONG,
        tcp_urgent_data_callback: ::core::option::Option<
            unsafe extern "C" fn(arg1: *mut NX_TCP_SOCKET),
        >,
        tcp_disconnect_callback: ::core::option::Option<
            unsafe extern "C" fn(arg1: *mut NX_TCP_SOCKET),
        >,
        tcp_socket_size: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_socket_delete(socket_ptr: *mut NX_TCP_SOCKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_socket_delete(socket_ptr: *mut NX_TCP_SOCKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_socket_disconnect(
        socket_ptr: *mut NX_TCP_SOCKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_socket_disconnect(
        socket_ptr: *mut NX_TCP_SOCKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_socket_mss_get(
        socket_ptr: *mut NX_TCP_SOCKET,
        mss: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_socket_mss_get(
        socket_ptr: *mut NX_TCP_SOCKET,
        mss: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_socket_receive(
        socket_ptr: *mut NX_TCP_SOCKET,
        packet_ptr: *mut *mut NX_PACKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_socket_receive(
        socket_ptr: *mut NX_TCP_SOCKET,
        packet_ptr: *mut *mut NX_PACKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_socket_send(
        socket_ptr: *mut NX_TCP_SOCKET,
        packet_ptr: *mut NX_PACKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_socket_send(
        socket_ptr: *mut NX_TCP_SOCKET,
        packet_ptr_ptr: *mut *mut NX_PACKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_client_socket_bind(
        socket_ptr: *mut NX_TCP_SOCKET,
        port: UINT,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_client_socket_bind(
        socket_ptr: *mut NX_TCP_SOCKET,
        port: UINT,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_client_socket_unbind(socket_ptr: *mut NX_TCP_SOCKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_client_socket_unbind(socket_ptr: *mut NX_TCP_SOCKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_tcp_client_socket_connect(
        socket_ptr: *mut NX_TCP_SOCKET,
        server_ip: *mut NXD_ADDRESS,
        server_port: UINT,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxde_tcp_client_socket_connect(
        socket_ptr: *mut NX_TCP_SOCKET,
        server_ip: *mut NXD_ADDRESS,
        server_port: UINT,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_server_socket_listen(
        ip_ptr: *mut NX_IP,
        port: UINT,
        socket_ptr: *mut NX_TCP_SOCKET,
        listen_queue_size: UINT,
        tcp_listen_callback: ::core::option::Option<
            unsafe extern "C" fn(socket_ptr: *mut NX_TCP_SOCKET, port: UINT),
        >,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_server_socket_listen(
        ip_ptr: *mut NX_IP,
        port: UINT,
        socket_ptr: *mut NX_TCP_SOCKET,
        listen_queue_size: UINT,
        tcp_listen_callback: ::core::option::Option<
            unsafe extern "C" fn(socket_ptr: *mut NX_TCP_SOCKET, port: UINT),
        >,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_server_socket_accept(
        socket_ptr: *mut NX_TCP_SOCKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_server_socket_accept(
        socket_ptr: *mut NX_TCP_SOCKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_server_socket_unaccept(socket_ptr: *mut NX_TCP_SOCKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_server_socket_unaccept(socket_ptr: *mut NX_TCP_SOCKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_server_socket_relisten(
        ip_ptr: *mut NX_IP,
        port: UINT,
        socket_ptr: *mut NX_TCP_SOCKET,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_server_socket_relisten(
        ip_ptr: *mut NX_IP,
        port: UINT,
        socket_ptr: *mut NX_TCP_SOCKET,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_tcp_server_socket_unlisten(ip_ptr: *mut NX_IP, port: UINT) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_tcp_server_socket_unlisten(ip_ptr: *mut NX_IP, port: UINT) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_tcp_socket_peer_info_get(
        socket_ptr: *mut NX_TCP_SOCKET,
        peer_ip_address: *mut NXD_ADDRESS,
        peer_port: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxde_tcp_socket_peer_info_get(
        socket_ptr: *mut NX_TCP_SOCKET,
        peer_ip_address: *mut NXD_ADDRESS,
        peer_port: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_udp_socket_create(
        ip_ptr: *mut NX_IP,
        socket_ptr: *mut NX_UDP_SOCKET,
        name: *mut CHAR,
        type_of_service: ULONG,
        fragment: ULONG,
        time_to_live: UINT,
        queue_maximum: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_udp_socket_create(
        ip_ptr: *mut NX_IP,
        socket_ptr: *mut NX_UDP_SOCKET,
        name: *mut CHAR,
        type_of_service: ULONG,
        fragment: ULONG,
        time_to_live: UINT,
        queue_maximum: ULONG,
        udp_socket_size: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_udp_socket_delete(socket_ptr: *mut NX_UDP_SOCKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_udp_socket_delete(socket_ptr: *mut NX_UDP_SOCKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_udp_socket_bind(
        socket_ptr: *mut NX_UDP_SOCKET,
        port: UINT,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_udp_socket_bind(
        socket_ptr: *mut NX_UDP_SOCKET,
        port: UINT,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_udp_socket_unbind(socket_ptr: *mut NX_UDP_SOCKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_udp_socket_unbind(socket_ptr: *mut NX_UDP_SOCKET) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_udp_socket_port_get(
        socket_ptr: *mut NX_UDP_SOCKET,
        port_ptr: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_udp_socket_port_get(
        socket_ptr: *mut NX_UDP_SOCKET,
        port_ptr: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_udp_socket_receive(
        socket_ptr: *mut NX_UDP_SOCKET,
        packet_ptr: *mut *mut NX_PACKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_udp_socket_receive(
        socket_ptr: *mut NX_UDP_SOCKET,
        packet_ptr: *mut *mut NX_PACKET,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_udp_socket_send(
        socket_ptr: *mut NX_UDP_SOCKET,
        packet_ptr: *mut NX_PACKET,
        ip_address: *mut NXD_ADDRESS,
        port: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxde_udp_socket_send(
        socket_ptr: *mut NX_UDP_SOCKET,
        packet_ptr: *mut *mut NX_PACKET,
        ip_address: *mut NXD_ADDRESS,
        port: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_udp_source_extract(
        packet_ptr: *mut NX_PACKET,
        ip_address: *mut NXD_ADDRESS,
        port: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxde_udp_source_extract(
        packet_ptr: *mut NX_PACKET,
        ip_address: *mut NXD_ADDRESS,
        port: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub static mut _nx_ip_created_ptr: *mut NX_IP;
}
unsafe extern "C" {
    pub static mut _nx_ip_created_count: ULONG;
}
unsafe extern "C" {
    /** A link driver has received an ARP packet. There is nobody to talk to on the host port: it is released. From
everywhere.*/
    pub fn _nx_arp_packet_deferred_receive(
        ip_ptr: *mut NX_IP,
        packet_ptr: *mut NX_PACKET,
    );
}
unsafe extern "C" {
    pub static mut _nx_packet_pool_created_ptr: *mut NX_PACKET_POOL;
}
unsafe extern "C" {
    pub static mut _nx_packet_pool_created_count: ULONG;
}
unsafe extern "C" {
    pub fn _nx_cloud_create(
        cloud_ptr: *mut NX_CLOUD,
        cloud_name: *const CHAR,
        memory_ptr: *mut cty::c_void,
        memory_size: ULONG,
        priority: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Create a cloud helper and start its thread. From threads. Errors: NX_PTR_ERROR, NX_SIZE_ERROR, NX_OPTION_ERROR,
NX_CALLER_ERROR, or what ThreadX says.*/
    pub fn _nxe_cloud_create(
        cloud_ptr: *mut NX_CLOUD,
        cloud_name: *const CHAR,
        memory_ptr: *mut cty::c_void,
        memory_size: ULONG,
        priority: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_cloud_delete(cloud_ptr: *mut NX_CLOUD) -> UINT;
}
unsafe extern "C" {
    /** Delete a cloud helper that has no modules. From threads. Errors: NX_CLOUD_MODULE_BOUND, NX_PTR_ERROR,
NX_CALLER_ERROR.*/
    pub fn _nxe_cloud_delete(cloud_ptr: *mut NX_CLOUD) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_cloud_module_register(
        cloud_ptr: *mut NX_CLOUD,
        module_ptr: *mut NX_CLOUD_MODULE,
        module_name: *const CHAR,
        module_events: ULONG,
        module_process: ::core::option::Option<
            unsafe extern "C" fn(
                module_context: *mut cty::c_void,
                common_events: ULONG,
                module_own_events: ULONG,
            ),
        >,
        module_context: *mut cty::c_void,
    ) -> UINT;
}
unsafe extern "C" {
    /** Add a module, in front of the others. Its function is called on the helper's thread, without the helper's mutex,
when one of `module_events` happens: with those that happened, and with the module's own events. From threads.
Errors: NX_CLOUD_MODULE_ALREADY_REGISTERED, NX_CLOUD_MODULE_EVENT_INVALID, NX_PTR_ERROR, NX_CALLER_ERROR.*/
    pub fn _nxe_cloud_module_register(
        cloud_ptr: *mut NX_CLOUD,
        module_ptr: *mut NX_CLOUD_MODULE,
        module_name: *const CHAR,
        module_events: ULONG,
        module_process: ::core::option::Option<
            unsafe extern "C" fn(
                module_context: *mut cty::c_void,
                common_events: ULONG,
                module_own_events: ULONG,
            ),
        >,
        module_context: *mut cty::c_void,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_cloud_module_deregister(
        cloud_ptr: *mut NX_CLOUD,
        module_ptr: *mut NX_CLOUD_MODULE,
    ) -> UINT;
}
unsafe extern "C" {
    /** Take a module off the list. As in NetX Duo a call of its function may still be running on the helper's thread when
this returns to another thread. From threads. Errors: NX_CLOUD_MODULE_NOT_REGISTERED, NX_PTR_ERROR,
NX_CALLER_ERROR.*/
    pub fn _nxe_cloud_module_deregister(
        cloud_ptr: *mut NX_CLOUD,
        module_ptr: *mut NX_CLOUD_MODULE,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_cloud_module_event_set(
        cloud_module: *mut NX_CLOUD_MODULE,
        module_own_event: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Add own events of a module and have its function called. From everywhere. Errors: NX_CLOUD_MODULE_EVENT_INVALID,
NX_PTR_ERROR.*/
    pub fn _nxe_cloud_module_event_set(
        cloud_module: *mut NX_CLOUD_MODULE,
        module_own_event: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_cloud_module_event_clear(
        cloud_module: *mut NX_CLOUD_MODULE,
        module_own_event: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /// Take own events of a module back. From everywhere. Errors: NX_CLOUD_MODULE_EVENT_INVALID, NX_PTR_ERROR.
    pub fn _nxe_cloud_module_event_clear(
        cloud_module: *mut NX_CLOUD_MODULE,
        module_own_event: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_dns_create(
        dns_ptr: *mut NX_DNS,
        ip_ptr: *mut NX_IP,
        domain_name: *mut UCHAR,
    ) -> UINT;
}
unsafe extern "C" {
    /// Create a DNS client. From threads. Errors: NX_PTR_ERROR, NX_CALLER_ERROR.
    pub fn _nxe_dns_create(
        dns_ptr: *mut NX_DNS,
        ip_ptr: *mut NX_IP,
        domain_name: *mut UCHAR,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_dns_delete(dns_ptr: *mut NX_DNS) -> UINT;
}
unsafe extern "C" {
    /// Delete a DNS client. From threads. Errors: NX_PTR_ERROR, NX_CALLER_ERROR.
    pub fn _nxe_dns_delete(dns_ptr: *mut NX_DNS) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_dns_packet_pool_set(
        dns_ptr: *mut NX_DNS,
        packet_pool_ptr: *mut NX_PACKET_POOL,
    ) -> UINT;
}
unsafe extern "C" {
    /// Set the pool for queries. From everywhere. Errors: NX_PTR_ERROR.
    pub fn _nxe_dns_packet_pool_set(
        dns_ptr: *mut NX_DNS,
        packet_pool_ptr: *mut NX_PACKET_POOL,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_dns_server_add(
        dns_ptr: *mut NX_DNS,
        server_address: *mut NXD_ADDRESS,
    ) -> UINT;
}
unsafe extern "C" {
    /// Add a server. From threads. Errors: NX_PTR_ERROR, NX_CALLER_ERROR, NX_DNS_DUPLICATE_ENTRY, NX_NO_MORE_ENTRIES.
    pub fn _nxde_dns_server_add(
        dns_ptr: *mut NX_DNS,
        server_address: *mut NXD_ADDRESS,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_dns_host_by_name_get(
        dns_ptr: *mut NX_DNS,
        host_name: *mut UCHAR,
        host_address_ptr: *mut NXD_ADDRESS,
        wait_option: ULONG,
        lookup_type: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /// Resolve a name. NX_NOT_SUPPORTED on the host port, where nobody answers.
    pub fn _nxde_dns_host_by_name_get(
        dns_ptr: *mut NX_DNS,
        host_name: *mut UCHAR,
        host_address_ptr: *mut NXD_ADDRESS,
        wait_option: ULONG,
        lookup_type: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_secure_x509_certificate_initialize(
        certificate: *mut NX_SECURE_X509_CERT,
        certificate_data: *mut UCHAR,
        length: USHORT,
        raw_data_buffer: *mut UCHAR,
        buffer_size: USHORT,
        private_key: *const UCHAR,
        priv_len: USHORT,
        private_key_type: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Set up a certificate in DER; without a buffer for it, data and key are used where they are. From threads. Errors:
NX_PTR_ERROR, NX_CALLER_ERROR, NX_SECURE_X509_INVALID_CERTIFICATE, NX_SECURE_PKCS1_INVALID_PRIVATE_KEY,
NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE, NX_NOT_SUPPORTED with a buffer.*/
    pub fn _nxe_secure_x509_certificate_initialize(
        certificate: *mut NX_SECURE_X509_CERT,
        certificate_data: *mut UCHAR,
        length: USHORT,
        raw_data_buffer: *mut UCHAR,
        buffer_size: USHORT,
        private_key: *const UCHAR,
        priv_len: USHORT,
        private_key_type: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /// Prepare TLS; once, from initialization or a thread, before everything else of it.
    pub fn _nx_secure_tls_initialize();
}
unsafe extern "C" {
    /** Create the middleware's instance with its cloud helper. `stack_memory_size` in bytes; `unix_time_callback` may be
null. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER, or what `nx_cloud_create` says.*/
    pub fn nx_azure_iot_create(
        nx_azure_iot_ptr: *mut NX_AZURE_IOT,
        name_ptr: *const UCHAR,
        ip_ptr: *mut NX_IP,
        pool_ptr: *mut NX_PACKET_POOL,
        dns_ptr: *mut NX_DNS,
        stack_memory_ptr: *mut cty::c_void,
        stack_memory_size: UINT,
        priority: UINT,
        unix_time_callback: ::core::option::Option<
            unsafe extern "C" fn(unix_time: *mut ULONG) -> UINT,
        >,
    ) -> UINT;
}
unsafe extern "C" {
    /** Delete the instance, which has no clients any more. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER,
NX_AZURE_IOT_DELETE_ERROR, or what `nx_cloud_delete` says.*/
    pub fn nx_azure_iot_delete(nx_azure_iot_ptr: *mut NX_AZURE_IOT) -> UINT;
}
unsafe extern "C" {
    /** The time in seconds since 1970, from the callback. From wherever the callback may be called. Errors:
NX_AZURE_IOT_INVALID_PARAMETER, or what the callback says.*/
    pub fn nx_azure_iot_unix_time_get(
        nx_azure_iot_ptr: *mut NX_AZURE_IOT,
        unix_time: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Prepare a client and add it to the instance's resources. Host name, device id and module id are used where they
are; the module id may be null. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER.*/
    pub fn nx_azure_iot_hub_client_initialize(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        nx_azure_iot_ptr: *mut NX_AZURE_IOT,
        host_name: *const UCHAR,
        host_name_length: UINT,
        device_id: *const UCHAR,
        device_id_length: UINT,
        module_id: *const UCHAR,
        module_id_length: UINT,
        crypto_array: *mut *const NX_CRYPTO_METHOD,
        crypto_array_size: UINT,
        cipher_map: *mut *const NX_CRYPTO_CIPHERSUITE,
        cipher_map_size: UINT,
        metadata_memory: *mut UCHAR,
        memory_size: UINT,
        trusted_certificate: *mut NX_SECURE_X509_CERT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Disconnect a client and take it off the instance's resources. From threads. Errors:
NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_NOT_FOUND.*/
    pub fn nx_azure_iot_hub_client_deinitialize(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Connect through the transport, which blocks as long as it likes. The status callback gets the transport's status. From
threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_ALREADY_CONNECTED, NX_AZURE_IOT_CONNECTING,
NX_AZURE_IOT_NOT_INITIALIZED without a transport, NX_AZURE_IOT_DISCONNECTED when it was disconnected meanwhile, or
what the transport says.*/
    pub fn nx_azure_iot_hub_client_connect(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        clean_session: UINT,
        wait_option: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Disconnect. Status callback: NX_AZURE_IOT_DISCONNECTED, if it was connected. From threads. Errors:
NX_AZURE_IOT_INVALID_PARAMETER.*/
    pub fn nx_azure_iot_hub_client_disconnect(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Set the function to be told when the connection comes and goes; null for none. From threads. Errors:
NX_AZURE_IOT_INVALID_PARAMETER.*/
    pub fn nx_azure_iot_hub_client_connection_status_callback_set(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        connection_status_cb: ::core::option::Option<
            unsafe extern "C" fn(
                hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
                status: UINT,
            ),
        >,
    ) -> UINT;
}
unsafe extern "C" {
    /// Set the key to log in with; it is used where it is. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER.
    pub fn nx_azure_iot_hub_client_symmetric_key_set(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        symmetric_key: *const UCHAR,
        symmetric_key_length: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Add a root certificate to trust; it is used where it is. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER,
NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE.*/
    pub fn nx_azure_iot_hub_client_trusted_cert_add(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        trusted_certificate: *mut NX_SECURE_X509_CERT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Set the certificate to log in with; it is used where it is. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER,
NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE.*/
    pub fn nx_azure_iot_hub_client_device_cert_set(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        device_certificate: *mut NX_SECURE_X509_CERT,
    ) -> UINT;
}
unsafe extern "C" {
    /// Set the device's model id; it is used where it is. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER.
    pub fn nx_azure_iot_hub_client_model_id_set(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        model_id_ptr: *const UCHAR,
        model_id_length: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Begin a telemetry message with a packet of the instance's pool. It is the caller's until it is sent or deleted.
Waits for a packet for up to `wait_option` ticks. From threads, without waiting from everywhere. Errors:
NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_SDK_CORE_ERROR when the topic does not fit into a packet,
NX_NO_PACKET, NX_CALLER_ERROR.*/
    pub fn nx_azure_iot_hub_client_telemetry_message_create(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        packet_pptr: *mut *mut NX_PACKET,
        wait_option: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /// Delete a message that was not sent. From everywhere. Errors: those of `nx_packet_release`.
    pub fn nx_azure_iot_hub_client_telemetry_message_delete(
        packet_ptr: *mut NX_PACKET,
    ) -> UINT;
}
unsafe extern "C" {
    /** Add a property, percent-encoded by the caller. From threads, without waiting from everywhere. Errors:
NX_AZURE_IOT_INVALID_PARAMETER, NX_NO_PACKET, NX_SIZE_ERROR for an empty name or value, NX_CALLER_ERROR.*/
    pub fn nx_azure_iot_hub_client_telemetry_property_add(
        packet_ptr: *mut NX_PACKET,
        property_name: *const UCHAR,
        property_name_length: USHORT,
        property_value: *const UCHAR,
        property_value_length: USHORT,
        wait_option: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Send a message. On success the packet is gone, on failure it is still the caller's, to delete. As upstream the data
goes into further packets of the pool, waiting for up to `wait_option` ticks for each; then the transport decides how
long it takes. From threads, without waiting from everywhere. Errors: NX_AZURE_IOT_INVALID_PARAMETER,
NX_AZURE_IOT_DISCONNECTED, NX_NO_PACKET, NX_CALLER_ERROR, or what the transport says.*/
    pub fn nx_azure_iot_hub_client_telemetry_send(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        packet_ptr: *mut NX_PACKET,
        telemetry_data: *const UCHAR,
        data_size: UINT,
        wait_option: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub static mut _nx_azure_iot_tls_supported_crypto: [*const NX_CRYPTO_METHOD; 0usize];
}
unsafe extern "C" {
    pub static _nx_azure_iot_tls_supported_crypto_size: UINT;
}
unsafe extern "C" {
    pub static mut _nx_azure_iot_tls_ciphersuite_map: [*const NX_CRYPTO_CIPHERSUITE; 0usize];
}
unsafe extern "C" {
    pub static _nx_azure_iot_tls_ciphersuite_map_size: UINT;
}
unsafe extern "C" {
    pub fn _nx_dhcp_create(
        dhcp_ptr: *mut NX_DHCP,
        ip_ptr: *mut NX_IP,
        name_ptr: *mut CHAR,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_dhcp_create(
        dhcp_ptr: *mut NX_DHCP,
        ip_ptr: *mut NX_IP,
        name_ptr: *mut CHAR,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_dhcp_delete(dhcp_ptr: *mut NX_DHCP) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_dhcp_delete(dhcp_ptr: *mut NX_DHCP) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_dhcp_packet_pool_set(
        dhcp_ptr: *mut NX_DHCP,
        packet_pool_ptr: *mut NX_PACKET_POOL,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_dhcp_packet_pool_set(
        dhcp_ptr: *mut NX_DHCP,
        packet_pool_ptr: *mut NX_PACKET_POOL,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_dhcp_start(dhcp_ptr: *mut NX_DHCP) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_dhcp_start(dhcp_ptr: *mut NX_DHCP) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_dhcp_interface_server_address_get(
        dhcp_ptr: *mut NX_DHCP,
        iface_index: UINT,
        server_address: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_dhcp_interface_server_address_get(
        dhcp_ptr: *mut NX_DHCP,
        iface_index: UINT,
        server_address: *mut ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_dhcp_user_option_request(
        dhcp_ptr: *mut NX_DHCP,
        option_code: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_dhcp_user_option_request(
        dhcp_ptr: *mut NX_DHCP,
        option_code: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_dhcp_interface_user_option_retrieve(
        dhcp_ptr: *mut NX_DHCP,
        iface_index: UINT,
        option_request: UINT,
        destination_ptr: *mut UCHAR,
        destination_size: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_dhcp_interface_user_option_retrieve(
        dhcp_ptr: *mut NX_DHCP,
        iface_index: UINT,
        option_request: UINT,
        destination_ptr: *mut UCHAR,
        destination_size: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_sntp_client_create(
        client_ptr: *mut NX_SNTP_CLIENT,
        ip_ptr: *mut NX_IP,
        iface_index: UINT,
        packet_pool_ptr: *mut NX_PACKET_POOL,
        leap_second_handler: ::core::option::Option<
            unsafe extern "C" fn(
                client_ptr: *mut NX_SNTP_CLIENT,
                indicator: UINT,
            ) -> UINT,
        >,
        kiss_of_death_handler: ::core::option::Option<
            unsafe extern "C" fn(client_ptr: *mut NX_SNTP_CLIENT, code: UINT) -> UINT,
        >,
        random_number_generator: ::core::option::Option<
            unsafe extern "C" fn(client_ptr: *mut NX_SNTP_CLIENT, rand: *mut ULONG),
        >,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_sntp_client_create(
        client_ptr: *mut NX_SNTP_CLIENT,
        ip_ptr: *mut NX_IP,
        iface_index: UINT,
        packet_pool_ptr: *mut NX_PACKET_POOL,
        leap_second_handler: ::core::option::Option<
            unsafe extern "C" fn(
                client_ptr: *mut NX_SNTP_CLIENT,
                indicator: UINT,
            ) -> UINT,
        >,
        kiss_of_death_handler: ::core::option::Option<
            unsafe extern "C" fn(client_ptr: *mut NX_SNTP_CLIENT, code: UINT) -> UINT,
        >,
        random_number_generator: ::core::option::Option<
            unsafe extern "C" fn(client_ptr: *mut NX_SNTP_CLIENT, rand: *mut ULONG),
        >,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_sntp_client_delete(client_ptr: *mut NX_SNTP_CLIENT) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_sntp_client_delete(client_ptr: *mut NX_SNTP_CLIENT) -> UINT;
}
unsafe extern "C" {
    pub fn _nxd_sntp_client_initialize_unicast(
        client_ptr: *mut NX_SNTP_CLIENT,
        unicast_time_server: *mut NXD_ADDRESS,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxde_sntp_client_initialize_unicast(
        client_ptr: *mut NX_SNTP_CLIENT,
        unicast_time_server: *mut NXD_ADDRESS,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_sntp_client_run_unicast(client_ptr: *mut NX_SNTP_CLIENT) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_sntp_client_run_unicast(client_ptr: *mut NX_SNTP_CLIENT) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_sntp_client_stop(client_ptr: *mut NX_SNTP_CLIENT) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_sntp_client_stop(client_ptr: *mut NX_SNTP_CLIENT) -> UINT;
}
unsafe extern "C" {
    pub fn _nx_sntp_client_set_time_update_notify(
        client_ptr: *mut NX_SNTP_CLIENT,
        time_update_cb: ::core::option::Option<
            unsafe extern "C" fn(
                time_update_ptr: *mut NX_SNTP_TIME_MESSAGE,
                local_time: *mut NX_SNTP_TIME,
            ),
        >,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _nxe_sntp_client_set_time_update_notify(
        client_ptr: *mut NX_SNTP_CLIENT,
        time_update_cb: ::core::option::Option<
            unsafe extern "C" fn(
                time_update_ptr: *mut NX_SNTP_TIME_MESSAGE,
                local_time: *mut NX_SNTP_TIME,
            ),
        >,
    ) -> UINT;
}
unsafe extern "C" {
    /** Pass an IP packet (network byte order, beginning with its IP header) through an IP instance on the calling thread,
as NetX Duo would. It is taken from the instance's default pool without waiting, as a chain where one packet is too
small for it.

NX_IP_PACKET_OUT: the IP packet filters see it, then it is released; there is no wire. A packet that does not
begin with a plausible header is refused, as NetX Duo never sends one.

NX_IP_PACKET_IN: the filters see it as it is. Then the headers are checked, padding behind the IP packet is cut off,
the IP header is swapped to host byte order, IPv4 options are removed, IPv6 extension headers are walked, and the
receive function of its transport gets it with `nx_packet_prepend_ptr` at the transport header and
`nx_packet_ip_header` at the IP header. Unlike in NetX Duo there is no reassembly (each fragment goes to the receive
function as it is), no check of checksums, and authentication headers are stepped over as if they had been verified.

From everywhere. Statuses: NX_SUCCESS when it reached the receive function, or when it was sent; otherwise why it was
dropped: NX_NOT_SUCCESSFUL by a filter, NX_INVALID_PACKET malformed, NX_IP_ADDRESS_ERROR not for this instance,
NX_NOT_ENABLED no receive function for it, NX_NO_PACKET pool exhausted, NX_PTR_ERROR, NX_OPTION_ERROR.*/
    pub fn nx_host_packet_inject(
        ip_ptr: *mut NX_IP,
        direction: UINT,
        data: *const UCHAR,
        length: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Make a packet in the state in which `nx_host_packet_inject` hands it to a hook, without calling any:
NX_IP_PACKET_OUT as the filters see it, NX_IP_PACKET_IN as the receive functions do. The caller releases it.
From everywhere. Statuses as for `nx_host_packet_inject`.*/
    pub fn nx_host_packet_build(
        ip_ptr: *mut NX_IP,
        direction: UINT,
        data: *const UCHAR,
        length: ULONG,
        packet_ptr: *mut *mut NX_PACKET,
    ) -> UINT;
}
unsafe extern "C" {
    /** Set a client's transport while it is not connected; it and the context are used where they are. From everywhere.
Errors: NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_WRONG_STATE.*/
    pub fn nx_host_hub_client_transport_set(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        transport: *const NX_HOST_HUB_TRANSPORT,
        context: *mut cty::c_void,
    ) -> UINT;
}
unsafe extern "C" {
    /** What the network does to a connection: it comes up (`connected` 1) or breaks (0). Sets the state and calls the status
callback if that is a change; the transport is not asked. From threads and foreign threads. Errors:
NX_AZURE_IOT_INVALID_PARAMETER.*/
    pub fn nx_host_hub_client_connection_set(
        hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
        connected: UINT,
    ) -> UINT;
}
