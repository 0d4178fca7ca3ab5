//! The ThreadX kernel: entering it, and the proof that it runs.

#[cfg(feature = "application-define")]
use core::convert::Infallible;
use core::ffi::CStr;
use core::time::Duration;

use crate::error::Error;
#[cfg(feature = "application-define")]
use crate::ffi::entry;
use crate::ffi::kernel;
use crate::ffi::thread::ThreadRoom;

/// Proof that the kernel was entered, so that its services may be called. It can be copied and sent to other threads.
#[derive(Clone, Copy, Debug)]
pub struct Kernel(());

impl Kernel {
    /// For those who know.
    pub(crate) const fn running() -> Self {
        Self(())
    }

    /// Enters the kernel, from `main`. It calls `define` to create the first threads (the context that ThreadX calls
    /// initialization, where nothing may block), and then runs them; it never returns.
    ///
    /// Needs the feature `application-define`, because ThreadX calls `tx_application_define`. A program with a
    /// `tx_application_define` of its own turns the feature off, enters the kernel itself, and uses
    /// [`current`](Self::current).
    ///
    /// # Errors
    /// [`Error::KernelEntered`] the second time.
    #[cfg(feature = "application-define")]
    pub fn enter(define: fn(Kernel)) -> Result<Infallible, Error> {
        entry::enter(define)
    }

    /// The proof for a thread of a kernel that C entered.
    ///
    /// # Errors
    /// [`Error::NotAThread`] anywhere else.
    pub fn current() -> Result<Self, Error> {
        kernel::require_thread()?;
        Ok(Self::running())
    }

    /// Starts a thread of the given priority (0 is the highest) on static memory, which is free again when `entry` has returned. From
    /// initialization and threads. A panic in `entry` ends the thread; without the feature `std` it
    /// is for the program's panic handler.
    ///
    /// # Errors
    /// [`Error::StorageInUse`] as long as the memory's last thread has not ended, or [`Error::C`] for a priority or a stack that ThreadX
    /// refuses.
    pub fn spawn<const STACK: usize>(
        self,
        storage: &'static ThreadStorage<STACK>,
        name: &'static CStr,
        priority: u32,
        entry: fn(Self),
    ) -> Result<(), Error> {
        storage.room.start(name, priority, entry)
    }

    /// The same with an argument, which is dropped when the thread does not start.
    ///
    /// ```no_run
    /// # use threadx_defender::kernel::{Kernel, ThreadStorage};
    /// # use threadx_defender::net::Ip;
    /// static PINGER: ThreadStorage<2048, &'static Ip> = ThreadStorage::new();
    ///
    /// # fn example(kernel: Kernel, ip: &'static Ip) -> Result<(), threadx_defender::Error> {
    /// kernel.spawn_with(&PINGER, c"pinger", 16, ip, |kernel, ip| {
    ///     // …
    /// })
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`spawn`](Self::spawn).
    pub fn spawn_with<const STACK: usize, A: Send>(
        self,
        storage: &'static ThreadStorage<STACK, A>,
        name: &'static CStr,
        priority: u32,
        argument: A,
        entry: fn(Self, A),
    ) -> Result<(), Error> {
        storage.room.start_with(name, priority, argument, entry)
    }

    /// Lets the calling thread sleep for at least `time`, in ticks of 10 ms by default. From threads.
    ///
    /// # Errors
    /// [`Error::NotAThread`], or [`Error::C`] when another thread ended the sleep.
    pub fn sleep(self, time: Duration) -> Result<(), Error> {
        kernel::sleep(to_ticks(time))
    }

    /// Time since the kernel was entered; starts anew when ThreadX' 32 bits of ticks overflow. From everywhere.
    pub fn uptime(self) -> Duration {
        let ticks = u64::from(kernel::ticks());
        Duration::from_millis(ticks * 1000 / u64::from(kernel::TICKS_PER_SECOND))
    }
}

/// `time` in ticks, rounded up; what does not fit is the longest time there is.
pub(crate) fn to_ticks(time: Duration) -> u32 {
    let ticks = (time.as_nanos() * u128::from(kernel::TICKS_PER_SECOND)).div_ceil(1_000_000_000);
    // The largest number means "wait forever" to ThreadX.
    u32::try_from(ticks).unwrap_or(u32::MAX).min(u32::MAX - 1)
}

/// Memory for one thread at a time, with a stack of `STACK` bytes and, for [`Kernel::spawn_with`], an argument; declare it as a `static`.
pub struct ThreadStorage<const STACK: usize, A: 'static = ()> {
    room: ThreadRoom<STACK, A>,
}

impl<const STACK: usize, A> ThreadStorage<STACK, A> {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: ThreadRoom::new(),
        }
    }
}

impl<const STACK: usize, A> Default for ThreadStorage<STACK, A> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(feature = "std", feature = "application-define"))]
pub use self::run::run;

#[cfg(all(feature = "std", feature = "application-define"))]
mod run {
    extern crate std;

    use core::sync::atomic::{AtomicBool, Ordering};
    use std::boxed::Box;
    use std::panic::{self, AssertUnwindSafe};
    use std::sync::Mutex;
    use std::sync::mpsc;
    use std::thread;

    use super::{Error, Kernel, ThreadStorage};

    /// Gets the kernel, or why there is none.
    type Body = Box<dyn FnOnce(Result<Kernel, Error>) + Send>;

    static BODY: Mutex<Option<Body>> = Mutex::new(None);
    static THREAD: ThreadStorage<65_536> = ThreadStorage::new();
    static USED: AtomicBool = AtomicBool::new(false);

    /// Enters the kernel, runs `body` on a ThreadX thread of priority 16, and returns what it returns. For programs on an
    /// operating system, once in a process: the kernel goes on in the background and cannot be left.
    ///
    /// # Errors
    /// [`Error::KernelEntered`] the second time; whatever stops the kernel from starting the thread.
    ///
    /// # Panics
    /// With the panic of `body`.
    pub fn run<T: Send + 'static>(
        body: impl FnOnce(Kernel) -> T + Send + 'static,
    ) -> Result<T, Error> {
        if USED.swap(true, Ordering::AcqRel) {
            return Err(Error::KernelEntered);
        }
        let (sender, receiver) = mpsc::channel();
        let body: Body = Box::new(move |kernel| {
            let result =
                kernel.map(|kernel| panic::catch_unwind(AssertUnwindSafe(|| body(kernel))));
            // Nobody waits any more only when the program ends.
            let _ = sender.send(result);
        });
        if let Ok(mut slot) = BODY.lock() {
            *slot = Some(body);
        }
        thread::spawn(|| {
            let Err(error) = Kernel::enter(define);
            start(Err(error));
        });
        match receiver.recv() {
            Ok(Ok(Ok(value))) => Ok(value),
            Ok(Ok(Err(panic))) => panic::resume_unwind(panic),
            Ok(Err(error)) => Err(error),
            // Nobody ran the body: it was taken while its lock was poisoned, which nobody does.
            Err(_) => Err(Error::KernelEntered),
        }
    }

    fn define(kernel: Kernel) {
        let spawned = kernel.spawn(&THREAD, c"main", 16, |kernel| start(Ok(kernel)));
        if let Err(error) = spawned {
            start(Err(error));
        }
    }

    /// Runs the body, the first time.
    fn start(kernel: Result<Kernel, Error>) {
        let body = BODY.lock().ok().and_then(|mut body| body.take());
        if let Some(body) = body {
            body(kernel);
        }
    }
}
