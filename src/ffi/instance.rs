//! The `NX_AZURE_IOT` that the agent is enabled on, and the agent, which belongs to whoever has locked it.

use core::cell::UnsafeCell;
use core::mem;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use netxduo_sys::NX_AZURE_IOT;
use threadx_sys::UINT;

use super::azure::{Azure, UnixTime, is_on_helper, middleware_time};
use super::cloud::CloudModule;
use super::hooks::Target;
use super::hub::HubClients;
use super::lock::{Locked, locked};
#[cfg(feature = "original-agent")]
use super::original::Engine;
use super::pinned::Use;
use super::user;
use crate::error::{Api, Error};

/// An instance that cannot be deleted while it is in here, or none; and what one thread at a time works with while it is locked.
pub(crate) struct AzureInstance<A> {
    held: Held,
    agent: UnsafeCell<A>,
}

struct Held {
    /// Null: none. Changes only with interrupts off.
    pointer: AtomicPtr<NX_AZURE_IOT>,
    usage: Locked<Use>,
    /// Somebody works with the agent. Changes only while the instance is locked: the middleware's mutex lets its owner in again, and
    /// this does not.
    busy: AtomicBool,
}

// SAFETY: `alone` gives out the agent to one thread at a time; the rest may be shared.
unsafe impl<A: Send> Sync for AzureInstance<A> {}

/// The agent, and the hub clients, which stay as they are meanwhile. Others may have them when this is dropped, also after a panic.
pub(crate) struct Alone<'a, A> {
    pub agent: &'a mut A,
    pub clients: HubClients,
    busy: &'a AtomicBool,
}

impl<A> Drop for Alone<'_, A> {
    fn drop(&mut self) {
        self.busy.store(false, Ordering::Relaxed);
    }
}

/// Why nobody is alone with the agent.
pub(crate) enum Refusal {
    /// There is no instance, or the caller works with the agent already, further up its stack.
    Elsewhere,
    /// What the mutex said, which takes a wait.
    Status(UINT),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let Refusal::Status(code) = refusal else {
            return Self::AlreadyEnabled;
        };
        Self::c(Api::ThreadX, "tx_mutex_get", code)
    }
}

impl Held {
    fn pointer(&self) -> *mut NX_AZURE_IOT {
        self.pointer.load(Ordering::Relaxed)
    }

    /// Locks the instance, for one who works with the agent.
    #[inline(never)]
    fn lock(&self, wait: bool) -> Result<HubClients, Refusal> {
        let (pointer, usage) = locked(|section| {
            let pointer = self.pointer();
            let occupancy = self.usage.get(section).occupancy();
            // The thread of its cloud helper goes with the instance. All others keep it while they wait.
            let kept = occupancy.filter(|_| !is_on_helper(pointer));
            (pointer, Use::within(section, kept))
        });
        if pointer.is_null() {
            return Err(Refusal::Elsewhere);
        }
        // SAFETY: the instance exists, and stays until it is unlocked: those who delete it lock it first.
        let clients = unsafe { HubClients::lock(pointer, wait).map_err(Refusal::Status)? };
        drop(usage);
        // While it is locked it stays in here, if it still is.
        if self.pointer() != pointer || self.busy.load(Ordering::Relaxed) {
            return Err(Refusal::Elsewhere);
        }
        self.busy.store(true, Ordering::Relaxed);
        Ok(clients)
    }
}

impl<A> AzureInstance<A> {
    pub const fn none(agent: A) -> Self {
        Self {
            held: Held {
                pointer: AtomicPtr::new(ptr::null_mut()),
                usage: Locked::new(Use::NONE),
                busy: AtomicBool::new(false),
            },
            agent: UnsafeCell::new(agent),
        }
    }

    /// Holds on to an instance. There is none in here.
    pub fn set(&self, azure: &Azure) {
        self.replace(azure.pointer(), azure.hold());
    }

    /// Lets go of it. Whoever calls this has locked it, or nobody else knows of it yet.
    pub fn clear(&self) {
        self.replace(ptr::null_mut(), Use::NONE);
    }

    fn replace(&self, pointer: *mut NX_AZURE_IOT, usage: Use) {
        let before = locked(|section| {
            self.held.pointer.store(pointer, Ordering::Relaxed);
            mem::replace(self.held.usage.get(section), usage)
        });
        drop(before);
    }

    fn pointer(&self) -> Option<*mut NX_AZURE_IOT> {
        Some(self.held.pointer()).filter(|pointer| !pointer.is_null())
    }

    /// Locks the instance. Threads only.
    #[inline(always)]
    pub fn alone(&self, wait: bool) -> Result<Alone<'_, A>, Refusal> {
        Ok(Alone {
            clients: self.held.lock(wait)?,
            // SAFETY: the instance is in here and locked by this thread, so no other one works with the agent, and nothing
            // further up this thread's stack does.
            agent: unsafe { &mut *self.agent.get() },
            busy: &self.held.busy,
        })
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
