//! Threads whose entry is a Rust function.

use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::mem::MaybeUninit;

use threadx_sys::{
    TX_AUTO_START, TX_NO_TIME_SLICE, TX_PRIORITY_ERROR, TX_SIZE_ERROR, TX_THREAD, ULONG,
    tx_thread_create, tx_thread_identify,
};

use super::arguments::Service;
use super::pinned::Pinned;
use super::user;
use crate::error::{Api, Error, check};

/// A thread's control block, what it is to do, and its stack.
#[repr(C)]
struct Thread<const STACK: usize> {
    /// First, so that a pointer to it is one to the whole.
    block: TX_THREAD,
    entry: MaybeUninit<fn()>,
    stack: Stack<STACK>,
}

/// Stacks are aligned to 8 bytes on Cortex-M.
#[repr(C, align(16))]
struct Stack<const STACK: usize>(UnsafeCell<[MaybeUninit<u8>; STACK]>);

/// What every [`Thread`] begins with.
#[repr(C)]
struct Start {
    block: TX_THREAD,
    entry: MaybeUninit<fn()>,
}

pub(crate) struct ThreadRoom<const STACK: usize>(Pinned<Thread<STACK>>);

impl<const STACK: usize> ThreadRoom<STACK> {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    /// Starts a thread that runs `entry` and then ends.
    pub fn start(
        &'static self,
        name: &'static CStr,
        priority: u32,
        entry: fn(),
    ) -> Result<(), Error> {
        let service = Service(Api::ThreadX, "tx_thread_create");
        service.require_context()?;
        let stack = service.require_thread(priority, TX_PRIORITY_ERROR, STACK, TX_SIZE_ERROR)?;
        let thread = self.0.take("thread")?;
        // SAFETY: the room is ours, static and not in use; the name is static.
        let status = unsafe {
            (*thread).entry.write(entry);
            tx_thread_create(
                &raw mut (*thread).block,
                name.as_ptr().cast_mut(),
                Some(thread_entry),
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
        if result.is_err() {
            self.0.release();
        }
        result
    }
}

/// A thread begins.
unsafe extern "C" fn thread_entry(_input: ULONG) {
    // The entry's argument has 32 bits and cannot carry a pointer everywhere; the control block's place can.
    // SAFETY: this runs on a thread that `start` created, so its control block is the beginning of a `Thread`, whose
    // entry was written before.
    let entry = unsafe {
        let start: *mut Start = tx_thread_identify().cast();
        (*start).entry.assume_init()
    };
    // When it panics, the thread ends.
    let _: Option<()> = user::call(entry);
}
