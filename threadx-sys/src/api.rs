//! The names that applications use, which are macros in C.

use crate::bindings_host::{
    _txe_event_flags_create, _txe_mutex_create, _txe_semaphore_create, _txe_thread_create,
    _txe_timer_create, CHAR, TX_EVENT_FLAGS_GROUP, TX_MUTEX, TX_SEMAPHORE, TX_THREAD, TX_TIMER,
    UINT, ULONG,
};
use core::ffi::c_void;

#[doc(inline)]
pub use crate::bindings_host::{
    _tx_initialize_kernel_enter as tx_kernel_enter, _tx_thread_identify as tx_thread_identify,
    _tx_thread_interrupt_control as tx_interrupt_control,
    _tx_thread_interrupt_disable as tx_interrupt_disable,
    _tx_thread_interrupt_restore as tx_interrupt_restore,
    _tx_thread_relinquish as tx_thread_relinquish, _tx_thread_sleep as tx_thread_sleep,
    _tx_time_get as tx_time_get, _tx_time_set as tx_time_set,
    _txe_event_flags_delete as tx_event_flags_delete, _txe_event_flags_get as tx_event_flags_get,
    _txe_event_flags_set as tx_event_flags_set, _txe_mutex_delete as tx_mutex_delete,
    _txe_mutex_get as tx_mutex_get, _txe_mutex_put as tx_mutex_put,
    _txe_semaphore_delete as tx_semaphore_delete, _txe_semaphore_get as tx_semaphore_get,
    _txe_semaphore_put as tx_semaphore_put, _txe_thread_delete as tx_thread_delete,
    _txe_thread_info_get as tx_thread_info_get,
    _txe_thread_preemption_change as tx_thread_preemption_change,
    _txe_thread_priority_change as tx_thread_priority_change,
    _txe_thread_resume as tx_thread_resume, _txe_thread_suspend as tx_thread_suspend,
    _txe_thread_terminate as tx_thread_terminate, _txe_thread_wait_abort as tx_thread_wait_abort,
    _txe_timer_activate as tx_timer_activate, _txe_timer_change as tx_timer_change,
    _txe_timer_deactivate as tx_timer_deactivate, _txe_timer_delete as tx_timer_delete,
};

/// The size of a control block, which the checked create calls compare with the kernel's own idea of it.
fn control_block_size<T>() -> UINT {
    #[cfg(not(host_port))]
    crate::declarations::refuse_to_link();
    size_of::<T>() as UINT
}

/// Creates a thread. From initialization and threads.
///
/// `stack_size` in bytes. Errors: `TX_THREAD_ERROR`, `TX_PTR_ERROR`, `TX_SIZE_ERROR`, `TX_PRIORITY_ERROR`,
/// `TX_THRESH_ERROR`, `TX_START_ERROR`, `TX_CALLER_ERROR`.
///
/// # Safety
/// `thread` points to memory for a control block that is not in use; it, the name and the stack stay where they are
/// until the thread is deleted. `entry` may be called on another thread.
#[allow(clippy::too_many_arguments)] // ThreadX' signature.
pub unsafe fn tx_thread_create(
    thread: *mut TX_THREAD,
    name: *mut CHAR,
    entry: Option<unsafe extern "C" fn(ULONG)>,
    entry_input: ULONG,
    stack_start: *mut c_void,
    stack_size: ULONG,
    priority: UINT,
    preempt_threshold: UINT,
    time_slice: ULONG,
    auto_start: UINT,
) -> UINT {
    // SAFETY: the caller's promises are those the C function needs, and the size is that of the control block.
    unsafe {
        _txe_thread_create(
            thread,
            name,
            entry,
            entry_input,
            stack_start,
            stack_size,
            priority,
            preempt_threshold,
            time_slice,
            auto_start,
            control_block_size::<TX_THREAD>(),
        )
    }
}

/// Creates a mutex. From initialization and threads.
///
/// Errors: `TX_MUTEX_ERROR`, `TX_INHERIT_ERROR`, `TX_CALLER_ERROR`.
///
/// # Safety
/// `mutex` points to memory for a control block that is not in use; it and the name stay where they are until the
/// mutex is deleted.
pub unsafe fn tx_mutex_create(mutex: *mut TX_MUTEX, name: *mut CHAR, inherit: UINT) -> UINT {
    // SAFETY: the caller's promises are those the C function needs, and the size is that of the control block.
    unsafe { _txe_mutex_create(mutex, name, inherit, control_block_size::<TX_MUTEX>()) }
}

/// Creates a group of event flags, all clear. From initialization and threads.
///
/// Errors: `TX_GROUP_ERROR`, `TX_CALLER_ERROR`.
///
/// # Safety
/// `group` points to memory for a control block that is not in use; it and the name stay where they are until the
/// group is deleted.
pub unsafe fn tx_event_flags_create(group: *mut TX_EVENT_FLAGS_GROUP, name: *mut CHAR) -> UINT {
    // SAFETY: the caller's promises are those the C function needs, and the size is that of the control block.
    unsafe { _txe_event_flags_create(group, name, control_block_size::<TX_EVENT_FLAGS_GROUP>()) }
}

/// Creates a semaphore. From initialization and threads.
///
/// Errors: `TX_SEMAPHORE_ERROR`, `TX_CALLER_ERROR`.
///
/// # Safety
/// `semaphore` points to memory for a control block that is not in use; it and the name stay where they are until the
/// semaphore is deleted.
pub unsafe fn tx_semaphore_create(
    semaphore: *mut TX_SEMAPHORE,
    name: *mut CHAR,
    initial_count: ULONG,
) -> UINT {
    // SAFETY: the caller's promises are those the C function needs, and the size is that of the control block.
    unsafe {
        _txe_semaphore_create(
            semaphore,
            name,
            initial_count,
            control_block_size::<TX_SEMAPHORE>(),
        )
    }
}

/// Creates a timer. From initialization and threads.
///
/// Times in ticks; `reschedule_ticks` of 0 makes a one-shot timer. Errors: `TX_TIMER_ERROR`, `TX_TICK_ERROR`,
/// `TX_ACTIVATE_ERROR`, `TX_CALLER_ERROR`.
///
/// # Safety
/// `timer` points to memory for a control block that is not in use; it and the name stay where they are until the
/// timer is deleted. `expiration` may be called on another thread.
pub unsafe fn tx_timer_create(
    timer: *mut TX_TIMER,
    name: *mut CHAR,
    expiration: Option<unsafe extern "C" fn(ULONG)>,
    expiration_input: ULONG,
    initial_ticks: ULONG,
    reschedule_ticks: ULONG,
    auto_activate: UINT,
) -> UINT {
    // SAFETY: the caller's promises are those the C function needs, and the size is that of the control block.
    unsafe {
        _txe_timer_create(
            timer,
            name,
            expiration,
            expiration_input,
            initial_ticks,
            reschedule_ticks,
            auto_activate,
            control_block_size::<TX_TIMER>(),
        )
    }
}
