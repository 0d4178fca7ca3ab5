//! The time for which an agent is enabled: it begins and ends in the same way whichever agent it is.

use core::sync::atomic::{AtomicU32, Ordering};

use super::lifecycle::{self, Life, Parts};
use crate::error::Error;
use crate::ffi::azure::Azure;
use crate::ffi::cloud::CloudModule;
use crate::ffi::hooks::{self, Target};
use crate::ffi::hub::HubClients;
use crate::ffi::instance::{Alone, AzureInstance, Refusal};
use crate::ffi::kernel::{in_thread, may_wait, require_thread};
use crate::ffi::lock::locked;

/// The [`Life`] of the one agent at a time. Changed only with interrupts off.
static LIFE: AtomicU32 = AtomicU32::new(0);

/// An agent that can be enabled.
pub(super) trait Backend: Sync + 'static {
    /// What one thread at a time works with: the cloud helper's while the agent is enabled.
    type Agent: Send;

    fn session(&'static self) -> &'static Session<Self::Agent>;

    /// So many `NX_IP` instances cannot be watched.
    fn leave_alone(&self, ip_instances: usize);

    /// Does what a second asks for, on the cloud helper's thread.
    fn run(&'static self, agent: &mut Self::Agent, clients: &HubClients);

    /// Packets and seconds come no more, and nobody else works with the agent: it ends.
    fn finish(&'static self, agent: &mut Self::Agent);
}

/// What every agent has while it is enabled.
pub(super) struct Session<A> {
    module: CloudModule,
    pub azure: AzureInstance<A>,
}

impl<A> Session<A> {
    pub const fn new(agent: A) -> Self {
        Self {
            module: CloudModule::new(),
            azure: AzureInstance::none(agent),
        }
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
    let enabled = Enabled(backend);
    if !lifecycle::claim(&enabled) {
        return Err(Error::AlreadyEnabled);
    }
    let session = backend.session();
    session.azure.set(azure);
    lifecycle::start(&enabled, may_wait(), |alone| {
        prepare(alone.agent)?;
        session
            .azure
            .register(&session.module, target)
            .inspect_err(|_| backend.finish(alone.agent))?;
        target.install();
        Ok(())
    })
}

/// A second has passed. On the cloud helper's thread.
pub(super) fn tick<B: Backend>(backend: &'static B) {
    lifecycle::second(&Enabled(backend), |alone| {
        backend.run(alone.agent, &alone.clients);
    });
}

/// Looks at the agent while nobody else works with it. From threads, and from nowhere within its own work.
pub(super) fn look<B: Backend, R>(
    backend: &'static B,
    look: impl FnOnce(&B::Agent) -> R,
) -> Result<R, Error> {
    require_thread()?;
    let alone = backend.session().azure.alone(may_wait())?;
    Ok(look(alone.agent))
}

/// Disables an agent, or has the cloud helper's thread do what this one may not.
pub(super) fn disable<B: Backend>(backend: &'static B) {
    lifecycle::stop(&Enabled(backend), in_thread().then(may_wait));
}

/// Whether an agent is enabled and nobody has disabled it.
pub(super) fn is_running<B: Backend>(backend: &'static B) -> bool {
    lifecycle::is_running(&Enabled(backend))
}

/// The agent, as its lifecycle looks at it.
struct Enabled<B: 'static>(&'static B);

impl<B: Backend> Parts for Enabled<B> {
    type Alone<'a> = Alone<'a, B::Agent>;
    type Refusal = Refusal;

    fn life<R>(&self, change: impl FnOnce(&mut Life) -> R) -> R {
        locked(|_| {
            let mut life = self.now();
            let result = change(&mut life);
            LIFE.store(life.0, Ordering::Relaxed);
            result
        })
    }

    fn now(&self) -> Life {
        Life(LIFE.load(Ordering::Relaxed))
    }

    fn close(&self) {
        hooks::uninstall();
    }

    fn place(&self) {
        self.0.leave_alone(hooks::sync());
    }

    fn take_out(&self) -> bool {
        hooks::take_out()
    }

    fn alone(&self, wait: bool) -> Result<Alone<'_, B::Agent>, Refusal> {
        self.0.session().azure.alone(wait)
    }

    fn finish(&self, alone: &mut Self::Alone<'_>) {
        let session = self.0.session();
        // It is on the list, and this thread has locked it.
        let _: Result<(), Error> = session.azure.deregister(&session.module);
        self.0.finish(alone.agent);
    }

    fn release(&self) {
        self.0.session().azure.clear();
    }
}
