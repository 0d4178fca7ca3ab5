//! The `NX_AZURE_IOT` that the agent is enabled on, and the agent, which belongs to whoever has locked it.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

use netxduo_sys::NX_AZURE_IOT;

use super::azure::{Azure, UnixTime, is_on_helper, middleware_time};
use super::cloud::CloudModule;
use super::hooks::Target;
use super::hub::HubClients;
use super::lock::{Locked, locked};
#[cfg(feature = "original-agent")]
use super::original::Engine;
use super::pinned::Use;
use super::user;
use crate::error::Error;

/// An instance that cannot be deleted while it is in here, or none; and what one thread at a time works with while it is locked.
pub(crate) struct AzureInstance<A> {
    held: Locked<Option<Held>>,
    /// Somebody works with the agent. Changes only while the instance is locked: the middleware's mutex lets its owner in again, and
    /// this does not.
    busy: AtomicBool,
    agent: UnsafeCell<A>,
}

// SAFETY: `alone` gives out the agent to one thread at a time; the rest may be shared.
unsafe impl<A: Send> Sync for AzureInstance<A> {}

struct Held {
    pointer: *mut NX_AZURE_IOT,
    usage: Use,
}

// SAFETY: the middleware locks for itself, and `Use` is a counter behind a lock.
unsafe impl Send for Held {}

/// Marks the agent free again, also after a panic.
struct Busy<'a>(&'a AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl<A> AzureInstance<A> {
    pub const fn none(agent: A) -> Self {
        Self {
            held: Locked::new(None),
            busy: AtomicBool::new(false),
            agent: UnsafeCell::new(agent),
        }
    }

    /// Holds on to an instance. There is none in here.
    pub fn set(&self, azure: &Azure) {
        let held = Held {
            pointer: azure.pointer(),
            usage: azure.hold(),
        };
        locked(|section| *self.held.get(section) = Some(held));
    }

    /// Lets go of it. Whoever calls this has locked it, or nobody else knows of it yet.
    pub fn clear(&self) {
        let held = locked(|section| self.held.get(section).take());
        drop(held);
    }

    fn pointer(&self) -> Option<*mut NX_AZURE_IOT> {
        locked(|section| self.held.get(section).as_ref().map(|held| held.pointer))
    }

    /// Locks the instance, and works with the agent and with the hub clients, which stay as they are meanwhile. Threads only.
    ///
    /// # Errors
    /// [`Error::AlreadyEnabled`] when the caller works with the agent already, further up its stack; [`Error::C`] when there is no
    /// instance, or when it takes a wait and `wait` says no.
    pub fn alone<R>(
        &self,
        wait: bool,
        work: impl FnOnce(&mut A, &HubClients) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let held = locked(|section| {
            let held = self.held.get(section).as_ref()?;
            let (pointer, occupancy) = (held.pointer, held.usage.occupancy());
            // The thread of its cloud helper goes with the instance. All others keep it while they wait.
            let usage = (!is_on_helper(pointer)).then(|| Use::within(section, occupancy));
            Some((pointer, usage))
        });
        let Some((pointer, usage)) = held else {
            return Err(Error::AlreadyEnabled);
        };
        // SAFETY: the instance exists, and stays until it is unlocked: those who delete it lock it first.
        let clients = unsafe { HubClients::lock(pointer, wait)? };
        drop(usage);
        // While it is locked it stays in here, if it still is.
        if self.pointer() != Some(pointer) || self.busy.load(Ordering::Relaxed) {
            return Err(Error::AlreadyEnabled);
        }
        self.busy.store(true, Ordering::Relaxed);
        let _busy = Busy(&self.busy);
        // SAFETY: the instance is in here and locked by this thread, so no other one works with the agent, and nothing further
        // up this thread's stack does.
        work(unsafe { &mut *self.agent.get() }, &clients)
    }

    /// Unix time in seconds: the hook's, or else the middleware's.
    pub fn unix_time(&self, hook: Option<UnixTime>) -> Option<u32> {
        match hook {
            Some(hook) => user::unix_time(hook),
            // SAFETY: the instance is held, so it exists.
            None => unsafe { middleware_time(self.pointer()?) },
        }
    }

    /// Enables the original agent on it. Threads only.
    #[cfg(feature = "original-agent")]
    pub fn enable_original(&self, engine: &mut Engine, seed: u64) -> Result<(), Error> {
        match self.pointer() {
            // SAFETY: the instance is held until after the agent is disabled.
            Some(pointer) => unsafe { engine.enable(pointer, seed) },
            None => Ok(()),
        }
    }

    /// Adds the module to its cloud helper, which then calls `target`. Threads only.
    pub fn register(&self, module: &'static CloudModule, target: Target) -> Result<(), Error> {
        match self.pointer() {
            // SAFETY: the instance is held until after `deregister`, and the agent registers its module once.
            Some(pointer) => unsafe { module.register(pointer, target) },
            None => Ok(()),
        }
    }

    /// Takes the module off its cloud helper. Threads only.
    pub fn deregister(&self, module: &'static CloudModule) -> Result<(), Error> {
        match self.pointer() {
            // SAFETY: the instance is held, and is the one of `register`.
            Some(pointer) => unsafe { module.deregister(pointer) },
            None => Ok(()),
        }
    }
}
