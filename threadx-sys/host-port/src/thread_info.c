/* What can be read and changed of a thread; the host stores priorities and thresholds without acting on them. */

#include "check.h"
#include "kernel.h"

#define STORE(destination, value)     \
    do                                \
    {                                 \
        if ((destination) != TX_NULL) \
        {                             \
            *(destination) = (value); \
        }                             \
    } while (0)

UINT _tx_thread_info_get(TX_THREAD *thread_ptr, CHAR **name, UINT *state, ULONG *run_count, UINT *priority,
                         UINT *preemption_threshold, ULONG *time_slice, TX_THREAD **next_thread,
                         TX_THREAD **next_suspended_thread)
{
    _tx_host_lock();
    STORE(name, thread_ptr->tx_thread_name);
    STORE(state, thread_ptr->tx_thread_state);
    STORE(run_count, thread_ptr->tx_thread_run_count);
    STORE(priority, thread_ptr->tx_thread_priority);
    STORE(preemption_threshold, thread_ptr->tx_thread_preempt_threshold);
    STORE(time_slice, thread_ptr->tx_thread_time_slice);
    STORE(next_thread, thread_ptr->tx_thread_created_next);
    STORE(next_suspended_thread, thread_ptr->tx_thread_suspended_next);
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_thread_info_get(TX_THREAD *thread_ptr, CHAR **name, UINT *state, ULONG *run_count, UINT *priority,
                          UINT *preemption_threshold, ULONG *time_slice, TX_THREAD **next_thread,
                          TX_THREAD **next_suspended_thread)
{
    if (check_thread(thread_ptr) != TX_SUCCESS)
    {
        return TX_THREAD_ERROR;
    }
    return _tx_thread_info_get(thread_ptr, name, state, run_count, priority, preemption_threshold, time_slice,
                               next_thread, next_suspended_thread);
}

UINT _tx_thread_priority_change(TX_THREAD *thread_ptr, UINT new_priority, UINT *old_priority)
{
    _tx_host_lock();
    *old_priority = thread_ptr->tx_thread_user_priority;
    thread_ptr->tx_thread_priority = new_priority;
    thread_ptr->tx_thread_user_priority = new_priority;
    thread_ptr->tx_thread_preempt_threshold = new_priority;
    thread_ptr->tx_thread_user_preempt_threshold = new_priority;
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_thread_priority_change(TX_THREAD *thread_ptr, UINT new_priority, UINT *old_priority)
{
    if (check_thread(thread_ptr) != TX_SUCCESS)
    {
        return TX_THREAD_ERROR;
    }
    if (old_priority == TX_NULL)
    {
        return TX_PTR_ERROR;
    }
    if (new_priority >= TX_MAX_PRIORITIES)
    {
        return TX_PRIORITY_ERROR;
    }
    if (check_is_thread() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_thread_priority_change(thread_ptr, new_priority, old_priority);
}

UINT _tx_thread_preemption_change(TX_THREAD *thread_ptr, UINT new_threshold, UINT *old_threshold)
{
    UINT status = TX_SUCCESS;

    _tx_host_lock();
    if (new_threshold > thread_ptr->tx_thread_user_priority)
    {
        status = TX_THRESH_ERROR;
    }
    else
    {
        *old_threshold = thread_ptr->tx_thread_user_preempt_threshold;
        thread_ptr->tx_thread_preempt_threshold = new_threshold;
        thread_ptr->tx_thread_user_preempt_threshold = new_threshold;
    }
    _tx_host_unlock();
    return status;
}

UINT _txe_thread_preemption_change(TX_THREAD *thread_ptr, UINT new_threshold, UINT *old_threshold)
{
    if (check_thread(thread_ptr) != TX_SUCCESS)
    {
        return TX_THREAD_ERROR;
    }
    if (old_threshold == TX_NULL)
    {
        return TX_PTR_ERROR;
    }
    if (check_is_thread() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_thread_preemption_change(thread_ptr, new_threshold, old_threshold);
}
