/* Included in front of every C file of ThreadX and NetX Duo that is compiled for Linux.

   ThreadX tells its threads from interrupts by variables: while no interrupt is being served, whoever calls is the current
   thread. On Linux there are also threads that ThreadX did not make, such as those of Rust's standard library, and those
   would pass for the current thread. With these macros, which ThreadX leaves to its ports, they have the rights of an
   interrupt instead. */

#ifndef THREADX_SYS_FOREIGN_H
#define THREADX_SYS_FOREIGN_H

struct TX_THREAD_STRUCT;

/* TX_INITIALIZE_* before the threads start, 0 in a ThreadX thread, else not 0. */
unsigned long threadx_sys_system_state(void);

/* The calling ThreadX thread; in an interrupt the interrupted one; null in other threads. */
struct TX_THREAD_STRUCT *threadx_sys_current_thread(void);

#define TX_THREAD_GET_SYSTEM_STATE() threadx_sys_system_state()
#define TX_THREAD_GET_CURRENT(thread) (thread) = threadx_sys_current_thread();

#endif
