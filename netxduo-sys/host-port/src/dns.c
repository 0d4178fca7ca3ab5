/* The DNS client's object. */

#include <string.h>
#include "check.h"
#include "nxd_dns.h"

UINT _nx_dns_create(NX_DNS *dns_ptr, NX_IP *ip_ptr, UCHAR *domain_name)
{
    (void)memset(dns_ptr, 0, sizeof(*dns_ptr));
    dns_ptr->nx_dns_id = NX_DNS_ID;
    dns_ptr->nx_dns_ip_ptr = ip_ptr;
    dns_ptr->nx_dns_domain = domain_name;
    dns_ptr->nx_dns_packet_pool_ptr = ip_ptr->nx_ip_default_packet_pool;
    return NX_SUCCESS;
}

UINT _nxe_dns_create(NX_DNS *dns_ptr, NX_IP *ip_ptr, UCHAR *domain_name)
{
    if ((dns_ptr == NX_NULL) || (ip_ptr == NX_NULL) || (ip_ptr->nx_ip_id != NX_IP_ID))
    {
        return NX_PTR_ERROR;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_dns_create(dns_ptr, ip_ptr, domain_name);
}

UINT _nx_dns_delete(NX_DNS *dns_ptr)
{
    dns_ptr->nx_dns_id = 0;
    return NX_SUCCESS;
}

UINT _nxe_dns_delete(NX_DNS *dns_ptr)
{
    if ((dns_ptr == NX_NULL) || (dns_ptr->nx_dns_id != NX_DNS_ID))
    {
        return NX_PTR_ERROR;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_dns_delete(dns_ptr);
}

UINT _nx_dns_packet_pool_set(NX_DNS *dns_ptr, NX_PACKET_POOL *packet_pool_ptr)
{
    dns_ptr->nx_dns_packet_pool_ptr = packet_pool_ptr;
    return NX_SUCCESS;
}

UINT _nxe_dns_packet_pool_set(NX_DNS *dns_ptr, NX_PACKET_POOL *packet_pool_ptr)
{
    if ((dns_ptr == NX_NULL) || (packet_pool_ptr == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    return _nx_dns_packet_pool_set(dns_ptr, packet_pool_ptr);
}

UINT _nxd_dns_server_add(NX_DNS *dns_ptr, NXD_ADDRESS *server_address)
{
    UINT i;

    for (i = 0; i < NX_DNS_MAX_SERVERS; i++)
    {
        NXD_ADDRESS *entry = &dns_ptr->nx_dns_server_ip_array[i];

        if (entry->nxd_ip_version == 0)
        {
            *entry = *server_address;
            return NX_SUCCESS;
        }
        if ((entry->nxd_ip_version == server_address->nxd_ip_version) &&
            (memcmp(&entry->nxd_ip_address, &server_address->nxd_ip_address,
                    (entry->nxd_ip_version == NX_IP_VERSION_V4) ? sizeof(ULONG) : 4 * sizeof(ULONG)) == 0))
        {
            return NX_DNS_DUPLICATE_ENTRY;
        }
    }
    return NX_NO_MORE_ENTRIES;
}

UINT _nxde_dns_server_add(NX_DNS *dns_ptr, NXD_ADDRESS *server_address)
{
    if ((dns_ptr == NX_NULL) || (dns_ptr->nx_dns_id != NX_DNS_ID) || (server_address == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nxd_dns_server_add(dns_ptr, server_address);
}
