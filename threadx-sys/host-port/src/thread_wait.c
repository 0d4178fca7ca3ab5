/* What a running thread does about its running: who it is, letting others run, sleeping, and having a wait ended. */

#include <sched.h>
#include "check.h"
#include "kernel.h"

TX_THREAD *_tx_thread_identify(VOID)
{
    return _tx_host_in_timer ? &_tx_timer_thread : _tx_host_current;
}

VOID _tx_thread_relinquish(VOID)
{
    _tx_host_lock();
    _tx_host_unlock();
    (void)sched_yield();
}

UINT _tx_thread_sleep(ULONG timer_ticks)
{
    if (check_is_thread() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    if (timer_ticks == 0)
    {
        return TX_SUCCESS;
    }
    _tx_host_lock();
    return _tx_host_wait_and_unlock(TX_SLEEP, TX_NULL, TX_NULL, timer_ticks, TX_SUCCESS);
}

UINT _tx_thread_wait_abort(TX_THREAD *thread_ptr)
{
    UINT status = TX_SUCCESS;

    _tx_host_lock();
    if (_tx_host_has_ended(thread_ptr) || (thread_ptr->tx_thread_state == TX_READY) ||
        (thread_ptr->tx_thread_state == TX_SUSPENDED))
    {
        status = TX_WAIT_ABORT_ERROR;
    }
    else
    {
        _tx_host_wake(thread_ptr, TX_WAIT_ABORTED);
    }
    _tx_host_unlock();
    return status;
}

UINT _txe_thread_wait_abort(TX_THREAD *thread_ptr)
{
    if (check_thread(thread_ptr) != TX_SUCCESS)
    {
        return TX_THREAD_ERROR;
    }
    return _tx_thread_wait_abort(thread_ptr);
}
