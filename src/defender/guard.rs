//! The guard of the enabled agent.

use core::fmt;
use core::mem::ManuallyDrop;
use core::time::Duration;

use super::{Implementation, Statistics};
use crate::agent::{Collector, Outlook, Priority, Protocol, Settings, SettingsError, State};
use crate::error::Error;

/// The enabled agent. Dropping it disables the agent, and puts every hook back as it was.
///
/// All its functions may be called from everywhere, also in callbacks of NetX Duo and in those of network drivers. Dropped on a
/// thread, the agent is gone when the drop is done, and another one may be enabled. Dropped elsewhere, on a thread that holds a
/// mutex of ThreadX, as every callback does, or while another thread is at work in an IP instance, it watches and sends nothing
/// more, but it may be gone only with the cloud helper's next event, within a second. Everything that has no function of its own is
/// changed with [`update`](Self::update).
#[must_use = "the agent is disabled when its guard is dropped"]
pub struct Defender {
    control: &'static dyn Control,
}

/// The enabled agent, for its guard.
pub(super) trait Control: Sync {
    fn implementation(&self) -> Implementation;
    fn state(&self) -> State;
    fn statistics(&self) -> Result<Statistics, Error>;
    fn outlook(&'static self) -> Result<Outlook, Error>;
    /// The settings, and which they are of all that there were.
    fn settings(&self) -> (Settings, u32);
    /// Changes the settings, if they are still those with this number.
    fn replace_settings(&self, number: u32, to: &Settings) -> Result<bool, Error>;
    fn disable(&'static self);
}

impl Defender {
    pub(super) fn of(control: &'static dyn Control) -> Self {
        Self { control }
    }

    /// The same agent, for those who look at it or change it elsewhere than where its guard is. When it goes, the agent stays enabled; and
    /// once the guard is dropped, its state is [`State::NotInitialized`] and changes have no effect.
    pub fn alias(&self) -> ManuallyDrop<Self> {
        ManuallyDrop::new(Self::of(self.control))
    }

    /// Which agent it is.
    pub fn implementation(&self) -> Implementation {
        self.control.implementation()
    }

    /// What the agent is doing.
    pub fn state(&self) -> State {
        self.control.state()
    }

    /// What it has counted since it was enabled.
    ///
    /// # Errors
    /// [`Error::Unsupported`]: the original agent counts nothing about itself.
    pub fn statistics(&self) -> Result<Statistics, Error> {
        self.control.statistics()
    }

    /// What the agent is to do next, as its last second left it, with what has been counted since: a simulation may let the time
    /// until then pass at once. [`Outlook::unsent`] is also true while flows wait for their collection. From threads, and not in a
    /// callback of the agent.
    ///
    /// # Errors
    /// [`Error::NotAThread`]; [`Error::Unsupported`]: the original agent does not say.
    pub fn outlook(&self) -> Result<Outlook, Error> {
        self.control.outlook()
    }

    /// The settings that hold.
    pub fn settings(&self) -> Settings {
        self.control.settings().0
    }

    /// Changes any of the settings, all at once or, when `change` fails, none. It takes effect with the next packet and
    /// within a second for everything else; times until the first collection have no effect any more.
    ///
    /// # Errors
    /// That of `change`, as [`Error::Settings`]; [`Error::Unsupported`] for what the original agent cannot do.
    pub fn update(
        &self,
        change: impl Fn(&mut Settings) -> Result<(), SettingsError>,
    ) -> Result<(), Error> {
        loop {
            let (mut after, number) = self.control.settings();
            change(&mut after)?;
            // Another thread may have changed them meanwhile: then once more, so that both changes hold.
            if self.control.replace_settings(number, &after)? {
                return Ok(());
            }
        }
    }

    /// Sets how often the collectors of a priority group report: whole seconds, 1 s to 30 days.
    ///
    /// # Errors
    /// [`Error::Settings`] says the limits.
    pub fn set_interval(&self, priority: Priority, interval: Duration) -> Result<(), Error> {
        self.update(|settings| settings.set_interval(priority, interval))
    }

    /// Turns a collector on or off.
    ///
    /// # Errors
    /// Those of [`update`](Self::update).
    pub fn set_collector_enabled(&self, collector: Collector, enabled: bool) -> Result<(), Error> {
        self.set(|settings| settings.set_collector_enabled(collector, enabled))
    }

    /// Moves a collector to another priority group.
    ///
    /// # Errors
    /// Those of [`update`](Self::update).
    pub fn set_collector_priority(
        &self,
        collector: Collector,
        priority: Priority,
    ) -> Result<(), Error> {
        self.set(|settings| settings.set_collector_priority(collector, priority))
    }

    /// Sets whether packets of a protocol are counted.
    ///
    /// # Errors
    /// Those of [`update`](Self::update).
    pub fn set_protocol_enabled(&self, protocol: Protocol, enabled: bool) -> Result<(), Error> {
        self.set(|settings| settings.set_protocol_enabled(protocol, enabled))
    }

    /// Sets whether incoming multicast and broadcast packets are left out.
    ///
    /// # Errors
    /// Those of [`update`](Self::update).
    pub fn set_unicast_only(&self, unicast_only: bool) -> Result<(), Error> {
        self.set(|settings| settings.set_unicast_only(unicast_only))
    }

    /// A change that no limit stands against.
    fn set(&self, change: impl Fn(&mut Settings)) -> Result<(), Error> {
        self.update(|settings| {
            change(settings);
            Ok(())
        })
    }
}

impl Drop for Defender {
    fn drop(&mut self) {
        self.control.disable();
    }
}

impl fmt::Debug for Defender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Defender")
            .field("implementation", &self.implementation())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
