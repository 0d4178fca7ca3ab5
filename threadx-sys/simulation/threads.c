/* How terminated threads end.

   The port cancels them, which unwinds their stacks. Functions in Rust that C calls do not let that pass: they abort the
   program. A terminated thread is to run no more code of its own anyway; so it ends where it is, as the system sees it. */

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "simulation.h"

#define END_SIGNAL SIGRTMIN

void threadx_sys_end_self(void *result)
{
    (void)result;
    for (;;)
    {
        (void)syscall(SYS_exit, 0);
    }
}

static void end_here(int signal_number)
{
    (void)signal_number;
    threadx_sys_end_self(NULL);
}

__attribute__((constructor)) static void handle_end(void)
{
    struct sigaction action;

    (void)sigfillset(&action.sa_mask);
    action.sa_flags = 0;
    action.sa_handler = end_here;
    (void)sigaction(END_SIGNAL, &action, NULL);
}

/* Deleting a thread joins it next. */
int threadx_sys_end_thread(pthread_t thread)
{
    (void)pthread_kill(thread, END_SIGNAL);
    /* If it was preempted, it waits in a handler that lets one signal through, and ends when that handler returns. */
    _tx_linux_thread_resume(thread);
    return 0;
}
