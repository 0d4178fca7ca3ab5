/* The IoT Hub client and its connection. Its state changes with interrupts disabled, and no lock is held while the
   transport or a callback runs: both may call the client. */

#include <string.h>
#include "internal.h"
#include "nx_host.h"

static az_span span_of(const UCHAR *bytes, UINT length)
{
    az_span span = {{(uint8_t *)bytes, (int32_t)length}};

    return span;
}

static UINT check_client(const NX_AZURE_IOT_HUB_CLIENT *client)
{
    return ((client != NX_NULL) && (client->nx_azure_iot_ptr != NX_NULL)) ? NX_AZURE_IOT_SUCCESS
                                                                          : NX_AZURE_IOT_INVALID_PARAMETER;
}

UINT nx_azure_iot_hub_client_initialize(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, NX_AZURE_IOT *nx_azure_iot_ptr,
                                        const UCHAR *host_name, UINT host_name_length, const UCHAR *device_id,
                                        UINT device_id_length, const UCHAR *module_id, UINT module_id_length,
                                        const NX_CRYPTO_METHOD **crypto_array, UINT crypto_array_size,
                                        const NX_CRYPTO_CIPHERSUITE **cipher_map, UINT cipher_map_size,
                                        UCHAR *metadata_memory, UINT memory_size,
                                        NX_SECURE_X509_CERT *trusted_certificate)
{
    NX_AZURE_IOT_RESOURCE *resource;
    UINT                   status;

    if ((hub_client_ptr == NX_NULL) || (nx_azure_iot_ptr == NX_NULL) || (host_name == NX_NULL) ||
        (host_name_length == 0) || (device_id == NX_NULL) || (device_id_length == 0))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    (void)memset(hub_client_ptr, 0, sizeof(*hub_client_ptr));
    hub_client_ptr->nx_azure_iot_ptr = nx_azure_iot_ptr;
    hub_client_ptr->iot_hub_client_core._internal.iot_hub_hostname = span_of(host_name, host_name_length);
    hub_client_ptr->iot_hub_client_core._internal.device_id = span_of(device_id, device_id_length);
    hub_client_ptr->iot_hub_client_core._internal.options.module_id =
        span_of(module_id, (module_id != NX_NULL) ? module_id_length : 0);

    resource = &hub_client_ptr->nx_azure_iot_hub_client_resource;
    resource->resource_type = NX_AZURE_IOT_RESOURCE_IOT_HUB;
    resource->resource_data_ptr = hub_client_ptr;
    resource->resource_crypto_array = crypto_array;
    resource->resource_crypto_array_size = crypto_array_size;
    resource->resource_cipher_map = cipher_map;
    resource->resource_cipher_map_size = cipher_map_size;
    resource->resource_metadata_ptr = metadata_memory;
    resource->resource_metadata_size = memory_size;
    resource->resource_trusted_certificates[0] = trusted_certificate;
    resource->resource_hostname = host_name;
    resource->resource_hostname_length = host_name_length;

    status = tx_mutex_get(nx_azure_iot_ptr->nx_azure_iot_mutex_ptr, TX_WAIT_FOREVER);
    if (status != TX_SUCCESS)
    {
        return status;
    }
    _nx_host_resource_add(nx_azure_iot_ptr, resource);
    return tx_mutex_put(nx_azure_iot_ptr->nx_azure_iot_mutex_ptr);
}

UINT nx_azure_iot_hub_client_deinitialize(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr)
{
    NX_AZURE_IOT *azure_iot;
    UINT          status = check_client(hub_client_ptr);

    if (status != NX_AZURE_IOT_SUCCESS)
    {
        return status;
    }
    (void)nx_azure_iot_hub_client_disconnect(hub_client_ptr);
    azure_iot = hub_client_ptr->nx_azure_iot_ptr;
    status = tx_mutex_get(azure_iot->nx_azure_iot_mutex_ptr, TX_WAIT_FOREVER);
    if (status != TX_SUCCESS)
    {
        return status;
    }
    status = _nx_host_resource_remove(azure_iot, &hub_client_ptr->nx_azure_iot_hub_client_resource);
    (void)tx_mutex_put(azure_iot->nx_azure_iot_mutex_ptr);
    return status;
}

/* Set the state, and get the one before. */
static UINT exchange_state(NX_AZURE_IOT_HUB_CLIENT *client, UINT state)
{
    UINT old_state;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    old_state = client->nx_azure_iot_hub_client_state;
    client->nx_azure_iot_hub_client_state = state;
    TX_RESTORE
    return old_state;
}

/* Set the state if it is the expected one. */
static UINT change_state(NX_AZURE_IOT_HUB_CLIENT *client, UINT expected, UINT state)
{
    UINT changed = NX_FALSE;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    if (client->nx_azure_iot_hub_client_state == expected)
    {
        client->nx_azure_iot_hub_client_state = state;
        changed = NX_TRUE;
    }
    TX_RESTORE
    return changed;
}

static VOID notify(NX_AZURE_IOT_HUB_CLIENT *client, UINT status)
{
    VOID (*callback)(NX_AZURE_IOT_HUB_CLIENT *, UINT) = client->nx_azure_iot_hub_client_connection_status_callback;

    if (callback != NX_NULL)
    {
        callback(client, status);
    }
}

UINT nx_azure_iot_hub_client_connect(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, UINT clean_session, UINT wait_option)
{
    const NX_HOST_HUB_TRANSPORT *transport;
    UINT                         status = check_client(hub_client_ptr);
    UINT                         state;

    (void)clean_session;
    (void)wait_option;
    if (status != NX_AZURE_IOT_SUCCESS)
    {
        return status;
    }
    transport = hub_client_ptr->nx_azure_iot_hub_client_host_transport;
    if (transport == NX_NULL)
    {
        return NX_AZURE_IOT_NOT_INITIALIZED;
    }
    if (!change_state(hub_client_ptr, NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED,
                      NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTING))
    {
        state = hub_client_ptr->nx_azure_iot_hub_client_state;
        return (state == NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED) ? NX_AZURE_IOT_ALREADY_CONNECTED
                                                                   : NX_AZURE_IOT_CONNECTING;
    }
    status = transport->connect(hub_client_ptr->nx_azure_iot_hub_client_host_context, hub_client_ptr);
    state = (status == NX_AZURE_IOT_SUCCESS) ? NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED
                                             : NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED;
    if (!change_state(hub_client_ptr, NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTING, state))
    {
        /* Somebody else has decided meanwhile, and told. */
        state = hub_client_ptr->nx_azure_iot_hub_client_state;
        return (state == NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED) ? NX_AZURE_IOT_SUCCESS : NX_AZURE_IOT_DISCONNECTED;
    }
    notify(hub_client_ptr, status);
    return status;
}

/* Go to "not connected" and tell about it if that is news. */
static UINT lose_connection(NX_AZURE_IOT_HUB_CLIENT *client)
{
    UINT old_state = exchange_state(client, NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED);

    if (old_state == NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED)
    {
        notify(client, NX_AZURE_IOT_DISCONNECTED);
    }
    return old_state;
}

UINT nx_azure_iot_hub_client_disconnect(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr)
{
    const NX_HOST_HUB_TRANSPORT *transport;
    UINT                         status = check_client(hub_client_ptr);

    if (status != NX_AZURE_IOT_SUCCESS)
    {
        return status;
    }
    transport = hub_client_ptr->nx_azure_iot_hub_client_host_transport;
    if ((lose_connection(hub_client_ptr) != NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED) && (transport != NX_NULL))
    {
        transport->disconnect(hub_client_ptr->nx_azure_iot_hub_client_host_context, hub_client_ptr);
    }
    return NX_AZURE_IOT_SUCCESS;
}

UINT nx_host_hub_client_connection_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, UINT connected)
{
    UINT status = check_client(hub_client_ptr);

    if (status != NX_AZURE_IOT_SUCCESS)
    {
        return status;
    }
    if (!connected)
    {
        (void)lose_connection(hub_client_ptr);
    }
    else if (exchange_state(hub_client_ptr, NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED) !=
             NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED)
    {
        notify(hub_client_ptr, NX_AZURE_IOT_SUCCESS);
    }
    return NX_AZURE_IOT_SUCCESS;
}

UINT nx_host_hub_client_transport_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, const NX_HOST_HUB_TRANSPORT *transport,
                                      VOID *context)
{
    UINT status = check_client(hub_client_ptr);
    TX_INTERRUPT_SAVE_AREA

    if ((status != NX_AZURE_IOT_SUCCESS) || (transport == NX_NULL) || (transport->connect == NX_NULL) ||
        (transport->disconnect == NX_NULL) || (transport->publish == NX_NULL))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    TX_DISABLE
    if (hub_client_ptr->nx_azure_iot_hub_client_state == NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED)
    {
        hub_client_ptr->nx_azure_iot_hub_client_host_transport = transport;
        hub_client_ptr->nx_azure_iot_hub_client_host_context = context;
    }
    else
    {
        status = NX_AZURE_IOT_WRONG_STATE;
    }
    TX_RESTORE
    return status;
}

UINT nx_azure_iot_hub_client_connection_status_callback_set(
    NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr,
    VOID (*connection_status_cb)(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, UINT status))
{
    UINT status = check_client(hub_client_ptr);

    if (status == NX_AZURE_IOT_SUCCESS)
    {
        hub_client_ptr->nx_azure_iot_hub_client_connection_status_callback = connection_status_cb;
    }
    return status;
}

UINT nx_azure_iot_hub_client_symmetric_key_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, const UCHAR *symmetric_key,
                                               UINT symmetric_key_length)
{
    if ((check_client(hub_client_ptr) != NX_AZURE_IOT_SUCCESS) || (symmetric_key == NX_NULL) ||
        (symmetric_key_length == 0))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    hub_client_ptr->nx_azure_iot_hub_client_symmetric_key = symmetric_key;
    hub_client_ptr->nx_azure_iot_hub_client_symmetric_key_length = symmetric_key_length;
    return NX_AZURE_IOT_SUCCESS;
}

/* Put a certificate into the first free place of a list. */
static UINT add_certificate(NX_SECURE_X509_CERT **list, UINT size, NX_SECURE_X509_CERT *certificate)
{
    UINT i;

    for (i = 0; i < size; i++)
    {
        if (list[i] == NX_NULL)
        {
            list[i] = certificate;
            return NX_AZURE_IOT_SUCCESS;
        }
    }
    return NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE;
}

UINT nx_azure_iot_hub_client_trusted_cert_add(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr,
                                              NX_SECURE_X509_CERT *trusted_certificate)
{
    if ((check_client(hub_client_ptr) != NX_AZURE_IOT_SUCCESS) || (trusted_certificate == NX_NULL))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    return add_certificate(hub_client_ptr->nx_azure_iot_hub_client_resource.resource_trusted_certificates,
                           NX_AZURE_IOT_MAX_NUM_OF_TRUSTED_CERTS, trusted_certificate);
}

UINT nx_azure_iot_hub_client_device_cert_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr,
                                             NX_SECURE_X509_CERT *device_certificate)
{
    if ((check_client(hub_client_ptr) != NX_AZURE_IOT_SUCCESS) || (device_certificate == NX_NULL))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    return add_certificate(hub_client_ptr->nx_azure_iot_hub_client_resource.resource_device_certificates,
                           NX_AZURE_IOT_MAX_NUM_OF_DEVICE_CERTS, device_certificate);
}

UINT nx_azure_iot_hub_client_model_id_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, const UCHAR *model_id_ptr,
                                          UINT model_id_length)
{
    if ((check_client(hub_client_ptr) != NX_AZURE_IOT_SUCCESS) || (model_id_ptr == NX_NULL) || (model_id_length == 0))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    hub_client_ptr->iot_hub_client_core._internal.options.model_id = span_of(model_id_ptr, model_id_length);
    return NX_AZURE_IOT_SUCCESS;
}
