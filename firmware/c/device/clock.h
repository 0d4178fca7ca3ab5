/* The time of day: uptime, and what an SNTP server said once. */

#ifndef CLOCK_H
#define CLOCK_H

#include "nx_api.h"

/* Asks a server for the time, and waits some seconds for it. */
UINT clock_ask(NX_IP *ip, ULONG server);

/* The time in seconds since 1970, for the middleware and the agent; not NX_SUCCESS as long as it is not known. */
UINT clock_unix_time(ULONG *unix_time);

#endif
