/* The kernel's inside: one lock for all its state, threads that wait and are woken, and the clock.

   Lock order: the interrupt lock (interrupt.c) may be held when the kernel lock is taken, never the other way round. A
   thread that waits gives up the interrupt lock and takes it again when it goes on, as a processor restores a thread's
   interrupt posture with the rest of its context. */

#ifndef TX_HOST_KERNEL_H
#define TX_HOST_KERNEL_H

#include <pthread.h>
#include "tx_host.h"
#include "tx_initialize.h"
#include "tx_thread.h"
#include "tx_timer.h"

#define TX_THREAD_ID      0x54485244U
#define TX_MUTEX_ID       0x4D555445U
#define TX_EVENT_FLAGS_ID 0x4456444EU
#define TX_SEMAPHORE_ID   0x53454D41U
#define TX_TIMER_ID       0x4154494DU

/* Thread-local variables that are reached without a call. */
#define TX_HOST_THREAD_LOCAL __thread __attribute__((tls_model("initial-exec")))

/* What the operating system's side of a thread needs. It outlives the control block when the thread was terminated:
   its system thread then stays parked for ever, as a thread of a real kernel would that is never scheduled again. */
typedef struct
{
    TX_THREAD     *control;
    pthread_cond_t wake;
    TX_THREAD    **queue;          /* Where it waits, and how many do: a member of the object waited for.       */
    ULONG         *queue_count;
    ULONG64        due;            /* Tick of the timeout, when `timed`.                                         */
    UINT           timeout_status; /* What the wait returns at the timeout.                                      */
    UINT           timed;
    UINT           started;        /* It has a system thread.                                                    */
    UINT           ready;          /* It runs, as opposed to waits.                                              */
    UINT           aside;          /* It runs, but in a host service that waits for the others.                  */
    UINT           terminate;      /* It is to park at its next kernel service.                                  */
    UINT           parked;         /* Its system thread runs no more of its code.                                */
} HOST_THREAD;

static inline HOST_THREAD *_tx_host_of(const TX_THREAD *thread)
{
    return (HOST_THREAD *)thread->tx_thread_host;
}

/* Under the lock: whether a thread's code runs no more, for ever. */
static inline UINT _tx_host_has_ended(const TX_THREAD *thread)
{
    return (thread->tx_thread_state == TX_COMPLETED) || (thread->tx_thread_state == TX_TERMINATED);
}

typedef enum
{
    PHASE_BEFORE,  /* No kernel yet.                     */
    PHASE_DEFINE,  /* In tx_application_define.          */
    PHASE_RUNNING  /* The threads run.                   */
} HOST_PHASE;

/* State under the kernel lock. */
extern HOST_PHASE     _tx_host_phase;
extern ULONG          _tx_host_running;  /* Threads that are ready and not aside. */
extern pthread_cond_t _tx_host_changed;  /* Broadcast when anything that a host service may wait for has changed. */

/* The calling thread, and whether it is in an expiration function or in tx_application_define. */
extern TX_HOST_THREAD_LOCAL TX_THREAD *_tx_host_current;
extern TX_HOST_THREAD_LOCAL UINT       _tx_host_in_timer;
extern TX_HOST_THREAD_LOCAL UINT       _tx_host_defining;

/* kernel.c: take and release the kernel lock. Taking it is where a thread stops that another one has suspended or
   terminated; `_plain` does without. */
VOID _tx_host_lock(VOID);
VOID _tx_host_lock_plain(VOID);
VOID _tx_host_unlock(VOID);

/* Conditions that can be waited for until a time of the monotonic clock, in nanoseconds; under the lock. */
UINT _tx_host_cond_initialize(pthread_cond_t *condition);
VOID _tx_host_cond_wait(pthread_cond_t *condition);
VOID _tx_host_cond_wait_until(pthread_cond_t *condition, ULONG64 nanoseconds);

/* Under the lock: wait in `state`, on a queue or on none, for at most `ticks`, and release the lock. Gives the status
   from whoever woke the thread, `timeout_status` after the timeout. */
UINT _tx_host_wait_and_unlock(UINT state, TX_THREAD **queue, ULONG *queue_count, ULONG ticks, UINT timeout_status);

/* Under the lock: end a thread's wait. */
VOID _tx_host_wake(TX_THREAD *thread, UINT status);

/* Under the lock: end the wait of all threads on a queue. */
VOID _tx_host_wake_all(TX_THREAD **queue, UINT status);

/* Under the lock: the calling thread, if it is one of the kernel's, does not count as running until it comes back, and
   gives up the interrupt lock. In between it may pause until something changes. Coming back releases the lock. */
UINT _tx_host_step_aside(VOID);
VOID _tx_host_pause(VOID);
VOID _tx_host_come_back_and_unlock(UINT posture);

/* Under the lock: whether no thread runs, and no expiration function. */
UINT _tx_host_quiet(VOID);

/* thread.c: give a ready thread its system thread; under the lock. */
UINT _tx_host_thread_start(TX_THREAD *thread);

/* mutex.c: what a thread owns becomes free; under the lock. */
VOID _tx_host_mutexes_release(TX_THREAD *thread);

/* interrupt.c: give the interrupt lock up for a wait, and take it again. */
UINT _tx_host_interrupts_yield(VOID);
VOID _tx_host_interrupts_restore(UINT posture);

/* clock.c, all under the lock: the current tick; start the clock; look at the due times again; whether a timer's function
   runs, or any's; forget a caller of tx_host_clock_advance that was terminated. */
ULONG64 _tx_host_now(VOID);
UINT    _tx_host_clock_start(VOID);
VOID    _tx_host_clock_look(VOID);
UINT    _tx_host_timer_is_expiring(const TX_TIMER *timer);
UINT    _tx_host_clock_busy(VOID);
VOID    _tx_host_clock_abandon(const TX_THREAD *thread);

#endif
