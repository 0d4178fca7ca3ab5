// Made from the headers by tests/bindings.rs: do not edit, run it with UPDATE_BINDINGS=1.


pub type CHAR = cty::c_char;
pub type UCHAR = cty::c_uchar;
pub type INT = cty::c_int;
pub type UINT = cty::c_uint;
pub type LONG = cty::c_int;
pub type ULONG = cty::c_uint;
pub type ULONG64 = cty::c_ulonglong;
pub type SHORT = cty::c_short;
pub type USHORT = cty::c_ushort;
/// A timer's clockwork.
pub type TX_TIMER_INTERNAL = TX_TIMER_INTERNAL_STRUCT;
/// An application timer.
pub type TX_TIMER = TX_TIMER_STRUCT;
/// A thread.
pub type TX_THREAD = TX_THREAD_STRUCT;
/// A mutex; its owner may get it again.
pub type TX_MUTEX = TX_MUTEX_STRUCT;
/// A group of 32 event flags.
pub type TX_EVENT_FLAGS_GROUP = TX_EVENT_FLAGS_GROUP_STRUCT;
/// A counting semaphore.
pub type TX_SEMAPHORE = TX_SEMAPHORE_STRUCT;
/// A timer's clockwork.
#[repr(C)]
pub struct TX_TIMER_INTERNAL_STRUCT {
    pub tx_timer_internal_due: ULONG64,
    pub tx_timer_internal_remaining_ticks: ULONG,
    pub tx_timer_internal_re_initialize_ticks: ULONG,
    pub tx_timer_internal_timeout_function: ::core::option::Option<
        unsafe extern "C" fn(id: ULONG),
    >,
    pub tx_timer_internal_timeout_param: ULONG,
    pub tx_timer_internal_active: UINT,
}
/// An application timer.
#[repr(C)]
pub struct TX_TIMER_STRUCT {
    pub tx_timer_id: ULONG,
    pub tx_timer_name: *mut CHAR,
    pub tx_timer_internal: TX_TIMER_INTERNAL,
    pub tx_timer_created_next: *mut TX_TIMER_STRUCT,
    pub tx_timer_created_previous: *mut TX_TIMER_STRUCT,
}
/// A thread.
#[repr(C)]
pub struct TX_THREAD_STRUCT {
    pub tx_thread_id: ULONG,
    pub tx_thread_run_count: ULONG,
    pub tx_thread_stack_start: *mut cty::c_void,
    pub tx_thread_stack_end: *mut cty::c_void,
    pub tx_thread_stack_size: ULONG,
    pub tx_thread_time_slice: ULONG,
    pub tx_thread_name: *mut CHAR,
    pub tx_thread_priority: UINT,
    pub tx_thread_user_priority: UINT,
    pub tx_thread_preempt_threshold: UINT,
    pub tx_thread_user_preempt_threshold: UINT,
    pub tx_thread_state: UINT,
    pub tx_thread_delayed_suspend: UINT,
    pub tx_thread_entry: ::core::option::Option<unsafe extern "C" fn(id: ULONG)>,
    pub tx_thread_entry_parameter: ULONG,
    pub tx_thread_suspend_control_block: *mut cty::c_void,
    pub tx_thread_suspended_next: *mut TX_THREAD_STRUCT,
    pub tx_thread_suspended_previous: *mut TX_THREAD_STRUCT,
    pub tx_thread_suspend_info: ULONG,
    pub tx_thread_additional_suspend_info: *mut cty::c_void,
    pub tx_thread_suspend_option: UINT,
    pub tx_thread_suspend_status: UINT,
    pub tx_thread_created_next: *mut TX_THREAD_STRUCT,
    pub tx_thread_created_previous: *mut TX_THREAD_STRUCT,
    pub tx_thread_owned_mutex_count: ULONG,
    pub tx_thread_owned_mutex_list: *mut TX_MUTEX_STRUCT,
    pub tx_thread_host: *mut cty::c_void,
}
/// A mutex; its owner may get it again.
#[repr(C)]
pub struct TX_MUTEX_STRUCT {
    pub tx_mutex_id: ULONG,
    pub tx_mutex_name: *mut CHAR,
    pub tx_mutex_ownership_count: ULONG,
    pub tx_mutex_owner: *mut TX_THREAD,
    pub tx_mutex_inherit: UINT,
    pub tx_mutex_suspension_list: *mut TX_THREAD,
    pub tx_mutex_suspended_count: ULONG,
    pub tx_mutex_created_next: *mut TX_MUTEX_STRUCT,
    pub tx_mutex_created_previous: *mut TX_MUTEX_STRUCT,
    pub tx_mutex_owned_next: *mut TX_MUTEX_STRUCT,
    pub tx_mutex_owned_previous: *mut TX_MUTEX_STRUCT,
}
/// A group of 32 event flags.
#[repr(C)]
pub struct TX_EVENT_FLAGS_GROUP_STRUCT {
    pub tx_event_flags_group_id: ULONG,
    pub tx_event_flags_group_name: *mut CHAR,
    pub tx_event_flags_group_current: ULONG,
    pub tx_event_flags_group_suspension_list: *mut TX_THREAD,
    pub tx_event_flags_group_suspended_count: ULONG,
    pub tx_event_flags_group_created_next: *mut TX_EVENT_FLAGS_GROUP_STRUCT,
    pub tx_event_flags_group_created_previous: *mut TX_EVENT_FLAGS_GROUP_STRUCT,
}
/// A counting semaphore.
#[repr(C)]
pub struct TX_SEMAPHORE_STRUCT {
    pub tx_semaphore_id: ULONG,
    pub tx_semaphore_name: *mut CHAR,
    pub tx_semaphore_count: ULONG,
    pub tx_semaphore_suspension_list: *mut TX_THREAD,
    pub tx_semaphore_suspended_count: ULONG,
    pub tx_semaphore_created_next: *mut TX_SEMAPHORE_STRUCT,
    pub tx_semaphore_created_previous: *mut TX_SEMAPHORE_STRUCT,
}
pub const TX_MAX_PRIORITIES: u32 = 32;
pub const TX_MINIMUM_STACK: u32 = 200;
pub const TX_TIMER_TICKS_PER_SECOND: u32 = 100;
pub const TX_INT_DISABLE: u32 = 1;
pub const TX_INT_ENABLE: u32 = 0;
pub const THREADX_MAJOR_VERSION: u32 = 6;
pub const THREADX_MINOR_VERSION: u32 = 4;
pub const THREADX_PATCH_VERSION: u32 = 2;
pub const TX_NO_WAIT: u32 = 0;
pub const TX_WAIT_FOREVER: u32 = 4294967295;
pub const TX_AND: u32 = 2;
pub const TX_AND_CLEAR: u32 = 3;
pub const TX_OR: u32 = 0;
pub const TX_OR_CLEAR: u32 = 1;
pub const TX_NO_TIME_SLICE: u32 = 0;
pub const TX_AUTO_START: u32 = 1;
pub const TX_DONT_START: u32 = 0;
pub const TX_AUTO_ACTIVATE: u32 = 1;
pub const TX_NO_ACTIVATE: u32 = 0;
pub const TX_TRUE: u32 = 1;
pub const TX_FALSE: u32 = 0;
pub const TX_INHERIT: u32 = 1;
pub const TX_NO_INHERIT: u32 = 0;
pub const TX_READY: u32 = 0;
pub const TX_COMPLETED: u32 = 1;
pub const TX_TERMINATED: u32 = 2;
pub const TX_SUSPENDED: u32 = 3;
pub const TX_SLEEP: u32 = 4;
pub const TX_QUEUE_SUSP: u32 = 5;
pub const TX_SEMAPHORE_SUSP: u32 = 6;
pub const TX_EVENT_FLAG: u32 = 7;
pub const TX_BLOCK_MEMORY: u32 = 8;
pub const TX_BYTE_MEMORY: u32 = 9;
pub const TX_IO_DRIVER: u32 = 10;
pub const TX_FILE: u32 = 11;
pub const TX_TCP_IP: u32 = 12;
pub const TX_MUTEX_SUSP: u32 = 13;
pub const TX_SUCCESS: u32 = 0;
pub const TX_DELETED: u32 = 1;
pub const TX_POOL_ERROR: u32 = 2;
pub const TX_PTR_ERROR: u32 = 3;
pub const TX_WAIT_ERROR: u32 = 4;
pub const TX_SIZE_ERROR: u32 = 5;
pub const TX_GROUP_ERROR: u32 = 6;
pub const TX_NO_EVENTS: u32 = 7;
pub const TX_OPTION_ERROR: u32 = 8;
pub const TX_QUEUE_ERROR: u32 = 9;
pub const TX_QUEUE_EMPTY: u32 = 10;
pub const TX_QUEUE_FULL: u32 = 11;
pub const TX_SEMAPHORE_ERROR: u32 = 12;
pub const TX_NO_INSTANCE: u32 = 13;
pub const TX_THREAD_ERROR: u32 = 14;
pub const TX_PRIORITY_ERROR: u32 = 15;
pub const TX_NO_MEMORY: u32 = 16;
pub const TX_START_ERROR: u32 = 16;
pub const TX_DELETE_ERROR: u32 = 17;
pub const TX_RESUME_ERROR: u32 = 18;
pub const TX_CALLER_ERROR: u32 = 19;
pub const TX_SUSPEND_ERROR: u32 = 20;
pub const TX_TIMER_ERROR: u32 = 21;
pub const TX_TICK_ERROR: u32 = 22;
pub const TX_ACTIVATE_ERROR: u32 = 23;
pub const TX_THRESH_ERROR: u32 = 24;
pub const TX_SUSPEND_LIFTED: u32 = 25;
pub const TX_WAIT_ABORTED: u32 = 26;
pub const TX_WAIT_ABORT_ERROR: u32 = 27;
pub const TX_MUTEX_ERROR: u32 = 28;
pub const TX_NOT_AVAILABLE: u32 = 29;
pub const TX_NOT_OWNED: u32 = 30;
pub const TX_INHERIT_ERROR: u32 = 31;
pub const TX_NOT_DONE: u32 = 32;
pub const TX_CEILING_EXCEEDED: u32 = 33;
pub const TX_INVALID_CEILING: u32 = 34;
pub const TX_FEATURE_NOT_ENABLED: u32 = 255;
pub const TX_INITIALIZE_IN_PROGRESS: u32 = 4042322160;
pub const TX_HOST_CONTEXT_INITIALIZATION: u32 = 0;
pub const TX_HOST_CONTEXT_THREAD: u32 = 1;
pub const TX_HOST_CONTEXT_TIMER: u32 = 2;
pub const TX_HOST_CONTEXT_INTERRUPT: u32 = 3;
unsafe extern "C" {
    /** Disable interrupts and learn the posture before: on the host, take the one lock of the process unless the thread has
it. From everywhere.*/
    pub fn _tx_thread_interrupt_disable() -> UINT;
}
unsafe extern "C" {
    /// Go back to the posture that the matching disable returned. From everywhere.
    pub fn _tx_thread_interrupt_restore(previous_posture: UINT);
}
unsafe extern "C" {
    pub fn tx_application_define(first_unused_memory: *mut cty::c_void);
}
unsafe extern "C" {
    /** Start the kernel: calls the application's `tx_application_define` in initialization context, then starts the
threads. Does not return, except at once when the process has a kernel already.*/
    pub fn _tx_initialize_kernel_enter();
}
unsafe extern "C" {
    pub fn _tx_thread_create(
        thread_ptr: *mut TX_THREAD,
        name_ptr: *mut CHAR,
        entry_function: ::core::option::Option<unsafe extern "C" fn(id: ULONG)>,
        entry_input: ULONG,
        stack_start: *mut cty::c_void,
        stack_size: ULONG,
        priority: UINT,
        preempt_threshold: UINT,
        time_slice: ULONG,
        auto_start: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Create a thread. From initialization and threads. `stack_size` in bytes; `stack_start` stays unused on the host,
where the operating system's stack serves. Errors: TX_THREAD_ERROR, TX_PTR_ERROR, TX_SIZE_ERROR,
TX_PRIORITY_ERROR, TX_THRESH_ERROR, TX_START_ERROR, TX_CALLER_ERROR.*/
    pub fn _txe_thread_create(
        thread_ptr: *mut TX_THREAD,
        name_ptr: *mut CHAR,
        entry_function: ::core::option::Option<unsafe extern "C" fn(id: ULONG)>,
        entry_input: ULONG,
        stack_start: *mut cty::c_void,
        stack_size: ULONG,
        priority: UINT,
        preempt_threshold: UINT,
        time_slice: ULONG,
        auto_start: UINT,
        thread_control_block_size: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_thread_delete(thread_ptr: *mut TX_THREAD) -> UINT;
}
unsafe extern "C" {
    /** Delete a thread that has completed or was terminated. From threads. Errors: TX_THREAD_ERROR, TX_DELETE_ERROR,
TX_CALLER_ERROR.*/
    pub fn _txe_thread_delete(thread_ptr: *mut TX_THREAD) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_thread_terminate(thread_ptr: *mut TX_THREAD) -> UINT;
}
unsafe extern "C" {
    /** End a thread for good and release the mutexes it owns; afterwards it runs no more of its code. When the thread is
running, the call returns once it has come to its next kernel service. From threads; a thread that ends itself
does not return. Errors: TX_THREAD_ERROR, TX_CALLER_ERROR.*/
    pub fn _txe_thread_terminate(thread_ptr: *mut TX_THREAD) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_thread_suspend(thread_ptr: *mut TX_THREAD) -> UINT;
}
unsafe extern "C" {
    /** Suspend a thread until `tx_thread_resume`. Another thread stops at its next kernel service, or at the end of the
wait it is in. From everywhere. Errors: TX_THREAD_ERROR, TX_SUSPEND_ERROR.*/
    pub fn _txe_thread_suspend(thread_ptr: *mut TX_THREAD) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_thread_resume(thread_ptr: *mut TX_THREAD) -> UINT;
}
unsafe extern "C" {
    /** Let a suspended thread, or one created with TX_DONT_START, run. From everywhere. Errors: TX_THREAD_ERROR,
TX_RESUME_ERROR, TX_SUSPEND_LIFTED.*/
    pub fn _txe_thread_resume(thread_ptr: *mut TX_THREAD) -> UINT;
}
unsafe extern "C" {
    /// The calling thread, the timer thread inside an expiration function, or null outside of threads.
    pub fn _tx_thread_identify() -> *mut TX_THREAD;
}
unsafe extern "C" {
    pub fn _tx_thread_info_get(
        thread_ptr: *mut TX_THREAD,
        name: *mut *mut CHAR,
        state: *mut UINT,
        run_count: *mut ULONG,
        priority: *mut UINT,
        preemption_threshold: *mut UINT,
        time_slice: *mut ULONG,
        next_thread: *mut *mut TX_THREAD,
        next_suspended_thread: *mut *mut TX_THREAD,
    ) -> UINT;
}
unsafe extern "C" {
    /// Read what is known of a thread; any destination may be null. From everywhere. Errors: TX_THREAD_ERROR.
    pub fn _txe_thread_info_get(
        thread_ptr: *mut TX_THREAD,
        name: *mut *mut CHAR,
        state: *mut UINT,
        run_count: *mut ULONG,
        priority: *mut UINT,
        preemption_threshold: *mut UINT,
        time_slice: *mut ULONG,
        next_thread: *mut *mut TX_THREAD,
        next_suspended_thread: *mut *mut TX_THREAD,
    ) -> UINT;
}
unsafe extern "C" {
    /// Let other threads run. From threads; elsewhere without effect.
    pub fn _tx_thread_relinquish();
}
unsafe extern "C" {
    /// Sleep for a number of ticks. From threads. Errors: TX_WAIT_ABORTED, TX_CALLER_ERROR.
    pub fn _tx_thread_sleep(timer_ticks: ULONG) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_thread_wait_abort(thread_ptr: *mut TX_THREAD) -> UINT;
}
unsafe extern "C" {
    /** End another thread's wait or sleep with TX_WAIT_ABORTED. From everywhere. Errors: TX_THREAD_ERROR,
TX_WAIT_ABORT_ERROR.*/
    pub fn _txe_thread_wait_abort(thread_ptr: *mut TX_THREAD) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_thread_priority_change(
        thread_ptr: *mut TX_THREAD,
        new_priority: UINT,
        old_priority: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Change a thread's priority. From threads. Errors: TX_THREAD_ERROR, TX_PTR_ERROR, TX_PRIORITY_ERROR,
TX_CALLER_ERROR.*/
    pub fn _txe_thread_priority_change(
        thread_ptr: *mut TX_THREAD,
        new_priority: UINT,
        old_priority: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_thread_preemption_change(
        thread_ptr: *mut TX_THREAD,
        new_threshold: UINT,
        old_threshold: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Change a thread's preemption threshold; the host only stores it. From threads. Errors: TX_THREAD_ERROR,
TX_PTR_ERROR, TX_THRESH_ERROR, TX_CALLER_ERROR.*/
    pub fn _txe_thread_preemption_change(
        thread_ptr: *mut TX_THREAD,
        new_threshold: UINT,
        old_threshold: *mut UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Disable or enable interrupts and learn the posture before. On the host it takes and releases one lock for the
whole process; the posture belongs to the calling thread, whether ThreadX made it or not. From everywhere.*/
    pub fn _tx_thread_interrupt_control(new_posture: UINT) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_mutex_create(
        mutex_ptr: *mut TX_MUTEX,
        name_ptr: *mut CHAR,
        inherit: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /// Create a mutex. From initialization and threads. Errors: TX_MUTEX_ERROR, TX_INHERIT_ERROR, TX_CALLER_ERROR.
    pub fn _txe_mutex_create(
        mutex_ptr: *mut TX_MUTEX,
        name_ptr: *mut CHAR,
        inherit: UINT,
        mutex_control_block_size: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_mutex_delete(mutex_ptr: *mut TX_MUTEX) -> UINT;
}
unsafe extern "C" {
    /// Delete a mutex; waiting threads get TX_DELETED. From threads. Errors: TX_MUTEX_ERROR, TX_CALLER_ERROR.
    pub fn _txe_mutex_delete(mutex_ptr: *mut TX_MUTEX) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_mutex_get(mutex_ptr: *mut TX_MUTEX, wait_option: ULONG) -> UINT;
}
unsafe extern "C" {
    /** Get a mutex, once more if it is the caller's already. From threads, and from initialization without waiting.
Errors: TX_NOT_AVAILABLE, TX_DELETED, TX_WAIT_ABORTED, TX_MUTEX_ERROR, TX_WAIT_ERROR, TX_CALLER_ERROR.*/
    pub fn _txe_mutex_get(mutex_ptr: *mut TX_MUTEX, wait_option: ULONG) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_mutex_put(mutex_ptr: *mut TX_MUTEX) -> UINT;
}
unsafe extern "C" {
    /** Give back one get of a mutex. From initialization and threads. Errors: TX_NOT_OWNED, TX_MUTEX_ERROR,
TX_CALLER_ERROR.*/
    pub fn _txe_mutex_put(mutex_ptr: *mut TX_MUTEX) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_event_flags_create(
        group_ptr: *mut TX_EVENT_FLAGS_GROUP,
        name_ptr: *mut CHAR,
    ) -> UINT;
}
unsafe extern "C" {
    /** Create a group of event flags, all clear. From initialization and threads. Errors: TX_GROUP_ERROR,
TX_CALLER_ERROR.*/
    pub fn _txe_event_flags_create(
        group_ptr: *mut TX_EVENT_FLAGS_GROUP,
        name_ptr: *mut CHAR,
        event_control_block_size: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_event_flags_delete(group_ptr: *mut TX_EVENT_FLAGS_GROUP) -> UINT;
}
unsafe extern "C" {
    /// Delete a group; waiting threads get TX_DELETED. From threads. Errors: TX_GROUP_ERROR, TX_CALLER_ERROR.
    pub fn _txe_event_flags_delete(group_ptr: *mut TX_EVENT_FLAGS_GROUP) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_event_flags_get(
        group_ptr: *mut TX_EVENT_FLAGS_GROUP,
        requested_flags: ULONG,
        get_option: UINT,
        actual_flags_ptr: *mut ULONG,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Wait for flags. From everywhere without waiting, from threads with. Errors: TX_NO_EVENTS, TX_DELETED,
TX_WAIT_ABORTED, TX_GROUP_ERROR, TX_PTR_ERROR, TX_WAIT_ERROR, TX_OPTION_ERROR.*/
    pub fn _txe_event_flags_get(
        group_ptr: *mut TX_EVENT_FLAGS_GROUP,
        requested_flags: ULONG,
        get_option: UINT,
        actual_flags_ptr: *mut ULONG,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_event_flags_set(
        group_ptr: *mut TX_EVENT_FLAGS_GROUP,
        flags_to_set: ULONG,
        set_option: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /// Set flags (TX_OR) or keep only some (TX_AND). From everywhere. Errors: TX_GROUP_ERROR, TX_OPTION_ERROR.
    pub fn _txe_event_flags_set(
        group_ptr: *mut TX_EVENT_FLAGS_GROUP,
        flags_to_set: ULONG,
        set_option: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_semaphore_create(
        semaphore_ptr: *mut TX_SEMAPHORE,
        name_ptr: *mut CHAR,
        initial_count: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /// Create a semaphore. From initialization and threads. Errors: TX_SEMAPHORE_ERROR, TX_CALLER_ERROR.
    pub fn _txe_semaphore_create(
        semaphore_ptr: *mut TX_SEMAPHORE,
        name_ptr: *mut CHAR,
        initial_count: ULONG,
        semaphore_control_block_size: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_semaphore_delete(semaphore_ptr: *mut TX_SEMAPHORE) -> UINT;
}
unsafe extern "C" {
    /** Delete a semaphore; waiting threads get TX_DELETED. From threads. Errors: TX_SEMAPHORE_ERROR,
TX_CALLER_ERROR.*/
    pub fn _txe_semaphore_delete(semaphore_ptr: *mut TX_SEMAPHORE) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_semaphore_get(
        semaphore_ptr: *mut TX_SEMAPHORE,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Take one. From everywhere without waiting, from threads with. Errors: TX_NO_INSTANCE, TX_DELETED,
TX_WAIT_ABORTED, TX_SEMAPHORE_ERROR, TX_WAIT_ERROR.*/
    pub fn _txe_semaphore_get(
        semaphore_ptr: *mut TX_SEMAPHORE,
        wait_option: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_semaphore_put(semaphore_ptr: *mut TX_SEMAPHORE) -> UINT;
}
unsafe extern "C" {
    /// Give one. From everywhere. Errors: TX_SEMAPHORE_ERROR.
    pub fn _txe_semaphore_put(semaphore_ptr: *mut TX_SEMAPHORE) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_timer_create(
        timer_ptr: *mut TX_TIMER,
        name_ptr: *mut CHAR,
        expiration_function: ::core::option::Option<unsafe extern "C" fn(input: ULONG)>,
        expiration_input: ULONG,
        initial_ticks: ULONG,
        reschedule_ticks: ULONG,
        auto_activate: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    /** Create a timer. Its function runs on the timer thread and may not wait. From initialization and threads. Errors:
TX_TIMER_ERROR, TX_TICK_ERROR, TX_ACTIVATE_ERROR, TX_CALLER_ERROR.*/
    pub fn _txe_timer_create(
        timer_ptr: *mut TX_TIMER,
        name_ptr: *mut CHAR,
        expiration_function: ::core::option::Option<unsafe extern "C" fn(input: ULONG)>,
        expiration_input: ULONG,
        initial_ticks: ULONG,
        reschedule_ticks: ULONG,
        auto_activate: UINT,
        timer_control_block_size: UINT,
    ) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_timer_delete(timer_ptr: *mut TX_TIMER) -> UINT;
}
unsafe extern "C" {
    /** Delete a timer; its function is not running any more when the call returns. From threads. Errors:
TX_TIMER_ERROR, TX_CALLER_ERROR.*/
    pub fn _txe_timer_delete(timer_ptr: *mut TX_TIMER) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_timer_activate(timer_ptr: *mut TX_TIMER) -> UINT;
}
unsafe extern "C" {
    /// Start a timer. From everywhere. Errors: TX_TIMER_ERROR, TX_ACTIVATE_ERROR for one that runs or has expired.
    pub fn _txe_timer_activate(timer_ptr: *mut TX_TIMER) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_timer_deactivate(timer_ptr: *mut TX_TIMER) -> UINT;
}
unsafe extern "C" {
    /// Stop a timer; it keeps the ticks that were left. From everywhere. Errors: TX_TIMER_ERROR.
    pub fn _txe_timer_deactivate(timer_ptr: *mut TX_TIMER) -> UINT;
}
unsafe extern "C" {
    pub fn _tx_timer_change(
        timer_ptr: *mut TX_TIMER,
        initial_ticks: ULONG,
        reschedule_ticks: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /** Give a stopped timer new ticks. From threads, timers and interrupts. Errors: TX_TIMER_ERROR, TX_TICK_ERROR,
TX_CALLER_ERROR.*/
    pub fn _txe_timer_change(
        timer_ptr: *mut TX_TIMER,
        initial_ticks: ULONG,
        reschedule_ticks: ULONG,
    ) -> UINT;
}
unsafe extern "C" {
    /// Ticks since the kernel started. From everywhere.
    pub fn _tx_time_get() -> ULONG;
}
unsafe extern "C" {
    /// Set what `tx_time_get` counts from; timers and waits are not affected. From everywhere.
    pub fn _tx_time_set(new_time: ULONG);
}
unsafe extern "C" {
    pub fn _tx_thread_system_state_get() -> ULONG;
}
unsafe extern "C" {
    pub static mut _tx_thread_created_ptr: *mut TX_THREAD;
}
unsafe extern "C" {
    pub static mut _tx_thread_created_count: ULONG;
}
unsafe extern "C" {
    pub static mut _tx_timer_created_ptr: *mut TX_TIMER;
}
unsafe extern "C" {
    pub static mut _tx_timer_created_count: ULONG;
}
unsafe extern "C" {
    /** The thread that calls expiration functions: in them `tx_thread_identify` returns its address. With a system state
of 0 that address is all that tells them from other threads, and so how services find out that their caller may not
wait. Only the address is of use: on the host the thread is not one of the list, and no service takes it.*/
    pub static mut _tx_timer_thread: TX_THREAD;
}
unsafe extern "C" {
    /// The context of the caller, one of TX_HOST_CONTEXT_*.
    pub fn tx_host_context() -> UINT;
}
unsafe extern "C" {
    /** Stop the clock: from now on time moves only by `tx_host_clock_advance`. From everywhere, also before the kernel
starts.*/
    pub fn tx_host_clock_manual();
}
unsafe extern "C" {
    /** Move a manual clock. What falls due on the way happens in order of its due time, at equal times timers first, then
threads; and time goes on only when every ThreadX thread but the caller waits again. Time jumps from one due time to
the next, so that a long way costs no more than what happens on it. When the call returns all is quiet.

Threads that are due at the same time: on the host port they are woken in order of creation, one after the other, the
next one when all is quiet again. On ThreadX' own port they are all ready at once, and run by priority.

A thread that sits in a foreign blocking call (a socket, a lock that is not ThreadX') counts as running.

From threads, and from foreign threads, where it waits for the kernel to start. Errors: TX_NOT_AVAILABLE when the
clock is not manual or another thread is moving it, TX_CALLER_ERROR in a timer or in `tx_application_define`.*/
    pub fn tx_host_clock_advance(ticks: ULONG) -> UINT;
}
unsafe extern "C" {
    /** Wait until every ThreadX thread but the caller waits for something. From threads, and from foreign threads, where
it waits for the kernel to start first. In a timer or in `tx_application_define` it returns at once.*/
    pub fn tx_host_settle();
}
unsafe extern "C" {
    /** The timer whose expiration function is calling, or null elsewhere. With it a function finds the object that its
timer is part of, which on a 64-bit machine does not fit into the function's ULONG.*/
    pub fn tx_host_timer_expiring() -> *mut TX_TIMER;
}
