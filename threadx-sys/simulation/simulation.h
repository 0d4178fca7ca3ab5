/* What the files of the simulation share, and what they replace in ThreadX' port to Linux (see seams.txt).

   The simulation gives that port what `tx_host.h` promises, and makes it fit for programs whose threads share locks that
   ThreadX does not know: those of Rust's standard library, and those inside malloc. On the port as it is, a clock tick
   preempts a thread wherever it is. If it holds such a lock, and the thread that runs instead wants it, both wait for ever.
   Here a thread is preempted where it calls ThreadX, as if interrupts had been off in between; one that does not call
   ThreadX for a long time is preempted all the same. */

#ifndef THREADX_SYS_SIMULATION_H
#define THREADX_SYS_SIMULATION_H

#include <pthread.h>
#include "tx_api.h"
#include "tx_initialize.h"
#include "tx_thread.h"
#include "tx_timer.h"

#ifdef TX_LINUX_NO_IDLE_ENABLE
#error "tx_user.h defines TX_LINUX_NO_IDLE_ENABLE, which lets time run on when nothing happens: remove it"
#endif

/* interrupts.c */

/* One interrupt at a time, as on one processor. Nobody takes it with interrupts disabled. */
extern pthread_mutex_t threadx_sys_interrupt;

/* How many interrupts the calling pthread is serving. */
extern __thread UINT threadx_sys_serving;

/* Begin an interrupt whose lock the caller holds; the end is `_tx_thread_context_restore`, which gives it back. */
VOID threadx_sys_interrupt_begin(VOID);

/* clock.c */

/* Tell the scheduler that there may be something to do. From everywhere. */
VOID threadx_sys_wake(VOID);

/* Whether the threads have started. */
extern volatile UINT threadx_sys_started;

/* Set in the pthread that entered the kernel, which becomes the scheduler. */
extern __thread UINT threadx_sys_is_scheduler;

/* The port's clock tick, and the pthread that calls it. */
VOID             _tx_timer_interrupt(VOID);
extern pthread_t _tx_linux_timer_id;

/* What the port calls these where seams.txt lets them step aside. */
VOID threadx_sys_port_context_save(VOID);
VOID threadx_sys_port_context_restore(VOID);
VOID threadx_sys_port_start_interrupts(VOID);
UINT threadx_sys_port_interrupt_control(UINT posture);

/* What the port calls in place of these; prototypes as in POSIX. */
int threadx_sys_idle(const struct timespec *time, struct timespec *left);
void threadx_sys_schedule_suspend(pthread_t thread);
void threadx_sys_schedule_resume(pthread_t thread);
int threadx_sys_kernel_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes);
int threadx_sys_end_thread(pthread_t thread);
void threadx_sys_end_self(void *result) __attribute__((noreturn));
int threadx_sys_setschedparam(pthread_t thread, int policy, const struct sched_param *parameters);
int threadx_sys_nice(int increment);
VOID threadx_sys_tick_begin(VOID);
VOID threadx_sys_tick(VOID);
VOID threadx_sys_tick_end(VOID);

#endif
