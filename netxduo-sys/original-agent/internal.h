/* What the files of the shim share, and what the seams put in place of NetX Duo's names. */

#ifndef DEFENDER_ORIGINAL_INTERNAL_H
#define DEFENDER_ORIGINAL_INTERNAL_H

#include "nx_azure_iot_hub_client.h"
#include "nx_cloud.h"
#include "original.h"

/** Keep all other threads from running, until `leave`. From threads. */
UINT defender_original_enter(VOID);
VOID defender_original_leave(VOID);

/** Get ready for the collector of network activity, which looks for IP instances when it starts. */
VOID defender_original_packets_prepare(VOID);

/** Random numbers begin here. The first one is 0: the agent puts its first collection off by it, and who enables it has done so
    already. */
VOID defender_original_seed(ULONG64 seed);

/* In place of NetX Duo's list of IP instances. */
extern NX_IP *defender_original_ip_created_ptr;
extern ULONG  defender_original_ip_created_count;

/* In place of the cloud helper's and the hub client's functions. */
UINT defender_original_module_register(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr, const CHAR *module_name, ULONG events,
                                       VOID (*process)(VOID *, ULONG, ULONG), VOID *context);
UINT defender_original_module_deregister(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr);
UINT defender_original_message_create(NX_AZURE_IOT_HUB_CLIENT *client_ptr, NX_PACKET **packet_pptr, UINT wait_option);
UINT defender_original_message_delete(NX_PACKET *packet_ptr);
UINT defender_original_property_add(NX_PACKET *packet_ptr, const UCHAR *name, USHORT name_length, const UCHAR *value,
                                    USHORT value_length, UINT wait_option);
UINT defender_original_send(NX_AZURE_IOT_HUB_CLIENT *client_ptr, NX_PACKET *packet_ptr, const UCHAR *data, UINT data_size,
                            UINT wait_option);

#endif
