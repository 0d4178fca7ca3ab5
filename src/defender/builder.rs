//! How the agent is to be, before it is enabled.

use core::time::Duration;

#[cfg(feature = "original-agent")]
use super::original;
use super::storage::{DefenderStorage, Hooks};
use super::{Defender, EntropyHook, Implementation};
use crate::agent::{Collector, Priority, Protocol, Settings, SettingsError};
use crate::azure::AzureIot;
use crate::error::Error;
use crate::ffi::azure::UnixTime;
use crate::ffi::entropy;

/// The agent's settings and hooks. The defaults are those of the original agent; see
/// [`Settings`](crate::agent::Settings).
#[derive(Clone, Copy, Debug)]
pub struct DefenderBuilder {
    implementation: Implementation,
    settings: Settings,
    entropy: EntropyHook,
    unix_time: Option<UnixTime>,
}

impl Defender {
    /// An agent with the defaults.
    pub fn builder() -> DefenderBuilder {
        DefenderBuilder {
            implementation: Implementation::Rust,
            settings: Settings::new(),
            entropy: entropy::default_entropy,
            unix_time: None,
        }
    }
}

impl DefenderBuilder {
    /// Sets which agent it is to be: this library's own, by default.
    #[must_use]
    pub fn implementation(mut self, implementation: Implementation) -> Self {
        self.implementation = implementation;
        self
    }

    /// Replaces all settings.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets how often the collectors of a priority group report: whole seconds, 1 s to 30 days.
    ///
    /// # Errors
    /// [`SettingsError`] says the limits.
    pub fn interval(
        mut self,
        priority: Priority,
        interval: Duration,
    ) -> Result<Self, SettingsError> {
        self.settings.set_interval(priority, interval)?;
        Ok(self)
    }

    /// Turns a collector on or off.
    #[must_use]
    pub fn collector(mut self, collector: Collector, enabled: bool) -> Self {
        self.settings.set_collector_enabled(collector, enabled);
        self
    }

    /// Sets whether packets of a protocol are counted.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol, enabled: bool) -> Self {
        self.settings.set_protocol_enabled(protocol, enabled);
        self
    }

    /// Where random bytes come from, [`default_entropy`](super::default_entropy) by default.
    #[must_use]
    pub fn entropy(mut self, hook: EntropyHook) -> Self {
        self.entropy = hook;
        self
    }

    /// Where Unix time comes from, in seconds. By default that is the `AzureIot`.
    #[must_use]
    pub fn unix_time(mut self, hook: UnixTime) -> Self {
        self.unix_time = Some(hook);
        self
    }

    /// Enables the agent on an `AzureIot` that has none. `storage` is its memory, whose size sets how many flows are kept
    /// apart; the original agent has memory of its own, and leaves it alone. Threads only.
    ///
    /// It begins when the device knows the time and has random bytes, and counts flows meanwhile; the original agent has to have
    /// both at once.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::AlreadyEnabled`], [`Error::C`] when the cloud helper does not
    /// take it, and for the original agent [`Error::NoUnixTime`], [`Error::NoEntropy`], and [`Error::Unsupported`] for what it
    /// cannot do; then nothing has changed.
    pub fn enable<const V4: usize, const V6: usize, const MESSAGE: usize>(
        self,
        storage: &'static DefenderStorage<V4, V6, MESSAGE>,
        azure: &AzureIot,
    ) -> Result<Defender, Error> {
        let hooks = Hooks {
            entropy: self.entropy,
            unix_time: self.unix_time,
        };
        match self.implementation {
            Implementation::Rust => storage.enable(azure.azure(), &self.settings, hooks),
            #[cfg(feature = "original-agent")]
            Implementation::Original => original::enable(azure.azure(), self.settings, hooks),
        }
    }
}
