/* The Azure IoT middleware: what its clients have in common. */

#ifndef NX_AZURE_IOT_H
#define NX_AZURE_IOT_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"
#include "nx_cloud.h"
#include "nxd_dns.h"
#include "nxd_mqtt_client.h"
#include "nx_secure_tls_api.h"
#include "azure/iot/az_iot_hub_client.h"

/* Statuses. */
#define NX_AZURE_IOT_SUCCESS 0x0
#define NX_AZURE_IOT_FAILURE 0x20000
#define NX_AZURE_IOT_SDK_CORE_ERROR 0x20001
#define NX_AZURE_IOT_INVALID_PARAMETER 0x20002
#define NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE 0x20003
#define NX_AZURE_IOT_INVALID_PACKET 0x20004
#define NX_AZURE_IOT_NO_PACKET 0x20005
#define NX_AZURE_IOT_NOT_FOUND 0x20006
#define NX_AZURE_IOT_NOT_ENABLED 0x20007
#define NX_AZURE_IOT_NOT_INITIALIZED 0x20008
#define NX_AZURE_IOT_NOT_SUPPORTED 0x20009
#define NX_AZURE_IOT_ALREADY_CONNECTED 0x2000A
#define NX_AZURE_IOT_CONNECTING 0x2000B
#define NX_AZURE_IOT_DISCONNECTED 0x2000C
#define NX_AZURE_IOT_PENDING 0x2000D
#define NX_AZURE_IOT_SERVER_RESPONSE_ERROR 0x2000E
#define NX_AZURE_IOT_TOPIC_TOO_LONG 0x2000F
#define NX_AZURE_IOT_MESSAGE_TOO_LONG 0x20010
#define NX_AZURE_IOT_NO_AVAILABLE_CIPHER 0x20011
#define NX_AZURE_IOT_WRONG_STATE 0x20012
#define NX_AZURE_IOT_DELETE_ERROR 0x20013
#define NX_AZURE_IOT_NO_SUBSCRIBE_ACK 0x20014
#define NX_AZURE_IOT_THROTTLED 0x20015
#define NX_AZURE_IOT_EMPTY_JSON 0x20016
#define NX_AZURE_IOT_SAS_TOKEN_EXPIRED 0x20017
#define NX_AZURE_IOT_NO_MORE_ENTRIES 0x20018

/* Resource types. */
/** The resource belongs to an IoT Hub client. */
#define NX_AZURE_IOT_RESOURCE_IOT_HUB 0x1
/** The resource belongs to a provisioning client. */
#define NX_AZURE_IOT_RESOURCE_IOT_PROVISIONING 0x2

/* Cryptography: the host port passes the pointers through. */
/** A cryptographic method. */
typedef struct NX_CRYPTO_METHOD_STRUCT NX_CRYPTO_METHOD;
/** A TLS cipher suite. */
typedef struct NX_CRYPTO_CIPHERSUITE_STRUCT NX_CRYPTO_CIPHERSUITE;

/** The root certificates that a client can trust. */
#define NX_AZURE_IOT_MAX_NUM_OF_TRUSTED_CERTS 3
/** The certificates that a client can have of its own. */
#define NX_AZURE_IOT_MAX_NUM_OF_DEVICE_CERTS 2

/** What the middleware knows of one client. */
typedef struct NX_AZURE_IOT_RESOURCE_STRUCT
{
    UINT                                 resource_type;
    VOID                                *resource_data_ptr; /* The client. */
    const NX_CRYPTO_METHOD             **resource_crypto_array;
    UINT                                 resource_crypto_array_size;
    const NX_CRYPTO_CIPHERSUITE        **resource_cipher_map;
    UINT                                 resource_cipher_map_size;
    UCHAR                               *resource_metadata_ptr;
    UINT                                 resource_metadata_size;
    NX_SECURE_X509_CERT                 *resource_trusted_certificates[NX_AZURE_IOT_MAX_NUM_OF_TRUSTED_CERTS];
    NX_SECURE_X509_CERT                 *resource_device_certificates[NX_AZURE_IOT_MAX_NUM_OF_DEVICE_CERTS];
    const UCHAR                         *resource_hostname;
    UINT                                 resource_hostname_length;
    struct NX_AZURE_IOT_RESOURCE_STRUCT *resource_next;
} NX_AZURE_IOT_RESOURCE;

/** The middleware's instance. Its list of resources is guarded by the mutex. */
typedef struct NX_AZURE_IOT_STRUCT
{
    const UCHAR           *nx_azure_iot_name;
    NX_IP                 *nx_azure_iot_ip_ptr;
    NX_PACKET_POOL        *nx_azure_iot_pool_ptr;
    NX_DNS                *nx_azure_iot_dns_ptr;
    NX_CLOUD               nx_azure_iot_cloud;
    NX_CLOUD_MODULE        nx_azure_iot_cloud_module;
    TX_MUTEX              *nx_azure_iot_mutex_ptr;
    NX_AZURE_IOT_RESOURCE *nx_azure_iot_resource_list_header;
    UINT                 (*nx_azure_iot_unix_time_get)(ULONG *unix_time);
} NX_AZURE_IOT;

/** Create the middleware's instance with its cloud helper. `stack_memory_size` in bytes; `unix_time_callback` may be
    null. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER, or what `nx_cloud_create` says. */
UINT nx_azure_iot_create(NX_AZURE_IOT *nx_azure_iot_ptr, const UCHAR *name_ptr, NX_IP *ip_ptr,
                         NX_PACKET_POOL *pool_ptr, NX_DNS *dns_ptr, VOID *stack_memory_ptr, UINT stack_memory_size,
                         UINT priority, UINT (*unix_time_callback)(ULONG *unix_time));
/** Delete the instance, which has no clients any more. From threads. Errors: NX_AZURE_IOT_INVALID_PARAMETER,
    NX_AZURE_IOT_DELETE_ERROR, or what `nx_cloud_delete` says. */
UINT nx_azure_iot_delete(NX_AZURE_IOT *nx_azure_iot_ptr);
/** The time in seconds since 1970, from the callback. From wherever the callback may be called. Errors:
    NX_AZURE_IOT_INVALID_PARAMETER, or what the callback says. */
UINT nx_azure_iot_unix_time_get(NX_AZURE_IOT *nx_azure_iot_ptr, ULONG *unix_time);

#ifdef __cplusplus
}
#endif

#endif
