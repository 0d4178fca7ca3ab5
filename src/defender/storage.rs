//! The agent's memory, and what runs in it.

use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use defender_message::flow::SystemInformation;

use super::guard::Control;
use super::session::{self, Backend, Session};
use super::versions::{KERNEL_INFO, OS_INFO};
use super::{Defender, EntropyHook, Implementation, Statistics};
use crate::agent::flow::{Counting, Cursor, Flow, FlowSource, FlowTable, Taken};
use crate::agent::packet::{Direction, Rejection, Sample, Seen};
use crate::agent::{
    Agent, Entropy, EntropyUnavailable, Environment, MESSAGE_BYTES, MessageStatistics, Outlook,
    Settings, State,
};
use crate::error::Error;
use crate::ffi::azure::{Azure, UnixTime};
use crate::ffi::hooks::{self, Callable, Instance, Target};
use crate::ffi::hub::HubClients;
use crate::ffi::kernel::Uptime;
use crate::ffi::late::Late;
use crate::ffi::lock::{Locked, Section, locked};
use crate::ffi::user;

/// The memory of an agent that keeps `V4` IPv4 and `V6` IPv6 flows apart between two collections, and whose messages have
/// up to `MESSAGE` bytes; declare it as a `static`.
///
/// With the defaults that is less than 10 KB on a processor of 32 bits, none of it in flash, and all that the agent uses but for the stack of the cloud helper. `V4` and `V6`
/// are 1 to 65,534; a `MESSAGE` that is too small for any single event does not compile (about 1,000 bytes always do).
pub struct DefenderStorage<
    const V4: usize = 64,
    const V6: usize = 64,
    const MESSAGE: usize = MESSAGE_BYTES,
> {
    callable: Callable<Running<V4, V6, MESSAGE>>,
}

/// What is in the storage. The flow table is first, so that all of it is near the pointer that packet hooks get.
#[repr(C)]
struct Running<const V4: usize, const V6: usize, const MESSAGE: usize> {
    /// Shared with the packet hooks.
    flows: Locked<FlowTable<V4, V6>>,
    /// Shared with the guard, once it was enabled.
    shared: Locked<Late<Shared>>,
    /// What the agent is doing, a [`State`].
    state: AtomicU8,
    /// `NX_IP` instances that could not be watched.
    left_alone: AtomicUsize,
    /// With the agent: the cloud helper's alone while it is enabled.
    session: Session<Working<MESSAGE>>,
}

/// What one thread at a time works with.
pub(super) struct Working<const MESSAGE: usize> {
    agent: Agent<MESSAGE>,
    uptime: Uptime,
    /// A copy of what is shared, to be made anew only when it has changed.
    settings: Late<(Settings, u32)>,
}

const _: () = assert!(
    size_of::<DefenderStorage>() <= if size_of::<usize>() == 4 { 10 } else { 11 } * 1024,
    "the agent with its default sizes takes more than 10 KB, or 11 KB where pointers have 64 bits"
);

/// What the agent says about the device.
static SYSTEM: SystemInformation<'_> = SystemInformation {
    os_info: OS_INFO,
    kernel_info: KERNEL_INFO,
    hw_info: "",
};

/// What the cloud helper's thread and the guard exchange.
#[derive(Clone, Copy)]
struct Shared {
    settings: Settings,
    /// Which settings they are of all that there were.
    number: u32,
    hooks: Hooks,
    messages: MessageStatistics,
}

/// What the platform gives the agent.
#[derive(Clone, Copy)]
pub(super) struct Hooks {
    pub entropy: EntropyHook,
    /// `None`: the middleware's.
    pub unix_time: Option<UnixTime>,
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
        settings: &Settings,
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
            shared: Locked::new(Late::new()),
            state: AtomicU8::new(State::NotInitialized as u8),
            left_alone: AtomicUsize::new(0),
            session: Session::new(Working {
                agent: Agent::new(),
                uptime: Uptime::new(),
                settings: Late::new(),
            }),
        }
    }

    /// Starts it. `target` is what C is to call.
    fn enable(
        &'static self,
        azure: &Azure,
        settings: &Settings,
        hooks: Hooks,
        target: Target,
    ) -> Result<(), Error> {
        session::enable(self, azure, target, |working| {
            self.prepare(working, settings, hooks);
            Ok(())
        })
    }

    /// Sets everything up.
    fn prepare(&self, working: &mut Working<MESSAGE>, settings: &Settings, hooks: Hooks) {
        // No packet passes yet, and nobody has a guard.
        let mut cursor = Cursor::START;
        let mut flows = Shielded(&self.flows);
        let mut flow = Flow::NONE;
        while flows.take_into(&mut cursor, &mut flow) {}
        let shared = Shared {
            settings: *settings,
            number: 0,
            hooks,
            messages: MessageStatistics::new(),
        };
        locked(|section| {
            let flows = self.flows.get(section);
            flows.reset_statistics();
            flows.apply(settings);
            hooks::count_incoming_at_filter(section, !settings.unicast_only(), true);
            self.shared.get(section).set(shared);
        });
        // Those that are shared are new to it.
        working.settings.clear();
        let mut entropy = Hook(hooks.entropy);
        working.agent.enable(&mut Environment {
            uptime: working.uptime.seconds(),
            unix_time: self.session.azure.unix_time(hooks.unix_time),
            hub_connected: false,
            settings,
            system: &SYSTEM,
            flows: &mut flows,
            entropy: &mut entropy,
        });
        self.tell(working.agent.state());
    }

    fn tell(&self, state: State) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    /// Works with what is shared; `None` before it was enabled for the first time.
    fn share<R>(&self, work: impl FnOnce(&mut Shared) -> R) -> Option<R> {
        locked(|section| self.shared.get(section).get().map(work))
    }
}

impl<const V4: usize, const V6: usize, const MESSAGE: usize> Default
    for DefenderStorage<V4, V6, MESSAGE>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const V4: usize, const V6: usize, const MESSAGE: usize> Backend for Running<V4, V6, MESSAGE> {
    type Agent = Working<MESSAGE>;

    fn session(&'static self) -> &'static Session<Working<MESSAGE>> {
        &self.session
    }

    fn leave_alone(&self, ip_instances: usize) {
        self.left_alone.store(ip_instances, Ordering::Relaxed);
    }

    fn run(&'static self, working: &mut Working<MESSAGE>, clients: &HubClients) {
        let Working {
            agent,
            uptime,
            settings: known,
        } = working;
        let mut flows = Shielded(&self.flows);
        let mut is_first = true;
        loop {
            let mut is_changed = false;
            let hooks = self.share(|shared| {
                is_changed = known.get().map(|(_, number)| *number) != Some(shared.number);
                if is_changed {
                    known.set((shared.settings, shared.number));
                }
                shared.hooks
            });
            let (Some(hooks), Some((settings, _))) = (hooks, known.get()) else {
                return;
            };
            let uptime = uptime.seconds();
            let unix_time = self.session.azure.unix_time(hooks.unix_time);
            if is_first && !is_changed && agent.rests(uptime, unix_time) {
                return;
            }
            is_first = false;
            let message = agent.message_due(&mut Environment {
                uptime,
                unix_time,
                hub_connected: clients.any_connected(),
                settings,
                system: &SYSTEM,
                flows: &mut flows,
                entropy: &mut Hook(hooks.entropy),
            });
            let Some(message) = message else {
                break;
            };
            let takers = clients.deliver(message, settings.max_hub_devices());
            agent.sent(takers > 0);
            if !session::is_running(self) {
                break;
            }
        }
        self.tell(agent.state());
        self.share(|shared| shared.messages = agent.statistics());
    }

    fn finish(&'static self, _: &mut Working<MESSAGE>) {
        self.tell(State::NotInitialized);
    }
}

impl<const V4: usize, const V6: usize, const MESSAGE: usize> Instance for Running<V4, V6, MESSAGE> {
    #[inline(always)]
    fn observe_usual(
        &self,
        section: &mut Section,
        direction: Direction,
        packet: &impl Seen,
    ) -> bool {
        self.flows.get(section).observe_usual(direction, packet)
    }

    fn observe(&self, sample: &Sample) {
        let mut counting = Counting::START;
        while locked(|section| self.flows.get(section).count_step(sample, &mut counting)).is_none()
        {
        }
    }

    fn reject(&self, reason: Rejection) {
        locked(|section| self.flows.get(section).reject(reason));
    }

    fn tick(&'static self) {
        session::tick(self);
    }
}

impl<const V4: usize, const V6: usize, const MESSAGE: usize> Control for Running<V4, V6, MESSAGE> {
    fn implementation(&self) -> Implementation {
        Implementation::Rust
    }

    fn state(&self) -> State {
        let state = State::ALL.get(usize::from(self.state.load(Ordering::Relaxed)));
        state.copied().unwrap_or(State::NotInitialized)
    }

    fn statistics(&self) -> Result<Statistics, Error> {
        let messages = self.share(|shared| shared.messages).unwrap_or_default();
        let packets = locked(|section| self.flows.get(section).statistics());
        Ok(Statistics {
            packets,
            messages,
            ip_instances_left_alone: self.left_alone.load(Ordering::Relaxed),
        })
    }

    fn outlook(&'static self) -> Result<Outlook, Error> {
        let settings = self.settings().0;
        let mut outlook = session::look(self, |working| working.agent.outlook(&settings))?;
        outlook.unsent |= locked(|section| !self.flows.get(section).is_empty());
        Ok(outlook)
    }

    fn settings(&self) -> (Settings, u32) {
        let shared = self.share(|shared| (shared.settings, shared.number));
        shared.unwrap_or((Settings::new(), 0))
    }

    fn replace_settings(&self, number: u32, to: &Settings) -> Result<bool, Error> {
        // In one section, so that of two changes at once the same one wins everywhere.
        Ok(locked(|section| {
            let Some(shared) = self.shared.get(section).get() else {
                return false;
            };
            let unchanged = shared.number == number;
            if unchanged {
                shared.settings = *to;
                shared.number = number.wrapping_add(1);
                self.flows.get(section).apply(to);
                hooks::count_incoming_at_filter(section, !to.unicast_only(), false);
            }
            unchanged
        }))
    }

    fn disable(&'static self) {
        session::disable(self);
    }
}

/// The flow table behind the lock, one step at a time.
struct Shielded<'a, const V4: usize, const V6: usize>(&'a Locked<FlowTable<V4, V6>>);

impl<const V4: usize, const V6: usize> FlowSource for Shielded<'_, V4, V6> {
    fn take_into(&mut self, cursor: &mut Cursor, flow: &mut Flow) -> bool {
        loop {
            match locked(|section| self.0.get(section).take_step(cursor, flow)) {
                Taken::Flow => return true,
                Taken::More => {}
                Taken::End => return false,
            }
        }
    }

    fn is_empty(&mut self) -> bool {
        locked(|section| self.0.get(section).is_empty())
    }

    fn set_seed(&mut self, seed: u32) {
        locked(|section| self.0.get(section).set_seed(seed));
    }
}

/// The platform's entropy.
pub(super) struct Hook(pub EntropyHook);

impl Entropy for Hook {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        user::entropy(self.0, bytes)
    }
}
