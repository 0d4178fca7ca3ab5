/* X.509 certificates, as far as the host port has them: it looks at their outermost shape and stores them. */

#ifndef NX_SECURE_X509_H
#define NX_SECURE_X509_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"

#define NX_SECURE_X509_SUCCESS 0
/** The private key is not of the shape that its type has. */
#define NX_SECURE_PKCS1_INVALID_PRIVATE_KEY 0x18A
#define NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE 0x19D
/** The data is no X.509 certificate in DER. */
#define NX_SECURE_X509_INVALID_CERTIFICATE 0x1A2

/* Types of private keys. */
#define NX_SECURE_X509_KEY_TYPE_NONE 0x00000000
/** RSA, PKCS#1 in DER. */
#define NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER 0x00000001
/** Elliptic curve, SEC 1 in DER. */
#define NX_SECURE_X509_KEY_TYPE_EC_DER 0x00000002

/** A certificate, perhaps with its private key. */
typedef struct NX_SECURE_X509_CERT_STRUCT
{
    UCHAR       *nx_secure_x509_certificate_raw_data;
    UINT         nx_secure_x509_certificate_raw_data_length;
    const UCHAR *nx_secure_x509_host_private_key;
    UINT         nx_secure_x509_host_private_key_length;
    UINT         nx_secure_x509_private_key_type;
} NX_SECURE_X509_CERT;

UINT _nx_secure_x509_certificate_initialize(NX_SECURE_X509_CERT *certificate, UCHAR *certificate_data, USHORT length,
                                            UCHAR *raw_data_buffer, USHORT buffer_size, const UCHAR *private_key,
                                            USHORT priv_len, UINT private_key_type);
/** Set up a certificate in DER; without a buffer for it, data and key are used where they are. From threads. Errors:
    NX_PTR_ERROR, NX_CALLER_ERROR, NX_SECURE_X509_INVALID_CERTIFICATE, NX_SECURE_PKCS1_INVALID_PRIVATE_KEY,
    NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE, NX_NOT_SUPPORTED with a buffer. */
UINT _nxe_secure_x509_certificate_initialize(NX_SECURE_X509_CERT *certificate, UCHAR *certificate_data, USHORT length,
                                             UCHAR *raw_data_buffer, USHORT buffer_size, const UCHAR *private_key,
                                             USHORT priv_len, UINT private_key_type);

#ifdef NX_DISABLE_ERROR_CHECKING
#define nx_secure_x509_certificate_initialize _nx_secure_x509_certificate_initialize
#else
#define nx_secure_x509_certificate_initialize _nxe_secure_x509_certificate_initialize
#endif

#ifdef __cplusplus
}
#endif

#endif
