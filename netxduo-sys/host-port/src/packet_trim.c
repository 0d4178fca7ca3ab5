/* Cutting packets, for the host port and for the simulation on upstream's. */

#include "internal.h"

VOID _nx_host_packet_trim(NX_PACKET *packet, ULONG length)
{
    NX_PACKET *last = packet;
    ULONG      left = length;

    while (nx_host_fragment_length(last) < left)
    {
        left -= nx_host_fragment_length(last);
        last = last->nx_packet_next;
    }
    last->nx_packet_append_ptr = last->nx_packet_prepend_ptr + left;
    (void)_nx_packet_release(last->nx_packet_next);
    last->nx_packet_next = NX_NULL;
    packet->nx_packet_last = (last == packet) ? NX_NULL : last;
    packet->nx_packet_length = length;
}
