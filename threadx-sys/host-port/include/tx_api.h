/* ThreadX' application interface as far as the host port has it: names, argument orders and numbers are those of
   ThreadX 6.4.2, so that code written against one compiles against the other.

   Each service has two forms. `_tx_NAME` does the work and trusts its caller; `_txe_NAME` checks the arguments and
   the calling context first. The name an application writes, `tx_NAME`, is a macro for the checked form, or for the
   unchecked one where TX_DISABLE_ERROR_CHECKING is defined. */

#ifndef TX_API_H
#define TX_API_H

#ifdef __cplusplus
extern "C" {
#endif

#include "tx_port.h"

#define THREADX_MAJOR_VERSION 6
#define THREADX_MINOR_VERSION 4
#define THREADX_PATCH_VERSION 2

/* Waiting, in ticks. */
/** Do not wait. */
#define TX_NO_WAIT 0
/** Wait without a limit. */
#define TX_WAIT_FOREVER 0xFFFFFFFFU

/* Event flags: how to combine. */
/** Get: all of the requested flags. Set: keep only the given flags. */
#define TX_AND 2
/** Get: all of the requested flags, and clear them. */
#define TX_AND_CLEAR 3
/** Get: any of the requested flags. Set: add the given flags. */
#define TX_OR 0
/** Get: any of the requested flags, and clear the requested ones. */
#define TX_OR_CLEAR 1

#define TX_NO_TIME_SLICE 0
#define TX_AUTO_START 1
#define TX_DONT_START 0
#define TX_AUTO_ACTIVATE 1
#define TX_NO_ACTIVATE 0
#define TX_TRUE 1
#define TX_FALSE 0
#define TX_NULL ((void *)0)
#define TX_INHERIT 1
#define TX_NO_INHERIT 0

/* Thread states. */
#define TX_READY 0
#define TX_COMPLETED 1
#define TX_TERMINATED 2
#define TX_SUSPENDED 3
#define TX_SLEEP 4
#define TX_QUEUE_SUSP 5
#define TX_SEMAPHORE_SUSP 6
#define TX_EVENT_FLAG 7
#define TX_BLOCK_MEMORY 8
#define TX_BYTE_MEMORY 9
#define TX_IO_DRIVER 10
#define TX_FILE 11
#define TX_TCP_IP 12
#define TX_MUTEX_SUSP 13

/* Statuses. */
/** It worked. */
#define TX_SUCCESS 0x00
/** The object was deleted while the caller waited for it. */
#define TX_DELETED 0x01
#define TX_POOL_ERROR 0x02
/** A pointer argument is null or wrong. */
#define TX_PTR_ERROR 0x03
/** The caller's context may not wait. */
#define TX_WAIT_ERROR 0x04
/** A size argument is wrong. */
#define TX_SIZE_ERROR 0x05
/** Not an event flags group. */
#define TX_GROUP_ERROR 0x06
/** The requested flags did not come in time. */
#define TX_NO_EVENTS 0x07
#define TX_OPTION_ERROR 0x08
#define TX_QUEUE_ERROR 0x09
#define TX_QUEUE_EMPTY 0x0A
#define TX_QUEUE_FULL 0x0B
/** Not a semaphore. */
#define TX_SEMAPHORE_ERROR 0x0C
/** The semaphore was not available in time. */
#define TX_NO_INSTANCE 0x0D
/** Not a thread. */
#define TX_THREAD_ERROR 0x0E
#define TX_PRIORITY_ERROR 0x0F
#define TX_NO_MEMORY 0x10
#define TX_START_ERROR 0x10
/** A thread that can still run cannot be deleted. */
#define TX_DELETE_ERROR 0x11
/** The thread is not suspended. */
#define TX_RESUME_ERROR 0x12
/** The service is not allowed in the caller's context. */
#define TX_CALLER_ERROR 0x13
#define TX_SUSPEND_ERROR 0x14
/** Not a timer. */
#define TX_TIMER_ERROR 0x15
/** Zero ticks. */
#define TX_TICK_ERROR 0x16
#define TX_ACTIVATE_ERROR 0x17
#define TX_THRESH_ERROR 0x18
#define TX_SUSPEND_LIFTED 0x19
/** The wait was ended by `tx_thread_wait_abort`. */
#define TX_WAIT_ABORTED 0x1A
/** The thread does not wait for anything that can be aborted. */
#define TX_WAIT_ABORT_ERROR 0x1B
/** Not a mutex. */
#define TX_MUTEX_ERROR 0x1C
/** The mutex was not available in time; host services: not possible now. */
#define TX_NOT_AVAILABLE 0x1D
/** The mutex is not the caller's. */
#define TX_NOT_OWNED 0x1E
#define TX_INHERIT_ERROR 0x1F
#define TX_NOT_DONE 0x20
#define TX_CEILING_EXCEEDED 0x21
#define TX_INVALID_CEILING 0x22
#define TX_FEATURE_NOT_ENABLED 0xFF

/* Control blocks. Applications own the memory; only the kernel touches the fields. */

/** A timer's clockwork. */
typedef struct TX_TIMER_INTERNAL_STRUCT
{
    ULONG64 tx_timer_internal_due;                 /* Tick of the next expiration, when active.            */
    ULONG   tx_timer_internal_remaining_ticks;     /* Ticks to run when it is activated.                   */
    ULONG   tx_timer_internal_re_initialize_ticks; /* Ticks between later expirations; 0: there is one.    */
    VOID  (*tx_timer_internal_timeout_function)(ULONG id);
    ULONG   tx_timer_internal_timeout_param;
    UINT    tx_timer_internal_active;
} TX_TIMER_INTERNAL;

/** An application timer. */
typedef struct TX_TIMER_STRUCT
{
    ULONG                   tx_timer_id;
    CHAR                   *tx_timer_name;
    TX_TIMER_INTERNAL       tx_timer_internal;
    struct TX_TIMER_STRUCT *tx_timer_created_next;
    struct TX_TIMER_STRUCT *tx_timer_created_previous;
} TX_TIMER;

/** A thread. */
typedef struct TX_THREAD_STRUCT
{
    ULONG                    tx_thread_id;
    ULONG                    tx_thread_run_count;
    VOID                    *tx_thread_stack_start;
    VOID                    *tx_thread_stack_end;
    ULONG                    tx_thread_stack_size;
    ULONG                    tx_thread_time_slice;
    CHAR                    *tx_thread_name;
    UINT                     tx_thread_priority;
    UINT                     tx_thread_user_priority;
    UINT                     tx_thread_preempt_threshold;
    UINT                     tx_thread_user_preempt_threshold;
    UINT                     tx_thread_state;
    UINT                     tx_thread_delayed_suspend;
    VOID                   (*tx_thread_entry)(ULONG id);
    ULONG                    tx_thread_entry_parameter;
    VOID                    *tx_thread_suspend_control_block;
    struct TX_THREAD_STRUCT *tx_thread_suspended_next;
    struct TX_THREAD_STRUCT *tx_thread_suspended_previous;
    ULONG                    tx_thread_suspend_info;
    VOID                    *tx_thread_additional_suspend_info;
    UINT                     tx_thread_suspend_option;
    UINT                     tx_thread_suspend_status;
    struct TX_THREAD_STRUCT *tx_thread_created_next;
    struct TX_THREAD_STRUCT *tx_thread_created_previous;
    ULONG                    tx_thread_owned_mutex_count;
    struct TX_MUTEX_STRUCT  *tx_thread_owned_mutex_list;
    VOID                    *tx_thread_host; /* The operating system's side of the thread. */
} TX_THREAD;

/** A mutex; its owner may get it again. */
typedef struct TX_MUTEX_STRUCT
{
    ULONG                   tx_mutex_id;
    CHAR                   *tx_mutex_name;
    ULONG                   tx_mutex_ownership_count;
    TX_THREAD              *tx_mutex_owner;
    UINT                    tx_mutex_inherit;
    TX_THREAD              *tx_mutex_suspension_list;
    ULONG                   tx_mutex_suspended_count;
    struct TX_MUTEX_STRUCT *tx_mutex_created_next;
    struct TX_MUTEX_STRUCT *tx_mutex_created_previous;
    struct TX_MUTEX_STRUCT *tx_mutex_owned_next;
    struct TX_MUTEX_STRUCT *tx_mutex_owned_previous;
} TX_MUTEX;

/** A group of 32 event flags. */
typedef struct TX_EVENT_FLAGS_GROUP_STRUCT
{
    ULONG                               tx_event_flags_group_id;
    CHAR                               *tx_event_flags_group_name;
    ULONG                               tx_event_flags_group_current;
    TX_THREAD                          *tx_event_flags_group_suspension_list;
    ULONG                               tx_event_flags_group_suspended_count;
    struct TX_EVENT_FLAGS_GROUP_STRUCT *tx_event_flags_group_created_next;
    struct TX_EVENT_FLAGS_GROUP_STRUCT *tx_event_flags_group_created_previous;
} TX_EVENT_FLAGS_GROUP;

/** A counting semaphore. */
typedef struct TX_SEMAPHORE_STRUCT
{
    ULONG                       tx_semaphore_id;
    CHAR                       *tx_semaphore_name;
    ULONG                       tx_semaphore_count;
    TX_THREAD                  *tx_semaphore_suspension_list;
    ULONG                       tx_semaphore_suspended_count;
    struct TX_SEMAPHORE_STRUCT *tx_semaphore_created_next;
    struct TX_SEMAPHORE_STRUCT *tx_semaphore_created_previous;
} TX_SEMAPHORE;

/* The application's part of the start-up. */
VOID tx_application_define(VOID *first_unused_memory);

/** Start the kernel: calls the application's `tx_application_define` in initialization context, then starts the
    threads. Does not return, except at once when the process has a kernel already. */
VOID _tx_initialize_kernel_enter(VOID);

/* Threads. */
UINT _tx_thread_create(TX_THREAD *thread_ptr, CHAR *name_ptr, VOID (*entry_function)(ULONG id), ULONG entry_input,
                       VOID *stack_start, ULONG stack_size, UINT priority, UINT preempt_threshold,
                       ULONG time_slice, UINT auto_start);
/** Create a thread. From initialization and threads. `stack_size` in bytes; `stack_start` stays unused on the host,
    where the operating system's stack serves. Errors: TX_THREAD_ERROR, TX_PTR_ERROR, TX_SIZE_ERROR,
    TX_PRIORITY_ERROR, TX_THRESH_ERROR, TX_START_ERROR, TX_CALLER_ERROR. */
UINT _txe_thread_create(TX_THREAD *thread_ptr, CHAR *name_ptr, VOID (*entry_function)(ULONG id), ULONG entry_input,
                        VOID *stack_start, ULONG stack_size, UINT priority, UINT preempt_threshold,
                        ULONG time_slice, UINT auto_start, UINT thread_control_block_size);
UINT _tx_thread_delete(TX_THREAD *thread_ptr);
/** Delete a thread that has completed or was terminated. From threads. Errors: TX_THREAD_ERROR, TX_DELETE_ERROR,
    TX_CALLER_ERROR. */
UINT _txe_thread_delete(TX_THREAD *thread_ptr);
UINT _tx_thread_terminate(TX_THREAD *thread_ptr);
/** End a thread for good and release the mutexes it owns; afterwards it runs no more of its code. When the thread is
    running, the call returns once it has come to its next kernel service. From threads; a thread that ends itself
    does not return. Errors: TX_THREAD_ERROR, TX_CALLER_ERROR. */
UINT _txe_thread_terminate(TX_THREAD *thread_ptr);
UINT _tx_thread_suspend(TX_THREAD *thread_ptr);
/** Suspend a thread until `tx_thread_resume`. Another thread stops at its next kernel service, or at the end of the
    wait it is in. From everywhere. Errors: TX_THREAD_ERROR, TX_SUSPEND_ERROR. */
UINT _txe_thread_suspend(TX_THREAD *thread_ptr);
UINT _tx_thread_resume(TX_THREAD *thread_ptr);
/** Let a suspended thread, or one created with TX_DONT_START, run. From everywhere. Errors: TX_THREAD_ERROR,
    TX_RESUME_ERROR, TX_SUSPEND_LIFTED. */
UINT _txe_thread_resume(TX_THREAD *thread_ptr);
/** The calling thread, the timer thread inside an expiration function, or null outside of threads. */
TX_THREAD *_tx_thread_identify(VOID);
UINT _tx_thread_info_get(TX_THREAD *thread_ptr, CHAR **name, UINT *state, ULONG *run_count, UINT *priority,
                         UINT *preemption_threshold, ULONG *time_slice, TX_THREAD **next_thread,
                         TX_THREAD **next_suspended_thread);
/** Read what is known of a thread; any destination may be null. From everywhere. Errors: TX_THREAD_ERROR. */
UINT _txe_thread_info_get(TX_THREAD *thread_ptr, CHAR **name, UINT *state, ULONG *run_count, UINT *priority,
                          UINT *preemption_threshold, ULONG *time_slice, TX_THREAD **next_thread,
                          TX_THREAD **next_suspended_thread);
/** Let other threads run. From threads; elsewhere without effect. */
VOID _tx_thread_relinquish(VOID);
/** Sleep for a number of ticks. From threads. Errors: TX_WAIT_ABORTED, TX_CALLER_ERROR. */
UINT _tx_thread_sleep(ULONG timer_ticks);
UINT _tx_thread_wait_abort(TX_THREAD *thread_ptr);
/** End another thread's wait or sleep with TX_WAIT_ABORTED. From everywhere. Errors: TX_THREAD_ERROR,
    TX_WAIT_ABORT_ERROR. */
UINT _txe_thread_wait_abort(TX_THREAD *thread_ptr);
UINT _tx_thread_priority_change(TX_THREAD *thread_ptr, UINT new_priority, UINT *old_priority);
/** Change a thread's priority. From threads. Errors: TX_THREAD_ERROR, TX_PTR_ERROR, TX_PRIORITY_ERROR,
    TX_CALLER_ERROR. */
UINT _txe_thread_priority_change(TX_THREAD *thread_ptr, UINT new_priority, UINT *old_priority);
UINT _tx_thread_preemption_change(TX_THREAD *thread_ptr, UINT new_threshold, UINT *old_threshold);
/** Change a thread's preemption threshold; the host only stores it. From threads. Errors: TX_THREAD_ERROR,
    TX_PTR_ERROR, TX_THRESH_ERROR, TX_CALLER_ERROR. */
UINT _txe_thread_preemption_change(TX_THREAD *thread_ptr, UINT new_threshold, UINT *old_threshold);
/** Disable or enable interrupts and learn the posture before. On the host it takes and releases one lock for the
    whole process; the posture belongs to the calling thread, whether ThreadX made it or not. From everywhere. */
UINT _tx_thread_interrupt_control(UINT new_posture);

/* Mutexes. */
UINT _tx_mutex_create(TX_MUTEX *mutex_ptr, CHAR *name_ptr, UINT inherit);
/** Create a mutex. From initialization and threads. Errors: TX_MUTEX_ERROR, TX_INHERIT_ERROR, TX_CALLER_ERROR. */
UINT _txe_mutex_create(TX_MUTEX *mutex_ptr, CHAR *name_ptr, UINT inherit, UINT mutex_control_block_size);
UINT _tx_mutex_delete(TX_MUTEX *mutex_ptr);
/** Delete a mutex; waiting threads get TX_DELETED. From threads. Errors: TX_MUTEX_ERROR, TX_CALLER_ERROR. */
UINT _txe_mutex_delete(TX_MUTEX *mutex_ptr);
UINT _tx_mutex_get(TX_MUTEX *mutex_ptr, ULONG wait_option);
/** Get a mutex, once more if it is the caller's already. From threads, and from initialization without waiting.
    Errors: TX_NOT_AVAILABLE, TX_DELETED, TX_WAIT_ABORTED, TX_MUTEX_ERROR, TX_WAIT_ERROR, TX_CALLER_ERROR. */
UINT _txe_mutex_get(TX_MUTEX *mutex_ptr, ULONG wait_option);
UINT _tx_mutex_put(TX_MUTEX *mutex_ptr);
/** Give back one get of a mutex. From initialization and threads. Errors: TX_NOT_OWNED, TX_MUTEX_ERROR,
    TX_CALLER_ERROR. */
UINT _txe_mutex_put(TX_MUTEX *mutex_ptr);

/* Event flags. */
UINT _tx_event_flags_create(TX_EVENT_FLAGS_GROUP *group_ptr, CHAR *name_ptr);
/** Create a group of event flags, all clear. From initialization and threads. Errors: TX_GROUP_ERROR,
    TX_CALLER_ERROR. */
UINT _txe_event_flags_create(TX_EVENT_FLAGS_GROUP *group_ptr, CHAR *name_ptr, UINT event_control_block_size);
UINT _tx_event_flags_delete(TX_EVENT_FLAGS_GROUP *group_ptr);
/** Delete a group; waiting threads get TX_DELETED. From threads. Errors: TX_GROUP_ERROR, TX_CALLER_ERROR. */
UINT _txe_event_flags_delete(TX_EVENT_FLAGS_GROUP *group_ptr);
UINT _tx_event_flags_get(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG requested_flags, UINT get_option,
                         ULONG *actual_flags_ptr, ULONG wait_option);
/** Wait for flags. From everywhere without waiting, from threads with. Errors: TX_NO_EVENTS, TX_DELETED,
    TX_WAIT_ABORTED, TX_GROUP_ERROR, TX_PTR_ERROR, TX_WAIT_ERROR, TX_OPTION_ERROR. */
UINT _txe_event_flags_get(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG requested_flags, UINT get_option,
                          ULONG *actual_flags_ptr, ULONG wait_option);
UINT _tx_event_flags_set(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG flags_to_set, UINT set_option);
/** Set flags (TX_OR) or keep only some (TX_AND). From everywhere. Errors: TX_GROUP_ERROR, TX_OPTION_ERROR. */
UINT _txe_event_flags_set(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG flags_to_set, UINT set_option);

/* Semaphores. */
UINT _tx_semaphore_create(TX_SEMAPHORE *semaphore_ptr, CHAR *name_ptr, ULONG initial_count);
/** Create a semaphore. From initialization and threads. Errors: TX_SEMAPHORE_ERROR, TX_CALLER_ERROR. */
UINT _txe_semaphore_create(TX_SEMAPHORE *semaphore_ptr, CHAR *name_ptr, ULONG initial_count,
                           UINT semaphore_control_block_size);
UINT _tx_semaphore_delete(TX_SEMAPHORE *semaphore_ptr);
/** Delete a semaphore; waiting threads get TX_DELETED. From threads. Errors: TX_SEMAPHORE_ERROR,
    TX_CALLER_ERROR. */
UINT _txe_semaphore_delete(TX_SEMAPHORE *semaphore_ptr);
UINT _tx_semaphore_get(TX_SEMAPHORE *semaphore_ptr, ULONG wait_option);
/** Take one. From everywhere without waiting, from threads with. Errors: TX_NO_INSTANCE, TX_DELETED,
    TX_WAIT_ABORTED, TX_SEMAPHORE_ERROR, TX_WAIT_ERROR. */
UINT _txe_semaphore_get(TX_SEMAPHORE *semaphore_ptr, ULONG wait_option);
UINT _tx_semaphore_put(TX_SEMAPHORE *semaphore_ptr);
/** Give one. From everywhere. Errors: TX_SEMAPHORE_ERROR. */
UINT _txe_semaphore_put(TX_SEMAPHORE *semaphore_ptr);

/* Timers and time. */
UINT _tx_timer_create(TX_TIMER *timer_ptr, CHAR *name_ptr, VOID (*expiration_function)(ULONG input),
                      ULONG expiration_input, ULONG initial_ticks, ULONG reschedule_ticks, UINT auto_activate);
/** Create a timer. Its function runs on the timer thread and may not wait. From initialization and threads. Errors:
    TX_TIMER_ERROR, TX_TICK_ERROR, TX_ACTIVATE_ERROR, TX_CALLER_ERROR. */
UINT _txe_timer_create(TX_TIMER *timer_ptr, CHAR *name_ptr, VOID (*expiration_function)(ULONG input),
                       ULONG expiration_input, ULONG initial_ticks, ULONG reschedule_ticks, UINT auto_activate,
                       UINT timer_control_block_size);
UINT _tx_timer_delete(TX_TIMER *timer_ptr);
/** Delete a timer; its function is not running any more when the call returns. From threads. Errors:
    TX_TIMER_ERROR, TX_CALLER_ERROR. */
UINT _txe_timer_delete(TX_TIMER *timer_ptr);
UINT _tx_timer_activate(TX_TIMER *timer_ptr);
/** Start a timer. From everywhere. Errors: TX_TIMER_ERROR, TX_ACTIVATE_ERROR for one that runs or has expired. */
UINT _txe_timer_activate(TX_TIMER *timer_ptr);
UINT _tx_timer_deactivate(TX_TIMER *timer_ptr);
/** Stop a timer; it keeps the ticks that were left. From everywhere. Errors: TX_TIMER_ERROR. */
UINT _txe_timer_deactivate(TX_TIMER *timer_ptr);
UINT _tx_timer_change(TX_TIMER *timer_ptr, ULONG initial_ticks, ULONG reschedule_ticks);
/** Give a stopped timer new ticks. From threads, timers and interrupts. Errors: TX_TIMER_ERROR, TX_TICK_ERROR,
    TX_CALLER_ERROR. */
UINT _txe_timer_change(TX_TIMER *timer_ptr, ULONG initial_ticks, ULONG reschedule_ticks);
/** Ticks since the kernel started. From everywhere. */
ULONG _tx_time_get(VOID);
/** Set what `tx_time_get` counts from; timers and waits are not affected. From everywhere. */
VOID _tx_time_set(ULONG new_time);

/* The caller's context as upstream encodes it: 0 in a thread or an expiration function, a small number in an
   interrupt, TX_INITIALIZE_IN_PROGRESS (tx_initialize.h) during initialization. */
ULONG _tx_thread_system_state_get(VOID);
#define TX_THREAD_GET_SYSTEM_STATE() _tx_thread_system_state_get()

/* The names that applications use. */
#define tx_kernel_enter             _tx_initialize_kernel_enter
#define tx_thread_identify          _tx_thread_identify
#define tx_thread_relinquish        _tx_thread_relinquish
#define tx_thread_sleep             _tx_thread_sleep
#define tx_interrupt_control        _tx_thread_interrupt_control
#define tx_time_get                 _tx_time_get
#define tx_time_set                 _tx_time_set

#ifdef TX_DISABLE_ERROR_CHECKING
#define tx_thread_create            _tx_thread_create
#define tx_thread_delete            _tx_thread_delete
#define tx_thread_terminate         _tx_thread_terminate
#define tx_thread_suspend           _tx_thread_suspend
#define tx_thread_resume            _tx_thread_resume
#define tx_thread_info_get          _tx_thread_info_get
#define tx_thread_wait_abort        _tx_thread_wait_abort
#define tx_thread_priority_change   _tx_thread_priority_change
#define tx_thread_preemption_change _tx_thread_preemption_change
#define tx_mutex_create             _tx_mutex_create
#define tx_mutex_delete             _tx_mutex_delete
#define tx_mutex_get                _tx_mutex_get
#define tx_mutex_put                _tx_mutex_put
#define tx_event_flags_create       _tx_event_flags_create
#define tx_event_flags_delete       _tx_event_flags_delete
#define tx_event_flags_get          _tx_event_flags_get
#define tx_event_flags_set          _tx_event_flags_set
#define tx_semaphore_create         _tx_semaphore_create
#define tx_semaphore_delete         _tx_semaphore_delete
#define tx_semaphore_get            _tx_semaphore_get
#define tx_semaphore_put            _tx_semaphore_put
#define tx_timer_create             _tx_timer_create
#define tx_timer_delete             _tx_timer_delete
#define tx_timer_activate           _tx_timer_activate
#define tx_timer_deactivate         _tx_timer_deactivate
#define tx_timer_change             _tx_timer_change
#else
#define tx_thread_create(t, n, e, i, s, l, p, r, c, a) \
    _txe_thread_create((t), (n), (e), (i), (s), (l), (p), (r), (c), (a), (UINT)sizeof(TX_THREAD))
#define tx_thread_delete            _txe_thread_delete
#define tx_thread_terminate         _txe_thread_terminate
#define tx_thread_suspend           _txe_thread_suspend
#define tx_thread_resume            _txe_thread_resume
#define tx_thread_info_get          _txe_thread_info_get
#define tx_thread_wait_abort        _txe_thread_wait_abort
#define tx_thread_priority_change   _txe_thread_priority_change
#define tx_thread_preemption_change _txe_thread_preemption_change
#define tx_mutex_create(m, n, i)    _txe_mutex_create((m), (n), (i), (UINT)sizeof(TX_MUTEX))
#define tx_mutex_delete             _txe_mutex_delete
#define tx_mutex_get                _txe_mutex_get
#define tx_mutex_put                _txe_mutex_put
#define tx_event_flags_create(g, n) _txe_event_flags_create((g), (n), (UINT)sizeof(TX_EVENT_FLAGS_GROUP))
#define tx_event_flags_delete       _txe_event_flags_delete
#define tx_event_flags_get          _txe_event_flags_get
#define tx_event_flags_set          _txe_event_flags_set
#define tx_semaphore_create(s, n, i) _txe_semaphore_create((s), (n), (i), (UINT)sizeof(TX_SEMAPHORE))
#define tx_semaphore_delete         _txe_semaphore_delete
#define tx_semaphore_get            _txe_semaphore_get
#define tx_semaphore_put            _txe_semaphore_put
#define tx_timer_create(t, n, e, i, f, r, a) \
    _txe_timer_create((t), (n), (e), (i), (f), (r), (a), (UINT)sizeof(TX_TIMER))
#define tx_timer_delete             _txe_timer_delete
#define tx_timer_activate           _txe_timer_activate
#define tx_timer_deactivate         _txe_timer_deactivate
#define tx_timer_change             _txe_timer_change
#endif

#ifdef __cplusplus
}
#endif

#endif
