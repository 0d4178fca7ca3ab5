/* Time. What falls due, timeouts and timers, is found by looking through what exists; the clock thread sleeps until the
   nearest due time, so that no tick costs anything. With a manual clock the caller of tx_host_clock_advance does the
   looking, and the clock thread only runs expiration functions for it. */

#include <time.h>
#include "kernel.h"

#define NANOSECONDS_A_SECOND 1000000000ULL
#define NANOSECONDS_A_TICK (NANOSECONDS_A_SECOND / TX_TIMER_TICKS_PER_SECOND)

/* What an expiration function sees as the calling thread. */
TX_THREAD _tx_timer_thread = {.tx_thread_id = TX_THREAD_ID, .tx_thread_name = "timer thread"};

static UINT           manual;
static ULONG64        manual_now;
static ULONG64        origin;          /* Nanoseconds of the system's clock at tick 0.         */
static ULONG          reported_offset; /* Added to the tick by tx_time_get.                    */
static UINT           advancing;
static TX_THREAD     *advancer;        /* Who advances, if it is a thread of the kernel.       */
static TX_TIMER      *requested;       /* A timer that the advancing thread wants to expire.   */
static TX_TIMER      *expiring;        /* The timer whose function runs.                       */
static pthread_cond_t look;            /* Wakes the clock thread.                              */

static TX_HOST_THREAD_LOCAL TX_TIMER *expiring_here;

static ULONG64 monotonic_nanoseconds(VOID)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return ((ULONG64)now.tv_sec * NANOSECONDS_A_SECOND) + (ULONG64)now.tv_nsec;
}

ULONG64 _tx_host_now(VOID)
{
    if (manual)
    {
        return manual_now;
    }
    if (_tx_host_phase != PHASE_RUNNING)
    {
        return 0;
    }
    return (monotonic_nanoseconds() - origin) / NANOSECONDS_A_TICK;
}

/* Something that falls due: a timer or else a thread's timeout. */
typedef struct
{
    TX_TIMER  *timer;
    TX_THREAD *thread;
    ULONG64    due;
} EVENT;

/* Find what falls due next; at equal times timers come first, then whatever was created first. */
static UINT next_event(EVENT *event)
{
    TX_TIMER  *timer = _tx_timer_created_ptr;
    TX_THREAD *thread = _tx_thread_created_ptr;
    UINT       found = TX_FALSE;
    ULONG      i;

    event->timer = TX_NULL;
    event->thread = TX_NULL;
    event->due = 0;
    for (i = 0; i < _tx_timer_created_count; i++, timer = timer->tx_timer_created_next)
    {
        const TX_TIMER_INTERNAL *internal = &timer->tx_timer_internal;

        if (internal->tx_timer_internal_active && (!found || (internal->tx_timer_internal_due < event->due)))
        {
            found = TX_TRUE;
            event->timer = timer;
            event->due = internal->tx_timer_internal_due;
        }
    }
    for (i = 0; i < _tx_thread_created_count; i++, thread = thread->tx_thread_created_next)
    {
        const HOST_THREAD *host = _tx_host_of(thread);

        if (host->timed && (!found || (host->due < event->due)))
        {
            found = TX_TRUE;
            event->timer = TX_NULL;
            event->thread = thread;
            event->due = host->due;
        }
    }
    return found;
}

static VOID time_out(TX_THREAD *thread)
{
    _tx_host_wake(thread, _tx_host_of(thread)->timeout_status);
}

/* On the clock thread: run a timer's function, without the lock. */
static VOID expire(TX_TIMER *timer)
{
    TX_TIMER_INTERNAL *internal = &timer->tx_timer_internal;
    VOID             (*function)(ULONG id) = internal->tx_timer_internal_timeout_function;
    ULONG              parameter = internal->tx_timer_internal_timeout_param;

    if (internal->tx_timer_internal_re_initialize_ticks != 0)
    {
        internal->tx_timer_internal_due += internal->tx_timer_internal_re_initialize_ticks;
    }
    else
    {
        internal->tx_timer_internal_active = TX_FALSE;
        internal->tx_timer_internal_remaining_ticks = 0;
    }
    expiring = timer;
    _tx_host_unlock();
    expiring_here = timer;
    _tx_host_in_timer = TX_TRUE;
    function(parameter);
    _tx_host_in_timer = TX_FALSE;
    expiring_here = TX_NULL;
    (void)_tx_host_interrupts_yield();
    _tx_host_lock_plain();
    expiring = TX_NULL;
    (void)pthread_cond_broadcast(&_tx_host_changed);
}

static VOID *clock_main(VOID *unused)
{
    (void)unused;
    _tx_host_lock_plain();
    for (;;)
    {
        EVENT event;

        if (requested != TX_NULL)
        {
            TX_TIMER *timer = requested;

            requested = TX_NULL;
            if (timer->tx_timer_internal.tx_timer_internal_active)
            {
                expire(timer);
            }
            else
            {
                /* Deactivated since it was asked for. */
                (void)pthread_cond_broadcast(&_tx_host_changed);
            }
        }
        else if (manual || !next_event(&event))
        {
            _tx_host_cond_wait(&look);
        }
        else if (event.due > _tx_host_now())
        {
            _tx_host_cond_wait_until(&look, origin + (event.due * NANOSECONDS_A_TICK));
        }
        else if (event.timer != TX_NULL)
        {
            expire(event.timer);
        }
        else
        {
            time_out(event.thread);
        }
    }
    return TX_NULL;
}

UINT _tx_host_clock_start(VOID)
{
    pthread_t clock;

    if (_tx_host_cond_initialize(&look) != 0)
    {
        return TX_NO_MEMORY;
    }
    origin = monotonic_nanoseconds();
    if (pthread_create(&clock, TX_NULL, clock_main, TX_NULL) != 0)
    {
        return TX_NO_MEMORY;
    }
    (void)pthread_detach(clock);
    return TX_SUCCESS;
}

VOID _tx_host_clock_look(VOID)
{
    if (_tx_host_phase == PHASE_RUNNING)
    {
        (void)pthread_cond_signal(&look);
    }
}

UINT _tx_host_timer_is_expiring(const TX_TIMER *timer)
{
    return (expiring == timer) || (requested == timer);
}

UINT _tx_host_clock_busy(VOID)
{
    return (expiring != TX_NULL) || (requested != TX_NULL);
}

VOID _tx_host_clock_abandon(const TX_THREAD *thread)
{
    if (advancer == thread)
    {
        advancer = TX_NULL;
        advancing = TX_FALSE;
    }
}

TX_TIMER *tx_host_timer_expiring(VOID)
{
    return expiring_here;
}

VOID tx_host_clock_manual(VOID)
{
    _tx_host_lock();
    if (!manual)
    {
        manual_now = _tx_host_now();
        manual = TX_TRUE;
        _tx_host_clock_look();
    }
    _tx_host_unlock();
}

static VOID wait_until_started(VOID)
{
    while (_tx_host_phase != PHASE_RUNNING)
    {
        _tx_host_pause();
    }
}

static VOID wait_until_quiet(VOID)
{
    while (!_tx_host_quiet())
    {
        _tx_host_pause();
    }
}

VOID tx_host_settle(VOID)
{
    UINT posture;

    if (_tx_host_in_timer || _tx_host_defining)
    {
        return;
    }
    _tx_host_lock();
    posture = _tx_host_step_aside();
    wait_until_started();
    wait_until_quiet();
    _tx_host_come_back_and_unlock(posture);
}

/* Let everything happen that falls due until `target`, one thing after the other. */
static VOID advance_to(ULONG64 target)
{
    EVENT event;

    wait_until_quiet();
    while (next_event(&event) && (event.due <= target))
    {
        if (event.due > manual_now)
        {
            manual_now = event.due;
        }
        if (event.timer != TX_NULL)
        {
            requested = event.timer;
            (void)pthread_cond_signal(&look);
        }
        else
        {
            time_out(event.thread);
        }
        wait_until_quiet();
    }
    manual_now = target;
}

UINT tx_host_clock_advance(ULONG ticks)
{
    UINT posture;
    UINT status = TX_SUCCESS;

    if (_tx_host_in_timer || _tx_host_defining)
    {
        return TX_CALLER_ERROR;
    }
    _tx_host_lock();
    if (!manual)
    {
        _tx_host_unlock();
        return TX_NOT_AVAILABLE;
    }
    posture = _tx_host_step_aside();
    wait_until_started();
    if (advancing)
    {
        status = TX_NOT_AVAILABLE;
    }
    else
    {
        advancing = TX_TRUE;
        advancer = _tx_host_current;
        advance_to(manual_now + ticks);
        advancer = TX_NULL;
        advancing = TX_FALSE;
    }
    _tx_host_come_back_and_unlock(posture);
    return status;
}

ULONG _tx_time_get(VOID)
{
    ULONG time;

    _tx_host_lock();
    time = (ULONG)_tx_host_now() + reported_offset;
    _tx_host_unlock();
    return time;
}

VOID _tx_time_set(ULONG new_time)
{
    _tx_host_lock();
    reported_offset = new_time - (ULONG)_tx_host_now();
    _tx_host_unlock();
}
