/* The DNS client, of which the host port has only the object: no name is ever resolved. */

#ifndef NXD_DNS_H
#define NXD_DNS_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"

#define NX_DNS_PARAM_ERROR 0xA8
/** In `nx_dns_id` of a created client. */
#define NX_DNS_ID 0x444E5320

/** A DNS client. */
typedef struct NX_DNS_STRUCT
{
    ULONG           nx_dns_id;
    UCHAR          *nx_dns_domain;
    NX_IP          *nx_dns_ip_ptr;
    NX_PACKET_POOL *nx_dns_packet_pool_ptr;
} NX_DNS;

UINT _nx_dns_create(NX_DNS *dns_ptr, NX_IP *ip_ptr, UCHAR *domain_name);
/** Create a DNS client. From threads. Errors: NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxe_dns_create(NX_DNS *dns_ptr, NX_IP *ip_ptr, UCHAR *domain_name);
UINT _nx_dns_delete(NX_DNS *dns_ptr);
/** Delete a DNS client. From threads. Errors: NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxe_dns_delete(NX_DNS *dns_ptr);

#ifdef NX_DISABLE_ERROR_CHECKING
#define nx_dns_create _nx_dns_create
#define nx_dns_delete _nx_dns_delete
#else
#define nx_dns_create _nxe_dns_create
#define nx_dns_delete _nxe_dns_delete
#endif

#ifdef __cplusplus
}
#endif

#endif
