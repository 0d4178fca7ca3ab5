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
