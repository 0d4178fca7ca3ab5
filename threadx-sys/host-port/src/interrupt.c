/* "Interrupts": one lock for the process, and for each thread the posture that says whether it holds it.

   The lock guards a few instructions at a time and sits on the path of every packet. Taking and releasing it therefore
   costs next to nothing when it is free, and whoever finds it taken polls. */

#include <sched.h>
#include <time.h>
#include "kernel.h"

/* Polls before the processor is given away, and before the thread sleeps. */
#define POLLS_SPINNING 64
#define POLLS_YIELDING 256
#define POLL_SLEEP_NANOSECONDS 20000

static UINT taken;

static TX_HOST_THREAD_LOCAL UINT posture = TX_INT_ENABLE;

/* Disable interrupts when another thread has them disabled. Apart from the fast path, and called last there, so that the
   fast path needs no stack. */
static __attribute__((noinline, cold)) UINT disable_slowly(VOID)
{
    const struct timespec nap = {0, POLL_SLEEP_NANOSECONDS};
    UINT                  polls = 0;

    do
    {
        while (__atomic_load_n(&taken, __ATOMIC_RELAXED))
        {
            polls++;
            if (polls > POLLS_YIELDING)
            {
                (void)nanosleep(&nap, TX_NULL);
            }
            else if (polls > POLLS_SPINNING)
            {
                (void)sched_yield();
            }
        }
    } while (__atomic_exchange_n(&taken, 1U, __ATOMIC_ACQUIRE));
    posture = TX_INT_DISABLE;
    return TX_INT_ENABLE;
}

UINT _tx_thread_interrupt_disable(VOID)
{
    UINT old_posture = posture;

    if (old_posture == TX_INT_ENABLE)
    {
        if (__atomic_exchange_n(&taken, 1U, __ATOMIC_ACQUIRE))
        {
            return disable_slowly();
        }
        posture = TX_INT_DISABLE;
    }
    return old_posture;
}

VOID _tx_thread_interrupt_restore(UINT previous_posture)
{
    /* Back to "enabled" means that the matching disable took the lock. */
    if (previous_posture == TX_INT_ENABLE)
    {
        posture = TX_INT_ENABLE;
        __atomic_store_n(&taken, 0U, __ATOMIC_RELEASE);
    }
}

UINT _tx_thread_interrupt_control(UINT new_posture)
{
    UINT old_posture = posture;

    if (new_posture != TX_INT_ENABLE)
    {
        return _tx_thread_interrupt_disable();
    }
    if (old_posture != TX_INT_ENABLE)
    {
        _tx_thread_interrupt_restore(TX_INT_ENABLE);
    }
    return old_posture;
}

UINT _tx_host_interrupts_yield(VOID)
{
    return _tx_thread_interrupt_control(TX_INT_ENABLE);
}

VOID _tx_host_interrupts_restore(UINT old_posture)
{
    (void)_tx_thread_interrupt_control(old_posture);
}
