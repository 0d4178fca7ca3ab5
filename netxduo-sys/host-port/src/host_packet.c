/* Packets without a network: what the host port has in place of drivers. */

#include <string.h>
#include "internal.h"
#include "nx_host.h"

static UINT check_arguments(const NX_IP *ip, UINT direction, const UCHAR *data, ULONG length)
{
    if ((ip == NX_NULL) || (ip->nx_ip_id != NX_IP_ID) || (data == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if ((direction != NX_IP_PACKET_IN) && (direction != NX_IP_PACKET_OUT))
    {
        return NX_OPTION_ERROR;
    }
    return (length == 0) ? NX_INVALID_PACKET : NX_SUCCESS;
}

/* Whether data begins with an IP header that could be sent: NetX Duo makes only such. */
static UINT check_outgoing(const UCHAR *data, ULONG length)
{
    ULONG version = data[0] >> 4;

    if (version == NX_IP_VERSION_V4)
    {
        ULONG header_length = (ULONG)(data[0] & 0x0FU) * 4;

        return ((header_length >= 20) && (header_length <= length)) ? NX_SUCCESS : NX_INVALID_PACKET;
    }
    return ((version == NX_IP_VERSION_V6) && (length >= 40)) ? NX_SUCCESS : NX_INVALID_PACKET;
}

/* A packet as the IP layer gets it from a driver, or is about to give to one. */
static UINT make_raw(NX_IP *ip, UINT direction, const UCHAR *data, ULONG length, NX_PACKET **made)
{
    NX_PACKET_POOL *pool = ip->nx_ip_default_packet_pool;
    NX_PACKET      *packet;
    UINT            status;

    if ((direction == NX_IP_PACKET_OUT) && (check_outgoing(data, length) != NX_SUCCESS))
    {
        return NX_INVALID_PACKET;
    }
    /* Room for the link's header, which also keeps the IP header aligned to words. */
    status = _nx_packet_allocate(pool, &packet, NX_PHYSICAL_HEADER, NX_NO_WAIT);
    if (status != NX_SUCCESS)
    {
        return status;
    }
    status = _nx_packet_data_append(packet, (VOID *)data, length, pool, NX_NO_WAIT);
    if (status != NX_SUCCESS)
    {
        (void)_nx_packet_release(packet);
        return status;
    }
    packet->nx_packet_ip_version = (UCHAR)(data[0] >> 4);
    packet->nx_packet_ip_header = packet->nx_packet_prepend_ptr;
    if (direction == NX_IP_PACKET_IN)
    {
        packet->nx_packet_address.nx_packet_interface_ptr = _nx_host_interface_for(ip, data, length);
    }
    else if (packet->nx_packet_ip_version == NX_IP_VERSION_V4)
    {
        packet->nx_packet_address.nx_packet_interface_ptr = &ip->nx_ip_interface[0];
        packet->nx_packet_ip_header_length = (UCHAR)((data[0] & 0x0FU) * 4);
    }
    else
    {
        packet->nx_packet_address.nx_packet_ipv6_address_ptr =
            ip->nx_ip_interface[0].nxd_interface_ipv6_address_list_head;
        packet->nx_packet_ip_header_length = 40;
    }
    *made = packet;
    return NX_SUCCESS;
}

/* Both filters let the packet pass. */
static UINT pass_filters(NX_IP *ip, NX_PACKET *packet, UINT direction)
{
    UINT (*filter)(VOID *, UINT) = ip->nx_ip_packet_filter;
    UINT (*extended)(NX_IP *, NX_PACKET *, UINT);

    /* Others may place and remove filters meanwhile. */
    __atomic_load(&ip->nx_ip_packet_filter_extended, &extended, __ATOMIC_ACQUIRE);
    if ((filter != NX_NULL) && (filter(packet->nx_packet_prepend_ptr, direction) != NX_SUCCESS))
    {
        return NX_NOT_SUCCESSFUL;
    }
    if ((extended != NX_NULL) && (extended(ip, packet, direction) != NX_SUCCESS))
    {
        return NX_NOT_SUCCESSFUL;
    }
    return NX_SUCCESS;
}

static VOID count(ULONG *counter, ULONG amount)
{
    (void)__atomic_fetch_add(counter, amount, __ATOMIC_RELAXED);
}

static UINT send(NX_IP *ip, NX_PACKET *packet)
{
    UINT  status = pass_filters(ip, packet, NX_IP_PACKET_OUT);
    ULONG length = packet->nx_packet_length;

    (void)_nx_packet_release(packet);
    if (status == NX_SUCCESS)
    {
        count(&ip->nx_ip_total_packets_sent, 1);
        count(&ip->nx_ip_total_bytes_sent, length);
    }
    else
    {
        count(&ip->nx_ip_send_packets_dropped, 1);
    }
    return status;
}

UINT _nx_host_receive(NX_IP *ip, NX_PACKET *packet)
{
    NX_HOST_RECEIVER receiver = NX_NULL;
    UINT             status;

    count(&ip->nx_ip_total_packets_received, 1);
    status = pass_filters(ip, packet, NX_IP_PACKET_IN);
    if (status == NX_SUCCESS)
    {
        status = _nx_host_receive_prepare(ip, packet, &receiver);
        if (status == NX_INVALID_PACKET)
        {
            count(&ip->nx_ip_invalid_packets, 1);
        }
    }
    if (status != NX_SUCCESS)
    {
        count(&ip->nx_ip_receive_packets_dropped, 1);
        (void)_nx_packet_release(packet);
        return status;
    }
    count(&ip->nx_ip_total_packets_delivered, 1);
    count(&ip->nx_ip_total_bytes_received, packet->nx_packet_length);
    _nx_host_deliver(receiver, ip, packet);
    return NX_SUCCESS;
}

UINT nx_host_packet_inject(NX_IP *ip_ptr, UINT direction, const UCHAR *data, ULONG length)
{
    NX_PACKET *packet = NX_NULL;
    UINT       status = check_arguments(ip_ptr, direction, data, length);

    if (status == NX_SUCCESS)
    {
        status = make_raw(ip_ptr, direction, data, length, &packet);
    }
    if (status != NX_SUCCESS)
    {
        return status;
    }
    return (direction == NX_IP_PACKET_OUT) ? send(ip_ptr, packet) : _nx_host_receive(ip_ptr, packet);
}

UINT nx_host_packet_build(NX_IP *ip_ptr, UINT direction, const UCHAR *data, ULONG length, NX_PACKET **packet_ptr)
{
    NX_PACKET       *packet = NX_NULL;
    NX_HOST_RECEIVER receiver;
    UINT             status = (packet_ptr == NX_NULL) ? NX_PTR_ERROR : check_arguments(ip_ptr, direction, data, length);

    if (status == NX_SUCCESS)
    {
        *packet_ptr = NX_NULL;
        status = make_raw(ip_ptr, direction, data, length, &packet);
    }
    if ((status == NX_SUCCESS) && (direction == NX_IP_PACKET_IN))
    {
        status = _nx_host_receive_prepare(ip_ptr, packet, &receiver);
        if (status != NX_SUCCESS)
        {
            (void)_nx_packet_release(packet);
        }
    }
    if (status == NX_SUCCESS)
    {
        *packet_ptr = packet;
    }
    return status;
}
