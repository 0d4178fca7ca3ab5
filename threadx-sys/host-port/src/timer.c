/* Application timers; clock.c makes them expire. */

#include <string.h>
#include "check.h"
#include "kernel.h"
#include "list.h"

TX_TIMER *_tx_timer_created_ptr;
ULONG     _tx_timer_created_count;

static UINT check_timer(const TX_TIMER *timer)
{
    return ((timer != TX_NULL) && (timer->tx_timer_id == TX_TIMER_ID)) ? TX_SUCCESS : TX_TIMER_ERROR;
}

static VOID start(TX_TIMER_INTERNAL *internal)
{
    internal->tx_timer_internal_active = TX_TRUE;
    internal->tx_timer_internal_due = _tx_host_now() + internal->tx_timer_internal_remaining_ticks;
    _tx_host_clock_look();
}

UINT _tx_timer_create(TX_TIMER *timer_ptr, CHAR *name_ptr, VOID (*expiration_function)(ULONG input),
                      ULONG expiration_input, ULONG initial_ticks, ULONG reschedule_ticks, UINT auto_activate)
{
    TX_TIMER_INTERNAL *internal = &timer_ptr->tx_timer_internal;

    (void)memset(timer_ptr, 0, sizeof(*timer_ptr));
    timer_ptr->tx_timer_name = name_ptr;
    internal->tx_timer_internal_timeout_function = expiration_function;
    internal->tx_timer_internal_timeout_param = expiration_input;
    internal->tx_timer_internal_remaining_ticks = initial_ticks;
    internal->tx_timer_internal_re_initialize_ticks = reschedule_ticks;
    _tx_host_lock();
    timer_ptr->tx_timer_id = TX_TIMER_ID;
    LIST_APPEND(_tx_timer_created_ptr, _tx_timer_created_count, timer_ptr, tx_timer_created_next,
                tx_timer_created_previous);
    if (auto_activate == TX_AUTO_ACTIVATE)
    {
        start(internal);
    }
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_timer_create(TX_TIMER *timer_ptr, CHAR *name_ptr, VOID (*expiration_function)(ULONG input),
                       ULONG expiration_input, ULONG initial_ticks, ULONG reschedule_ticks, UINT auto_activate,
                       UINT timer_control_block_size)
{
    TX_TIMER *cursor;
    UINT      exists;

    if ((timer_ptr == TX_NULL) || (timer_control_block_size != sizeof(TX_TIMER)))
    {
        return TX_TIMER_ERROR;
    }
    _tx_host_lock();
    LIST_CONTAINS(exists, _tx_timer_created_ptr, _tx_timer_created_count, timer_ptr, cursor, tx_timer_created_next);
    _tx_host_unlock();
    if (exists || (expiration_function == TX_NULL))
    {
        return TX_TIMER_ERROR;
    }
    if (initial_ticks == 0)
    {
        return TX_TICK_ERROR;
    }
    if ((auto_activate != TX_AUTO_ACTIVATE) && (auto_activate != TX_NO_ACTIVATE))
    {
        return TX_ACTIVATE_ERROR;
    }
    if (check_may_create() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_timer_create(timer_ptr, name_ptr, expiration_function, expiration_input, initial_ticks,
                            reschedule_ticks, auto_activate);
}

UINT _tx_timer_delete(TX_TIMER *timer_ptr)
{
    UINT posture;

    _tx_host_lock();
    timer_ptr->tx_timer_internal.tx_timer_internal_active = TX_FALSE;
    if (!_tx_host_in_timer && _tx_host_timer_is_expiring(timer_ptr))
    {
        posture = _tx_host_step_aside();
        while (_tx_host_timer_is_expiring(timer_ptr))
        {
            _tx_host_pause();
        }
        _tx_host_come_back_and_unlock(posture);
        _tx_host_lock();
        /* Its own function may have started it again. */
        timer_ptr->tx_timer_internal.tx_timer_internal_active = TX_FALSE;
    }
    timer_ptr->tx_timer_id = 0;
    LIST_REMOVE(_tx_timer_created_ptr, _tx_timer_created_count, timer_ptr, tx_timer_created_next,
                tx_timer_created_previous);
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_timer_delete(TX_TIMER *timer_ptr)
{
    if (check_timer(timer_ptr) != TX_SUCCESS)
    {
        return TX_TIMER_ERROR;
    }
    if (check_is_thread() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_timer_delete(timer_ptr);
}

UINT _tx_timer_activate(TX_TIMER *timer_ptr)
{
    TX_TIMER_INTERNAL *internal = &timer_ptr->tx_timer_internal;
    UINT               status = TX_SUCCESS;

    _tx_host_lock();
    if (internal->tx_timer_internal_active || (internal->tx_timer_internal_remaining_ticks == 0))
    {
        status = TX_ACTIVATE_ERROR;
    }
    else
    {
        start(internal);
    }
    _tx_host_unlock();
    return status;
}

UINT _txe_timer_activate(TX_TIMER *timer_ptr)
{
    if (check_timer(timer_ptr) != TX_SUCCESS)
    {
        return TX_TIMER_ERROR;
    }
    return _tx_timer_activate(timer_ptr);
}

UINT _tx_timer_deactivate(TX_TIMER *timer_ptr)
{
    TX_TIMER_INTERNAL *internal = &timer_ptr->tx_timer_internal;

    _tx_host_lock();
    if (internal->tx_timer_internal_active)
    {
        ULONG64 now = _tx_host_now();

        internal->tx_timer_internal_active = TX_FALSE;
        /* At least one: a timer that was about to expire can be started again. */
        internal->tx_timer_internal_remaining_ticks =
            (internal->tx_timer_internal_due > now) ? (ULONG)(internal->tx_timer_internal_due - now) : 1;
    }
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_timer_deactivate(TX_TIMER *timer_ptr)
{
    if (check_timer(timer_ptr) != TX_SUCCESS)
    {
        return TX_TIMER_ERROR;
    }
    return _tx_timer_deactivate(timer_ptr);
}

UINT _tx_timer_change(TX_TIMER *timer_ptr, ULONG initial_ticks, ULONG reschedule_ticks)
{
    TX_TIMER_INTERNAL *internal = &timer_ptr->tx_timer_internal;

    _tx_host_lock();
    /* As upstream: a running timer is left alone. */
    if (!internal->tx_timer_internal_active)
    {
        internal->tx_timer_internal_remaining_ticks = initial_ticks;
        internal->tx_timer_internal_re_initialize_ticks = reschedule_ticks;
    }
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_timer_change(TX_TIMER *timer_ptr, ULONG initial_ticks, ULONG reschedule_ticks)
{
    if (check_timer(timer_ptr) != TX_SUCCESS)
    {
        return TX_TIMER_ERROR;
    }
    if (initial_ticks == 0)
    {
        return TX_TICK_ERROR;
    }
    if (tx_host_context() == TX_HOST_CONTEXT_INITIALIZATION)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_timer_change(timer_ptr, initial_ticks, reschedule_ticks);
}
