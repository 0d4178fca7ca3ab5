/* The one IP instance that the original agent sees, and the packets of all others. */

#include "internal.h"
#include "nx_ipv4.h"
#include "nx_ipv6.h"
#include <string.h>

/* The second word of an IPv6 header ends with it. */
#define HOP_LIMIT ((ULONG)0x000000FF)

typedef VOID (*RECEIVE)(NX_IP *, NX_PACKET *);

/* It is on no list and handles no packet: the agent finds it, and puts its hooks here. */
static NX_IP instance;

NX_IP *defender_original_ip_created_ptr = &instance;
ULONG  defender_original_ip_created_count = 1;

/* The agent's receive hooks pass packets on to what they found: nothing is to happen to them here. */
static VOID nothing(NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    (void)ip_ptr;
    (void)packet_ptr;
}

VOID defender_original_packets_prepare(VOID)
{
    instance.nx_ip_tcp_packet_receive = nothing;
    instance.nx_ip_udp_packet_receive = nothing;
    instance.nx_ip_icmp_packet_receive = nothing;
    instance.nx_ip_packet_filter_extended = NX_NULL;
}

VOID defender_original_sent(NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    /* A collector that stops takes its receive hooks out and leaves its filter in, which would fill tables that nobody empties any
       more. */
    if ((instance.nx_ip_udp_packet_receive != nothing) && (instance.nx_ip_packet_filter_extended != NX_NULL))
    {
        (void)instance.nx_ip_packet_filter_extended(ip_ptr, packet_ptr, NX_IP_PACKET_OUT);
    }
}

/* The agent believes the length in the IPv4 header, in which options that NetX Duo has removed still count. */
static VOID show_v4(RECEIVE receive, NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    NX_IPV4_HEADER *header = (NX_IPV4_HEADER *)(VOID *)packet_ptr->nx_packet_ip_header;
    ULONG           first = header->nx_ip_header_word_0;

    header->nx_ip_header_word_0 =
        (first & ~NX_LOWER_16_MASK) | ((sizeof(NX_IPV4_HEADER) + packet_ptr->nx_packet_length) & NX_LOWER_16_MASK);
    receive(ip_ptr, packet_ptr);
    header->nx_ip_header_word_0 = first;
}

/* The agent reads extension headers of received packets in the wrong byte order, and so loses the packet. It gets an IPv6 header
   that stands directly in front of the transport header. */
static VOID show_v6(RECEIVE receive, ULONG next_header, NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    UCHAR         *header = packet_ptr->nx_packet_ip_header;
    UCHAR         *place = packet_ptr->nx_packet_prepend_ptr - sizeof(NX_IPV6_HEADER);
    UCHAR          covered[sizeof(NX_IPV6_HEADER)];
    NX_IPV6_HEADER shown;

    if (place == header)
    {
        receive(ip_ptr, packet_ptr);
        return;
    }
    (void)memcpy(&shown, header, sizeof(shown));
    (void)memcpy(covered, place, sizeof(covered));
    shown.nx_ip_header_word_1 =
        (packet_ptr->nx_packet_length << NX_SHIFT_BY_16) | next_header | (shown.nx_ip_header_word_1 & HOP_LIMIT);
    (void)memcpy(place, &shown, sizeof(shown));
    packet_ptr->nx_packet_ip_header = place;
    receive(ip_ptr, packet_ptr);
    packet_ptr->nx_packet_ip_header = header;
    (void)memcpy(place, covered, sizeof(covered));
}

VOID defender_original_received(UINT protocol, NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    RECEIVE receive;
    ULONG   next_header;

    switch (protocol)
    {
    case DEFENDER_ORIGINAL_TCP:
        receive = instance.nx_ip_tcp_packet_receive;
        next_header = NX_PROTOCOL_TCP;
        break;
    case DEFENDER_ORIGINAL_UDP:
        receive = instance.nx_ip_udp_packet_receive;
        next_header = NX_PROTOCOL_UDP;
        break;
    default:
        receive = instance.nx_ip_icmp_packet_receive;
        next_header = NX_PROTOCOL_ICMPV6;
        break;
    }
    if ((receive == NX_NULL) || (receive == nothing))
    {
        return;
    }
    if (packet_ptr->nx_packet_ip_version == NX_IP_VERSION_V4)
    {
        show_v4(receive, ip_ptr, packet_ptr);
    }
    else
    {
        show_v6(receive, next_header << 8, ip_ptr, packet_ptr);
    }
}
