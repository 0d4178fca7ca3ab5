/* Who is calling. */

#include <stddef.h>
#include "simulation.h"
#include "tx_host.h"

unsigned long threadx_sys_system_state(void)
{
    ULONG state = _tx_thread_system_state;

    if (_tx_linux_threadx_thread || (threadx_sys_serving > 0) || (state >= TX_INITIALIZE_IN_PROGRESS))
    {
        return state;
    }
    return 1;
}

struct TX_THREAD_STRUCT *threadx_sys_current_thread(void)
{
    return (_tx_linux_threadx_thread || (threadx_sys_serving > 0)) ? _tx_thread_current_ptr : TX_NULL;
}

/* The timer whose expiration is under way, if it is one of the application's. */
static TX_TIMER *expiring(VOID)
{
    TX_TIMER_INTERNAL *internal = _tx_timer_expired_timer_ptr;

    /* The timeouts of threads are timers as well, in a thread's control block. */
    if ((internal == TX_NULL) || (internal->tx_timer_internal_timeout_function == &_tx_thread_timeout))
    {
        return TX_NULL;
    }
    return (TX_TIMER *)(VOID *)((UCHAR *)internal - offsetof(TX_TIMER, tx_timer_internal));
}

static UINT in_timer(VOID)
{
#ifdef TX_TIMER_PROCESS_IN_ISR
    return (threadx_sys_serving > 0) && (expiring() != TX_NULL);
#else
    return _tx_linux_threadx_thread && (_tx_thread_current_ptr == &_tx_timer_thread);
#endif
}

UINT tx_host_context(VOID)
{
    if (!threadx_sys_started)
    {
        return TX_HOST_CONTEXT_INITIALIZATION;
    }
    if (in_timer())
    {
        return TX_HOST_CONTEXT_TIMER;
    }
    return (threadx_sys_system_state() == 0) ? TX_HOST_CONTEXT_THREAD : TX_HOST_CONTEXT_INTERRUPT;
}

TX_TIMER *tx_host_timer_expiring(VOID)
{
    return in_timer() ? expiring() : TX_NULL;
}
