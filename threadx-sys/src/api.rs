//! The names that applications use, which are macros in C: for the checked form of a service, or for the plain one with
//! `TX_DISABLE_ERROR_CHECKING`.

use crate::bindings::{
    CHAR, TX_EVENT_FLAGS_GROUP, TX_MUTEX, TX_SEMAPHORE, TX_THREAD, TX_TIMER, UINT, ULONG,
};
use core::ffi::c_void;

/// Services under the names of both their forms.
macro_rules! services {
    ($($name:ident = $checked:ident / $plain:ident;)*) => {$(
        #[cfg(error_checking)]
        #[doc(inline)]
        pub use crate::bindings::$checked as $name;
        #[cfg(not(error_checking))]
        #[doc(inline)]
        pub use crate::bindings::$plain as $name;
    )*};
}

services! {
    tx_event_flags_delete = _txe_event_flags_delete / _tx_event_flags_delete;
    tx_event_flags_get = _txe_event_flags_get / _tx_event_flags_get;
    tx_event_flags_set = _txe_event_flags_set / _tx_event_flags_set;
    tx_mutex_delete = _txe_mutex_delete / _tx_mutex_delete;
    tx_mutex_get = _txe_mutex_get / _tx_mutex_get;
    tx_mutex_put = _txe_mutex_put / _tx_mutex_put;
    tx_semaphore_delete = _txe_semaphore_delete / _tx_semaphore_delete;
    tx_semaphore_get = _txe_semaphore_get / _tx_semaphore_get;
    tx_semaphore_put = _txe_semaphore_put / _tx_semaphore_put;
    tx_thread_delete = _txe_thread_delete / _tx_thread_delete;
    tx_thread_info_get = _txe_thread_info_get / _tx_thread_info_get;
    tx_thread_preemption_change = _txe_thread_preemption_change / _tx_thread_preemption_change;
    tx_thread_priority_change = _txe_thread_priority_change / _tx_thread_priority_change;
    tx_thread_resume = _txe_thread_resume / _tx_thread_resume;
    tx_thread_suspend = _txe_thread_suspend / _tx_thread_suspend;
    tx_thread_terminate = _txe_thread_terminate / _tx_thread_terminate;
    tx_thread_wait_abort = _txe_thread_wait_abort / _tx_thread_wait_abort;
    tx_timer_activate = _txe_timer_activate / _tx_timer_activate;
    tx_timer_change = _txe_timer_change / _tx_timer_change;
    tx_timer_deactivate = _txe_timer_deactivate / _tx_timer_deactivate;
    tx_timer_delete = _txe_timer_delete / _tx_timer_delete;
}

// Services with one form.
#[doc(inline)]
pub use crate::bindings::{
    _tx_initialize_kernel_enter as tx_kernel_enter, _tx_thread_identify as tx_thread_identify,
    _tx_thread_interrupt_control as tx_interrupt_control,
    _tx_thread_relinquish as tx_thread_relinquish, _tx_thread_sleep as tx_thread_sleep,
    _tx_time_get as tx_time_get, _tx_time_set as tx_time_set,
};

// What a critical section begins and ends with, which in C is the port's TX_DISABLE and TX_RESTORE.
#[cfg(not(generated_bindings))]
#[doc(inline)]
pub use crate::bindings::{
    _tx_thread_interrupt_disable as tx_interrupt_disable,
    _tx_thread_interrupt_restore as tx_interrupt_restore,
};
#[cfg(generated_bindings)]
#[doc(inline)]
pub use crate::bindings::{
    threadx_sys_interrupt_disable as tx_interrupt_disable,
    threadx_sys_interrupt_restore as tx_interrupt_restore,
};

/// Calls the checked form of a create service with the size of the control block behind its arguments, which it compares with
/// the kernel's own idea of it; or the plain form without.
macro_rules! create {
    ($block:ty, $checked:ident, $plain:ident, [$($argument:expr),* $(,)?]) => {{
        #[cfg(not(any(host_port, generated_bindings)))]
        crate::declarations::refuse_to_link();
        #[cfg(error_checking)]
        // SAFETY: the caller's promises are those the C function needs, and the size is that of the control block.
        let status = unsafe { crate::bindings::$checked($($argument,)* size_of::<$block>() as UINT) };
        #[cfg(not(error_checking))]
        // SAFETY: the caller's promises are those the C function needs.
        let status = unsafe { crate::bindings::$plain($($argument),*) };
        status
    }};
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
    create!(
        TX_THREAD,
        _txe_thread_create,
        _tx_thread_create,
        [
            thread,
            name,
            entry,
            entry_input,
            stack_start,
            stack_size,
            priority,
            preempt_threshold,
            time_slice,
            auto_start
        ]
    )
}

/// Creates a mutex. From initialization and threads.
///
/// Errors: `TX_MUTEX_ERROR`, `TX_INHERIT_ERROR`, `TX_CALLER_ERROR`.
///
/// # Safety
/// `mutex` points to memory for a control block that is not in use; it and the name stay where they are until the
/// mutex is deleted.
pub unsafe fn tx_mutex_create(mutex: *mut TX_MUTEX, name: *mut CHAR, inherit: UINT) -> UINT {
    create!(
        TX_MUTEX,
        _txe_mutex_create,
        _tx_mutex_create,
        [mutex, name, inherit]
    )
}

/// Creates a group of event flags, all clear. From initialization and threads.
///
/// Errors: `TX_GROUP_ERROR`, `TX_CALLER_ERROR`.
///
/// # Safety
/// `group` points to memory for a control block that is not in use; it and the name stay where they are until the
/// group is deleted.
pub unsafe fn tx_event_flags_create(group: *mut TX_EVENT_FLAGS_GROUP, name: *mut CHAR) -> UINT {
    create!(
        TX_EVENT_FLAGS_GROUP,
        _txe_event_flags_create,
        _tx_event_flags_create,
        [group, name]
    )
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
    create!(
        TX_SEMAPHORE,
        _txe_semaphore_create,
        _tx_semaphore_create,
        [semaphore, name, initial_count]
    )
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
    create!(
        TX_TIMER,
        _txe_timer_create,
        _tx_timer_create,
        [
            timer,
            name,
            expiration,
            expiration_input,
            initial_ticks,
            reschedule_ticks,
            auto_activate
        ]
    )
}
