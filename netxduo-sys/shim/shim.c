/* What is a macro in NetX Duo, as a function. */

#include "nx_api.h"

/** A random number as NetX Duo itself has them, with 15 bits at least. From threads. */
int netxduo_sys_rand(VOID);

int netxduo_sys_rand(VOID)
{
    return (int)NX_RAND();
}
