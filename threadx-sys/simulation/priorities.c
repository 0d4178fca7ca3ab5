/* Linux' priorities, which the port would set for its threads. As root they would be real-time threads, otherwise nice
   ones; here they are what the program's other threads are. ThreadX decides which of its threads runs, and only that one
   can. */

#include "simulation.h"

int threadx_sys_setschedparam(pthread_t thread, int policy, const struct sched_param *parameters)
{
    (void)thread;
    (void)policy;
    (void)parameters;
    return 0;
}

int threadx_sys_nice(int increment)
{
    (void)increment;
    return 0;
}
