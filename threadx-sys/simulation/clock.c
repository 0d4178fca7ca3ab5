/* The manual clock, and the scheduler's idle time, in which it moves. */

#include <errno.h>
#include <semaphore.h>
#include <time.h>
#include "simulation.h"
#include "tx_host.h"

#define LONGEST_NAP_NANOSECONDS 10000000L

/* Set under the lock of interrupts. */
static volatile UINT manual;
/* Whether the timer's pthread is serving a tick. */
static UINT ticking;

/* Guards what follows; the conditions change with it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  changed = PTHREAD_COND_INITIALIZER;
volatile UINT          threadx_sys_started;
static volatile UINT   moving;
static ULONG           ticks_left;
/* How many threads that are not ThreadX' wait for quiet, and how often it was quiet. */
static UINT  foreign_settlers;
static ULONG quiet_times;

/* What ThreadX threads wait for: the end of a move, and quiet. */
static TX_SEMAPHORE moved;
static TX_SEMAPHORE settled;

/* What the scheduler naps on, and whether it was posted since. */
static sem_t wake;
static UINT  woken;

__thread UINT threadx_sys_is_scheduler;

__attribute__((constructor)) static void create_wake(void)
{
    sem_init(&wake, 0, 0);
}

VOID threadx_sys_wake(VOID)
{
    if (!__atomic_exchange_n(&woken, TX_TRUE, __ATOMIC_ACQ_REL))
    {
        sem_post(&wake);
    }
}

static VOID nap(VOID)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LONGEST_NAP_NANOSECONDS;
    if (until.tv_nsec >= 1000000000L)
    {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    (void)sem_timedwait(&wake, &until);
    __atomic_store_n(&woken, TX_FALSE, __ATOMIC_RELEASE);
}

/* The port calls this last before it starts the threads. */
VOID _tx_initialize_start_interrupts(VOID)
{
    static CHAR moved_name[] = "clock moved";
    static CHAR settled_name[] = "settled";

    (void)_tx_semaphore_create(&moved, moved_name, 0);
    (void)_tx_semaphore_create(&settled, settled_name, 0);
    pthread_mutex_lock(&lock);
    threadx_sys_started = TX_TRUE;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    threadx_sys_port_start_interrupts();
}

VOID threadx_sys_tick_begin(VOID)
{
    pthread_mutex_lock(&threadx_sys_interrupt);
    ticking = !manual;
    if (ticking)
    {
        threadx_sys_interrupt_begin();
    }
    else
    {
        pthread_mutex_unlock(&threadx_sys_interrupt);
    }
}

VOID threadx_sys_tick(VOID)
{
    if (ticking)
    {
        _tx_timer_interrupt();
    }
}

VOID threadx_sys_tick_end(VOID)
{
    if (ticking)
    {
        ticking = TX_FALSE;
        _tx_thread_context_restore();
    }
}

static UINT is_quiet(VOID)
{
    return (_tx_thread_current_ptr == TX_NULL) && (_tx_thread_execute_ptr == TX_NULL);
}

/* Let go those who wait for quiet. */
static VOID release_settlers(VOID)
{
    UINT count = settled.tx_semaphore_suspended_count;

    for (; count > 0; count--)
    {
        (void)_tx_semaphore_put(&settled);
    }
    pthread_mutex_lock(&lock);
    if (foreign_settlers > 0)
    {
        quiet_times++;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
}

/* Move the clock to where something happens, or to the end. */
static VOID move(VOID)
{
    while ((ticks_left > 0) && (_tx_thread_execute_ptr == TX_NULL))
    {
        ticks_left--;
        _tx_timer_interrupt();
    }
    if ((ticks_left > 0) || (_tx_thread_execute_ptr != TX_NULL))
    {
        return;
    }
    pthread_mutex_lock(&lock);
    moving = TX_FALSE;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (moved.tx_semaphore_suspended_count > 0)
    {
        (void)_tx_semaphore_put(&moved);
    }
}

int threadx_sys_idle(const struct timespec *time, struct timespec *left)
{
    if (!threadx_sys_is_scheduler)
    {
        /* A thread that deletes another waits like this. */
        return nanosleep(time, left);
    }
    _tx_thread_context_save();
    if (is_quiet())
    {
        release_settlers();
    }
    if (is_quiet() && moving)
    {
        move();
    }
    _tx_thread_context_restore();
    if (_tx_thread_execute_ptr == TX_NULL)
    {
        nap();
    }
    return 0;
}

VOID tx_host_clock_manual(VOID)
{
    pthread_mutex_lock(&threadx_sys_interrupt);
    manual = TX_TRUE;
    pthread_mutex_unlock(&threadx_sys_interrupt);
}

/* Whether the caller may wait for what ThreadX threads do. Others than those wait for the kernel to start first. */
static UINT may_wait(VOID)
{
    UINT context = tx_host_context();

    if ((context == TX_HOST_CONTEXT_TIMER) || threadx_sys_is_scheduler || (threadx_sys_serving > 0))
    {
        return TX_FALSE;
    }
    if (context == TX_HOST_CONTEXT_INITIALIZATION)
    {
        pthread_mutex_lock(&lock);
        while (!threadx_sys_started)
        {
            pthread_cond_wait(&changed, &lock);
        }
        pthread_mutex_unlock(&lock);
    }
    return TX_TRUE;
}

/* Claim the clock for a move. */
static UINT start_moving(ULONG ticks)
{
    UINT status = TX_NOT_AVAILABLE;

    pthread_mutex_lock(&lock);
    if (manual && !moving)
    {
        ticks_left = ticks;
        moving = TX_TRUE;
        status = TX_SUCCESS;
    }
    pthread_mutex_unlock(&lock);
    return status;
}

UINT tx_host_clock_advance(ULONG ticks)
{
    UINT status;

    if (!may_wait())
    {
        return TX_CALLER_ERROR;
    }
    status = start_moving(ticks);
    if (status != TX_SUCCESS)
    {
        return status;
    }
    if (_tx_linux_threadx_thread)
    {
        /* Unless the wait is aborted, it ends with the move. */
        do
        {
            (void)_tx_semaphore_get(&moved, TX_WAIT_FOREVER);
        } while (moving);
        return TX_SUCCESS;
    }
    threadx_sys_wake();
    pthread_mutex_lock(&lock);
    while (moving)
    {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    return TX_SUCCESS;
}

VOID tx_host_settle(VOID)
{
    ULONG before;

    if (!may_wait())
    {
        return;
    }
    if (_tx_linux_threadx_thread)
    {
        (void)_tx_semaphore_get(&settled, TX_WAIT_FOREVER);
        return;
    }
    pthread_mutex_lock(&lock);
    before = quiet_times;
    foreign_settlers++;
    threadx_sys_wake();
    while (quiet_times == before)
    {
        pthread_cond_wait(&changed, &lock);
    }
    foreign_settlers--;
    pthread_mutex_unlock(&lock);
}
