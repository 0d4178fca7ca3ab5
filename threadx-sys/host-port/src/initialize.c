/* The start of the kernel. Alone in its file, because it is the one that needs the application's part: programs that
   link the library without starting the kernel need not define that. */

#include <unistd.h>
#include "kernel.h"

static VOID enter_phase(HOST_PHASE phase)
{
    __atomic_store_n(&_tx_host_phase, phase, __ATOMIC_RELEASE);
}

/* Threads that were created ready get going together. */
static VOID start_threads(VOID)
{
    TX_THREAD *thread = _tx_thread_created_ptr;
    ULONG      i;

    for (i = 0; i < _tx_thread_created_count; i++, thread = thread->tx_thread_created_next)
    {
        if ((thread->tx_thread_state == TX_READY) && (_tx_host_thread_start(thread) != TX_SUCCESS))
        {
            thread->tx_thread_state = TX_TERMINATED;
        }
    }
}

VOID _tx_initialize_kernel_enter(VOID)
{
    _tx_host_lock_plain();
    if (_tx_host_phase != PHASE_BEFORE)
    {
        _tx_host_unlock();
        return;
    }
    enter_phase(PHASE_DEFINE);
    _tx_host_unlock();

    _tx_host_defining = TX_TRUE;
    tx_application_define(TX_NULL);
    _tx_host_defining = TX_FALSE;
    (void)_tx_host_interrupts_yield();

    _tx_host_lock_plain();
    enter_phase(PHASE_RUNNING);
    if (_tx_host_clock_start() == TX_SUCCESS)
    {
        start_threads();
    }
    (void)pthread_cond_broadcast(&_tx_host_changed);
    _tx_host_unlock();
    for (;;)
    {
        (void)pause();
    }
}
