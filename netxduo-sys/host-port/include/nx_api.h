/* NetX Duo's application interface as far as the host port has it: IP instances, packets and the places where packets
   can be looked at. Names, argument orders and numbers are those of NetX Duo 6.4.2.

   Each service has two forms. `_nx_NAME` does the work and trusts its caller; `_nxe_NAME` (`_nxde_` for the services
   whose names begin with nxd) checks the arguments and the calling context first. The name an application writes is a
   macro for the checked form, or for the unchecked one where NX_DISABLE_ERROR_CHECKING is defined. */

#ifndef NX_API_H
#define NX_API_H

#ifdef __cplusplus
extern "C" {
#endif

#include "tx_api.h"
#include "nx_port.h"

#define NETXDUO_MAJOR_VERSION 6
#define NETXDUO_MINOR_VERSION 4
#define NETXDUO_PATCH_VERSION 2

#define NX_NO_WAIT TX_NO_WAIT
#define NX_WAIT_FOREVER TX_WAIT_FOREVER
#define NX_TRUE 1
#define NX_FALSE 0
#define NX_NULL ((void *)0)

/* Statuses. */
/** It worked. */
#define NX_SUCCESS 0x00
/** The pool had no packet in time. */
#define NX_NO_PACKET 0x01
#define NX_UNDERFLOW 0x02
#define NX_OVERFLOW 0x03
#define NX_DELETED 0x05
#define NX_POOL_ERROR 0x06
/** A pointer argument is null or does not point to such an object. */
#define NX_PTR_ERROR 0x07
#define NX_WAIT_ERROR 0x08
/** A size argument is wrong. */
#define NX_SIZE_ERROR 0x09
#define NX_OPTION_ERROR 0x0A
#define NX_DELETE_ERROR 0x10
/** The service is not allowed in the caller's context. */
#define NX_CALLER_ERROR 0x11
/** The packet is malformed. */
#define NX_INVALID_PACKET 0x12
#define NX_NOT_ENABLED 0x14
#define NX_ALREADY_ENABLED 0x15
#define NX_ENTRY_NOT_FOUND 0x16
#define NX_NO_MORE_ENTRIES 0x17
#define NX_WAIT_ABORTED 0x1A
#define NX_IP_INTERNAL_ERROR 0x20
/** The IP address is not acceptable, or not one of this IP instance. */
#define NX_IP_ADDRESS_ERROR 0x21
#define NX_ALREADY_BOUND 0x22
#define NX_PORT_UNAVAILABLE 0x23
#define NX_NOT_BOUND 0x24
#define NX_NOT_CREATED 0x27
#define NX_SOCKETS_BOUND 0x28
/** Nobody answered in time. */
#define NX_NO_RESPONSE 0x29
#define NX_POOL_DELETED 0x30
#define NX_ALREADY_RELEASED 0x31
#define NX_DUPLICATE_LISTEN 0x34
#define NX_NOT_CLOSED 0x35
#define NX_NOT_LISTEN_STATE 0x36
#define NX_IN_PROGRESS 0x37
/** There is no connection. */
#define NX_NOT_CONNECTED 0x38
#define NX_DISCONNECT_FAILED 0x41
/** A packet filter refused the packet. */
#define NX_NOT_SUCCESSFUL 0x43
#define NX_UNHANDLED_COMMAND 0x44
#define NX_NOT_IMPLEMENTED 0x4A
#define NX_NOT_SUPPORTED 0x4B
#define NX_INVALID_INTERFACE 0x4C
#define NX_INVALID_PARAMETERS 0x4D
#define NX_NOT_FOUND 0x4E
#define NX_NO_INTERFACE_ADDRESS 0x50
#define NX_DUPLICATED_ENTRY 0x52
#define NX_PACKET_OFFSET_ERROR 0x53
#define NX_OPTION_HEADER_ERROR 0x54

/* What the IP packet filters are told. */
/** The packet was received. */
#define NX_IP_PACKET_IN 0
/** The packet is about to be sent. */
#define NX_IP_PACKET_OUT 1

#define NX_IP_VERSION_V4 0x4
#define NX_IP_VERSION_V6 0x6

/* Packet types: bytes to keep free in front of the data. */
#define NX_RECEIVE_PACKET 0
#define NX_IPv4_PACKET (NX_PHYSICAL_HEADER + 20)
#define NX_IPv4_UDP_PACKET (NX_IPv4_PACKET + 8)
#define NX_IPv4_TCP_PACKET (NX_IPv4_PACKET + 20)
#define NX_IPv6_PACKET (NX_PHYSICAL_HEADER + 40)
#define NX_IPv6_UDP_PACKET (NX_IPv6_PACKET + 8)
#define NX_IPv6_TCP_PACKET (NX_IPv6_PACKET + 20)
#define NX_IP_PACKET NX_IPv6_PACKET
#define NX_UDP_PACKET NX_IPv6_UDP_PACKET
#define NX_TCP_PACKET NX_IPv6_TCP_PACKET

/* Protocol numbers. */
#define NX_PROTOCOL_NEXT_HEADER_HOP_BY_HOP 0
#define NX_PROTOCOL_ICMP 1
#define NX_PROTOCOL_IGMP 2
#define NX_PROTOCOL_TCP 6
#define NX_PROTOCOL_UDP 17
#define NX_PROTOCOL_NEXT_HEADER_ROUTING 43
#define NX_PROTOCOL_NEXT_HEADER_FRAGMENT 44
#define NX_PROTOCOL_NEXT_HEADER_ENCAP_SECURITY 50
#define NX_PROTOCOL_NEXT_HEADER_AUTHENTICATION 51
#define NX_PROTOCOL_ICMPV6 58
#define NX_PROTOCOL_NO_NEXT_HEADER 59
#define NX_PROTOCOL_NEXT_HEADER_DESTINATION 60

/* States of an IPv6 address. */
#define NX_IPV6_ADDR_STATE_UNKNOWN 0x00
#define NX_IPV6_ADDR_STATE_TENTATIVE 0x01
#define NX_IPV6_ADDR_STATE_PREFERRED 0x02
#define NX_IPV6_ADDR_STATE_DEPRECATED 0x03
#define NX_IPV6_ADDR_STATE_VALID 0x04

/* Requests to a link driver. The host port makes six of them: attach, initialize and enable when an interface is
   created, disable and uninitialize when it is deleted, and the deferred processing that a driver asked for. */
#define NX_LINK_PACKET_SEND 0
#define NX_LINK_INITIALIZE 1
#define NX_LINK_ENABLE 2
#define NX_LINK_DISABLE 3
#define NX_LINK_PACKET_BROADCAST 4
#define NX_LINK_ARP_SEND 5
#define NX_LINK_ARP_RESPONSE_SEND 6
#define NX_LINK_RARP_SEND 7
#define NX_LINK_MULTICAST_JOIN 8
#define NX_LINK_MULTICAST_LEAVE 9
#define NX_LINK_GET_STATUS 10
#define NX_LINK_UNINITIALIZE 17
#define NX_LINK_DEFERRED_PROCESSING 18
#define NX_LINK_INTERFACE_ATTACH 19

/** Any free port, where a port is asked for. */
#define NX_ANY_PORT 0

/** An IPv4 address of its four parts, in host byte order. */
#define IP_ADDRESS(a, b, c, d) ((((ULONG)(a)) << 24) | (((ULONG)(b)) << 16) | (((ULONG)(c)) << 8) | ((ULONG)(d)))

struct NX_IP_STRUCT;
struct NX_INTERFACE_STRUCT;
struct NXD_IPV6_ADDRESS_STRUCT;
struct NX_PACKET_POOL_STRUCT;
struct NX_IP_DRIVER_STRUCT;

/** An address of either version, in host byte order. */
typedef struct NXD_ADDRESS_STRUCT
{
    ULONG nxd_ip_version;
    union
    {
        ULONG v4;
        ULONG v6[4];
    } nxd_ip_address;
} NXD_ADDRESS;

/** A packet, or one link of a chain of packets. The bytes from `nx_packet_prepend_ptr` to `nx_packet_append_ptr` are
    its data; `nx_packet_length` in the first packet counts those of the whole chain. */
typedef struct NX_PACKET_STRUCT
{
    struct NX_PACKET_POOL_STRUCT *nx_packet_pool_owner;
    struct NX_PACKET_STRUCT      *nx_packet_queue_next;
    union
    {
        struct NX_PACKET_STRUCT  *nx_packet_tcp_queue_next;
        struct NX_PACKET_STRUCT  *nx_packet_fragment_next;
    } nx_packet_union_next;
    struct NX_PACKET_STRUCT      *nx_packet_next;
    struct NX_PACKET_STRUCT      *nx_packet_last;
    ULONG                         nx_packet_length;
    UCHAR                         nx_packet_option_state;
    UCHAR                         nx_packet_destination_header;
    USHORT                        nx_packet_option_offset;
    UCHAR                         nx_packet_ip_version;
    UCHAR                         nx_packet_identical_copy;
    UCHAR                         nx_packet_ip_header_length;
    UCHAR                         nx_packet_reserved;
    union
    {
        struct NX_INTERFACE_STRUCT     *nx_packet_interface_ptr;
        struct NXD_IPV6_ADDRESS_STRUCT *nx_packet_ipv6_address_ptr;
    } nx_packet_address;
    UCHAR                        *nx_packet_data_start;
    UCHAR                        *nx_packet_data_end;
    UCHAR                        *nx_packet_prepend_ptr;
    UCHAR                        *nx_packet_append_ptr;
    UCHAR                        *nx_packet_ip_header;
} NX_PACKET;

/** A pool of packets of one size. */
typedef struct NX_PACKET_POOL_STRUCT
{
    ULONG                         nx_packet_pool_id;
    CHAR                         *nx_packet_pool_name;
    ULONG                         nx_packet_pool_available;
    ULONG                         nx_packet_pool_total;
    ULONG                         nx_packet_pool_empty_requests;
    ULONG                         nx_packet_pool_empty_suspensions;
    ULONG                         nx_packet_pool_invalid_releases;
    NX_PACKET                    *nx_packet_pool_available_list;
    CHAR                         *nx_packet_pool_start;
    ULONG                         nx_packet_pool_size;
    ULONG                         nx_packet_pool_payload_size;
    TX_SEMAPHORE                  nx_packet_pool_host_packets; /* Counts the free packets; waiting happens on it. */
    struct NX_PACKET_POOL_STRUCT *nx_packet_pool_created_next;
    struct NX_PACKET_POOL_STRUCT *nx_packet_pool_created_previous;
} NX_PACKET_POOL;

/** An IPv6 address of an interface. */
typedef struct NXD_IPV6_ADDRESS_STRUCT
{
    UCHAR                           nxd_ipv6_address_valid;
    UCHAR                           nxd_ipv6_address_type;
    UCHAR                           nxd_ipv6_address_state;
    UCHAR                           nxd_ipv6_address_prefix_length;
    struct NX_INTERFACE_STRUCT     *nxd_ipv6_address_attached;
    ULONG                           nxd_ipv6_address[4]; /* In host byte order. */
    struct NXD_IPV6_ADDRESS_STRUCT *nxd_ipv6_address_next;
    UCHAR                           nxd_ipv6_address_index;
} NXD_IPV6_ADDRESS;

/** A network interface. IPv4 addresses in host byte order. */
typedef struct NX_INTERFACE_STRUCT
{
    CHAR             *nx_interface_name;
    UCHAR             nx_interface_valid;
    UCHAR             nx_interface_address_mapping_needed;
    UCHAR             nx_interface_link_up;
    UCHAR             nx_interface_index;
    ULONG             nx_interface_physical_address_msw;
    ULONG             nx_interface_physical_address_lsw;
    ULONG             nx_interface_ip_address;
    ULONG             nx_interface_ip_network_mask;
    ULONG             nx_interface_ip_network;
    NXD_IPV6_ADDRESS *nxd_interface_ipv6_address_list_head;
    ULONG             nx_interface_ip_mtu_size;
    VOID             *nx_interface_additional_link_info;
    VOID            (*nx_interface_link_driver_entry)(struct NX_IP_DRIVER_STRUCT *);
} NX_INTERFACE;

/** A joined IPv4 multicast group. */
typedef struct NX_IPV4_MULTICAST_ENTRY_STRUCT
{
    ULONG         nx_ipv4_multicast_join_list;
    NX_INTERFACE *nx_ipv4_multicast_join_interface_list;
    ULONG         nx_ipv4_multicast_join_count;
} NX_IPV4_MULTICAST_ENTRY;

/** A joined IPv6 multicast group. */
typedef struct NX_IPV6_MULTICAST_ENTRY_STRUCT
{
    ULONG         nx_ip_mld_join_list[4];
    NX_INTERFACE *nx_ip_mld_join_interface_list;
    ULONG         nx_ip_mld_join_count;
} NX_IPV6_MULTICAST_ENTRY;

/** An IP instance. */
typedef struct NX_IP_STRUCT
{
    ULONG                   nx_ip_id;
    CHAR                   *nx_ip_name;
    NXD_IPV6_ADDRESS        nx_ipv6_address[NX_MAX_IPV6_ADDRESSES];
    ULONG                   nx_ip_total_packets_received;
    ULONG                   nx_ip_total_packets_delivered;
    ULONG                   nx_ip_total_bytes_received;
    ULONG                   nx_ip_invalid_packets;
    ULONG                   nx_ip_unknown_protocols_received;
    ULONG                   nx_ip_receive_packets_dropped;
    ULONG                   nx_ip_total_packets_sent;
    ULONG                   nx_ip_total_bytes_sent;
    ULONG                   nx_ip_send_packets_dropped;
    ULONG                   nx_ip_gateway_address;
    VOID                   *nx_ip_arp_cache_memory; /* Null: ARP is not enabled. */
    NX_PACKET_POOL         *nx_ip_default_packet_pool;
    TX_MUTEX                nx_ip_protection;
    UINT                    nx_ip_initialize_done;
    NX_IPV4_MULTICAST_ENTRY nx_ipv4_multicast_entry[NX_MAX_MULTICAST_GROUPS];
    NX_IPV6_MULTICAST_ENTRY nx_ipv6_multicast_entry[NX_MAX_MULTICAST_GROUPS];
    VOID                  (*nx_ip_igmp_packet_receive)(struct NX_IP_STRUCT *, NX_PACKET *);
    VOID                  (*nx_ip_icmp_packet_receive)(struct NX_IP_STRUCT *, NX_PACKET *);
    VOID                  (*nx_ip_icmpv6_packet_process)(struct NX_IP_STRUCT *, NX_PACKET *);
    VOID                  (*nx_ip_udp_packet_receive)(struct NX_IP_STRUCT *, NX_PACKET *);
    VOID                  (*nx_ip_tcp_packet_receive)(struct NX_IP_STRUCT *, NX_PACKET *);
    VOID                  (*nx_ipv4_packet_receive)(struct NX_IP_STRUCT *, NX_PACKET *);
    VOID                  (*nx_ipv6_packet_receive)(struct NX_IP_STRUCT *, NX_PACKET *);
    struct NX_IP_STRUCT    *nx_ip_created_next;
    struct NX_IP_STRUCT    *nx_ip_created_previous;
    VOID                   *nx_ip_reserved_ptr;
    UINT                  (*nx_ip_packet_filter)(VOID *ip_header, UINT direction);
    UINT                  (*nx_ip_packet_filter_extended)(struct NX_IP_STRUCT *ip_ptr, NX_PACKET *packet_ptr,
                                                          UINT direction);
    NX_INTERFACE            nx_ip_interface[NX_MAX_PHYSICAL_INTERFACES];
} NX_IP;

/** A request to a link driver. */
typedef struct NX_IP_DRIVER_STRUCT
{
    UINT          nx_ip_driver_command;
    UINT          nx_ip_driver_status;
    ULONG         nx_ip_driver_physical_address_msw;
    ULONG         nx_ip_driver_physical_address_lsw;
    NX_PACKET    *nx_ip_driver_packet;
    ULONG        *nx_ip_driver_return_ptr;
    NX_IP        *nx_ip_driver_ptr;
    NX_INTERFACE *nx_ip_driver_interface;
} NX_IP_DRIVER;

/** An IPv4 header as the receive hooks see it: five words in host byte order, options removed. */
typedef struct NX_IPV4_HEADER_STRUCT
{
    ULONG nx_ip_header_word_0; /* Version, header length in words, type of service, total length. */
    ULONG nx_ip_header_word_1; /* Identification, flags, fragment offset.                         */
    ULONG nx_ip_header_word_2; /* Time to live, protocol, checksum.                               */
    ULONG nx_ip_header_source_ip;
    ULONG nx_ip_header_destination_ip;
} NX_IPV4_HEADER;

/** An IPv6 header as the receive hooks see it: ten words in host byte order. */
typedef struct NX_IPV6_HEADER_STRUCT
{
    ULONG nx_ip_header_word_0; /* Version, traffic class, flow label.         */
    ULONG nx_ip_header_word_1; /* Payload length, next header, hop limit.     */
    ULONG nx_ip_header_source_ip[4];
    ULONG nx_ip_header_destination_ip[4];
} NX_IPV6_HEADER;

/** Prepare NetX Duo; once, before everything else. */
VOID _nx_system_initialize(VOID);

/* Packet pools and packets. */
UINT _nx_packet_pool_create(NX_PACKET_POOL *pool_ptr, CHAR *name_ptr, ULONG payload_size, VOID *pool_start,
                            ULONG pool_size);
/** Make packets of `payload_size` bytes out of `pool_size` bytes of memory. From initialization and threads. Errors:
    NX_PTR_ERROR, NX_SIZE_ERROR, NX_CALLER_ERROR. */
UINT _nxe_packet_pool_create(NX_PACKET_POOL *pool_ptr, CHAR *name_ptr, ULONG payload_size, VOID *pool_start,
                             ULONG pool_size, UINT pool_control_block_size);
UINT _nx_packet_pool_delete(NX_PACKET_POOL *pool_ptr);
/** Delete a pool; threads that wait for a packet get NX_POOL_DELETED. From threads. Errors: NX_PTR_ERROR,
    NX_CALLER_ERROR. */
UINT _nxe_packet_pool_delete(NX_PACKET_POOL *pool_ptr);
UINT _nx_packet_allocate(NX_PACKET_POOL *pool_ptr, NX_PACKET **packet_ptr, ULONG packet_type, ULONG wait_option);
/** Take a packet, keeping `packet_type` bytes free in front. From everywhere without waiting, from threads with
    (ticks). Errors: NX_NO_PACKET, NX_POOL_DELETED, NX_WAIT_ABORTED, NX_PTR_ERROR, NX_OPTION_ERROR,
    NX_INVALID_PARAMETERS, NX_CALLER_ERROR. */
UINT _nxe_packet_allocate(NX_PACKET_POOL *pool_ptr, NX_PACKET **packet_ptr, ULONG packet_type, ULONG wait_option);
UINT _nx_packet_release(NX_PACKET *packet_ptr);
/** Give a packet and all that is chained to it back, and clear the pointer. From everywhere. Errors: NX_PTR_ERROR
    (also for a packet that is free already), NX_UNDERFLOW, NX_OVERFLOW. */
UINT _nxe_packet_release(NX_PACKET **packet_ptr_ptr);
UINT _nx_packet_transmit_release(NX_PACKET *packet_ptr);
/** What a link driver does with a packet it has sent; on the host the same as a release. */
UINT _nxe_packet_transmit_release(NX_PACKET **packet_ptr_ptr);
UINT _nx_packet_data_append(NX_PACKET *packet_ptr, VOID *data_start, ULONG data_size, NX_PACKET_POOL *pool_ptr,
                            ULONG wait_option);
/** Add data at the end, in further packets from the pool where one does not do; after an error the packet is as it
    was. From everywhere without waiting, from threads with (ticks). Errors: NX_NO_PACKET, NX_POOL_DELETED,
    NX_WAIT_ABORTED, NX_PTR_ERROR, NX_SIZE_ERROR, NX_UNDERFLOW, NX_OVERFLOW, NX_CALLER_ERROR. */
UINT _nxe_packet_data_append(NX_PACKET *packet_ptr, VOID *data_start, ULONG data_size, NX_PACKET_POOL *pool_ptr,
                             ULONG wait_option);
UINT _nx_packet_data_retrieve(NX_PACKET *packet_ptr, VOID *buffer_start, ULONG *bytes_copied);
/** Copy all data of a packet; the buffer must have room for `nx_packet_length` bytes. From everywhere. Errors:
    NX_INVALID_PACKET, NX_PTR_ERROR. */
UINT _nxe_packet_data_retrieve(NX_PACKET *packet_ptr, VOID *buffer_start, ULONG *bytes_copied);
UINT _nx_packet_data_extract_offset(NX_PACKET *packet_ptr, ULONG offset, VOID *buffer_start, ULONG buffer_length,
                                    ULONG *bytes_copied);
/** Copy data of a packet from an offset on. From everywhere. Errors: NX_PACKET_OFFSET_ERROR, NX_PTR_ERROR. */
UINT _nxe_packet_data_extract_offset(NX_PACKET *packet_ptr, ULONG offset, VOID *buffer_start, ULONG buffer_length,
                                     ULONG *bytes_copied);
UINT _nx_packet_copy(NX_PACKET *packet_ptr, NX_PACKET **new_packet_ptr, NX_PACKET_POOL *pool_ptr, ULONG wait_option);
/** Copy a packet into new ones from a pool. From everywhere without waiting, from threads with (ticks). Errors:
    NX_NO_PACKET, NX_INVALID_PACKET, NX_POOL_DELETED, NX_WAIT_ABORTED, NX_PTR_ERROR, NX_UNDERFLOW, NX_OVERFLOW,
    NX_CALLER_ERROR. */
UINT _nxe_packet_copy(NX_PACKET *packet_ptr, NX_PACKET **new_packet_ptr, NX_PACKET_POOL *pool_ptr, ULONG wait_option);
UINT _nx_packet_length_get(NX_PACKET *packet_ptr, ULONG *length);
/** The length of a packet with its chain. From everywhere. Errors: NX_PTR_ERROR. */
UINT _nxe_packet_length_get(NX_PACKET *packet_ptr, ULONG *length);

/* IP instances. */
UINT _nx_ip_create(NX_IP *ip_ptr, CHAR *name, ULONG ip_address, ULONG network_mask, NX_PACKET_POOL *default_pool,
                   VOID (*ip_link_driver)(NX_IP_DRIVER *), VOID *memory_ptr, ULONG memory_size, UINT priority);
/** Create an IP instance with interface 0. The host port has no IP thread: the stack stays unused, and the driver is
    asked to attach the interface, and to initialize and enable the link, by the caller. From initialization and threads. Errors: NX_PTR_ERROR,
    NX_SIZE_ERROR, NX_OPTION_ERROR, NX_IP_ADDRESS_ERROR, NX_CALLER_ERROR. */
UINT _nxe_ip_create(NX_IP *ip_ptr, CHAR *name, ULONG ip_address, ULONG network_mask, NX_PACKET_POOL *default_pool,
                    VOID (*ip_link_driver)(NX_IP_DRIVER *), VOID *memory_ptr, ULONG memory_size, UINT priority,
                    UINT ip_control_block_size);
UINT _nx_ip_delete(NX_IP *ip_ptr);
/** Delete an IP instance. From threads. Errors: NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxe_ip_delete(NX_IP *ip_ptr);
UINT _nx_ip_interface_attach(NX_IP *ip_ptr, CHAR *interface_name, ULONG ip_address, ULONG network_mask,
                             VOID (*ip_link_driver)(NX_IP_DRIVER *));
/** Add an interface. From initialization and threads. Errors: NX_NO_MORE_ENTRIES, NX_PTR_ERROR, NX_IP_ADDRESS_ERROR,
    NX_CALLER_ERROR. */
UINT _nxe_ip_interface_attach(NX_IP *ip_ptr, CHAR *interface_name, ULONG ip_address, ULONG network_mask,
                              VOID (*ip_link_driver)(NX_IP_DRIVER *));
UINT _nx_ip_address_get(NX_IP *ip_ptr, ULONG *ip_address, ULONG *network_mask);
/** The IPv4 address and mask of interface 0. From initialization and threads. Errors: NX_PTR_ERROR,
    NX_CALLER_ERROR. */
UINT _nxe_ip_address_get(NX_IP *ip_ptr, ULONG *ip_address, ULONG *network_mask);
UINT _nx_ip_address_set(NX_IP *ip_ptr, ULONG ip_address, ULONG network_mask);
/** Set the IPv4 address and mask of interface 0. From initialization and threads. Errors: NX_PTR_ERROR,
    NX_IP_ADDRESS_ERROR, NX_CALLER_ERROR. */
UINT _nxe_ip_address_set(NX_IP *ip_ptr, ULONG ip_address, ULONG network_mask);
UINT _nx_ipv4_multicast_interface_join(NX_IP *ip_ptr, ULONG group_address, UINT interface_index);
/** Receive an IPv4 multicast group on an interface. From threads. Errors: NX_NO_MORE_ENTRIES, NX_PTR_ERROR,
    NX_IP_ADDRESS_ERROR, NX_INVALID_INTERFACE, NX_CALLER_ERROR. */
UINT _nxe_ipv4_multicast_interface_join(NX_IP *ip_ptr, ULONG group_address, UINT interface_index);
UINT _nxd_ipv6_enable(NX_IP *ip_ptr);
/** Receive IPv6. From initialization and threads. Errors: NX_ALREADY_ENABLED, NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxde_ipv6_enable(NX_IP *ip_ptr);
UINT _nxd_ipv6_address_set(NX_IP *ip_ptr, UINT interface_index, NXD_ADDRESS *ip_address, ULONG prefix_length,
                           UINT *address_index);
/** Add an IPv6 address to an interface; a null address makes a link-local one of the physical address. It is valid at
    once: the host has no duplicate address detection. From initialization and threads. Errors: NX_NO_MORE_ENTRIES,
    NX_DUPLICATED_ENTRY, NX_PTR_ERROR, NX_IP_ADDRESS_ERROR, NX_INVALID_INTERFACE, NX_CALLER_ERROR. */
UINT _nxde_ipv6_address_set(NX_IP *ip_ptr, UINT interface_index, NXD_ADDRESS *ip_address, ULONG prefix_length,
                            UINT *address_index);
UINT _nxd_ipv6_multicast_interface_join(NX_IP *ip_ptr, NXD_ADDRESS *group_address, UINT interface_index);
/** Receive an IPv6 multicast group on an interface. From threads. Errors: NX_NO_MORE_ENTRIES, NX_PTR_ERROR,
    NX_IP_ADDRESS_ERROR, NX_INVALID_INTERFACE, NX_CALLER_ERROR. */
UINT _nxde_ipv6_multicast_interface_join(NX_IP *ip_ptr, NXD_ADDRESS *group_address, UINT interface_index);
UINT _nx_tcp_enable(NX_IP *ip_ptr);
/** Receive TCP: on the host into `nx_ip_tcp_packet_receive`, which releases the packet. From initialization, threads
    and timers. Errors: NX_ALREADY_ENABLED, NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxe_tcp_enable(NX_IP *ip_ptr);
UINT _nx_udp_enable(NX_IP *ip_ptr);
/** Receive UDP: on the host into `nx_ip_udp_packet_receive`, which releases the packet. From initialization, threads
    and timers. Errors: NX_ALREADY_ENABLED, NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxe_udp_enable(NX_IP *ip_ptr);
UINT _nx_icmp_enable(NX_IP *ip_ptr);
/** Receive ICMP for IPv4: on the host into `nx_ip_icmp_packet_receive`, which releases the packet. From
    initialization and threads. Errors: NX_ALREADY_ENABLED, NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxe_icmp_enable(NX_IP *ip_ptr);
UINT _nxd_icmp_enable(NX_IP *ip_ptr);
/** Receive ICMP for both versions: on the host into `nx_ip_icmp_packet_receive` for IPv4 and into
    `nx_ip_icmpv6_packet_process` for IPv6, which release the packet. From initialization and threads. Errors:
    NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxde_icmp_enable(NX_IP *ip_ptr);

UINT _nx_ip_gateway_address_set(NX_IP *ip_ptr, ULONG ip_address);
/** Set the IPv4 gateway, which nothing is sent to on the host port. From initialization and threads. Errors: NX_PTR_ERROR,
    NX_IP_ADDRESS_ERROR for one outside of every interface's network, NX_CALLER_ERROR. */
UINT _nxe_ip_gateway_address_set(NX_IP *ip_ptr, ULONG ip_address);
UINT _nxd_ipv6_default_router_add(NX_IP *ip_ptr, NXD_ADDRESS *router_addr, ULONG router_lifetime, UINT interface_index);
/** Add an IPv6 router, which nothing is sent to on the host port. From initialization and threads. Errors: NX_PTR_ERROR,
    NX_INVALID_PARAMETERS for another version, NX_INVALID_INTERFACE, NX_IP_ADDRESS_ERROR for a group and for an address outside of every
    network of the interface, NX_CALLER_ERROR. */
UINT _nxde_ipv6_default_router_add(NX_IP *ip_ptr, NXD_ADDRESS *router_addr, ULONG router_lifetime, UINT interface_index);
UINT _nx_ip_fragment_enable(NX_IP *ip_ptr);
/** Turn on fragmentation and reassembly, which the host port has no use for. From initialization and threads. Errors:
    NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxe_ip_fragment_enable(NX_IP *ip_ptr);
UINT _nx_arp_enable(NX_IP *ip_ptr, VOID *arp_cache_memory, ULONG arp_cache_size);
/** Turn on ARP with memory for its cache, which the host port has no use for. From initialization and threads. Errors:
    NX_PTR_ERROR, NX_SIZE_ERROR, NX_ALREADY_ENABLED, NX_CALLER_ERROR. */
UINT _nxe_arp_enable(NX_IP *ip_ptr, VOID *arp_cache_memory, ULONG arp_cache_size);
UINT _nxd_icmp_ping(NX_IP *ip_ptr, NXD_ADDRESS *ip_address, CHAR *data_ptr, ULONG data_size, NX_PACKET **response_ptr,
                    ULONG wait_option);
/** Send an echo request. NX_NOT_SUPPORTED on the host port, where nobody answers. */
UINT _nxde_icmp_ping(NX_IP *ip_ptr, NXD_ADDRESS *ip_address, CHAR *data_ptr, ULONG data_size, NX_PACKET **response_ptr,
                     ULONG wait_option);

/* What link drivers call. */
/** A link driver has received an IP packet, whose data begins with the IP header; it belongs to the stack from here on.
    The host port passes it through the receive path on the calling thread, as `nx_host_packet_inject` does. From
    everywhere. */
VOID _nx_ip_packet_deferred_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr);
/** A link driver wants to be called with NX_LINK_DEFERRED_PROCESSING: upstream by the IP thread, here by this function, for
    each interface. From everywhere. */
VOID _nx_ip_driver_deferred_processing(NX_IP *ip_ptr);

/* The names that applications use. */
#define nx_ip_driver_deferred_processing _nx_ip_driver_deferred_processing
#define nx_system_initialize            _nx_system_initialize

#ifdef NX_DISABLE_ERROR_CHECKING
#define nx_packet_pool_create           _nx_packet_pool_create
#define nx_packet_pool_delete           _nx_packet_pool_delete
#define nx_packet_allocate              _nx_packet_allocate
#define nx_packet_release               _nx_packet_release
#define nx_packet_transmit_release      _nx_packet_transmit_release
#define nx_packet_data_append           _nx_packet_data_append
#define nx_packet_data_retrieve         _nx_packet_data_retrieve
#define nx_packet_data_extract_offset   _nx_packet_data_extract_offset
#define nx_packet_copy                  _nx_packet_copy
#define nx_packet_length_get            _nx_packet_length_get
#define nx_ip_create                    _nx_ip_create
#define nx_ip_delete                    _nx_ip_delete
#define nx_ip_interface_attach          _nx_ip_interface_attach
#define nx_ip_address_get               _nx_ip_address_get
#define nx_ip_address_set               _nx_ip_address_set
#define nx_ipv4_multicast_interface_join _nx_ipv4_multicast_interface_join
#define nxd_ipv6_enable                 _nxd_ipv6_enable
#define nxd_ipv6_address_set            _nxd_ipv6_address_set
#define nxd_ipv6_multicast_interface_join _nxd_ipv6_multicast_interface_join
#define nx_tcp_enable                   _nx_tcp_enable
#define nx_udp_enable                   _nx_udp_enable
#define nx_icmp_enable                  _nx_icmp_enable
#define nxd_icmp_enable                 _nxd_icmp_enable
#define nx_ip_gateway_address_set       _nx_ip_gateway_address_set
#define nxd_ipv6_default_router_add     _nxd_ipv6_default_router_add
#define nx_ip_fragment_enable           _nx_ip_fragment_enable
#define nx_arp_enable                   _nx_arp_enable
#define nxd_icmp_ping                   _nxd_icmp_ping
#else
#define nx_packet_pool_create(p, n, l, m, s) \
    _nxe_packet_pool_create((p), (n), (l), (m), (s), (UINT)sizeof(NX_PACKET_POOL))
#define nx_packet_pool_delete           _nxe_packet_pool_delete
#define nx_packet_allocate              _nxe_packet_allocate
#define nx_packet_release(p)            _nxe_packet_release(&(p))
#define nx_packet_transmit_release(p)   _nxe_packet_transmit_release(&(p))
#define nx_packet_data_append           _nxe_packet_data_append
#define nx_packet_data_retrieve         _nxe_packet_data_retrieve
#define nx_packet_data_extract_offset   _nxe_packet_data_extract_offset
#define nx_packet_copy                  _nxe_packet_copy
#define nx_packet_length_get            _nxe_packet_length_get
#define nx_ip_create(i, n, a, m, d, l, p, s, y) \
    _nxe_ip_create((i), (n), (a), (m), (d), (l), (p), (s), (y), (UINT)sizeof(NX_IP))
#define nx_ip_delete                    _nxe_ip_delete
#define nx_ip_interface_attach          _nxe_ip_interface_attach
#define nx_ip_address_get               _nxe_ip_address_get
#define nx_ip_address_set               _nxe_ip_address_set
#define nx_ipv4_multicast_interface_join _nxe_ipv4_multicast_interface_join
#define nxd_ipv6_enable                 _nxde_ipv6_enable
#define nxd_ipv6_address_set            _nxde_ipv6_address_set
#define nxd_ipv6_multicast_interface_join _nxde_ipv6_multicast_interface_join
#define nx_tcp_enable                   _nxe_tcp_enable
#define nx_udp_enable                   _nxe_udp_enable
#define nx_icmp_enable                  _nxe_icmp_enable
#define nxd_icmp_enable                 _nxde_icmp_enable
#define nx_ip_gateway_address_set       _nxe_ip_gateway_address_set
#define nxd_ipv6_default_router_add     _nxde_ipv6_default_router_add
#define nx_ip_fragment_enable           _nxe_ip_fragment_enable
#define nx_arp_enable                   _nxe_arp_enable
#define nxd_icmp_ping                   _nxde_icmp_ping
#endif

#ifdef __cplusplus
}
#endif

#include "nx_tcp.h"
#include "nx_udp.h"

#endif
