/* Certificates and keys, and the empty tables of cryptography. There is no connection to protect: what matters is that a
   program finds its mistakes here as it would there. */

#include <string.h>
#include "check.h"
#include "internal.h"
#include "nx_azure_iot_ciphersuites.h"

const NX_CRYPTO_METHOD      *_nx_azure_iot_tls_supported_crypto[] = {NX_NULL};
const UINT                   _nx_azure_iot_tls_supported_crypto_size = 0;
const NX_CRYPTO_CIPHERSUITE *_nx_azure_iot_tls_ciphersuite_map[] = {NX_NULL};
const UINT                   _nx_azure_iot_tls_ciphersuite_map_size = 0;

VOID _nx_secure_tls_initialize(VOID)
{
    /* All state begins in its right value. */
}

/* Whether data is a sequence in DER that ends where the data ends, or before. Both certificates and keys are one. */
static UINT is_sequence(const UCHAR *data, UINT length)
{
    const UINT tag = 0x30;
    UINT       content;
    UINT       header = 2;
    UINT       i;

    if ((length < header) || (data[0] != tag))
    {
        return NX_FALSE;
    }
    content = data[1];
    if (content > 0x80)
    {
        UINT bytes = content & 0x7FU;

        header += bytes;
        if ((bytes > 2) || (length < header))
        {
            return NX_FALSE;
        }
        content = 0;
        for (i = 0; i < bytes; i++)
        {
            content = (content << 8) | data[2 + i];
        }
    }
    return (content > 0) && (content <= length - header);
}

UINT _nx_secure_x509_certificate_initialize(NX_SECURE_X509_CERT *certificate, UCHAR *certificate_data, USHORT length,
                                            UCHAR *raw_data_buffer, USHORT buffer_size, const UCHAR *private_key,
                                            USHORT priv_len, UINT private_key_type)
{
    (void)buffer_size;
    (void)memset(certificate, 0, sizeof(*certificate));
    if (raw_data_buffer != NX_NULL)
    {
        return NX_NOT_SUPPORTED;
    }
    if (!is_sequence(certificate_data, length))
    {
        return NX_SECURE_X509_INVALID_CERTIFICATE;
    }
    certificate->nx_secure_x509_certificate_raw_data = certificate_data;
    certificate->nx_secure_x509_certificate_raw_data_length = length;
    if ((private_key == NX_NULL) || (priv_len == 0))
    {
        return NX_SECURE_X509_SUCCESS;
    }
    if ((private_key_type != NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER) &&
        (private_key_type != NX_SECURE_X509_KEY_TYPE_EC_DER))
    {
        return NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE;
    }
    if (!is_sequence(private_key, priv_len))
    {
        return NX_SECURE_PKCS1_INVALID_PRIVATE_KEY;
    }
    certificate->nx_secure_x509_host_private_key = private_key;
    certificate->nx_secure_x509_host_private_key_length = priv_len;
    certificate->nx_secure_x509_private_key_type = private_key_type;
    return NX_SECURE_X509_SUCCESS;
}

UINT _nxe_secure_x509_certificate_initialize(NX_SECURE_X509_CERT *certificate, UCHAR *certificate_data, USHORT length,
                                             UCHAR *raw_data_buffer, USHORT buffer_size, const UCHAR *private_key,
                                             USHORT priv_len, UINT private_key_type)
{
    if ((certificate == NX_NULL) || (certificate_data == NX_NULL) || (length == 0))
    {
        return NX_PTR_ERROR;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_secure_x509_certificate_initialize(certificate, certificate_data, length, raw_data_buffer, buffer_size,
                                                  private_key, priv_len, private_key_type);
}
