/* Interrupts and the interrupt lockout. */

#include "simulation.h"

/* A thread that an interrupt preempts has so long to call ThreadX. Much longer than anybody holds a lock for, and no longer
   than the rest of the program can wait for a thread that computes or sits in a system call. */
#define PATIENCE_NANOSECONDS 200000000LL

pthread_mutex_t threadx_sys_interrupt = PTHREAD_MUTEX_INITIALIZER;
__thread UINT   threadx_sys_serving;

/* The thread that is to be preempted where it calls ThreadX next, and since when. */
static TX_THREAD *volatile preempted;
static long long            preempted_since;

/* What a pthread that is no ThreadX thread has of the kernel's lock. */
static __thread UINT locked;
static __thread UINT disabled;
/* How often preemption was disabled when it took the lock. */
static __thread UINT preempt_disabled;

/* The lock is used to enter the kernel, so it must exist before: as the port would make it. */
__attribute__((constructor)) static void create_kernel_mutex(void)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&_tx_linux_mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

int threadx_sys_kernel_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    (void)mutex;
    (void)attributes;
    threadx_sys_is_scheduler = TX_TRUE;
    return 0;
}

static long long now(VOID)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return ((long long)time.tv_sec * 1000000000LL) + time.tv_nsec;
}

/* Whether the current thread is to make way for another; with the kernel's lock. */
static UINT is_preempted(VOID)
{
    return (_tx_thread_current_ptr != TX_NULL) && (_tx_thread_preempt_disable == 0) &&
           (_tx_thread_current_ptr != _tx_thread_execute_ptr);
}

/* Let the current thread make way where it calls ThreadX next; with the kernel's lock. Gives whether it has had enough
   time for that. */
static UINT preempt_later(VOID)
{
    if (preempted != _tx_thread_current_ptr)
    {
        preempted = _tx_thread_current_ptr;
        preempted_since = now();
    }
    return now() - preempted_since > PATIENCE_NANOSECONDS;
}

VOID threadx_sys_interrupt_begin(VOID)
{
    threadx_sys_serving++;
    threadx_sys_port_context_save();
}

VOID _tx_thread_context_save(VOID)
{
    pthread_mutex_lock(&threadx_sys_interrupt);
    threadx_sys_interrupt_begin();
}

VOID _tx_thread_context_restore(VOID)
{
    UINT wake;

    pthread_mutex_lock(&_tx_linux_mutex);
    if ((_tx_thread_system_state == 1) && is_preempted() && !preempt_later())
    {
        _tx_thread_system_state--;
        _tx_linux_thread_resume(_tx_thread_current_ptr->tx_thread_linux_thread_id);
        tx_linux_mutex_recursive_unlock(_tx_linux_mutex);
    }
    else
    {
        pthread_mutex_unlock(&_tx_linux_mutex);
        threadx_sys_port_context_restore();
    }
    wake = (_tx_thread_current_ptr == TX_NULL) && (_tx_thread_execute_ptr != TX_NULL);
    threadx_sys_serving--;
    pthread_mutex_unlock(&threadx_sys_interrupt);
    if (wake)
    {
        threadx_sys_wake();
    }
}

void threadx_sys_schedule_suspend(pthread_t thread)
{
    (void)thread;
}

void threadx_sys_schedule_resume(pthread_t thread)
{
    if (!pthread_equal(thread, _tx_linux_timer_id))
    {
        _tx_linux_thread_resume(thread);
    }
}

/* A pthread that is no ThreadX thread. When it makes a thread ready, the kernel disables preemption for a while, enables
   interrupts in between, and relies on it that an interrupt is over before the current thread goes on. This one does not
   stop that thread; so it keeps the lock until preemption is as it was. */
static UINT foreign_control(UINT posture)
{
    UINT old_posture = disabled ? TX_INT_DISABLE : TX_INT_ENABLE;
    UINT wake;

    if (!locked)
    {
        pthread_mutex_lock(&_tx_linux_mutex);
        locked = TX_TRUE;
        preempt_disabled = _tx_thread_preempt_disable;
    }
    disabled = (posture == TX_INT_DISABLE);
    if (disabled || (_tx_thread_preempt_disable != preempt_disabled))
    {
        return old_posture;
    }
    wake = (_tx_thread_current_ptr == TX_NULL) && (_tx_thread_execute_ptr != TX_NULL);
    if (is_preempted())
    {
        (void)preempt_later();
    }
    locked = TX_FALSE;
    pthread_mutex_unlock(&_tx_linux_mutex);
    if (wake)
    {
        threadx_sys_wake();
    }
    return old_posture;
}

UINT _tx_thread_interrupt_control(UINT new_posture)
{
    UINT old_posture;

    if (!_tx_linux_threadx_thread)
    {
        return foreign_control(new_posture);
    }
    old_posture = threadx_sys_port_interrupt_control(new_posture);
    if ((new_posture == TX_INT_ENABLE) && (preempted != TX_NULL))
    {
        /* A pending interrupt is served as soon as interrupts are enabled. */
        preempted = TX_NULL;
        _tx_thread_system_preempt_check();
    }
    return old_posture;
}

UINT _tx_thread_interrupt_disable(VOID)
{
    return _tx_thread_interrupt_control(TX_INT_DISABLE);
}

VOID _tx_thread_interrupt_restore(UINT previous_posture)
{
    (void)_tx_thread_interrupt_control(previous_posture);
}
