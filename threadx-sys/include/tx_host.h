/* What the host port has beyond ThreadX: time under the caller's control, and a way to see what is running. The simulation
   (`simulation/`) has the same on ThreadX' own port to Linux. */

#ifndef TX_HOST_H
#define TX_HOST_H

#ifdef __cplusplus
extern "C" {
#endif

#include "tx_api.h"

/* The contexts that code can run in. */
/** Before the threads start: in `tx_application_define`, or anywhere before `tx_kernel_enter`. */
#define TX_HOST_CONTEXT_INITIALIZATION 0
/** In a ThreadX thread. */
#define TX_HOST_CONTEXT_THREAD 1
/** In a timer's expiration function. */
#define TX_HOST_CONTEXT_TIMER 2
/** In a thread that ThreadX did not make, once the kernel runs: it has the rights of an interrupt. */
#define TX_HOST_CONTEXT_INTERRUPT 3

/** The context of the caller, one of TX_HOST_CONTEXT_*. */
UINT tx_host_context(VOID);

/** Stop the clock: from now on time moves only by `tx_host_clock_advance`. From everywhere, also before the kernel
    starts. */
VOID tx_host_clock_manual(VOID);

/** Move a manual clock. What falls due on the way happens in order of its due time, at equal times timers first, then
    threads; and time goes on only when every ThreadX thread but the caller waits again. Time jumps from one due time to
    the next, so that a long way costs no more than what happens on it. When the call returns all is quiet.

    Threads that are due at the same time: on the host port they are woken in order of creation, one after the other, the
    next one when all is quiet again. On ThreadX' own port they are all ready at once, and run by priority.

    A thread that sits in a foreign blocking call (a socket, a lock that is not ThreadX') counts as running.

    From threads, and from foreign threads, where it waits for the kernel to start. Errors: TX_NOT_AVAILABLE when the
    clock is not manual or another thread is moving it, TX_CALLER_ERROR in a timer or in `tx_application_define`. */
UINT tx_host_clock_advance(ULONG ticks);

/** Wait until every ThreadX thread but the caller waits for something. From threads, and from foreign threads, where
    it waits for the kernel to start first. In a timer or in `tx_application_define` it returns at once. */
VOID tx_host_settle(VOID);

/** The timer whose expiration function is calling, or null elsewhere. With it a function finds the object that its
    timer is part of, which on a 64-bit machine does not fit into the function's ULONG. */
TX_TIMER *tx_host_timer_expiring(VOID);

#ifdef __cplusplus
}
#endif

#endif
