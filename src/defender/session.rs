//! The time for which an agent is enabled: it begins and ends in the same way whichever agent it is.

use core::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::ffi::azure::Azure;
use crate::ffi::cloud::CloudModule;
use crate::ffi::guarded::{Guarded, Unavailable};
use crate::ffi::hooks::{self, Target};
use crate::ffi::hub::HubClients;
use crate::ffi::instance::AzureInstance;
use crate::ffi::kernel::require_thread;

/// One agent at a time.
static ENABLED: AtomicBool = AtomicBool::new(false);

/// An agent that can be enabled.
pub(super) trait Backend: Sync + 'static {
    /// What one thread at a time works with: the cloud helper's while the agent is enabled.
    type Agent: Send;

    /// Why it cannot be enabled while it is, or has not ended yet.
    const IN_USE: Error;

    fn session(&self) -> &Session;

    fn agent(&self) -> &Guarded<Self::Agent>;

    /// So many `NX_IP` instances cannot be watched.
    fn leave_alone(&self, ip_instances: usize);

    /// Does what a second asks for, on the cloud helper's thread.
    fn run(&'static self, agent: &mut Self::Agent, clients: &HubClients);

    /// Packets and seconds come no more, and nobody else works with the agent: it ends.
    fn finish(&'static self, agent: &mut Self::Agent);
}

/// What every agent has while it is enabled.
pub(super) struct Session {
    module: CloudModule,
    pub azure: AzureInstance,
    /// Somebody has the memory.
    in_use: AtomicBool,
    /// Between the last act of enabling and the first of disabling.
    running: AtomicBool,
    /// It was disabled where that could not be completed; the cloud helper's thread does.
    ending: AtomicBool,
}

impl Session {
    pub const fn new() -> Self {
        Self {
            module: CloudModule::new(),
            azure: AzureInstance::none(),
            in_use: AtomicBool::new(false),
            running: AtomicBool::new(false),
            ending: AtomicBool::new(false),
        }
    }

    pub fn is_running(&self) -> bool {
        self.running.load(Ordering::Acquire)
    }

    /// Gives the memory back. Nothing of C's uses it any more.
    fn end(&self) {
        self.azure.clear();
        self.in_use.store(false, Ordering::Release);
        ENABLED.store(false, Ordering::Release);
    }
}

/// Enables an agent. `prepare` gets it ready, and undoes what it did when it fails; `target` is what C is to call, which it
/// does from then on.
pub(super) fn enable<B: Backend>(
    backend: &'static B,
    azure: &Azure,
    target: Target,
    prepare: impl FnOnce(&mut B::Agent) -> Result<(), Error>,
) -> Result<(), Error> {
    require_thread()?;
    let session = backend.session();
    if session.in_use.swap(true, Ordering::AcqRel) {
        return Err(B::IN_USE);
    }
    if ENABLED.swap(true, Ordering::AcqRel) {
        session.in_use.store(false, Ordering::Release);
        return Err(Error::AlreadyEnabled);
    }
    session.azure.set(azure);
    let result = start(backend, target, prepare);
    if result.is_err() {
        session.end();
    }
    result
}

/// Sets everything up, and lets the cloud helper and the packets in last.
fn start<B: Backend>(
    backend: &'static B,
    target: Target,
    prepare: impl FnOnce(&mut B::Agent) -> Result<(), Error>,
) -> Result<(), Error> {
    let session = backend.session();
    backend.agent().prepare()?;
    with(backend, prepare)??;
    target.install();
    if let Err(error) = session.azure.register(&session.module, target) {
        hooks::remove();
        with(backend, |agent| backend.finish(agent))?;
        return Err(error);
    }
    backend.leave_alone(hooks::sync());
    session.running.store(true, Ordering::Release);
    Ok(())
}

/// Works with the agent, which nobody does further up the stack unless this is a callback of the agent's.
fn with<B: Backend, R>(
    backend: &'static B,
    work: impl FnOnce(&mut B::Agent) -> R,
) -> Result<R, Error> {
    let result = backend.agent().with(work);
    result.map_err(|unavailable| match unavailable {
        Unavailable::Reentered => Error::AlreadyEnabled,
        Unavailable::Failed(error) => error,
    })
}

/// A second has passed. On the cloud helper's thread.
pub(super) fn tick<B: Backend>(backend: &'static B) {
    let session = backend.session();
    // The middleware's mutex before the agent's: it calls back with its own held, and the callback may disable the agent.
    let Some(Ok(clients)) = session.azure.hub_clients() else {
        return;
    };
    // It fails only when the mutex does not exist, and then the agent is not enabled.
    let _: Result<(), Unavailable> = backend.agent().with(|agent| {
        if session.is_running() {
            backend.leave_alone(hooks::sync());
            backend.run(agent, &clients);
        }
    });
    drop(clients);
    if session.ending.swap(false, Ordering::AcqRel) {
        // Where the module is off the list already, this says so.
        let _: Result<(), Error> = session.azure.deregister(&session.module);
        let _: Result<(), Unavailable> = backend.agent().with(|agent| backend.finish(agent));
        session.end();
    }
}

/// Disables an agent, or has the cloud helper's thread do what this one may not.
pub(super) fn disable<B: Backend>(backend: &'static B) {
    let session = backend.session();
    session.running.store(false, Ordering::Release);
    if require_thread().is_err() || session.azure.deregister(&session.module).is_err() {
        hooks::remove();
        session.ending.store(true, Ordering::Release);
        return;
    }
    // The cloud helper does not wait for its modules: a tick may be under way, and place hooks.
    let ended = backend.agent().with(|agent| {
        hooks::remove();
        backend.finish(agent);
    });
    match ended {
        Ok(()) => session.end(),
        // This is the tick, further up the stack.
        Err(_) => {
            hooks::remove();
            session.ending.store(true, Ordering::Release);
        }
    }
}
