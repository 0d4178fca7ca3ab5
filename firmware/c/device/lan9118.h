/* The Ethernet controller SMSC LAN9118, as a driver of NetX Duo. */

#ifndef LAN9118_H
#define LAN9118_H

#include "nx_api.h"

/* For nx_ip_create. */
VOID lan9118_driver(NX_IP_DRIVER *request);

/* Its interrupt. */
void lan9118_interrupt(void);

#endif
