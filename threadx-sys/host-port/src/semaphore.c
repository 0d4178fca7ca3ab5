/* Semaphores. */

#include <string.h>
#include "check.h"
#include "kernel.h"
#include "list.h"

static TX_SEMAPHORE *created;
static ULONG         created_count;

static UINT check_semaphore(const TX_SEMAPHORE *semaphore)
{
    return ((semaphore != TX_NULL) && (semaphore->tx_semaphore_id == TX_SEMAPHORE_ID)) ? TX_SUCCESS
                                                                                       : TX_SEMAPHORE_ERROR;
}

UINT _tx_semaphore_create(TX_SEMAPHORE *semaphore_ptr, CHAR *name_ptr, ULONG initial_count)
{
    (void)memset(semaphore_ptr, 0, sizeof(*semaphore_ptr));
    semaphore_ptr->tx_semaphore_name = name_ptr;
    semaphore_ptr->tx_semaphore_count = initial_count;
    _tx_host_lock();
    semaphore_ptr->tx_semaphore_id = TX_SEMAPHORE_ID;
    LIST_APPEND(created, created_count, semaphore_ptr, tx_semaphore_created_next, tx_semaphore_created_previous);
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_semaphore_create(TX_SEMAPHORE *semaphore_ptr, CHAR *name_ptr, ULONG initial_count,
                           UINT semaphore_control_block_size)
{
    TX_SEMAPHORE *cursor;
    UINT          exists;

    if ((semaphore_ptr == TX_NULL) || (semaphore_control_block_size != sizeof(TX_SEMAPHORE)))
    {
        return TX_SEMAPHORE_ERROR;
    }
    _tx_host_lock();
    LIST_CONTAINS(exists, created, created_count, semaphore_ptr, cursor, tx_semaphore_created_next);
    _tx_host_unlock();
    if (exists)
    {
        return TX_SEMAPHORE_ERROR;
    }
    if (check_may_create() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_semaphore_create(semaphore_ptr, name_ptr, initial_count);
}

UINT _tx_semaphore_delete(TX_SEMAPHORE *semaphore_ptr)
{
    _tx_host_lock();
    semaphore_ptr->tx_semaphore_id = 0;
    LIST_REMOVE(created, created_count, semaphore_ptr, tx_semaphore_created_next, tx_semaphore_created_previous);
    _tx_host_wake_all(&semaphore_ptr->tx_semaphore_suspension_list, TX_DELETED);
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_semaphore_delete(TX_SEMAPHORE *semaphore_ptr)
{
    if (check_semaphore(semaphore_ptr) != TX_SUCCESS)
    {
        return TX_SEMAPHORE_ERROR;
    }
    if (check_is_thread() != TX_SUCCESS)
    {
        return TX_CALLER_ERROR;
    }
    return _tx_semaphore_delete(semaphore_ptr);
}

UINT _tx_semaphore_get(TX_SEMAPHORE *semaphore_ptr, ULONG wait_option)
{
    UINT status = TX_SUCCESS;

    _tx_host_lock();
    if (semaphore_ptr->tx_semaphore_count > 0)
    {
        semaphore_ptr->tx_semaphore_count--;
    }
    else if ((wait_option == TX_NO_WAIT) || (_tx_host_current == TX_NULL))
    {
        status = TX_NO_INSTANCE;
    }
    else
    {
        return _tx_host_wait_and_unlock(TX_SEMAPHORE_SUSP, &semaphore_ptr->tx_semaphore_suspension_list,
                                        &semaphore_ptr->tx_semaphore_suspended_count, wait_option, TX_NO_INSTANCE);
    }
    _tx_host_unlock();
    return status;
}

UINT _txe_semaphore_get(TX_SEMAPHORE *semaphore_ptr, ULONG wait_option)
{
    if (check_semaphore(semaphore_ptr) != TX_SUCCESS)
    {
        return TX_SEMAPHORE_ERROR;
    }
    if (check_may_wait(wait_option) != TX_SUCCESS)
    {
        return TX_WAIT_ERROR;
    }
    return _tx_semaphore_get(semaphore_ptr, wait_option);
}

UINT _tx_semaphore_put(TX_SEMAPHORE *semaphore_ptr)
{
    _tx_host_lock();
    if (semaphore_ptr->tx_semaphore_suspension_list != TX_NULL)
    {
        _tx_host_wake(semaphore_ptr->tx_semaphore_suspension_list, TX_SUCCESS);
    }
    else
    {
        semaphore_ptr->tx_semaphore_count++;
    }
    _tx_host_unlock();
    return TX_SUCCESS;
}

UINT _txe_semaphore_put(TX_SEMAPHORE *semaphore_ptr)
{
    if (check_semaphore(semaphore_ptr) != TX_SUCCESS)
    {
        return TX_SEMAPHORE_ERROR;
    }
    return _tx_semaphore_put(semaphore_ptr);
}
