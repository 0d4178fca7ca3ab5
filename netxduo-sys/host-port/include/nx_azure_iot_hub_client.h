/* The IoT Hub client, as far as telemetry goes. What MQTT and the network do upstream, a transport does here: see
   nx_host.h. */

#ifndef NX_AZURE_IOT_HUB_CLIENT_H
#define NX_AZURE_IOT_HUB_CLIENT_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_azure_iot.h"

/* The states of a client. */
#define NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED 0
#define NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTING 1
#define NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED 2

struct NX_HOST_HUB_TRANSPORT_STRUCT;

/** An IoT Hub client. */
typedef struct NX_AZURE_IOT_HUB_CLIENT_STRUCT
{
    NX_AZURE_IOT                              *nx_azure_iot_ptr;
    UINT                                       nx_azure_iot_hub_client_state;
    VOID                                     (*nx_azure_iot_hub_client_connection_status_callback)(
                                                  struct NX_AZURE_IOT_HUB_CLIENT_STRUCT *hub_client_ptr, UINT status);
    const UCHAR                               *nx_azure_iot_hub_client_symmetric_key;
    UINT                                       nx_azure_iot_hub_client_symmetric_key_length;
    NX_AZURE_IOT_RESOURCE                      nx_azure_iot_hub_client_resource;
    az_iot_hub_client                          iot_hub_client_core;
    const struct NX_HOST_HUB_TRANSPORT_STRUCT *nx_azure_iot_hub_client_host_transport;
    VOID                                      *nx_azure_iot_hub_client_host_context;
} NX_AZURE_IOT_HUB_CLIENT;

/** Prepare a client and add it to the instance's resources. Host name, device id and module id are used where they
    are; the module id may be null. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER. */
UINT nx_azure_iot_hub_client_initialize(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, NX_AZURE_IOT *nx_azure_iot_ptr,
                                        const UCHAR *host_name, UINT host_name_length, const UCHAR *device_id,
                                        UINT device_id_length, const UCHAR *module_id, UINT module_id_length,
                                        const NX_CRYPTO_METHOD **crypto_array, UINT crypto_array_size,
                                        const NX_CRYPTO_CIPHERSUITE **cipher_map, UINT cipher_map_size,
                                        UCHAR *metadata_memory, UINT memory_size,
                                        NX_SECURE_X509_CERT *trusted_certificate);
/** Disconnect a client and take it off the instance's resources. From threads. Errors:
    NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_NOT_FOUND. */
UINT nx_azure_iot_hub_client_deinitialize(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr);
/** Connect through the transport, which blocks as long as it likes. The status callback gets the transport's status. From
    threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_ALREADY_CONNECTED, NX_AZURE_IOT_CONNECTING,
    NX_AZURE_IOT_NOT_INITIALIZED without a transport, NX_AZURE_IOT_DISCONNECTED when it was disconnected meanwhile, or
    what the transport says. */
UINT nx_azure_iot_hub_client_connect(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, UINT clean_session, UINT wait_option);
/** Disconnect. Status callback: NX_AZURE_IOT_DISCONNECTED, if it was connected. From threads. Errors:
    NX_AZURE_IOT_INVALID_PARAMETER. */
UINT nx_azure_iot_hub_client_disconnect(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr);
/** Set the function to be told when the connection comes and goes; null for none. From threads. Errors:
    NX_AZURE_IOT_INVALID_PARAMETER. */
UINT nx_azure_iot_hub_client_connection_status_callback_set(
    NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr,
    VOID (*connection_status_cb)(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, UINT status));
/** Set the key to log in with; it is used where it is. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER. */
UINT nx_azure_iot_hub_client_symmetric_key_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, const UCHAR *symmetric_key,
                                               UINT symmetric_key_length);
/** Add a root certificate to trust; it is used where it is. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER,
    NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE. */
UINT nx_azure_iot_hub_client_trusted_cert_add(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr,
                                              NX_SECURE_X509_CERT *trusted_certificate);
/** Set the certificate to log in with; it is used where it is. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER,
    NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE. */
UINT nx_azure_iot_hub_client_device_cert_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr,
                                             NX_SECURE_X509_CERT *device_certificate);
/** Set the device's model id; it is used where it is. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER. */
UINT nx_azure_iot_hub_client_model_id_set(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, const UCHAR *model_id_ptr,
                                          UINT model_id_length);
/** Begin a telemetry message with a packet of the instance's pool. It is the caller's until it is sent or deleted.
    Waits for a packet for up to `wait_option` ticks. From threads, without waiting from everywhere. Errors:
    NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_SDK_CORE_ERROR when the topic does not fit into a packet,
    NX_NO_PACKET, NX_CALLER_ERROR. */
UINT nx_azure_iot_hub_client_telemetry_message_create(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr,
                                                      NX_PACKET **packet_pptr, UINT wait_option);
/** Delete a message that was not sent. From everywhere. Errors: those of `nx_packet_release`. */
UINT nx_azure_iot_hub_client_telemetry_message_delete(NX_PACKET *packet_ptr);
/** Add a property, percent-encoded by the caller. From threads, without waiting from everywhere. Errors:
    NX_AZURE_IOT_INVALID_PARAMETER, NX_NO_PACKET, NX_SIZE_ERROR for an empty name or value, NX_CALLER_ERROR. */
UINT nx_azure_iot_hub_client_telemetry_property_add(NX_PACKET *packet_ptr, const UCHAR *property_name,
                                                    USHORT property_name_length, const UCHAR *property_value,
                                                    USHORT property_value_length, UINT wait_option);
/** Send a message. On success the packet is gone, on failure it is still the caller's, to delete. As upstream the data
    goes into further packets of the pool, waiting for up to `wait_option` ticks for each; then the transport decides how
    long it takes. From threads, without waiting from everywhere. Errors: NX_AZURE_IOT_INVALID_PARAMETER,
    NX_AZURE_IOT_DISCONNECTED, NX_NO_PACKET, NX_CALLER_ERROR, or what the transport says. */
UINT nx_azure_iot_hub_client_telemetry_send(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, NX_PACKET *packet_ptr,
                                            const UCHAR *telemetry_data, UINT data_size, UINT wait_option);

#ifdef __cplusplus
}
#endif

#endif
