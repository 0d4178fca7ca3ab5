//! Threads whose entry is a Rust function.

use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::mem::MaybeUninit;

use threadx_sys::{
    TX_AUTO_START, TX_NO_TIME_SLICE, TX_PRIORITY_ERROR, TX_SIZE_ERROR, TX_THREAD, ULONG,
    tx_thread_create, tx_thread_delete, tx_thread_identify,
};

use super::arguments::Service;
use super::kernel::in_thread;
use super::pinned::Pinned;
use super::user;
use crate::error::{Api, Error, check};
use crate::kernel::Kernel;

/// A thread's control block, what it is to do, and its stack.
#[repr(C)]
struct Thread<const STACK: usize, A> {
    /// First, so that a pointer to it is one to the whole.
    start: Start<A>,
    stack: Stack<STACK>,
}

/// Stacks are aligned to 8 bytes on Cortex-M.
#[repr(C, align(16))]
struct Stack<const STACK: usize>(UnsafeCell<[MaybeUninit<u8>; STACK]>);

/// What every [`Thread`] begins with.
#[repr(C)]
struct Start<A> {
    /// First, so that a pointer to it is one to the whole.
    block: TX_THREAD,
    entry: Entry<A>,
    argument: MaybeUninit<A>,
}

/// Which one it is follows from the function that C calls.
union Entry<A> {
    alone: fn(Kernel),
    with_argument: fn(Kernel, A),
}

pub(crate) struct ThreadRoom<const STACK: usize, A>(Pinned<Thread<STACK, A>>);

impl<const STACK: usize, A> ThreadRoom<STACK, A> {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    /// Starts a thread that runs `entry` and then ends.
    pub fn start(
        &'static self,
        name: &'static CStr,
        priority: u32,
        entry: fn(Kernel),
    ) -> Result<(), Error> {
        let entry = Entry { alone: entry };
        self.create(name, priority, entry, None, begin_alone)
    }

    /// The same with an argument, which is dropped when there is no thread for it.
    pub fn start_with(
        &'static self,
        name: &'static CStr,
        priority: u32,
        argument: A,
        entry: fn(Kernel, A),
    ) -> Result<(), Error> {
        let entry = Entry {
            with_argument: entry,
        };
        self.create(
            name,
            priority,
            entry,
            Some(argument),
            begin_with_argument::<A>,
        )
    }

    fn create(
        &'static self,
        name: &'static CStr,
        priority: u32,
        entry: Entry<A>,
        argument: Option<A>,
        begin: unsafe extern "C" fn(ULONG),
    ) -> Result<(), Error> {
        let service = Service(Api::ThreadX, "tx_thread_create");
        service.require_context()?;
        let stack = service.require_thread(priority, TX_PRIORITY_ERROR, STACK, TX_SIZE_ERROR)?;
        let in_use = Error::StorageInUse { what: "thread" };
        let occupancy = self.0.occupancy();
        let Some(was_taken) = occupancy.claim() else {
            return Err(in_use);
        };
        let thread = self.0.pointer();
        // SAFETY: the room is taken, and nobody else is about to start or delete its thread: so there is one.
        if was_taken && !unsafe { delete_ended(&raw mut (*thread).start.block) } {
            occupancy.settle(true);
            return Err(in_use);
        }
        let has_argument = argument.is_some();
        // SAFETY: the room is ours, static and not in use; the name is static.
        let status = unsafe {
            (*thread).start.entry = entry;
            if let Some(argument) = argument {
                (*thread).start.argument.write(argument);
            }
            tx_thread_create(
                &raw mut (*thread).start.block,
                name.as_ptr().cast_mut(),
                Some(begin),
                0,
                (&raw mut (*thread).stack).cast(),
                stack,
                priority,
                priority,
                TX_NO_TIME_SLICE,
                TX_AUTO_START,
            )
        };
        let result = check(Api::ThreadX, "tx_thread_create", status);
        // SAFETY: it was written above, and there is no thread that reads it.
        let refused = (has_argument && result.is_err())
            .then(|| unsafe { (*thread).start.argument.assume_init_read() });
        occupancy.settle(result.is_ok());
        drop(refused);
        result
    }
}

/// Deletes a thread if it has ended. C refuses others; and only threads delete, which are not their own.
///
/// # Safety
/// The thread exists.
unsafe fn delete_ended(thread: *mut TX_THREAD) -> bool {
    // SAFETY: the caller says so.
    in_thread() && unsafe { tx_thread_delete(thread) } == 0
}

/// A thread begins whose entry has no argument.
unsafe extern "C" fn begin_alone(_input: ULONG) {
    // SAFETY: this runs on a thread that `start` created; what the argument would be does not matter for where the entry is.
    let entry = unsafe { (*start::<()>()).entry.alone };
    // When it panics, the thread ends.
    let _: Option<()> = user::call(|| entry(Kernel::running()));
}

/// A thread begins whose entry has one.
unsafe extern "C" fn begin_with_argument<A>(_input: ULONG) {
    // SAFETY: this runs on a thread that `start_with` created, which wrote both before. Nobody else reads the argument.
    let (entry, argument) = unsafe {
        let start = start::<A>();
        (
            (*start).entry.with_argument,
            (*start).argument.assume_init_read(),
        )
    };
    let _: Option<()> = user::call(|| entry(Kernel::running(), argument));
}

/// What the calling thread begins with: C's argument has 32 bits and cannot carry a pointer everywhere; the control block's place can.
///
/// To be read on a thread that a [`ThreadRoom`] created.
fn start<A>() -> *const Start<A> {
    // SAFETY: may be called everywhere.
    unsafe { tx_thread_identify() }.cast_const().cast()
}
