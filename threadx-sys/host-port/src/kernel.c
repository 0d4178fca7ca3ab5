/* The kernel lock, the calling context, and waiting. */

#include <time.h>
#include "kernel.h"
#include "list.h"

HOST_PHASE     _tx_host_phase = PHASE_BEFORE;
ULONG          _tx_host_running;
pthread_cond_t _tx_host_changed = PTHREAD_COND_INITIALIZER;

TX_HOST_THREAD_LOCAL TX_THREAD *_tx_host_current;
TX_HOST_THREAD_LOCAL UINT       _tx_host_in_timer;
TX_HOST_THREAD_LOCAL UINT       _tx_host_defining;

static pthread_mutex_t kernel_lock = PTHREAD_MUTEX_INITIALIZER;

/* Nobody signals it: parked threads wait here. */
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

/* The phase as other threads may read it without the lock, for the calling context only. */
static HOST_PHASE phase_now(VOID)
{
    return __atomic_load_n(&_tx_host_phase, __ATOMIC_ACQUIRE);
}

UINT tx_host_context(VOID)
{
    if (_tx_host_current != TX_NULL)
    {
        return TX_HOST_CONTEXT_THREAD;
    }
    if (_tx_host_in_timer)
    {
        return TX_HOST_CONTEXT_TIMER;
    }
    if (_tx_host_defining || (phase_now() == PHASE_BEFORE))
    {
        return TX_HOST_CONTEXT_INITIALIZATION;
    }
    return TX_HOST_CONTEXT_INTERRUPT;
}

ULONG _tx_thread_system_state_get(VOID)
{
    switch (tx_host_context())
    {
    case TX_HOST_CONTEXT_INITIALIZATION:
        return TX_INITIALIZE_IN_PROGRESS;
    case TX_HOST_CONTEXT_INTERRUPT:
        return 1;
    default:
        return 0;
    }
}

/* One thread fewer runs. */
static VOID stop_counting(VOID)
{
    if (--_tx_host_running == 0)
    {
        (void)pthread_cond_broadcast(&_tx_host_changed);
    }
}

/* The calling thread has been terminated: run no more of its code. Its stack stays as it is, because frames of other
   languages on it must neither be unwound nor jumped over. */
static VOID park(HOST_THREAD *self)
{
    TX_THREAD *thread = self->control;

    _tx_host_mutexes_release(thread);
    _tx_host_clock_abandon(thread);
    (void)_tx_host_interrupts_yield();
    thread->tx_thread_state = TX_TERMINATED;
    self->parked = TX_TRUE;
    if (self->ready && !self->aside)
    {
        stop_counting();
    }
    self->ready = TX_FALSE;
    (void)pthread_cond_broadcast(&_tx_host_changed);
    for (;;)
    {
        (void)pthread_cond_wait(&never, &kernel_lock);
    }
}

/* Sleep until the thread is ready again; the caller has set its state. */
static VOID block(HOST_THREAD *self)
{
    self->ready = TX_FALSE;
    stop_counting();
    while (!self->ready)
    {
        (void)pthread_cond_wait(&self->wake, &kernel_lock);
    }
    if (self->terminate)
    {
        /* Between being woken and running. */
        park(self);
    }
    self->control->tx_thread_run_count++;
}

/* Do what other threads have asked of the calling one. */
static VOID attend(HOST_THREAD *self)
{
    while (self->terminate || self->control->tx_thread_delayed_suspend)
    {
        UINT posture;

        if (self->terminate)
        {
            park(self);
        }
        self->control->tx_thread_delayed_suspend = TX_FALSE;
        self->control->tx_thread_state = TX_SUSPENDED;
        posture = _tx_host_interrupts_yield();
        block(self);
        (void)pthread_mutex_unlock(&kernel_lock);
        _tx_host_interrupts_restore(posture);
        (void)pthread_mutex_lock(&kernel_lock);
    }
}

VOID _tx_host_lock_plain(VOID)
{
    (void)pthread_mutex_lock(&kernel_lock);
}

VOID _tx_host_lock(VOID)
{
    (void)pthread_mutex_lock(&kernel_lock);
    if (_tx_host_current != TX_NULL)
    {
        attend(_tx_host_of(_tx_host_current));
    }
}

VOID _tx_host_unlock(VOID)
{
    (void)pthread_mutex_unlock(&kernel_lock);
}

UINT _tx_host_cond_initialize(pthread_cond_t *condition)
{
#ifdef __APPLE__
    return (UINT)pthread_cond_init(condition, TX_NULL);
#else
    pthread_condattr_t attributes;
    INT                error = pthread_condattr_init(&attributes);

    if (error == 0)
    {
        error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        if (error == 0)
        {
            error = pthread_cond_init(condition, &attributes);
        }
        (void)pthread_condattr_destroy(&attributes);
    }
    return (UINT)error;
#endif
}

VOID _tx_host_cond_wait(pthread_cond_t *condition)
{
    (void)pthread_cond_wait(condition, &kernel_lock);
}

VOID _tx_host_cond_wait_until(pthread_cond_t *condition, ULONG64 nanoseconds)
{
    struct timespec time;

#ifdef __APPLE__
    /* Conditions there know only the calendar's clock, and waits of a length. */
    struct timespec now;
    ULONG64         current;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    current = ((ULONG64)now.tv_sec * 1000000000ULL) + (ULONG64)now.tv_nsec;
    nanoseconds = (nanoseconds > current) ? (nanoseconds - current) : 0;
    time.tv_sec = (time_t)(nanoseconds / 1000000000ULL);
    time.tv_nsec = (long)(nanoseconds % 1000000000ULL);
    (void)pthread_cond_timedwait_relative_np(condition, &kernel_lock, &time);
#else
    time.tv_sec = (time_t)(nanoseconds / 1000000000ULL);
    time.tv_nsec = (long)(nanoseconds % 1000000000ULL);
    (void)pthread_cond_timedwait(condition, &kernel_lock, &time);
#endif
}

UINT _tx_host_wait_and_unlock(UINT state, TX_THREAD **queue, ULONG *queue_count, ULONG ticks, UINT timeout_status)
{
    TX_THREAD   *thread = _tx_host_current;
    HOST_THREAD *self = _tx_host_of(thread);
    UINT         posture;
    UINT         status;

    thread->tx_thread_state = state;
    self->queue = queue;
    self->queue_count = queue_count;
    if (queue != TX_NULL)
    {
        LIST_APPEND(*queue, *queue_count, thread, tx_thread_suspended_next, tx_thread_suspended_previous);
    }
    if (ticks != TX_WAIT_FOREVER)
    {
        self->timed = TX_TRUE;
        self->due = _tx_host_now() + ticks;
        self->timeout_status = timeout_status;
        _tx_host_clock_look();
    }
    posture = _tx_host_interrupts_yield();
    block(self);
    status = thread->tx_thread_suspend_status;
    (void)pthread_mutex_unlock(&kernel_lock);
    _tx_host_interrupts_restore(posture);
    return status;
}

VOID _tx_host_wake(TX_THREAD *thread, UINT status)
{
    HOST_THREAD *host = _tx_host_of(thread);

    if (host->queue != TX_NULL)
    {
        LIST_REMOVE(*host->queue, *host->queue_count, thread, tx_thread_suspended_next, tx_thread_suspended_previous);
        host->queue = TX_NULL;
    }
    host->timed = TX_FALSE;
    thread->tx_thread_suspend_status = status;
    if (thread->tx_thread_delayed_suspend)
    {
        /* Another thread wanted it suspended while it waited: from one wait into the next. */
        thread->tx_thread_delayed_suspend = TX_FALSE;
        thread->tx_thread_state = TX_SUSPENDED;
        return;
    }
    thread->tx_thread_state = TX_READY;
    host->ready = TX_TRUE;
    _tx_host_running++;
    (void)pthread_cond_signal(&host->wake);
}

VOID _tx_host_wake_all(TX_THREAD **queue, UINT status)
{
    while (*queue != TX_NULL)
    {
        _tx_host_wake(*queue, status);
    }
}

UINT _tx_host_step_aside(VOID)
{
    if (_tx_host_current != TX_NULL)
    {
        _tx_host_of(_tx_host_current)->aside = TX_TRUE;
        stop_counting();
    }
    return _tx_host_interrupts_yield();
}

VOID _tx_host_pause(VOID)
{
    (void)pthread_cond_wait(&_tx_host_changed, &kernel_lock);
    if ((_tx_host_current != TX_NULL) && _tx_host_of(_tx_host_current)->terminate)
    {
        park(_tx_host_of(_tx_host_current));
    }
}

VOID _tx_host_come_back_and_unlock(UINT posture)
{
    if (_tx_host_current != TX_NULL)
    {
        _tx_host_of(_tx_host_current)->aside = TX_FALSE;
        _tx_host_running++;
    }
    (void)pthread_mutex_unlock(&kernel_lock);
    _tx_host_interrupts_restore(posture);
}

UINT _tx_host_quiet(VOID)
{
    return (_tx_host_running == 0) && !_tx_host_clock_busy();
}
