/* The way of an incoming packet from the IP layer to a receive function. */

#include <string.h>
#include "internal.h"

#define IPV4_HEADER_LENGTH 20U
#define IPV6_HEADER_LENGTH 40U
#define IPV4_DESTINATION 16U
#define IPV6_DESTINATION 24U
#define ALL_HOSTS 0xE0000001U
#define LIMITED_BROADCAST 0xFFFFFFFFU
#define LOOPBACK_NETWORK 0x7F000000U
#define LOOPBACK_MASK 0xFF000000U

static ULONG read_word(const UCHAR *bytes)
{
    return ((ULONG)bytes[0] << 24) | ((ULONG)bytes[1] << 16) | ((ULONG)bytes[2] << 8) | bytes[3];
}

/* Bring words of a header from network to host byte order, where they are. */
static VOID swap_words(UCHAR *bytes, UINT count)
{
    for (; count > 0; count--, bytes += sizeof(ULONG))
    {
        ULONG word = read_word(bytes);

        (void)memcpy(bytes, &word, sizeof(word));
    }
}

static UINT same_v6(const ULONG left[4], const ULONG right[4])
{
    return memcmp(left, right, 4 * sizeof(ULONG)) == 0;
}

/* All nodes of the link, or the group through which neighbours look for an address. */
static UINT is_node_group_v6(const ULONG group[4], const ULONG address[4])
{
    if ((group[0] != 0xFF020000U) || (group[1] != 0))
    {
        return NX_FALSE;
    }
    return ((group[2] == 0) && (group[3] == 1)) ||
           ((group[2] == 1) && (group[3] == (0xFF000000U | (address[3] & 0x00FFFFFFU))));
}

/* The address of an interface that a destination address means. */
static NXD_IPV6_ADDRESS *match_v6(const NX_IP *ip, const NX_INTERFACE *interface, const ULONG destination[4])
{
    NXD_IPV6_ADDRESS *address;
    UINT              i;

    for (address = interface->nxd_interface_ipv6_address_list_head; address != NX_NULL;
         address = address->nxd_ipv6_address_next)
    {
        if ((address->nxd_ipv6_address_state != NX_IPV6_ADDR_STATE_UNKNOWN) &&
            (same_v6(address->nxd_ipv6_address, destination) || is_node_group_v6(destination, address->nxd_ipv6_address)))
        {
            return address;
        }
    }
    for (i = 0; i < NX_MAX_MULTICAST_GROUPS; i++)
    {
        const NX_IPV6_MULTICAST_ENTRY *entry = &ip->nx_ipv6_multicast_entry[i];

        if ((entry->nx_ip_mld_join_interface_list == interface) && same_v6(entry->nx_ip_mld_join_list, destination))
        {
            return interface->nxd_interface_ipv6_address_list_head;
        }
    }
    return NX_NULL;
}

static UINT is_joined_v4(const NX_IP *ip, const NX_INTERFACE *interface, ULONG group)
{
    UINT i;

    for (i = 0; i < NX_MAX_MULTICAST_GROUPS; i++)
    {
        if ((ip->nx_ipv4_multicast_entry[i].nx_ipv4_multicast_join_interface_list == interface) &&
            (ip->nx_ipv4_multicast_entry[i].nx_ipv4_multicast_join_list == group))
        {
            return NX_TRUE;
        }
    }
    return NX_FALSE;
}

/* Whether a destination address is an interface's own, or its network's broadcast, or a group joined on it. */
static UINT is_of_interface_v4(const NX_IP *ip, const NX_INTERFACE *interface, ULONG destination)
{
    ULONG broadcast = interface->nx_interface_ip_network | ~interface->nx_interface_ip_network_mask;

    return (destination == interface->nx_interface_ip_address) || (destination == broadcast) ||
           is_joined_v4(ip, interface, destination);
}

static UINT is_for_us_v4(const NX_IP *ip, const NX_INTERFACE *interface, ULONG destination)
{
    return is_of_interface_v4(ip, interface, destination) || (destination == 0) || (destination == ALL_HOSTS) ||
           (destination == LIMITED_BROADCAST) || ((destination & LOOPBACK_MASK) == LOOPBACK_NETWORK);
}

NX_INTERFACE *_nx_host_interface_for(NX_IP *ip, const UCHAR *header, ULONG length)
{
    UINT version = (length > 0) ? (UINT)(header[0] >> 4) : 0;
    UINT i;

    for (i = 0; i < NX_MAX_PHYSICAL_INTERFACES; i++)
    {
        NX_INTERFACE *interface = &ip->nx_ip_interface[i];

        if (!interface->nx_interface_valid)
        {
            continue;
        }
        if ((version == NX_IP_VERSION_V4) && (length >= IPV4_HEADER_LENGTH) &&
            is_of_interface_v4(ip, interface, read_word(header + IPV4_DESTINATION)))
        {
            return interface;
        }
        if ((version == NX_IP_VERSION_V6) && (length >= IPV6_HEADER_LENGTH))
        {
            ULONG destination[4];
            UINT  word;

            for (word = 0; word < 4; word++)
            {
                destination[word] = read_word(header + IPV6_DESTINATION + (word * sizeof(ULONG)));
            }
            if (match_v6(ip, interface, destination) != NX_NULL)
            {
                return interface;
            }
        }
    }
    return &ip->nx_ip_interface[0];
}

/* Take bytes off the front of a packet; they are in its first fragment. */
static VOID step_over(NX_PACKET *packet, ULONG length)
{
    packet->nx_packet_prepend_ptr += length;
    packet->nx_packet_length -= length;
}

/* Slide an IPv4 header that is in host byte order up over its options, so that it becomes an ordinary one. */
static VOID remove_options(NX_PACKET *packet, ULONG header_length)
{
    ULONG           options = header_length - IPV4_HEADER_LENGTH;
    NX_IPV4_HEADER  header;

    (void)memcpy(&header, packet->nx_packet_prepend_ptr, sizeof(header));
    /* The total length stays what it was on the wire. */
    header.nx_ip_header_word_0 = (header.nx_ip_header_word_0 & 0xF0FFFFFFU) | ((IPV4_HEADER_LENGTH / 4) << 24);
    step_over(packet, options);
    (void)memcpy(packet->nx_packet_prepend_ptr, &header, sizeof(header));
    packet->nx_packet_ip_header = packet->nx_packet_prepend_ptr;
}

static UINT prepare_v4(NX_IP *ip, NX_PACKET *packet, UINT *protocol)
{
    const UCHAR  *bytes = packet->nx_packet_prepend_ptr;
    ULONG         contiguous = nx_host_fragment_length(packet);
    NX_INTERFACE *interface = packet->nx_packet_address.nx_packet_interface_ptr;
    ULONG         total_length;
    ULONG         header_length;
    ULONG         destination;

    if (contiguous < IPV4_HEADER_LENGTH)
    {
        return NX_INVALID_PACKET;
    }
    total_length = read_word(bytes) & 0xFFFFU;
    header_length = (ULONG)(bytes[0] & 0x0FU) * 4;
    *protocol = bytes[9];
    destination = read_word(bytes + IPV4_DESTINATION);
    /* Upstream wants at least one byte behind the header. */
    if ((total_length > packet->nx_packet_length) || (header_length < IPV4_HEADER_LENGTH) ||
        (header_length > contiguous) || (total_length <= header_length))
    {
        return NX_INVALID_PACKET;
    }
    _nx_host_packet_trim(packet, total_length);
    swap_words(packet->nx_packet_prepend_ptr, IPV4_HEADER_LENGTH / 4);
    if (header_length > IPV4_HEADER_LENGTH)
    {
        remove_options(packet, header_length);
    }
    if (!is_for_us_v4(ip, interface, destination))
    {
        return NX_IP_ADDRESS_ERROR;
    }
    step_over(packet, IPV4_HEADER_LENGTH);
    return NX_SUCCESS;
}

/* Step over one IPv6 extension header if `protocol` is one. Gives the status; `more` tells whether there was one. */
static UINT step_over_extension(NX_PACKET *packet, UINT *protocol, UINT *more)
{
    const UCHAR *bytes = packet->nx_packet_prepend_ptr;
    ULONG        contiguous = nx_host_fragment_length(packet);
    ULONG        length;

    *more = NX_TRUE;
    switch (*protocol)
    {
    case NX_PROTOCOL_NEXT_HEADER_HOP_BY_HOP:
    case NX_PROTOCOL_NEXT_HEADER_ROUTING:
    case NX_PROTOCOL_NEXT_HEADER_DESTINATION:
        length = (contiguous >= 2) ? (((ULONG)bytes[1] + 1) * 8) : 8;
        break;
    case NX_PROTOCOL_NEXT_HEADER_AUTHENTICATION:
        length = (contiguous >= 2) ? (((ULONG)bytes[1] + 2) * 4) : 8;
        break;
    case NX_PROTOCOL_NEXT_HEADER_FRAGMENT:
        length = 8;
        break;
    default:
        *more = NX_FALSE;
        return NX_SUCCESS;
    }
    /* As upstream: a header that ends its packet, or its fragment of a chain, has nothing behind it. */
    if (length >= contiguous)
    {
        return NX_INVALID_PACKET;
    }
    *protocol = bytes[0];
    step_over(packet, length);
    return NX_SUCCESS;
}

/* Others may change a receive function meanwhile. */
static NX_HOST_RECEIVER load(const NX_HOST_RECEIVER *field)
{
    NX_HOST_RECEIVER receiver;

    __atomic_load(field, &receiver, __ATOMIC_ACQUIRE);
    return receiver;
}

static UINT prepare_v6(NX_IP *ip, NX_PACKET *packet, UINT *protocol)
{
    const UCHAR      *bytes = packet->nx_packet_prepend_ptr;
    NXD_IPV6_ADDRESS *address;
    NX_IPV6_HEADER    header;
    ULONG             total_length;
    UINT              status;
    UINT              more;

    if (load(&ip->nx_ipv6_packet_receive) == NX_NULL)
    {
        return NX_NOT_ENABLED;
    }
    if (nx_host_fragment_length(packet) < IPV6_HEADER_LENGTH)
    {
        return NX_INVALID_PACKET;
    }
    total_length = (read_word(bytes + 4) >> 16) + IPV6_HEADER_LENGTH;
    *protocol = bytes[6];
    if (total_length > packet->nx_packet_length)
    {
        return NX_INVALID_PACKET;
    }
    _nx_host_packet_trim(packet, total_length);
    swap_words(packet->nx_packet_prepend_ptr, IPV6_HEADER_LENGTH / 4);
    (void)memcpy(&header, packet->nx_packet_prepend_ptr, sizeof(header));
    address = match_v6(ip, packet->nx_packet_address.nx_packet_interface_ptr, header.nx_ip_header_destination_ip);
    if (address == NX_NULL)
    {
        return NX_IP_ADDRESS_ERROR;
    }
    packet->nx_packet_address.nx_packet_ipv6_address_ptr = address;
    step_over(packet, IPV6_HEADER_LENGTH);
    do
    {
        status = step_over_extension(packet, protocol, &more);
    } while (more && (status == NX_SUCCESS));
    return status;
}

static NX_HOST_RECEIVER receiver_of(const NX_IP *ip, UINT version, UINT protocol)
{
    switch (protocol)
    {
    case NX_PROTOCOL_TCP:
        return load(&ip->nx_ip_tcp_packet_receive);
    case NX_PROTOCOL_UDP:
        return load(&ip->nx_ip_udp_packet_receive);
    case NX_PROTOCOL_ICMP:
        return (version == NX_IP_VERSION_V4) ? load(&ip->nx_ip_icmp_packet_receive) : NX_NULL;
    case NX_PROTOCOL_ICMPV6:
        return (version == NX_IP_VERSION_V6) ? load(&ip->nx_ip_icmpv6_packet_process) : NX_NULL;
    case NX_PROTOCOL_IGMP:
        return (version == NX_IP_VERSION_V4) ? load(&ip->nx_ip_igmp_packet_receive) : NX_NULL;
    default:
        return NX_NULL;
    }
}

UINT _nx_host_receive_prepare(NX_IP *ip, NX_PACKET *packet, NX_HOST_RECEIVER *receiver)
{
    UINT version = packet->nx_packet_ip_version;
    UINT protocol = 0;
    UINT status;

    *receiver = NX_NULL;
    switch (version)
    {
    case NX_IP_VERSION_V4:
        status = prepare_v4(ip, packet, &protocol);
        break;
    case NX_IP_VERSION_V6:
        status = prepare_v6(ip, packet, &protocol);
        break;
    default:
        status = NX_INVALID_PACKET;
        break;
    }
    if (status != NX_SUCCESS)
    {
        return status;
    }
    *receiver = receiver_of(ip, version, protocol);
    return (*receiver != NX_NULL) ? NX_SUCCESS : NX_NOT_ENABLED;
}
