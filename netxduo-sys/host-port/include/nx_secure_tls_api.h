/* TLS, of which the host port has only the initialization: there is no connection to protect. */

#ifndef NX_SECURE_TLS_API_H
#define NX_SECURE_TLS_API_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"
#include "nx_secure_x509.h"

/** Prepare TLS; once, from initialization or a thread, before everything else of it. */
VOID _nx_secure_tls_initialize(VOID);

#define nx_secure_tls_initialize _nx_secure_tls_initialize

#ifdef __cplusplus
}
#endif

#endif
