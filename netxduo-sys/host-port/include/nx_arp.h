/* What upstream's nx_arp.h offers beyond nx_api.h, as far as the host port has it: received ARP packets. */

#ifndef NX_ARP_H
#define NX_ARP_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"

/** A link driver has received an ARP packet. There is nobody to talk to on the host port: it is released. From
    everywhere. */
VOID _nx_arp_packet_deferred_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr);

#ifdef __cplusplus
}
#endif

#endif
