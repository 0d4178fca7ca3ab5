/* Mutexes. */

#include <string.h>
#include "check.h"
#include "kernel.h"
#include "list.h"

static TX_MUTEX *created;
static ULONG     created_count;

static UINT check_mutex(const TX_MUTEX *mutex)
{
    return ((mutex != TX_NULL) && (mutex->tx_mutex_id == TX_MUTEX_ID)) ? TX_SUCCESS : TX_MUTEX_ERROR;
}

/* The code before the threads start may own a mutex, too: it has no owner then. */
static UINT check_may_own(VOID)
{
    return check_may_create();
}

UINT _tx_mutex_create(TX_MUTEX *mutex_ptr, CHAR *name_ptr, UINT inherit)
{
    (void)memset(mutex_ptr, 0, sizeof(*mutex_ptr));
    mutex_ptr->tx_mutex_name = name_ptr;
    mutex_ptr->tx_mutex_inherit = inherit;
    _tx_host_lock();
    mutex_ptr->tx_mutex_id = TX_MUTEX_ID;
    LIST_APPEND(created, created_count, mutex_ptr, tx_mutex_created_next, tx_mutex_created_previous);
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_mutex_create(TX_MUTEX *mutex_ptr, CHAR *name_ptr, UINT inherit, UINT mutex_control_block_size)
{
    TX_MUTEX *cursor;
    UINT      exists;

    if ((mutex_ptr == TX_NULL) || (mutex_control_block_size != sizeof(TX_MUTEX)))
    {
        return TX_MUTEX_ERROR;
    }
    _tx_host_lock();
    LIST_CONTAINS(exists, created, created_count, mutex_ptr, cursor, tx_mutex_created_next);
    _tx_host_unlock();
    if (exists)
    {
        return TX_MUTEX_ERROR;
    }
    if ((inherit != TX_INHERIT) && (inherit != TX_NO_INHERIT))
    {
        return TX_INHERIT_ERROR;
    }
    if (check_may_create() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_mutex_create(mutex_ptr, name_ptr, inherit);
}

/* Make a thread, or the initialization (null), the owner of a free mutex. */
static VOID give_to(TX_MUTEX *mutex, TX_THREAD *thread)
{
    mutex->tx_mutex_ownership_count = 1;
    mutex->tx_mutex_owner = thread;
    if (thread != TX_NULL)
    {
        LIST_APPEND(thread->tx_thread_owned_mutex_list, thread->tx_thread_owned_mutex_count, mutex, tx_mutex_owned_next,
                    tx_mutex_owned_previous);
    }
}

/* Take a mutex from its owner, and hand it to the first thread that waits for it. */
static VOID release(TX_MUTEX *mutex)
{
    TX_THREAD *owner = mutex->tx_mutex_owner;
    TX_THREAD *next = mutex->tx_mutex_suspension_list;

    if (owner != TX_NULL)
    {
        LIST_REMOVE(owner->tx_thread_owned_mutex_list, owner->tx_thread_owned_mutex_count, mutex, tx_mutex_owned_next,
                    tx_mutex_owned_previous);
    }
    mutex->tx_mutex_owner = TX_NULL;
    mutex->tx_mutex_ownership_count = 0;
    if (next != TX_NULL)
    {
        give_to(mutex, next);
        _tx_host_wake(next, TX_SUCCESS);
    }
}

VOID _tx_host_mutexes_release(TX_THREAD *thread)
{
    while (thread->tx_thread_owned_mutex_list != TX_NULL)
    {
        release(thread->tx_thread_owned_mutex_list);
    }
}

UINT _tx_mutex_delete(TX_MUTEX *mutex_ptr)
{
    _tx_host_lock();
    mutex_ptr->tx_mutex_id = 0;
    LIST_REMOVE(created, created_count, mutex_ptr, tx_mutex_created_next, tx_mutex_created_previous);
    _tx_host_wake_all(&mutex_ptr->tx_mutex_suspension_list, TX_DELETED);
    release(mutex_ptr);
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_mutex_delete(TX_MUTEX *mutex_ptr)
{
    if (check_mutex(mutex_ptr) != TX_SUCCESS)
    {
        return TX_MUTEX_ERROR;
    }
    if (check_is_thread() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_mutex_delete(mutex_ptr);
}

UINT _tx_mutex_get(TX_MUTEX *mutex_ptr, ULONG wait_option)
{
    TX_THREAD *thread = _tx_host_current;
    UINT       status = TX_SUCCESS;

    if (check_may_own() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    _tx_host_lock();
    if (mutex_ptr->tx_mutex_ownership_count == 0)
    {
        give_to(mutex_ptr, thread);
    }
    else if (mutex_ptr->tx_mutex_owner == thread)
    {
        mutex_ptr->tx_mutex_ownership_count++;
    }
    else if ((wait_option == TX_NO_WAIT) || (thread == TX_NULL))
    {
        status = TX_NOT_AVAILABLE;
    }
    else
    {
        return _tx_host_wait_and_unlock(TX_MUTEX_SUSP, &mutex_ptr->tx_mutex_suspension_list,
                                        &mutex_ptr->tx_mutex_suspended_count, wait_option, TX_NOT_AVAILABLE);
    }
    _tx_host_unlock();
    return status;
}

UINT _txe_mutex_get(TX_MUTEX *mutex_ptr, ULONG wait_option)
{
    if (check_mutex(mutex_ptr) != TX_SUCCESS)
    {
        return TX_MUTEX_ERROR;
    }
    if (check_may_wait(wait_option) != TX_SUCCESS)
    {
        return TX_WAIT_ERROR;
    }
    return _tx_mutex_get(mutex_ptr, wait_option);
}

UINT _tx_mutex_put(TX_MUTEX *mutex_ptr)
{
    UINT status = TX_SUCCESS;

    if (check_may_own() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    _tx_host_lock();
    if ((mutex_ptr->tx_mutex_ownership_count == 0) || (mutex_ptr->tx_mutex_owner != _tx_host_current))
    {
        status = TX_NOT_OWNED;
    }
    else if (--mutex_ptr->tx_mutex_ownership_count == 0)
    {
        release(mutex_ptr);
    }
    _tx_host_unlock();
    return status;
}

UINT _txe_mutex_put(TX_MUTEX *mutex_ptr)
{
    if (check_mutex(mutex_ptr) != TX_SUCCESS)
    {
        return TX_MUTEX_ERROR;
    }
    return _tx_mutex_put(mutex_ptr);
}
