/* Random numbers for NetX Duo, NX_RAND in our nx_user.h: ports, sequence numbers and the secrets of TLS are made of them. */

#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/** A number from 0 to RAND_MAX, as rand() gives, but from the operating system's source. */
int netxduo_sys_random(void)
{
    unsigned int number;

    if (getentropy(&number, sizeof(number)) != 0)
    {
        /* Nobody would notice secrets that can be guessed. */
        fputs("netxduo-sys: the operating system gives no random numbers\n", stderr);
        abort();
    }
    return (int)(number & RAND_MAX);
}
