/* What link drivers call, and ARP as far as they notice it. */

#include "check.h"
#include "internal.h"
#include "nx_arp.h"

VOID _nx_host_deliver(NX_HOST_RECEIVER receiver, NX_IP *ip, NX_PACKET *packet)
{
    receiver(ip, packet);
}

VOID _nx_ip_packet_deferred_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    if (nx_host_fragment_length(packet_ptr) == 0)
    {
        (void)_nx_packet_release(packet_ptr);
        return;
    }
    packet_ptr->nx_packet_ip_header = packet_ptr->nx_packet_prepend_ptr;
    packet_ptr->nx_packet_ip_version = (UCHAR)(packet_ptr->nx_packet_prepend_ptr[0] >> 4);
    if (packet_ptr->nx_packet_address.nx_packet_interface_ptr == NX_NULL)
    {
        packet_ptr->nx_packet_address.nx_packet_interface_ptr = &ip_ptr->nx_ip_interface[0];
    }
    (void)_nx_host_receive(ip_ptr, packet_ptr);
}

VOID _nx_arp_packet_deferred_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    (void)ip_ptr;
    (void)_nx_packet_release(packet_ptr);
}

VOID _nx_ip_driver_deferred_processing(NX_IP *ip_ptr)
{
    UINT i;

    for (i = 0; i < NX_MAX_PHYSICAL_INTERFACES; i++)
    {
        if (ip_ptr->nx_ip_interface[i].nx_interface_valid)
        {
            _nx_host_ask_driver(ip_ptr, &ip_ptr->nx_ip_interface[i], NX_LINK_DEFERRED_PROCESSING);
        }
    }
}

UINT _nx_arp_enable(NX_IP *ip_ptr, VOID *arp_cache_memory, ULONG arp_cache_size)
{
    (void)arp_cache_size;
    ip_ptr->nx_ip_arp_cache_memory = arp_cache_memory;
    return NX_SUCCESS;
}

UINT _nxe_arp_enable(NX_IP *ip_ptr, VOID *arp_cache_memory, ULONG arp_cache_size)
{
    if ((check_ip(ip_ptr) != NX_SUCCESS) || (arp_cache_memory == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if (arp_cache_size == 0)
    {
        return NX_SIZE_ERROR;
    }
    if (ip_ptr->nx_ip_arp_cache_memory != NX_NULL)
    {
        return NX_ALREADY_ENABLED;
    }
    return (check_is_initialization_or_thread() == NX_SUCCESS)
               ? _nx_arp_enable(ip_ptr, arp_cache_memory, arp_cache_size)
               : NX_CALLER_ERROR;
}

UINT _nx_ip_fragment_enable(NX_IP *ip_ptr)
{
    (void)ip_ptr;
    return NX_SUCCESS;
}

UINT _nxe_ip_fragment_enable(NX_IP *ip_ptr)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    return (check_is_initialization_or_thread() == NX_SUCCESS) ? _nx_ip_fragment_enable(ip_ptr) : NX_CALLER_ERROR;
}
