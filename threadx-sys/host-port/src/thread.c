/* Threads: one of the operating system's for each. */

#include <stdlib.h>
#include <string.h>
#include "check.h"
#include "kernel.h"
#include "list.h"

TX_THREAD *_tx_thread_created_ptr;
ULONG      _tx_thread_created_count;

static VOID *thread_main(VOID *argument)
{
    HOST_THREAD *self = (HOST_THREAD *)argument;
    TX_THREAD   *thread = self->control;

    _tx_host_current = thread;
    /* Whoever suspends or terminates the thread before it runs finds it here. */
    _tx_host_lock();
    thread->tx_thread_run_count++;
    _tx_host_unlock();

    thread->tx_thread_entry(thread->tx_thread_entry_parameter);

    (void)_tx_host_interrupts_yield();
    _tx_host_lock();
    _tx_host_mutexes_release(thread);
    thread->tx_thread_state = TX_COMPLETED;
    self->ready = TX_FALSE;
    _tx_host_running--;
    (void)pthread_cond_broadcast(&_tx_host_changed);
    _tx_host_current = TX_NULL;
    _tx_host_unlock();
    return TX_NULL;
}

UINT _tx_host_thread_start(TX_THREAD *thread)
{
    HOST_THREAD *host = _tx_host_of(thread);
    pthread_t    handle;

    thread->tx_thread_state = TX_READY;
    host->started = TX_TRUE;
    host->ready = TX_TRUE;
    _tx_host_running++;
    if (pthread_create(&handle, TX_NULL, thread_main, host) != 0)
    {
        host->started = TX_FALSE;
        host->ready = TX_FALSE;
        _tx_host_running--;
        thread->tx_thread_state = TX_SUSPENDED;
        return TX_NO_MEMORY;
    }
    (void)pthread_detach(handle);
    return TX_SUCCESS;
}

UINT _tx_thread_create(TX_THREAD *thread_ptr, CHAR *name_ptr, VOID (*entry_function)(ULONG id), ULONG entry_input,
                       VOID *stack_start, ULONG stack_size, UINT priority, UINT preempt_threshold,
                       ULONG time_slice, UINT auto_start)
{
    HOST_THREAD *host = (HOST_THREAD *)calloc(1, sizeof(HOST_THREAD));
    UINT         status = TX_SUCCESS;

    if (host == TX_NULL)
    {
        return TX_NO_MEMORY;
    }
    (void)pthread_cond_init(&host->wake, TX_NULL);
    host->control = thread_ptr;

    (void)memset(thread_ptr, 0, sizeof(*thread_ptr));
    thread_ptr->tx_thread_id = TX_THREAD_ID;
    thread_ptr->tx_thread_name = name_ptr;
    thread_ptr->tx_thread_entry = entry_function;
    thread_ptr->tx_thread_entry_parameter = entry_input;
    thread_ptr->tx_thread_stack_start = stack_start;
    thread_ptr->tx_thread_stack_size = stack_size;
    thread_ptr->tx_thread_stack_end = (UCHAR *)stack_start + stack_size - 1;
    thread_ptr->tx_thread_priority = priority;
    thread_ptr->tx_thread_user_priority = priority;
    thread_ptr->tx_thread_preempt_threshold = preempt_threshold;
    thread_ptr->tx_thread_user_preempt_threshold = preempt_threshold;
    thread_ptr->tx_thread_time_slice = time_slice;
    thread_ptr->tx_thread_state = (auto_start == TX_AUTO_START) ? TX_READY : TX_SUSPENDED;
    thread_ptr->tx_thread_host = host;

    _tx_host_lock();
    LIST_APPEND(_tx_thread_created_ptr, _tx_thread_created_count, thread_ptr, tx_thread_created_next,
                tx_thread_created_previous);
    if ((auto_start == TX_AUTO_START) && (_tx_host_phase == PHASE_RUNNING))
    {
        status = _tx_host_thread_start(thread_ptr);
    }
    if (status != TX_SUCCESS)
    {
        LIST_REMOVE(_tx_thread_created_ptr, _tx_thread_created_count, thread_ptr, tx_thread_created_next,
                    tx_thread_created_previous);
        thread_ptr->tx_thread_id = 0;
        (void)pthread_cond_destroy(&host->wake);
        free(host);
    }
    _tx_host_unlock();
    return status;
}

/* Whether the memory for a new thread belongs to an existing one. */
static UINT overlaps_existing(const TX_THREAD *thread, const VOID *stack_start, ULONG stack_size, UINT *same_thread)
{
    const UCHAR     *first = (const UCHAR *)stack_start;
    const UCHAR     *last = first + stack_size - 1;
    const TX_THREAD *other;
    UINT             stack_taken = TX_FALSE;
    ULONG            i;

    *same_thread = TX_FALSE;
    _tx_host_lock();
    for (i = 0, other = _tx_thread_created_ptr; i < _tx_thread_created_count; i++)
    {
        const UCHAR *other_first = (const UCHAR *)other->tx_thread_stack_start;
        const UCHAR *other_last = (const UCHAR *)other->tx_thread_stack_end;

        *same_thread |= (other == thread);
        stack_taken |= (first <= other_last) && (last >= other_first);
        other = other->tx_thread_created_next;
    }
    _tx_host_unlock();
    return stack_taken;
}

UINT _txe_thread_create(TX_THREAD *thread_ptr, CHAR *name_ptr, VOID (*entry_function)(ULONG id), ULONG entry_input,
                        VOID *stack_start, ULONG stack_size, UINT priority, UINT preempt_threshold,
                        ULONG time_slice, UINT auto_start, UINT thread_control_block_size)
{
    UINT same_thread;
    UINT stack_taken;

    if ((thread_ptr == TX_NULL) || (thread_control_block_size != sizeof(TX_THREAD)))
    {
        return TX_THREAD_ERROR;
    }
    if ((stack_start == TX_NULL) || (entry_function == TX_NULL))
    {
        return TX_PTR_ERROR;
    }
    if (stack_size < TX_MINIMUM_STACK)
    {
        return TX_SIZE_ERROR;
    }
    stack_taken = overlaps_existing(thread_ptr, stack_start, stack_size, &same_thread);
    if (same_thread)
    {
        return TX_THREAD_ERROR;
    }
    if (stack_taken)
    {
        return TX_PTR_ERROR;
    }
    if (priority >= TX_MAX_PRIORITIES)
    {
        return TX_PRIORITY_ERROR;
    }
    if (preempt_threshold > priority)
    {
        return TX_THRESH_ERROR;
    }
    if (auto_start > TX_AUTO_START)
    {
        return TX_START_ERROR;
    }
    if (check_may_create() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_thread_create(thread_ptr, name_ptr, entry_function, entry_input, stack_start, stack_size, priority,
                             preempt_threshold, time_slice, auto_start);
}

UINT _tx_thread_delete(TX_THREAD *thread_ptr)
{
    HOST_THREAD *host;

    _tx_host_lock();
    if (!_tx_host_has_ended(thread_ptr))
    {
        _tx_host_unlock();
        return TX_DELETE_ERROR;
    }
    LIST_REMOVE(_tx_thread_created_ptr, _tx_thread_created_count, thread_ptr, tx_thread_created_next,
                tx_thread_created_previous);
    thread_ptr->tx_thread_id = 0;
    host = _tx_host_of(thread_ptr);
    thread_ptr->tx_thread_host = TX_NULL;
    if (!host->parked)
    {
        /* A parked thread needs it for as long as the process lives. */
        (void)pthread_cond_destroy(&host->wake);
        free(host);
    }
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_thread_delete(TX_THREAD *thread_ptr)
{
    if (check_is_thread() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    if (check_thread(thread_ptr) != TX_SUCCESS)
    {
        return TX_THREAD_ERROR;
    }
    return _tx_thread_delete(thread_ptr);
}

/* Terminate a thread that waits, or never started: it does not take part in it. */
static VOID terminate_at_rest(TX_THREAD *thread)
{
    HOST_THREAD *host = _tx_host_of(thread);

    if (host->queue != TX_NULL)
    {
        LIST_REMOVE(*host->queue, *host->queue_count, thread, tx_thread_suspended_next, tx_thread_suspended_previous);
        host->queue = TX_NULL;
    }
    host->timed = TX_FALSE;
    host->parked = host->started;
    thread->tx_thread_state = TX_TERMINATED;
    _tx_host_mutexes_release(thread);
}

UINT _tx_thread_terminate(TX_THREAD *thread_ptr)
{
    HOST_THREAD *host;
    UINT         posture;

    _tx_host_lock();
    if (_tx_host_has_ended(thread_ptr))
    {
        _tx_host_unlock();
        return TX_SUCCESS;
    }
    host = _tx_host_of(thread_ptr);
    if (!host->ready)
    {
        terminate_at_rest(thread_ptr);
        _tx_host_unlock();
        return TX_SUCCESS;
    }
    host->terminate = TX_TRUE;
    if (thread_ptr == _tx_host_current)
    {
        _tx_host_unlock();
        /* Parks the caller. */
        _tx_host_lock();
    }
    (void)pthread_cond_broadcast(&_tx_host_changed);
    posture = _tx_host_step_aside();
    while (!_tx_host_has_ended(thread_ptr))
    {
        if (!host->ready)
        {
            /* It came to a wait without passing a place to park. */
            terminate_at_rest(thread_ptr);
            break;
        }
        _tx_host_pause();
    }
    _tx_host_come_back_and_unlock(posture);
    return TX_SUCCESS;
}

UINT _txe_thread_terminate(TX_THREAD *thread_ptr)
{
    if (check_thread(thread_ptr) != TX_SUCCESS)
    {
        return TX_THREAD_ERROR;
    }
    if (check_is_thread() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_thread_terminate(thread_ptr);
}

UINT _tx_thread_suspend(TX_THREAD *thread_ptr)
{
    UINT status = TX_SUCCESS;

    _tx_host_lock();
    if (_tx_host_has_ended(thread_ptr))
    {
        status = TX_SUSPEND_ERROR;
    }
    else if (thread_ptr == _tx_host_current)
    {
        return _tx_host_wait_and_unlock(TX_SUSPENDED, TX_NULL, TX_NULL, TX_WAIT_FOREVER, TX_SUCCESS);
    }
    else if (!_tx_host_of(thread_ptr)->started)
    {
        thread_ptr->tx_thread_state = TX_SUSPENDED;
    }
    else if (thread_ptr->tx_thread_state != TX_SUSPENDED)
    {
        thread_ptr->tx_thread_delayed_suspend = TX_TRUE;
    }
    _tx_host_unlock();
    return status;
}

UINT _txe_thread_suspend(TX_THREAD *thread_ptr)
{
    if (check_thread(thread_ptr) != TX_SUCCESS)
    {
        return TX_THREAD_ERROR;
    }
    return _tx_thread_suspend(thread_ptr);
}

UINT _tx_thread_resume(TX_THREAD *thread_ptr)
{
    UINT status = TX_SUCCESS;

    _tx_host_lock();
    if (thread_ptr->tx_thread_delayed_suspend)
    {
        thread_ptr->tx_thread_delayed_suspend = TX_FALSE;
        status = TX_SUSPEND_LIFTED;
    }
    else if (thread_ptr->tx_thread_state != TX_SUSPENDED)
    {
        status = TX_RESUME_ERROR;
    }
    else if (_tx_host_of(thread_ptr)->started)
    {
        /* The status of the wait that it was in before is kept. */
        _tx_host_wake(thread_ptr, thread_ptr->tx_thread_suspend_status);
    }
    else if (_tx_host_phase == PHASE_RUNNING)
    {
        status = _tx_host_thread_start(thread_ptr);
    }
    else
    {
        thread_ptr->tx_thread_state = TX_READY;
    }
    _tx_host_unlock();
    return status;
}

UINT _txe_thread_resume(TX_THREAD *thread_ptr)
{
    if (check_thread(thread_ptr) != TX_SUCCESS)
    {
        return TX_THREAD_ERROR;
    }
    return _tx_thread_resume(thread_ptr);
}
