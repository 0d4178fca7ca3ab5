/* The hub client's functions as the original agent calls them: other threads run meanwhile. They may have to, because a hub
   client waits for locks that they hold. */

#include "internal.h"

UINT defender_original_message_create(NX_AZURE_IOT_HUB_CLIENT *client_ptr, NX_PACKET **packet_pptr, UINT wait_option)
{
    UINT status;

    defender_original_leave();
    status = nx_azure_iot_hub_client_telemetry_message_create(client_ptr, packet_pptr, wait_option);
    (void)defender_original_enter();
    return status;
}

UINT defender_original_message_delete(NX_PACKET *packet_ptr)
{
    UINT status;

    defender_original_leave();
    status = nx_azure_iot_hub_client_telemetry_message_delete(packet_ptr);
    (void)defender_original_enter();
    return status;
}

UINT defender_original_property_add(NX_PACKET *packet_ptr, const UCHAR *name, USHORT name_length, const UCHAR *value,
                                    USHORT value_length, UINT wait_option)
{
    UINT status;

    defender_original_leave();
    status =
        nx_azure_iot_hub_client_telemetry_property_add(packet_ptr, name, name_length, value, value_length, wait_option);
    (void)defender_original_enter();
    return status;
}

UINT defender_original_send(NX_AZURE_IOT_HUB_CLIENT *client_ptr, NX_PACKET *packet_ptr, const UCHAR *data, UINT data_size,
                            UINT wait_option)
{
    UINT status;

    defender_original_leave();
    status = nx_azure_iot_hub_client_telemetry_send(client_ptr, packet_ptr, data, data_size, wait_option);
    (void)defender_original_enter();
    return status;
}
