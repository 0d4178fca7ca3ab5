//! The agent's memory, and what runs in it.

use core::net::{Ipv4Addr, Ipv6Addr};
use core::sync::atomic::{AtomicBool, Ordering};

use defender_message::flow::SystemInformation;

use super::versions::{KERNEL_INFO, OS_INFO};
use super::{Defender, EntropyHook};
use crate::agent::flow::{Cursor, Flow, FlowSource, FlowTable};
use crate::agent::packet::{Direction, Observation, Rejection};
use crate::agent::{
    Action, Agent, Entropy, EntropyUnavailable, Environment, MESSAGE_BYTES, MessageStatistics,
    Settings, State, Statistics, first_collection,
};
use crate::error::Error;
use crate::ffi::azure::{Azure, UnixTime};
use crate::ffi::cloud::CloudModule;
use crate::ffi::guarded::{Guarded, Unavailable};
use crate::ffi::hooks::{self, Callable, Instance, Target};
use crate::ffi::hub::HubClients;
use crate::ffi::instance::AzureInstance;
use crate::ffi::kernel::require_thread;
use crate::ffi::lock::{Locked, Section, locked};

/// One agent at a time.
static ENABLED: AtomicBool = AtomicBool::new(false);

/// The memory of an agent that keeps `V4` IPv4 and `V6` IPv6 flows apart between two collections, and whose messages have
/// up to `MESSAGE` bytes; declare it as a `static`.
///
/// With the defaults that is less than 12 KB, and all that the agent uses but for the stack of the cloud helper. `V4` and `V6`
/// are 1 to 65,534; a `MESSAGE` that is too small for any single event does not compile (about 1,000 bytes always do).
pub struct DefenderStorage<
    const V4: usize = 64,
    const V6: usize = 64,
    const MESSAGE: usize = MESSAGE_BYTES,
> {
    callable: Callable<Running<V4, V6, MESSAGE>>,
}

/// What is in the storage.
struct Running<const V4: usize, const V6: usize, const MESSAGE: usize> {
    /// Shared with the packet hooks.
    flows: Locked<FlowTable<V4, V6>>,
    /// Shared with the guard.
    shared: Locked<Shared>,
    /// The cloud helper's alone while it is enabled.
    agent: Guarded<Agent<MESSAGE>>,
    module: CloudModule,
    azure: AzureInstance,
    /// Somebody has the memory.
    in_use: AtomicBool,
    /// Between the last act of enabling and the first of disabling.
    running: AtomicBool,
    /// It was disabled where that could not be completed; the cloud helper's thread does.
    ending: AtomicBool,
}

const _: () = assert!(
    size_of::<DefenderStorage>() <= 12 * 1024,
    "the agent with its default sizes takes more than 12 KB"
);

/// What the cloud helper's thread and the guard exchange.
#[derive(Clone, Copy)]
struct Shared {
    settings: Settings,
    hooks: Hooks,
    state: State,
    messages: MessageStatistics,
    /// `NX_IP` instances that could not be watched.
    ip_instances_left_alone: usize,
}

/// What the platform gives the agent.
#[derive(Clone, Copy)]
pub(super) struct Hooks {
    pub entropy: EntropyHook,
    /// `None`: the middleware's.
    pub unix_time: Option<UnixTime>,
}

/// The enabled agent, for its guard.
pub(super) trait Control: Sync {
    fn state(&self) -> State;
    fn statistics(&self) -> Statistics;
    fn settings(&self) -> Settings;
    /// Changes the settings, if they are still `from`.
    fn replace_settings(&self, from: &Settings, to: &Settings) -> bool;
    fn disable(&'static self);
}

impl<const V4: usize, const V6: usize, const MESSAGE: usize> DefenderStorage<V4, V6, MESSAGE> {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            callable: Callable::new(Running::new()),
        }
    }

    /// Starts the agent.
    pub(super) fn enable(
        &'static self,
        azure: &Azure,
        settings: Settings,
        hooks: Hooks,
    ) -> Result<Defender, Error> {
        let instance = &self.callable.instance;
        instance.enable(azure, settings, hooks, self.callable.target())?;
        Ok(Defender::of(instance))
    }
}

impl<const V4: usize, const V6: usize, const MESSAGE: usize> Running<V4, V6, MESSAGE> {
    const fn new() -> Self {
        Self {
            flows: Locked::new(FlowTable::new()),
            shared: Locked::new(Shared {
                settings: Settings::new(),
                hooks: Hooks {
                    entropy: crate::ffi::entropy::operating_system,
                    unix_time: None,
                },
                state: State::NotInitialized,
                messages: MessageStatistics::new(),
                ip_instances_left_alone: 0,
            }),
            agent: Guarded::new(Agent::start(0, 0)),
            module: CloudModule::new(),
            azure: AzureInstance::none(),
            in_use: AtomicBool::new(false),
            running: AtomicBool::new(false),
            ending: AtomicBool::new(false),
        }
    }

    /// Starts it. `target` is what C is to call.
    fn enable(
        &'static self,
        azure: &Azure,
        settings: Settings,
        hooks: Hooks,
        target: Target,
    ) -> Result<(), Error> {
        require_thread()?;
        if self.in_use.swap(true, Ordering::AcqRel) {
            return Err(Error::StorageInUse { what: "defender" });
        }
        if ENABLED.swap(true, Ordering::AcqRel) {
            self.in_use.store(false, Ordering::Release);
            return Err(Error::AlreadyEnabled);
        }
        self.azure.set(azure);
        let result = self.start(settings, hooks, target);
        if result.is_err() {
            hooks::remove();
            self.end();
        }
        result
    }

    /// Sets everything up, and lets the cloud helper and the packets in last.
    fn start(&'static self, settings: Settings, hooks: Hooks, target: Target) -> Result<(), Error> {
        let unix_time = self.azure.unix_time(hooks.unix_time);
        let unix_time = unix_time.ok_or(Error::NoUnixTime)?;
        let mut entropy = Hook(hooks.entropy);
        let first_collection = first_collection(&settings, &mut entropy)
            .map_err(|EntropyUnavailable| Error::NoEntropy)?;
        let mut seed = [0; 4];
        let seeded = entropy.fill(&mut seed);
        seeded.map_err(|EntropyUnavailable| Error::NoEntropy)?;

        self.agent.prepare()?;
        let fresh = self
            .agent
            .with(|agent| agent.restart(unix_time, first_collection));
        fresh.map_err(|unavailable| match unavailable {
            Unavailable::Reentered => Error::AlreadyEnabled,
            Unavailable::Failed(error) => error,
        })?;
        locked(|section| {
            let flows = self.flows.get(section);
            flows.clear();
            flows.set_seed(u32::from_ne_bytes(seed));
            flows.apply(&settings);
            hooks::count_incoming_at_filter(!settings.unicast_only());
            *self.shared.get(section) = Shared {
                settings,
                hooks,
                state: State::Pending,
                messages: MessageStatistics::new(),
                ip_instances_left_alone: 0,
            };
        });
        target.install();
        self.azure.register(&self.module, target)?;
        let ip_instances_left_alone = hooks::sync();
        locked(|section| {
            self.shared.get(section).ip_instances_left_alone = ip_instances_left_alone;
        });
        self.running.store(true, Ordering::Release);
        Ok(())
    }

    /// Gives the memory back. Nothing of C's uses it any more.
    fn end(&'static self) {
        self.azure.clear();
        locked(|section| self.shared.get(section).state = State::NotInitialized);
        self.in_use.store(false, Ordering::Release);
        ENABLED.store(false, Ordering::Release);
    }

    /// Does what a second asks for.
    fn run(&'static self, agent: &mut Agent<MESSAGE>, clients: &HubClients) {
        let ip_instances_left_alone = hooks::sync();
        let Shared { hooks, .. } = self.shared.load();
        let mut entropy = Hook(hooks.entropy);
        let mut flows = Shielded(&self.flows);
        while self.running.load(Ordering::Acquire) {
            // The time may not be known for a moment: the next second tries again.
            let Some(unix_time) = self.azure.unix_time(hooks.unix_time) else {
                break;
            };
            let settings = self.shared.load().settings;
            let action = agent.poll(&mut Environment {
                unix_time,
                hub_connected: clients.any_connected(),
                settings: &settings,
                system: SystemInformation {
                    os_info: OS_INFO.as_str(),
                    kernel_info: KERNEL_INFO.as_str(),
                    hw_info: "",
                },
                flows: &mut flows,
                entropy: &mut entropy,
            });
            let Action::Send(message) = action else {
                break;
            };
            let takers = clients.deliver(message, settings.max_hub_devices());
            agent.sent(takers > 0);
        }
        locked(|section| {
            let shared = self.shared.get(section);
            shared.state = agent.state();
            shared.messages = agent.statistics();
            shared.ip_instances_left_alone = ip_instances_left_alone;
        });
    }
}

impl<const V4: usize, const V6: usize, const MESSAGE: usize> Default
    for DefenderStorage<V4, V6, MESSAGE>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const V4: usize, const V6: usize, const MESSAGE: usize> Instance for Running<V4, V6, MESSAGE> {
    #[inline(always)]
    fn observe_v4(
        &self,
        section: &mut Section,
        direction: Direction,
        packet: &Observation<Ipv4Addr>,
    ) {
        self.flows.get(section).observe_v4(direction, packet);
    }

    #[inline(always)]
    fn observe_v6(
        &self,
        section: &mut Section,
        direction: Direction,
        packet: &Observation<Ipv6Addr>,
    ) {
        self.flows.get(section).observe_v6(direction, packet);
    }

    #[cold]
    fn reject(&self, section: &mut Section, reason: Rejection) {
        self.flows.get(section).reject(reason);
    }

    fn tick(&'static self) {
        // The middleware's mutex before the agent's: it calls back with its own held, and the callback may disable the agent.
        let Some(Ok(clients)) = self.azure.hub_clients() else {
            return;
        };
        // It fails only when the mutex does not exist, and then the agent is not enabled.
        let _: Result<(), Unavailable> = self.agent.with(|agent| {
            if self.running.load(Ordering::Acquire) {
                self.run(agent, &clients);
            }
        });
        drop(clients);
        if self.ending.swap(false, Ordering::AcqRel) {
            // Where the module is off the list already, this says so.
            let _: Result<(), Error> = self.azure.deregister(&self.module);
            self.end();
        }
    }
}

impl<const V4: usize, const V6: usize, const MESSAGE: usize> Control for Running<V4, V6, MESSAGE> {
    fn state(&self) -> State {
        self.shared.load().state
    }

    fn statistics(&self) -> Statistics {
        let Shared {
            messages,
            ip_instances_left_alone,
            ..
        } = self.shared.load();
        let packets = locked(|section| self.flows.get(section).statistics());
        Statistics {
            packets,
            messages,
            ip_instances_left_alone,
        }
    }

    fn settings(&self) -> Settings {
        self.shared.load().settings
    }

    fn replace_settings(&self, from: &Settings, to: &Settings) -> bool {
        // In one section, so that of two changes at once the same one wins everywhere.
        locked(|section| {
            let shared = self.shared.get(section);
            let unchanged = shared.settings == *from;
            if unchanged {
                shared.settings = *to;
                self.flows.get(section).apply(to);
                hooks::count_incoming_at_filter(!to.unicast_only());
            }
            unchanged
        })
    }

    fn disable(&'static self) {
        self.running.store(false, Ordering::Release);
        if require_thread().is_err() || self.azure.deregister(&self.module).is_err() {
            // The cloud helper's thread may do what this one may not.
            hooks::remove();
            self.ending.store(true, Ordering::Release);
            return;
        }
        // The cloud helper does not wait for its modules: a tick may be under way, and place hooks.
        match self.agent.with(|_| hooks::remove()) {
            Ok(()) => self.end(),
            // This is the tick, further up the stack.
            Err(_) => {
                hooks::remove();
                self.ending.store(true, Ordering::Release);
            }
        }
    }
}

/// The flow table behind the lock, one flow at a time.
struct Shielded<'a, const V4: usize, const V6: usize>(&'a Locked<FlowTable<V4, V6>>);

impl<const V4: usize, const V6: usize> FlowSource for Shielded<'_, V4, V6> {
    fn take(&mut self, cursor: &mut Cursor) -> Option<Flow> {
        locked(|section| self.0.get(section).take(cursor))
    }

    fn is_empty(&mut self) -> bool {
        locked(|section| self.0.get(section).is_empty())
    }
}

/// The platform's entropy.
struct Hook(EntropyHook);

impl Entropy for Hook {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        (self.0)(bytes)
    }
}
