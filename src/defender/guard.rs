//! The guard of the enabled agent.

use core::fmt;
use core::time::Duration;

use super::storage::Control;
use crate::agent::{Collector, Priority, Protocol, Settings, SettingsError, State, Statistics};

/// The enabled agent. Dropping it disables the agent, and puts every hook back as it was.
///
/// All its functions may be called from everywhere. Dropped on a thread, the agent is gone when the drop is done, and another
/// one may be enabled. Dropped elsewhere, or in a callback of the agent, it watches and sends nothing more, but it is gone only
/// with the cloud helper's next event, within a second. Everything that has no function of its own is changed with
/// [`update`](Self::update).
#[must_use = "the agent is disabled when its guard is dropped"]
pub struct Defender {
    control: &'static dyn Control,
}

impl Defender {
    pub(super) fn of(control: &'static dyn Control) -> Self {
        Self { control }
    }

    /// What the agent is doing.
    pub fn state(&self) -> State {
        self.control.state()
    }

    /// What it has counted since it was enabled.
    pub fn statistics(&self) -> Statistics {
        self.control.statistics()
    }

    /// The settings that hold.
    pub fn settings(&self) -> Settings {
        self.control.settings()
    }

    /// Changes any of the settings, all at once or, when `change` fails, none. It takes effect with the next packet and
    /// within a second for everything else; times until the first collection have no effect any more.
    ///
    /// # Errors
    /// That of `change`.
    pub fn update(
        &self,
        change: impl Fn(&mut Settings) -> Result<(), SettingsError>,
    ) -> Result<(), SettingsError> {
        loop {
            let before = self.settings();
            let mut after = before;
            change(&mut after)?;
            // Another thread may have changed them meanwhile: then once more, so that both changes hold.
            if self.control.replace_settings(&before, &after) {
                return Ok(());
            }
        }
    }

    /// Sets how often the collectors of a priority group report: whole seconds, 1 s to 30 days.
    ///
    /// # Errors
    /// [`SettingsError`] says the limits.
    pub fn set_interval(
        &self,
        priority: Priority,
        interval: Duration,
    ) -> Result<(), SettingsError> {
        self.update(|settings| settings.set_interval(priority, interval))
    }

    /// Turns a collector on or off.
    pub fn set_collector_enabled(&self, collector: Collector, enabled: bool) {
        self.set(|settings| settings.set_collector_enabled(collector, enabled));
    }

    /// Moves a collector to another priority group.
    pub fn set_collector_priority(&self, collector: Collector, priority: Priority) {
        self.set(|settings| settings.set_collector_priority(collector, priority));
    }

    /// Sets whether packets of a protocol are counted.
    pub fn set_protocol_enabled(&self, protocol: Protocol, enabled: bool) {
        self.set(|settings| settings.set_protocol_enabled(protocol, enabled));
    }

    /// Sets whether incoming multicast and broadcast packets are left out.
    pub fn set_unicast_only(&self, unicast_only: bool) {
        self.set(|settings| settings.set_unicast_only(unicast_only));
    }

    /// A change that cannot fail.
    fn set(&self, change: impl Fn(&mut Settings)) {
        let _: Result<(), SettingsError> = self.update(|settings| {
            change(settings);
            Ok(())
        });
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
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
