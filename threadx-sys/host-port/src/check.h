/* What the checked forms of the services check about their arguments and their caller. */

#ifndef TX_HOST_CHECK_H
#define TX_HOST_CHECK_H

#include "kernel.h"

static inline UINT check_thread(const TX_THREAD *thread)
{
    return ((thread != TX_NULL) && (thread->tx_thread_id == TX_THREAD_ID) && (thread->tx_thread_host != TX_NULL))
               ? TX_SUCCESS
               : TX_THREAD_ERROR;
}

/* Creating is for initialization and threads. */
static inline UINT check_may_create(VOID)
{
    UINT context = tx_host_context();

    return ((context == TX_HOST_CONTEXT_INITIALIZATION) || (context == TX_HOST_CONTEXT_THREAD)) ? TX_SUCCESS
                                                                                               : TX_CALLER_ERROR;
}

static inline UINT check_is_thread(VOID)
{
    return (tx_host_context() == TX_HOST_CONTEXT_THREAD) ? TX_SUCCESS : TX_CALLER_ERROR;
}

/* Only threads may wait. */
static inline UINT check_may_wait(ULONG wait_option)
{
    return ((wait_option == TX_NO_WAIT) || (tx_host_context() == TX_HOST_CONTEXT_THREAD)) ? TX_SUCCESS : TX_WAIT_ERROR;
}

#endif
