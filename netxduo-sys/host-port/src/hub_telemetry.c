/* Telemetry messages: a topic with properties in a packet, and data handed to the transport. */

#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "nx_host.h"

/* Add bytes to the first packet, without a chain: a topic has to fit into it. */
static UINT put(NX_PACKET *packet, const VOID *bytes, ULONG length)
{
    if (length > (ULONG)(packet->nx_packet_data_end - packet->nx_packet_append_ptr))
    {
        return NX_AZURE_IOT_SDK_CORE_ERROR;
    }
    (void)memcpy(packet->nx_packet_append_ptr, bytes, length);
    packet->nx_packet_append_ptr += length;
    packet->nx_packet_length += length;
    return NX_AZURE_IOT_SUCCESS;
}

static UINT put_text(NX_PACKET *packet, const CHAR *text)
{
    return put(packet, text, (ULONG)strlen(text));
}

static UINT put_span(NX_PACKET *packet, az_span span)
{
    return put(packet, span._internal.ptr, (ULONG)span._internal.size);
}

static UINT put_topic(NX_PACKET *packet, const az_iot_hub_client *identity)
{
    az_span module_id = identity->_internal.options.module_id;
    UINT    status = put_text(packet, "devices/");

    if (status == NX_AZURE_IOT_SUCCESS)
    {
        status = put_span(packet, identity->_internal.device_id);
    }
    if ((status == NX_AZURE_IOT_SUCCESS) && (module_id._internal.size > 0))
    {
        status = put_text(packet, "/modules/");
        if (status == NX_AZURE_IOT_SUCCESS)
        {
            status = put_span(packet, module_id);
        }
    }
    return (status == NX_AZURE_IOT_SUCCESS) ? put_text(packet, "/messages/events/") : status;
}

UINT nx_azure_iot_hub_client_telemetry_message_create(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr,
                                                      NX_PACKET **packet_pptr, UINT wait_option)
{
    NX_PACKET *packet;
    UINT       status;

    if ((hub_client_ptr == NX_NULL) || (hub_client_ptr->nx_azure_iot_ptr == NX_NULL) || (packet_pptr == NX_NULL))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    status = nx_packet_allocate(hub_client_ptr->nx_azure_iot_ptr->nx_azure_iot_pool_ptr, &packet, NX_IPv4_TCP_PACKET,
                                wait_option);
    if (status != NX_SUCCESS)
    {
        return status;
    }
    status = put_topic(packet, &hub_client_ptr->iot_hub_client_core);
    if (status != NX_AZURE_IOT_SUCCESS)
    {
        (void)nx_packet_release(packet);
        return status;
    }
    *packet_pptr = packet;
    return NX_AZURE_IOT_SUCCESS;
}

UINT nx_azure_iot_hub_client_telemetry_message_delete(NX_PACKET *packet_ptr)
{
    return nx_packet_release(packet_ptr);
}

/* Whether a message has properties already: its topic alone ends in a slash. */
static UINT has_properties(const NX_PACKET *packet)
{
    const NX_PACKET *last = (packet->nx_packet_last != NX_NULL) ? packet->nx_packet_last : packet;

    return last->nx_packet_append_ptr[-1] != '/';
}

UINT nx_azure_iot_hub_client_telemetry_property_add(NX_PACKET *packet_ptr, const UCHAR *property_name,
                                                    USHORT property_name_length, const UCHAR *property_value,
                                                    USHORT property_value_length, UINT wait_option)
{
    NX_PACKET_POOL *pool;
    ULONG           old_length;
    UINT            status = NX_SUCCESS;

    if ((packet_ptr == NX_NULL) || (property_name == NX_NULL) || (property_value == NX_NULL) ||
        (packet_ptr->nx_packet_length == 0))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    pool = packet_ptr->nx_packet_pool_owner;
    old_length = packet_ptr->nx_packet_length;
    if (has_properties(packet_ptr))
    {
        status = nx_packet_data_append(packet_ptr, (VOID *)"&", 1, pool, wait_option);
    }
    if (status == NX_SUCCESS)
    {
        status = nx_packet_data_append(packet_ptr, (VOID *)property_name, property_name_length, pool, wait_option);
    }
    if (status == NX_SUCCESS)
    {
        status = nx_packet_data_append(packet_ptr, (VOID *)"=", 1, pool, wait_option);
    }
    if (status == NX_SUCCESS)
    {
        status = nx_packet_data_append(packet_ptr, (VOID *)property_value, property_value_length, pool, wait_option);
    }
    if (status != NX_SUCCESS)
    {
        /* Half a property is none. */
        _nx_host_packet_trim(packet_ptr, old_length);
    }
    return status;
}

/* Hand a message over. The topic is in one piece unless many properties have made it a chain. */
static UINT publish(NX_AZURE_IOT_HUB_CLIENT *client, NX_PACKET *packet, ULONG topic_length, const UCHAR *data,
                    UINT data_size)
{
    const NX_HOST_HUB_TRANSPORT *transport = client->nx_azure_iot_hub_client_host_transport;
    const UCHAR                 *topic = packet->nx_packet_prepend_ptr;
    UCHAR                       *copy = NX_NULL;
    ULONG                        copied;
    UINT                         status;

    if (nx_host_fragment_length(packet) < topic_length)
    {
        copy = (UCHAR *)malloc(topic_length);
        if (copy == NX_NULL)
        {
            return NX_NO_PACKET;
        }
        (void)_nx_packet_data_extract_offset(packet, 0, copy, topic_length, &copied);
        topic = copy;
    }
    status = transport->publish(client->nx_azure_iot_hub_client_host_context, client, topic, topic_length, data,
                                data_size);
    free(copy);
    return status;
}

UINT nx_azure_iot_hub_client_telemetry_send(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, NX_PACKET *packet_ptr,
                                            const UCHAR *telemetry_data, UINT data_size, UINT wait_option)
{
    ULONG topic_length;
    UINT  status = NX_SUCCESS;

    if ((hub_client_ptr == NX_NULL) || (hub_client_ptr->nx_azure_iot_ptr == NX_NULL) || (packet_ptr == NX_NULL))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    if ((hub_client_ptr->nx_azure_iot_hub_client_state != NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED) ||
        (hub_client_ptr->nx_azure_iot_hub_client_host_transport == NX_NULL))
    {
        return NX_AZURE_IOT_DISCONNECTED;
    }
    topic_length = packet_ptr->nx_packet_length;
    if (telemetry_data == NX_NULL)
    {
        data_size = 0;
    }
    if (data_size > 0)
    {
        /* Upstream sends packets: a message that the pool has no room for fails here as well. */
        status = nx_packet_data_append(packet_ptr, (VOID *)telemetry_data, data_size, packet_ptr->nx_packet_pool_owner,
                                       wait_option);
    }
    if (status != NX_SUCCESS)
    {
        return status;
    }
    status = publish(hub_client_ptr, packet_ptr, topic_length, telemetry_data, data_size);
    if (status != NX_AZURE_IOT_SUCCESS)
    {
        _nx_host_packet_trim(packet_ptr, topic_length);
        return status;
    }
    (void)nx_packet_release(packet_ptr);
    return NX_AZURE_IOT_SUCCESS;
}
