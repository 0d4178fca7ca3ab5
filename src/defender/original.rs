//! The original agent, enabled, changed and disabled like this library's own.

use super::guard::Control;
use super::session::{self, Backend, Session};
use super::storage::{Hook, Hooks};
use super::{Defender, Implementation, Statistics};
use crate::agent::{
    Collector, Entropy, EntropyUnavailable, Outlook, Protocol, Settings, State, first_collection,
};
use crate::error::Error;
use crate::ffi::azure::Azure;
use crate::ffi::hooks;
use crate::ffi::hub::HubClients;
use crate::ffi::lock::{Locked, locked};
use crate::ffi::original::{self, Engine};

/// The flows of each IP version that it keeps apart, compiled in.
const FLOWS: usize = 64;

/// There is one in a program.
static ORIGINAL: Original = Original {
    session: Session::new(Agent {
        // SAFETY: this is the only one.
        engine: unsafe { Engine::new() },
        applied: Settings::new(),
    }),
    settings: Locked::new((Settings::new(), 0)),
};

/// What C calls.
static HOOKS: hooks::Original = hooks::Original::new(|| session::tick(&ORIGINAL));

struct Original {
    session: Session<Agent>,
    /// Shared with the guard.
    settings: Locked<(Settings, u32)>,
}

struct Agent {
    engine: Engine,
    /// The settings that it was told.
    applied: Settings,
}

/// Enables it.
pub(super) fn enable(azure: &Azure, settings: Settings, hooks: Hooks) -> Result<Defender, Error> {
    if hooks.unix_time.is_some() {
        return Err(Error::Unsupported {
            what: "have a Unix time hook of its own",
        });
    }
    supported(&settings)?;
    session::enable(&ORIGINAL, azure, HOOKS.target(), |agent| {
        ORIGINAL.prepare(agent, &settings, hooks)
    })?;
    Ok(Defender::of(&ORIGINAL))
}

/// An error that names a setting which the original does not have.
fn supported(settings: &Settings) -> Result<(), Error> {
    let defaults = Settings::new();
    let moved = |collector: &Collector| {
        settings.collector_priority(*collector) != defaults.collector_priority(*collector)
    };
    let left_out = |protocol: &Protocol| !settings.protocol_enabled(*protocol);
    let (ipv4, ipv6) = settings.flow_limits();
    let what = if Collector::ALL.iter().any(moved) {
        "move a collector to another priority group"
    } else if [Protocol::Tcp, Protocol::Udp, Protocol::Icmp]
        .iter()
        .any(left_out)
    {
        "leave out a protocol"
    } else if !settings.unicast_only() {
        "count multicast and broadcast"
    } else if settings.send_empty_events() {
        "send empty network activity events"
    } else if settings.max_hub_devices() != defaults.max_hub_devices() {
        "limit the hub devices to another number than 64"
    } else if ipv4 < FLOWS || ipv6 < FLOWS {
        "limit its flows to fewer than 64"
    } else if settings.security_module_id().contains('\0') {
        "report a security module id with a zero byte"
    } else {
        return Ok(());
    };
    Err(Error::Unsupported { what })
}

impl Original {
    /// Enables it in C.
    fn prepare(&self, agent: &mut Agent, settings: &Settings, hooks: Hooks) -> Result<(), Error> {
        // It would say no more than that a step has failed.
        self.session
            .azure
            .unix_time(None)
            .ok_or(Error::NoUnixTime)?;
        let mut entropy = Hook(hooks.entropy);
        let first_collection = first_collection(settings, &mut entropy)
            .map_err(|EntropyUnavailable| Error::NoEntropy)?;
        let mut seed = [0; 8];
        let seeded = entropy.fill(&mut seed);
        seeded.map_err(|EntropyUnavailable| Error::NoEntropy)?;

        agent
            .engine
            .set_first_collection(first_collection, settings);
        agent.engine.set_numbers(settings);
        let azure = &self.session.azure;
        azure.enable_original(&mut agent.engine, u64::from_ne_bytes(seed))?;
        // It begins with all its collectors, and with the intervals of their groups.
        agent.applied = *settings;
        for collector in Collector::ALL {
            agent.applied.set_collector_enabled(collector, true);
        }
        locked(|section| self.settings.get(section).0 = *settings);
        agent.apply(settings).inspect_err(|_| agent.stop())
    }
}

impl Agent {
    /// Tells the engine what has changed. It is enabled.
    fn apply(&mut self, settings: &Settings) -> Result<(), Error> {
        if self.applied == *settings {
            return Ok(());
        }
        let before = self.applied;
        self.applied = *settings;
        self.engine.set_numbers(settings);
        for collector in Collector::ALL {
            let priority = settings.collector_priority(collector);
            if settings.interval(priority) != before.interval(priority) {
                self.engine.set_interval(collector, settings)?;
            }
            let enabled = settings.collector_enabled(collector);
            if enabled != before.collector_enabled(collector) {
                self.engine.set_collector(collector, enabled)?;
            }
        }
        Ok(())
    }

    fn stop(&mut self) {
        // Nothing is left to be done where it fails: packets and seconds come no more.
        let _: Result<(), Error> = self.engine.disable();
    }
}

impl Backend for Original {
    type Agent = Agent;

    fn session(&'static self) -> &'static Session<Agent> {
        &self.session
    }

    /// It counts nothing.
    fn leave_alone(&self, _ip_instances: usize) {}

    fn run(&'static self, agent: &mut Agent, _: &HubClients) {
        let (settings, _) = self.settings.load();
        // A collector that does not start or stop has no memory for it: the next change tries again.
        let _: Result<(), Error> = agent.apply(&settings).and_then(|()| agent.engine.second());
    }

    fn finish(&'static self, agent: &mut Agent) {
        agent.stop();
    }
}

impl Control for Original {
    fn implementation(&self) -> Implementation {
        Implementation::Original
    }

    fn state(&self) -> State {
        original::state()
    }

    fn statistics(&self) -> Result<Statistics, Error> {
        Err(Error::Unsupported {
            what: "count what it does",
        })
    }

    fn outlook(&'static self) -> Result<Outlook, Error> {
        Err(Error::Unsupported {
            what: "say what it does next",
        })
    }

    fn settings(&self) -> (Settings, u32) {
        self.settings.load()
    }

    fn replace_settings(&self, number: u32, to: &Settings) -> Result<bool, Error> {
        supported(to)?;
        Ok(locked(|section| {
            let (settings, current) = self.settings.get(section);
            let unchanged = *current == number;
            if unchanged {
                *settings = *to;
                *current = current.wrapping_add(1);
            }
            unchanged
        }))
    }

    fn disable(&'static self) {
        session::disable(self);
    }
}
