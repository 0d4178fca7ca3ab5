/* What the checked forms of the services check about their arguments and their caller. */

#ifndef NX_HOST_CHECK_H
#define NX_HOST_CHECK_H

#include "nx_api.h"
#include "nx_ip.h"
#include "tx_host.h"

static inline UINT check_ip(const NX_IP *ip)
{
    return ((ip != NX_NULL) && (ip->nx_ip_id == NX_IP_ID)) ? NX_SUCCESS : NX_PTR_ERROR;
}

static inline UINT check_is_thread(VOID)
{
    return (tx_host_context() == TX_HOST_CONTEXT_THREAD) ? NX_SUCCESS : NX_CALLER_ERROR;
}

static inline UINT check_is_initialization_or_thread(VOID)
{
    UINT context = tx_host_context();

    return ((context == TX_HOST_CONTEXT_INITIALIZATION) || (context == TX_HOST_CONTEXT_THREAD)) ? NX_SUCCESS
                                                                                               : NX_CALLER_ERROR;
}

static inline UINT check_is_no_interrupt(VOID)
{
    return (tx_host_context() == TX_HOST_CONTEXT_INTERRUPT) ? NX_CALLER_ERROR : NX_SUCCESS;
}

/* Only threads may wait. */
static inline UINT check_may_wait(ULONG wait_option)
{
    return ((wait_option == NX_NO_WAIT) || (tx_host_context() == TX_HOST_CONTEXT_THREAD)) ? NX_SUCCESS
                                                                                         : NX_CALLER_ERROR;
}

#endif
