//! The `NX_AZURE_IOT` that the agent is enabled on.

use netxduo_sys::NX_AZURE_IOT;

use super::azure::{Azure, UnixTime, middleware_time};
use super::cloud::CloudModule;
use super::hooks::Target;
use super::hub::HubClients;
use super::lock::{Locked, locked};
#[cfg(feature = "original-agent")]
use super::original::Engine;
use super::pinned::Use;
use crate::error::Error;

/// An instance that cannot be deleted while it is in here, or none.
pub(crate) struct AzureInstance(Locked<Option<Held>>);

struct Held {
    pointer: *mut NX_AZURE_IOT,
    _use: Use,
}

// SAFETY: the middleware locks for itself, and `Use` is an atomic counter.
unsafe impl Send for Held {}

impl AzureInstance {
    pub const fn none() -> Self {
        Self(Locked::new(None))
    }

    /// Holds on to an instance.
    pub fn set(&self, azure: &Azure) {
        let held = Held {
            pointer: azure.pointer(),
            _use: azure.hold(),
        };
        locked(|section| *self.0.get(section) = Some(held));
    }

    /// Lets go of it. Nobody may use it meanwhile.
    pub fn clear(&self) {
        locked(|section| *self.0.get(section) = None);
    }

    fn pointer(&self) -> Option<*mut NX_AZURE_IOT> {
        locked(|section| self.0.get(section).as_ref().map(|held| held.pointer))
    }

    /// Unix time in seconds: the hook's, or else the middleware's.
    pub fn unix_time(&self, hook: Option<UnixTime>) -> Option<u32> {
        match hook {
            Some(hook) => hook(),
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

    /// Its hub clients, which stay as they are while the result lives. Threads only.
    pub fn hub_clients(&self) -> Option<Result<HubClients, Error>> {
        // SAFETY: the instance is held, so it exists; the agent lets go of the result before the instance.
        self.pointer()
            .map(|pointer| unsafe { HubClients::of(pointer) })
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
