/* The DNS client, of which the host port has only the object: no name is ever resolved. */

#ifndef NXD_DNS_H
#define NXD_DNS_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"

#define NX_DNS_TIMEOUT 0xA2
#define NX_DNS_QUERY_FAILED 0xA3
#define NX_DNS_PARAM_ERROR 0xA8
#define NX_DNS_EMPTY_DNS_SERVER_LIST 0xAB
#define NX_DNS_DUPLICATE_ENTRY 0xAF
/** The servers that a client can have. */
#define NX_DNS_MAX_SERVERS 5
/** In `nx_dns_id` of a created client. */
#define NX_DNS_ID 0x444E5320

/** A DNS client. */
typedef struct NX_DNS_STRUCT
{
    ULONG           nx_dns_id;
    UCHAR          *nx_dns_domain;
    NX_IP          *nx_dns_ip_ptr;
    NX_PACKET_POOL *nx_dns_packet_pool_ptr;
    NXD_ADDRESS     nx_dns_server_ip_array[NX_DNS_MAX_SERVERS];
} NX_DNS;

UINT _nx_dns_create(NX_DNS *dns_ptr, NX_IP *ip_ptr, UCHAR *domain_name);
/** Create a DNS client. From threads. Errors: NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxe_dns_create(NX_DNS *dns_ptr, NX_IP *ip_ptr, UCHAR *domain_name);
UINT _nx_dns_delete(NX_DNS *dns_ptr);
/** Delete a DNS client. From threads. Errors: NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxe_dns_delete(NX_DNS *dns_ptr);

UINT _nx_dns_packet_pool_set(NX_DNS *dns_ptr, NX_PACKET_POOL *packet_pool_ptr);
/** Set the pool for queries. From everywhere. Errors: NX_PTR_ERROR. */
UINT _nxe_dns_packet_pool_set(NX_DNS *dns_ptr, NX_PACKET_POOL *packet_pool_ptr);
UINT _nxd_dns_server_add(NX_DNS *dns_ptr, NXD_ADDRESS *server_address);
/** Add a server. From threads. Errors: NX_PTR_ERROR, NX_CALLER_ERROR, NX_DNS_DUPLICATE_ENTRY, NX_NO_MORE_ENTRIES. */
UINT _nxde_dns_server_add(NX_DNS *dns_ptr, NXD_ADDRESS *server_address);
UINT _nxd_dns_host_by_name_get(NX_DNS *dns_ptr, UCHAR *host_name, NXD_ADDRESS *host_address_ptr, ULONG wait_option,
                               UINT lookup_type);
/** Resolve a name. NX_NOT_SUPPORTED on the host port, where nobody answers. */
UINT _nxde_dns_host_by_name_get(NX_DNS *dns_ptr, UCHAR *host_name, NXD_ADDRESS *host_address_ptr, ULONG wait_option,
                                UINT lookup_type);

#ifdef NX_DISABLE_ERROR_CHECKING
#define nx_dns_create            _nx_dns_create
#define nx_dns_delete            _nx_dns_delete
#define nx_dns_packet_pool_set   _nx_dns_packet_pool_set
#define nxd_dns_server_add       _nxd_dns_server_add
#define nxd_dns_host_by_name_get _nxd_dns_host_by_name_get
#else
#define nx_dns_create            _nxe_dns_create
#define nx_dns_delete            _nxe_dns_delete
#define nx_dns_packet_pool_set   _nxe_dns_packet_pool_set
#define nxd_dns_server_add       _nxde_dns_server_add
#define nxd_dns_host_by_name_get _nxde_dns_host_by_name_get
#endif

#ifdef __cplusplus
}
#endif

#endif
