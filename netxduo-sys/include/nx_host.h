/* What the host port has beyond NetX Duo: packets without a network and IoT Hub connections without a hub. The simulation
   (`simulation/`) has the same on top of NetX Duo itself. */

#ifndef NX_HOST_H
#define NX_HOST_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"
#include "nx_azure_iot_hub_client.h"

/** Pass an IP packet (network byte order, beginning with its IP header) through an IP instance on the calling thread,
    as NetX Duo would. It is taken from the instance's default pool without waiting, as a chain where one packet is too
    small for it.

    NX_IP_PACKET_OUT: the IP packet filters see it, then it is released; there is no wire. A packet that does not
    begin with a plausible header is refused, as NetX Duo never sends one.

    NX_IP_PACKET_IN: the filters see it as it is. Then the headers are checked, padding behind the IP packet is cut off,
    the IP header is swapped to host byte order, IPv4 options are removed, IPv6 extension headers are walked, and the
    receive function of its transport gets it with `nx_packet_prepend_ptr` at the transport header and
    `nx_packet_ip_header` at the IP header. Unlike in NetX Duo there is no reassembly (each fragment goes to the receive
    function as it is), no check of checksums, and authentication headers are stepped over as if they had been verified.

    From everywhere. Statuses: NX_SUCCESS when it reached the receive function, or when it was sent; otherwise why it was
    dropped: NX_NOT_SUCCESSFUL by a filter, NX_INVALID_PACKET malformed, NX_IP_ADDRESS_ERROR not for this instance,
    NX_NOT_ENABLED no receive function for it, NX_NO_PACKET pool exhausted, NX_PTR_ERROR, NX_OPTION_ERROR. */
UINT nx_host_packet_inject(NX_IP *ip_ptr, UINT direction, const UCHAR *data, ULONG length);

/** Make a packet in the state in which `nx_host_packet_inject` hands it to a hook, without calling any:
    NX_IP_PACKET_OUT as the filters see it, NX_IP_PACKET_IN as the receive functions do. The caller releases it.
    From everywhere. Statuses as for `nx_host_packet_inject`. */
UINT nx_host_packet_build(NX_IP *ip_ptr, UINT direction, const UCHAR *data, ULONG length, NX_PACKET **packet_ptr);

/** What carries an IoT Hub client's connection. The functions run on the thread that calls the client, without any lock
    of the host port held, and may call the client's functions. Topic and payload are not terminated and belong to the
    caller. */
typedef struct NX_HOST_HUB_TRANSPORT_STRUCT
{
    /** Connect; the status is that of `nx_azure_iot_hub_client_connect`. */
    UINT (*connect)(VOID *context, NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr);
    /** Disconnect. */
    VOID (*disconnect)(VOID *context, NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr);
    /** Take a message; the status is that of `nx_azure_iot_hub_client_telemetry_send`. */
    UINT (*publish)(VOID *context, NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, const UCHAR *topic, UINT topic_length,
                    const UCHAR *payload, UINT payload_length);
} NX_HOST_HUB_TRANSPORT;

/** Set a client's transport while it is not connected; it and the context are used where they are. From everywhere.
    Errors: NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_WRONG_STATE. */
UINT nx_host_hub_client_transport_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, const NX_HOST_HUB_TRANSPORT *transport,
                                      VOID *context);

/** What the network does to a connection: it comes up (`connected` 1) or breaks (0). Sets the state and calls the status
    callback if that is a change; the transport is not asked. From threads and foreign threads. Errors:
    NX_AZURE_IOT_INVALID_PARAMETER. */
UINT nx_host_hub_client_connection_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, UINT connected);

#ifdef __cplusplus
}
#endif

#endif
