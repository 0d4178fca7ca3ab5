/* The original agent behind a fence: it sees one IP instance and no cloud helper, both of them this shim's.

   - The IP instances of the program are never touched. Whoever hooks them passes packets on with `defender_original_sent` and
     `defender_original_received`, and later to whatever was hooked before.
   - It is not registered with the cloud helper. Whoever is calls `defender_original_second` once a second.
   - While it is in its own code no other thread runs, so none of them finds its tables half changed; while it sends, others run.

   All functions are for threads, and one thread at a time, unless said otherwise. Statuses are those of `nx_azure_iot.h`, or
   ThreadX' where no thread can be kept from running. */

#ifndef DEFENDER_ORIGINAL_H
#define DEFENDER_ORIGINAL_H

#include "nx_api.h"
#include "nx_azure_iot.h"
#include "numbers.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Its collectors. */
#define DEFENDER_ORIGINAL_NETWORK_ACTIVITY   0u
#define DEFENDER_ORIGINAL_SYSTEM_INFORMATION 1u
#define DEFENDER_ORIGINAL_HEARTBEAT          2u
#define DEFENDER_ORIGINAL_COLLECTORS         3u

/* Its states. */
#define DEFENDER_ORIGINAL_NOT_INITIALIZED    0u
#define DEFENDER_ORIGINAL_PENDING            1u
#define DEFENDER_ORIGINAL_ACTIVE             2u
#define DEFENDER_ORIGINAL_SUSPENDED          3u

/* The transport protocols that it looks at. */
#define DEFENDER_ORIGINAL_TCP                0u
#define DEFENDER_ORIGINAL_UDP                1u
#define DEFENDER_ORIGINAL_ICMP               2u

/** Enable it with all collectors and the numbers that are set. `seed` is where its random numbers begin. It is not enabled yet.
    NX_AZURE_IOT_INVALID_PARAMETER for no instance, NX_AZURE_IOT_FAILURE for an internal step, as without Unix time. */
UINT defender_original_enable(NX_AZURE_IOT *azure_iot_ptr, ULONG64 seed);

/** Disable it. Nothing happens when it is not enabled. */
UINT defender_original_disable(VOID);

/** A second has passed: it collects and sends what is due. It is enabled. */
UINT defender_original_second(VOID);

/** Let a collector collect from now on, or not. It is enabled. While it is suspended this takes effect when it is active again. */
UINT defender_original_collector_set(UINT collector, UINT enabled);

/** Change a collector's interval, from its next collection on. It is enabled. */
UINT defender_original_interval_set(UINT collector, ULONG seconds);

/** What it is doing. From everywhere. */
UINT defender_original_state(VOID);

/** A packet is about to be sent, as the IP packet filter sees it. Nothing happens to it. From threads, with interrupts off. */
VOID defender_original_sent(NX_IP *ip_ptr, NX_PACKET *packet_ptr);

/** A packet was received, as the receive function of its transport protocol sees it. Nothing happens to it. From threads, with
    interrupts off. */
VOID defender_original_received(UINT protocol, NX_IP *ip_ptr, NX_PACKET *packet_ptr);

#ifdef __cplusplus
}
#endif

#endif
