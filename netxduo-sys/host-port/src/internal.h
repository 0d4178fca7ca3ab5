/* What the files of the host port share. */

#ifndef NX_HOST_INTERNAL_H
#define NX_HOST_INTERNAL_H

#include "nx_api.h"
#include "nx_ip.h"
#include "nx_packet.h"
#include "nx_azure_iot_hub_client.h"

/* Bytes between a packet's data pointers. */
static inline ULONG nx_host_fragment_length(const NX_PACKET *packet)
{
    return (ULONG)(packet->nx_packet_append_ptr - packet->nx_packet_prepend_ptr);
}

/* packet_trim.c: cut a packet down to its first `length` bytes, at least one and at most what it has. */
VOID _nx_host_packet_trim(NX_PACKET *packet, ULONG length);

/* receive.c: check an incoming packet's headers and bring it to the state that receive functions expect, and find the
   function (null: nobody receives this). The packet stays the caller's whatever the status. */
typedef VOID (*NX_HOST_RECEIVER)(NX_IP *, NX_PACKET *);
UINT _nx_host_receive_prepare(NX_IP *ip, NX_PACKET *packet, NX_HOST_RECEIVER *receiver);

/* driver.c: call the function that receives a packet. */
VOID _nx_host_deliver(NX_HOST_RECEIVER receiver, NX_IP *ip, NX_PACKET *packet);

/* host_packet.c: pass a received packet, whose data begins with its IP header and whose version is set, through the filters
   and to its receive function. It belongs to this function; the status says what became of it. */
UINT _nx_host_receive(NX_IP *ip, NX_PACKET *packet);

/* ip.c: make a request to an interface's driver. */
VOID _nx_host_ask_driver(NX_IP *ip, NX_INTERFACE *interface, UINT command);

/* The interface that a packet with the destination address of this raw header would come in by. */
NX_INTERFACE *_nx_host_interface_for(NX_IP *ip, const UCHAR *header, ULONG length);

/* azure_iot.c: the list of resources; with the middleware's mutex held. */
VOID _nx_host_resource_add(NX_AZURE_IOT *azure_iot, NX_AZURE_IOT_RESOURCE *resource);
UINT _nx_host_resource_remove(NX_AZURE_IOT *azure_iot, NX_AZURE_IOT_RESOURCE *resource);

#endif
