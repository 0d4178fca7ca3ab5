/* Event flags. */

#include <string.h>
#include "check.h"
#include "kernel.h"
#include "list.h"

static TX_EVENT_FLAGS_GROUP *created;
static ULONG                 created_count;

/* The options' bits: all flags instead of any, and clear them. */
#define OPTION_ALL 2U
#define OPTION_CLEAR 1U

static UINT check_group(const TX_EVENT_FLAGS_GROUP *group)
{
    return ((group != TX_NULL) && (group->tx_event_flags_group_id == TX_EVENT_FLAGS_ID)) ? TX_SUCCESS : TX_GROUP_ERROR;
}

static UINT satisfied(ULONG flags, ULONG requested, UINT option)
{
    return (option & OPTION_ALL) ? ((flags & requested) == requested) : ((flags & requested) != 0);
}

UINT _tx_event_flags_create(TX_EVENT_FLAGS_GROUP *group_ptr, CHAR *name_ptr)
{
    (void)memset(group_ptr, 0, sizeof(*group_ptr));
    group_ptr->tx_event_flags_group_name = name_ptr;
    _tx_host_lock();
    group_ptr->tx_event_flags_group_id = TX_EVENT_FLAGS_ID;
    LIST_APPEND(created, created_count, group_ptr, tx_event_flags_group_created_next,
                tx_event_flags_group_created_previous);
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_event_flags_create(TX_EVENT_FLAGS_GROUP *group_ptr, CHAR *name_ptr, UINT event_control_block_size)
{
    TX_EVENT_FLAGS_GROUP *cursor;
    UINT                  exists;

    if ((group_ptr == TX_NULL) || (event_control_block_size != sizeof(TX_EVENT_FLAGS_GROUP)))
    {
        return TX_GROUP_ERROR;
    }
    _tx_host_lock();
    LIST_CONTAINS(exists, created, created_count, group_ptr, cursor, tx_event_flags_group_created_next);
    _tx_host_unlock();
    if (exists)
    {
        return TX_GROUP_ERROR;
    }
    if (check_may_create() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_event_flags_create(group_ptr, name_ptr);
}

UINT _tx_event_flags_delete(TX_EVENT_FLAGS_GROUP *group_ptr)
{
    _tx_host_lock();
    group_ptr->tx_event_flags_group_id = 0;
    LIST_REMOVE(created, created_count, group_ptr, tx_event_flags_group_created_next,
                tx_event_flags_group_created_previous);
    _tx_host_wake_all(&group_ptr->tx_event_flags_group_suspension_list, TX_DELETED);
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_event_flags_delete(TX_EVENT_FLAGS_GROUP *group_ptr)
{
    if (check_group(group_ptr) != TX_SUCCESS)
    {
        return TX_GROUP_ERROR;
    }
    if (check_is_thread() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_event_flags_delete(group_ptr);
}

UINT _tx_event_flags_get(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG requested_flags, UINT get_option,
                         ULONG *actual_flags_ptr, ULONG wait_option)
{
    TX_THREAD *thread = _tx_host_current;
    ULONG      flags;
    UINT       status = TX_SUCCESS;

    _tx_host_lock();
    flags = group_ptr->tx_event_flags_group_current;
    /* Also when that is not what was asked for. */
    *actual_flags_ptr = flags;
    if (satisfied(flags, requested_flags, get_option))
    {
        if (get_option & OPTION_CLEAR)
        {
            group_ptr->tx_event_flags_group_current = flags & ~requested_flags;
        }
    }
    else if ((wait_option == TX_NO_WAIT) || (thread == TX_NULL))
    {
        status = TX_NO_EVENTS;
    }
    else
    {
        thread->tx_thread_suspend_info = requested_flags;
        thread->tx_thread_suspend_option = get_option;
        thread->tx_thread_additional_suspend_info = actual_flags_ptr;
        return _tx_host_wait_and_unlock(TX_EVENT_FLAG, &group_ptr->tx_event_flags_group_suspension_list,
                                        &group_ptr->tx_event_flags_group_suspended_count, wait_option, TX_NO_EVENTS);
    }
    _tx_host_unlock();
    return status;
}

UINT _txe_event_flags_get(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG requested_flags, UINT get_option,
                          ULONG *actual_flags_ptr, ULONG wait_option)
{
    if (check_group(group_ptr) != TX_SUCCESS)
    {
        return TX_GROUP_ERROR;
    }
    if (actual_flags_ptr == TX_NULL)
    {
        return TX_PTR_ERROR;
    }
    if (check_may_wait(wait_option) != TX_SUCCESS)
    {
        return TX_WAIT_ERROR;
    }
    if (get_option > TX_AND_CLEAR)
    {
        return TX_OPTION_ERROR;
    }
    return _tx_event_flags_get(group_ptr, requested_flags, get_option, actual_flags_ptr, wait_option);
}

/* Wake every thread whose flags are there. All see the same flags; what they want cleared goes afterwards. */
static VOID wake_satisfied(TX_EVENT_FLAGS_GROUP *group)
{
    ULONG      flags = group->tx_event_flags_group_current;
    ULONG      clear = 0;
    ULONG      left = group->tx_event_flags_group_suspended_count;
    TX_THREAD *thread = group->tx_event_flags_group_suspension_list;

    while (left-- > 0)
    {
        TX_THREAD *next = thread->tx_thread_suspended_next;
        ULONG      requested = thread->tx_thread_suspend_info;
        UINT       option = thread->tx_thread_suspend_option;

        if (satisfied(flags, requested, option))
        {
            *(ULONG *)thread->tx_thread_additional_suspend_info = flags;
            if (option & OPTION_CLEAR)
            {
                clear |= requested;
            }
            _tx_host_wake(thread, TX_SUCCESS);
        }
        thread = next;
    }
    group->tx_event_flags_group_current = flags & ~clear;
}

UINT _tx_event_flags_set(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG flags_to_set, UINT set_option)
{
    _tx_host_lock();
    if (set_option == TX_AND)
    {
        group_ptr->tx_event_flags_group_current &= flags_to_set;
    }
    else
    {
        group_ptr->tx_event_flags_group_current |= flags_to_set;
        wake_satisfied(group_ptr);
    }
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_event_flags_set(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG flags_to_set, UINT set_option)
{
    if (check_group(group_ptr) != TX_SUCCESS)
    {
        return TX_GROUP_ERROR;
    }
    if ((set_option != TX_AND) && (set_option != TX_OR))
    {
        return TX_OPTION_ERROR;
    }
    return _tx_event_flags_set(group_ptr, flags_to_set, set_option);
}
