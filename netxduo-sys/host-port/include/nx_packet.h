/* What upstream's nx_packet.h offers beyond nx_api.h, as far as the host port has it: the list of packet pools. */

#ifndef NX_PACKET_H
#define NX_PACKET_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"

/** In `nx_packet_pool_id` of a created pool. */
#define NX_PACKET_POOL_ID 0x5041434B

/* Circular, in order of creation. Read it with interrupts disabled. */
extern NX_PACKET_POOL *_nx_packet_pool_created_ptr;
extern ULONG           _nx_packet_pool_created_count;

#ifdef __cplusplus
}
#endif

#endif
