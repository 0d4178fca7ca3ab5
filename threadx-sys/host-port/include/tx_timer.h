/* What upstream's tx_timer.h offers beyond tx_api.h, as far as the host port has it: the list of timers, and the thread
   that their functions run on. */

#ifndef TX_TIMER_H
#define TX_TIMER_H

#ifdef __cplusplus
extern "C" {
#endif

#include "tx_api.h"

/* Circular, in order of creation. Read it with interrupts disabled. */
extern TX_TIMER *_tx_timer_created_ptr;
extern ULONG     _tx_timer_created_count;

/** The thread that calls expiration functions: in them `tx_thread_identify` returns its address. With a system state
    of 0 that address is all that tells them from other threads, and so how services find out that their caller may not
    wait. Only the address is of use: on the host the thread is not one of the list, and no service takes it. */
extern TX_THREAD _tx_timer_thread;

#ifdef __cplusplus
}
#endif

#endif
