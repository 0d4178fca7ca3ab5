/* IoT Hub connections without a hub. NetX Duo's middleware does everything itself up to what would go to the network. */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "simulation.h"
#include "nxd_dns.h"

/* An MQTT PUBLISH packet as the middleware makes it: a byte, the remaining length in always four bytes, and the topic's
   length in two before the topic, which the packet's identifier follows unless it is sent at most once. */
#define TOPIC_LENGTH_OFFSET 5U
#define TOPIC_OFFSET 7U
#define IDENTIFIER_LENGTH 2U

/* The client with a transport that the calling thread is connecting. */
static __thread NX_AZURE_IOT_HUB_CLIENT *connecting;

UINT nx_azure_iot_hub_client_initialize(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, NX_AZURE_IOT *nx_azure_iot_ptr,
                                        const UCHAR *host_name, UINT host_name_length, const UCHAR *device_id,
                                        UINT device_id_length, const UCHAR *module_id, UINT module_id_length,
                                        const NX_CRYPTO_METHOD **crypto_array, UINT crypto_array_size,
                                        const NX_CRYPTO_CIPHERSUITE **cipher_map, UINT cipher_map_size,
                                        UCHAR *metadata_memory, UINT memory_size,
                                        NX_SECURE_X509_CERT *trusted_certificate)
{
    netxduo_sys_transport_remove(hub_client_ptr);
    return netxduo_sys_real_initialize(hub_client_ptr, nx_azure_iot_ptr, host_name, host_name_length, device_id,
                                       device_id_length, module_id, module_id_length, crypto_array, crypto_array_size,
                                       cipher_map, cipher_map_size, metadata_memory, memory_size, trusted_certificate);
}

UINT nx_azure_iot_hub_client_deinitialize(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr)
{
    UINT status = netxduo_sys_real_deinitialize(hub_client_ptr);

    if (status == NX_AZURE_IOT_SUCCESS)
    {
        netxduo_sys_transport_remove(hub_client_ptr);
    }
    return status;
}

UINT nx_azure_iot_hub_client_connect(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, UINT clean_session, UINT wait_option)
{
    NX_AZURE_IOT_HUB_CLIENT *outer = connecting;
    NETXDUO_SYS_TRANSPORT    transport;
    UINT                     status;

    connecting = netxduo_sys_transport_of(hub_client_ptr, &transport) ? hub_client_ptr : NX_NULL;
    status = netxduo_sys_real_connect(hub_client_ptr, clean_session, wait_option);
    connecting = outer;
    return status;
}

UINT netxduo_sys_host_by_name_get(NX_DNS *dns_ptr, UCHAR *host_name, NXD_ADDRESS *address, ULONG wait_option,
                                  UINT lookup_type)
{
    if (connecting == NX_NULL)
    {
        return nxd_dns_host_by_name_get(dns_ptr, host_name, address, wait_option, lookup_type);
    }
    /* Nobody will use it. */
    (void)memset(address, 0, sizeof(*address));
    address->nxd_ip_version = NX_IP_VERSION_V4;
    return NX_SUCCESS;
}

/* What sends look at beside the client's state. */
static VOID set_mqtt_connected(NXD_MQTT_CLIENT *mqtt, UINT connected)
{
    mqtt->nxd_mqtt_client_state = connected ? NXD_MQTT_CLIENT_STATE_CONNECTED : NXD_MQTT_CLIENT_STATE_IDLE;
    if (connected)
    {
        mqtt->nxd_mqtt_client_packet_identifier = 1;
        mqtt->nxd_mqtt_client_socket.nx_tcp_socket_connect_ip.nxd_ip_version = NX_IP_VERSION_V4;
    }
}

UINT netxduo_sys_secure_connect(NXD_MQTT_CLIENT *mqtt, NXD_ADDRESS *server, UINT port,
                                UINT (*tls_setup)(NXD_MQTT_CLIENT *, NX_SECURE_TLS_SESSION *, NX_SECURE_X509_CERT *,
                                                  NX_SECURE_X509_CERT *),
                                UINT keep_alive, UINT clean_session, ULONG wait_option)
{
    NX_AZURE_IOT_HUB_CLIENT *client = connecting;
    NETXDUO_SYS_TRANSPORT    transport;
    UINT                     status;

    if (!netxduo_sys_transport_of(client, &transport))
    {
        return nxd_mqtt_client_secure_connect(mqtt, server, port, tls_setup, keep_alive, clean_session, wait_option);
    }
    client->nx_azure_iot_hub_client_state = NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTING;
    /* It may use other clients. */
    connecting = NX_NULL;
    status = transport.functions->connect(transport.context, client);
    connecting = client;
    if (client->nx_azure_iot_hub_client_state != NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTING)
    {
        /* Somebody else has decided meanwhile. */
        return (client->nx_azure_iot_hub_client_state == NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED)
                   ? NX_AZURE_IOT_SUCCESS
                   : NX_AZURE_IOT_DISCONNECTED;
    }
    if (status == NX_AZURE_IOT_SUCCESS)
    {
        set_mqtt_connected(mqtt, NX_TRUE);
    }
    return status;
}

/* The connection is over. The middleware wants to be told as by its MQTT client, and tells others. */
static VOID lose_connection(NX_AZURE_IOT_HUB_CLIENT *client)
{
    NXD_MQTT_CLIENT *mqtt = &client->nx_azure_iot_hub_client_resource.resource_mqtt;

    set_mqtt_connected(mqtt, NX_FALSE);
    if (mqtt->nxd_mqtt_disconnect_notify != NX_NULL)
    {
        mqtt->nxd_mqtt_disconnect_notify(mqtt);
    }
    client->nx_azure_iot_hub_client_state = NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED;
}

UINT netxduo_sys_disconnect(NXD_MQTT_CLIENT *mqtt)
{
    NETXDUO_SYS_TRANSPORT transport;
    UINT                  old_state;

    if (!netxduo_sys_transport_of_mqtt(mqtt, &transport))
    {
        return nxd_mqtt_client_disconnect(mqtt);
    }
    old_state = transport.client->nx_azure_iot_hub_client_state;
    lose_connection(transport.client);
    if (old_state != NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED)
    {
        transport.functions->disconnect(transport.context, transport.client);
    }
    return NX_SUCCESS;
}

UINT netxduo_sys_tls_packet_allocate(NX_SECURE_TLS_SESSION *session, NX_PACKET_POOL *pool, NX_PACKET **packet,
                                     ULONG wait_option)
{
    /* Only compared with those that there are. */
    const VOID           *mqtt = (const UCHAR *)session - offsetof(NXD_MQTT_CLIENT, nxd_mqtt_tls_session);
    NETXDUO_SYS_TRANSPORT transport;

    if (!netxduo_sys_transport_of_mqtt((const NXD_MQTT_CLIENT *)mqtt, &transport))
    {
        return nx_secure_tls_packet_allocate(session, pool, packet, wait_option);
    }
    return nx_packet_allocate(pool, packet, NX_IPv6_TCP_PACKET, wait_option);
}

/* Give topic and payload of a PUBLISH packet to a transport. */
static UINT publish(const NETXDUO_SYS_TRANSPORT *transport, const UCHAR *bytes, ULONG length, UINT qos)
{
    ULONG topic_length = ((ULONG)bytes[TOPIC_LENGTH_OFFSET] << 8) | bytes[TOPIC_LENGTH_OFFSET + 1];
    ULONG payload = TOPIC_OFFSET + topic_length + ((qos > 0) ? IDENTIFIER_LENGTH : 0);

    if (payload > length)
    {
        return NX_INVALID_PACKET;
    }
    return transport->functions->publish(transport->context, transport->client, bytes + TOPIC_OFFSET,
                                         (UINT)topic_length, bytes + payload, (UINT)(length - payload));
}

UINT netxduo_sys_publish_packet_send(NXD_MQTT_CLIENT *mqtt, NX_PACKET *packet, USHORT packet_id, UINT qos,
                                     ULONG wait_option)
{
    NETXDUO_SYS_TRANSPORT transport;
    UCHAR                *bytes;
    ULONG                 length = packet->nx_packet_length;
    ULONG                 copied = 0;
    UINT                  status;

    if (!netxduo_sys_transport_of_mqtt(mqtt, &transport))
    {
        return _nxd_mqtt_client_publish_packet_send(mqtt, packet, packet_id, qos, wait_option);
    }
    bytes = malloc(length);
    if (bytes == NX_NULL)
    {
        return NX_NO_PACKET;
    }
    status = nx_packet_data_extract_offset(packet, 0, bytes, length, &copied);
    if (status == NX_SUCCESS)
    {
        status = (copied > TOPIC_OFFSET) ? publish(&transport, bytes, copied, qos) : NX_INVALID_PACKET;
    }
    free(bytes);
    if (status == NX_AZURE_IOT_SUCCESS)
    {
        (void)nx_packet_release(packet);
    }
    return status;
}

static UINT check_client(const NX_AZURE_IOT_HUB_CLIENT *client)
{
    return ((client != NX_NULL) && (client->nx_azure_iot_ptr != NX_NULL)) ? NX_AZURE_IOT_SUCCESS
                                                                          : NX_AZURE_IOT_INVALID_PARAMETER;
}

UINT nx_host_hub_client_transport_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, const NX_HOST_HUB_TRANSPORT *transport,
                                      VOID *context)
{
    NETXDUO_SYS_TRANSPORT entry;

    if ((check_client(hub_client_ptr) != NX_AZURE_IOT_SUCCESS) || (transport == NX_NULL) ||
        (transport->connect == NX_NULL) || (transport->disconnect == NX_NULL) || (transport->publish == NX_NULL))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    if (hub_client_ptr->nx_azure_iot_hub_client_state != NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED)
    {
        return NX_AZURE_IOT_WRONG_STATE;
    }
    entry.client = hub_client_ptr;
    entry.functions = transport;
    entry.context = context;
    return netxduo_sys_transport_put(&entry) ? NX_AZURE_IOT_SUCCESS : NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE;
}

UINT nx_host_hub_client_connection_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, UINT connected)
{
    UINT status = check_client(hub_client_ptr);
    UINT old_state;

    if (status != NX_AZURE_IOT_SUCCESS)
    {
        return status;
    }
    if (!connected)
    {
        lose_connection(hub_client_ptr);
        return NX_AZURE_IOT_SUCCESS;
    }
    old_state = hub_client_ptr->nx_azure_iot_hub_client_state;
    set_mqtt_connected(&hub_client_ptr->nx_azure_iot_hub_client_resource.resource_mqtt, NX_TRUE);
    hub_client_ptr->nx_azure_iot_hub_client_state = NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED;
    if ((old_state != NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED) &&
        (hub_client_ptr->nx_azure_iot_hub_client_connection_status_callback != NX_NULL))
    {
        hub_client_ptr->nx_azure_iot_hub_client_connection_status_callback(hub_client_ptr, NX_AZURE_IOT_SUCCESS);
    }
    return NX_AZURE_IOT_SUCCESS;
}
