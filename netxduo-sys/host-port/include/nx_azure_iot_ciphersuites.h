/* The tables of cryptography for TLS with Azure IoT. On the host port they are empty. */

#ifndef NX_AZURE_IOT_CIPHERSUITES_H
#define NX_AZURE_IOT_CIPHERSUITES_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_azure_iot.h"

extern const NX_CRYPTO_METHOD      *_nx_azure_iot_tls_supported_crypto[];
extern const UINT                   _nx_azure_iot_tls_supported_crypto_size;
extern const NX_CRYPTO_CIPHERSUITE *_nx_azure_iot_tls_ciphersuite_map[];
extern const UINT                   _nx_azure_iot_tls_ciphersuite_map_size;

/** Bytes that TLS with these tables works with. */
#define NX_AZURE_IOT_TLS_METADATA_BUFFER_SIZE (10 * 1024)

#ifdef __cplusplus
}
#endif

#endif
