/* Who is calling. */

#include "simulation.h"
#undef _tx_thread_system_state

volatile unsigned long *netxduo_sys_system_state(void)
{
    static __thread volatile ULONG state;

    state = TX_THREAD_GET_SYSTEM_STATE();
    return &state;
}
