/* What NetX Duo calls for received packets, and what it sends by itself. */

#include "simulation.h"
#include "../host-port/src/internal.h"
#include "nx_icmp.h"
#include "nx_icmpv6.h"
#include "nx_igmp.h"
#include "nx_tcp.h"
#include "nx_udp.h"

/* The injected packet that the calling thread is delivering. */
static __thread NX_PACKET *injected;

/* An injected packet goes to the function that receives it: which may be the agent's, but in the end is one of below. */
VOID _nx_host_deliver(NX_HOST_RECEIVER receiver, NX_IP *ip, NX_PACKET *packet)
{
    NX_PACKET *outer = injected;

    injected = packet;
    receiver(ip, packet);
    injected = outer;
}

/* Release what was injected, so that nobody answers it, and hand everything else to NetX Duo. */
static VOID receive(VOID (*real)(NX_IP *, NX_PACKET *), NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    if (packet_ptr == injected)
    {
        (void)_nx_packet_release(packet_ptr);
    }
    else
    {
        real(ip_ptr, packet_ptr);
    }
}

VOID netxduo_sys_tcp_packet_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    receive(_nx_tcp_packet_receive, ip_ptr, packet_ptr);
}

VOID netxduo_sys_udp_packet_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    receive(_nx_udp_packet_receive, ip_ptr, packet_ptr);
}

VOID netxduo_sys_icmp_packet_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    receive(_nx_icmp_packet_receive, ip_ptr, packet_ptr);
}

VOID netxduo_sys_igmp_packet_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    receive(_nx_igmp_packet_receive, ip_ptr, packet_ptr);
}

VOID netxduo_sys_icmpv6_packet_process(NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    receive(_nx_icmpv6_packet_process, ip_ptr, packet_ptr);
}

/* Every real driver sets how much its link carries. */
static UINT has_network(const NX_INTERFACE *interface_ptr)
{
    return interface_ptr->nx_interface_ip_mtu_size > 0;
}

VOID netxduo_sys_send_ns(NX_IP *ip_ptr, ULONG *neighbor, INT send_slla, NXD_IPV6_ADDRESS *outgoing, INT unicast,
                         ND_CACHE_ENTRY *entry)
{
    if (has_network(outgoing->nxd_ipv6_address_attached))
    {
        _nx_icmpv6_send_ns(ip_ptr, neighbor, send_slla, outgoing, unicast, entry);
    }
}

UINT netxduo_sys_send_rs(NX_IP *ip_ptr, UINT interface_index)
{
    if (has_network(&ip_ptr->nx_ip_interface[interface_index]))
    {
        return _nx_icmpv6_send_rs(ip_ptr, interface_index);
    }
    return NX_SUCCESS;
}
