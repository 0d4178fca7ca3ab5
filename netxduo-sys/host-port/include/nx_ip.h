/* What upstream's nx_ip.h offers beyond nx_api.h, as far as the host port has it: the list of IP instances. */

#ifndef NX_IP_H
#define NX_IP_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"

/** In `nx_ip_id` of a created IP instance. */
#define NX_IP_ID 0x49502020

/* Circular, in order of creation. Read it with interrupts disabled. */
extern NX_IP *_nx_ip_created_ptr;
extern ULONG  _nx_ip_created_count;

#ifdef __cplusplus
}
#endif

#endif
