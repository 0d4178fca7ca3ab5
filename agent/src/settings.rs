//! What can be set about the agent, all of it while it runs unless said otherwise.

use core::time::Duration;

use defender_message::flow::Protocol;

defender_message::enumeration! {
    /// A source of events.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[cfg_attr(feature = "defmt", derive(defmt::Format))]
    #[non_exhaustive]
    pub enum Collector {
        /// The flows seen since the last collection.
        NetworkActivity,
        /// The versions of ThreadX and NetX Duo.
        SystemInformation,
        /// A sign of life.
        Heartbeat,
    }
    /// Every collector, in the order in which those of one priority group report.
    ALL
}

impl Collector {
    /// How many there are.
    pub(super) const COUNT: usize = Self::ALL.len();

    /// The group that it belongs to by default.
    const fn default_priority(self) -> Priority {
        match self {
            Self::NetworkActivity => Priority::High,
            Self::SystemInformation | Self::Heartbeat => Priority::Low,
        }
    }
}

defender_message::enumeration! {
    /// A priority group: its collectors share an interval, and a message lists the groups from high to low.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[cfg_attr(feature = "defmt", derive(defmt::Format))]
    pub enum Priority {
        /// 10 s by default; network activity.
        High,
        /// 30 s by default; no collector of its own.
        Medium,
        /// 60 s by default; system information and heartbeat.
        Low,
    }
    /// Every group, in the order in which a message lists them.
    ALL
}

impl Priority {
    /// Its interval by default, in seconds.
    const fn default_interval(self) -> u32 {
        match self {
            Self::High => 10,
            Self::Medium => 30,
            Self::Low => 60,
        }
    }
}

/// A setting that has limits, as errors name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Setting {
    /// The interval of a priority group.
    Interval(Priority),
    /// The time from enable to the first collection, without jitter.
    FirstCollection,
    /// The most that the first collection is put off at random.
    FirstCollectionJitter,
    /// The time between two looks for a hub, and between two tries to send.
    RetryTime,
    /// The time without a hub after which the agent is suspended.
    PendingTime,
}

impl core::fmt::Display for Setting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Interval(Priority::High) => "the interval of the high priority group",
            Self::Interval(Priority::Medium) => "the interval of the medium priority group",
            Self::Interval(Priority::Low) => "the interval of the low priority group",
            Self::FirstCollection => "the time to the first collection",
            Self::FirstCollectionJitter => "the jitter of the first collection",
            Self::RetryTime => "the retry time",
            Self::PendingTime => "the pending time",
        })
    }
}

/// Why a setting was refused; what was set before stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SettingsError {
    /// A time outside its limits.
    #[error(
        "{setting} is {}, but must be {} to {}",
        Time(*given),
        Time(*min),
        Time(*max)
    )]
    OutOfRange {
        /// Which one.
        setting: Setting,
        /// What was asked for.
        given: Duration,
        /// The least that is allowed.
        min: Duration,
        /// The most that is allowed.
        max: Duration,
    },
    /// The agent's clock has seconds only.
    #[error("{setting} is {}, but must be whole seconds", Time(*given))]
    NotWholeSeconds {
        /// Which one.
        setting: Setting,
        /// What was asked for.
        given: Duration,
    },
    /// The security module id is empty or too long.
    #[error(
        "the security module id has {length} bytes, but must have 1 to {max}",
        max = Settings::MAX_SECURITY_MODULE_ID
    )]
    SecurityModuleId {
        /// Its length in bytes.
        length: usize,
    },
    /// No hub device, or more than the agent can tell apart.
    #[error(
        "the limit of hub devices is {given}, but must be 1 to {max}",
        max = Settings::MAX_HUB_DEVICES
    )]
    HubDevices {
        /// What was asked for.
        given: u8,
    },
    /// A flow table without a slot.
    #[error("the limit of flows is {ipv4} for IPv4 and {ipv6} for IPv6, but must be at least 1")]
    FlowLimit {
        /// What was asked for IPv4.
        ipv4: usize,
        /// What was asked for IPv6.
        ipv6: usize,
    },
}

/// A time as an error says it: "0s", "1.5s", "1 hour", "30 days".
struct Time(Duration);

impl core::fmt::Display for Time {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        const HOUR: u64 = 60 * 60;
        const DAY: u64 = 24 * HOUR;
        let seconds = self.0.as_secs();
        let count = |f: &mut core::fmt::Formatter<'_>, count: u64, unit: &str| {
            let plural = if count == 1 { "" } else { "s" };
            write!(f, "{count} {unit}{plural}")
        };
        if self.0.is_zero() {
            f.write_str("0s")
        } else if self.0.subsec_nanos() == 0 && seconds.is_multiple_of(DAY) {
            count(f, seconds / DAY, "day")
        } else if self.0.subsec_nanos() == 0 && seconds.is_multiple_of(HOUR) {
            count(f, seconds / HOUR, "hour")
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

/// The agent's settings. [`Settings::new`] has the defaults of the original agent.
///
/// Times are whole seconds, because that is the resolution of the uptime that the agent is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    security_module_id: &'static str,
    intervals: [u32; Priority::ALL.len()],
    priorities: [Priority; Collector::COUNT],
    enabled: [bool; Collector::COUNT],
    protocols: [bool; Protocol::ALL.len()],
    unicast_only: bool,
    send_empty_events: bool,
    max_hub_devices: u8,
    first_collection: u32,
    first_collection_jitter: u32,
    retry_time: u32,
    pending_time: u32,
    ipv4_flow_limit: usize,
    ipv6_flow_limit: usize,
}

impl Settings {
    /// The shortest time that any setting takes, but for the jitter, which may be none.
    pub const MIN_TIME: Duration = Duration::from_secs(1);
    /// The longest time that any setting takes: 30 days.
    pub const MAX_TIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
    /// The longest jitter: an hour.
    pub const MAX_JITTER: Duration = Duration::from_secs(60 * 60);
    /// The longest security module id, in bytes.
    pub const MAX_SECURITY_MODULE_ID: usize = 64;
    /// The most hub devices that one message goes to.
    pub const MAX_HUB_DEVICES: u8 = 64;

    /// The defaults: every collector, every protocol, unicast only; network activity every 10 s, the
    /// others every 60 s, first after 30 s to 89 s.
    pub const fn new() -> Self {
        Self::DEFAULT
    }

    const DEFAULT: Self = {
        let mut intervals = [0; Priority::ALL.len()];
        let mut at = 0;
        while at < intervals.len() {
            intervals[at] = Priority::ALL[at].default_interval();
            at += 1;
        }
        let mut priorities = [Priority::High; Collector::COUNT];
        at = 0;
        while at < priorities.len() {
            priorities[at] = Collector::ALL[at].default_priority();
            at += 1;
        }
        Self {
            security_module_id: "defender-iot-micro-agent",
            intervals,
            priorities,
            enabled: [true; Collector::COUNT],
            protocols: [true; Protocol::ALL.len()],
            unicast_only: true,
            send_empty_events: false,
            max_hub_devices: Self::MAX_HUB_DEVICES,
            first_collection: 30,
            first_collection_jitter: 59,
            retry_time: 3,
            pending_time: 300,
            ipv4_flow_limit: usize::MAX,
            ipv6_flow_limit: usize::MAX,
        }
    };

    /// The name under which the agent reports, `defender-iot-micro-agent` by default.
    pub const fn security_module_id(&self) -> &'static str {
        self.security_module_id
    }

    /// Sets the name under which the agent reports: 1 to 64 bytes of UTF-8.
    pub fn set_security_module_id(&mut self, id: &'static str) -> Result<(), SettingsError> {
        if id.is_empty() || id.len() > Self::MAX_SECURITY_MODULE_ID {
            return Err(SettingsError::SecurityModuleId { length: id.len() });
        }
        self.security_module_id = id;
        Ok(())
    }

    /// How often the collectors of a priority group report.
    pub const fn interval(&self, priority: Priority) -> Duration {
        Duration::from_secs(self.intervals[priority as usize] as u64)
    }

    /// How often a collector reports, in seconds.
    #[inline(never)]
    pub(crate) fn collector_seconds(&self, collector: Collector) -> u32 {
        let priority = self.priorities[collector as usize];
        self.intervals[priority as usize]
    }

    /// Sets how often the collectors of a priority group report: whole seconds,
    /// [`MIN_TIME`](Self::MIN_TIME) to [`MAX_TIME`](Self::MAX_TIME).
    pub fn set_interval(
        &mut self,
        priority: Priority,
        interval: Duration,
    ) -> Result<(), SettingsError> {
        self.intervals[priority as usize] = seconds(
            Setting::Interval(priority),
            interval,
            Self::MIN_TIME,
            Self::MAX_TIME,
        )?;
        Ok(())
    }

    /// Whether a collector reports.
    pub const fn collector_enabled(&self, collector: Collector) -> bool {
        self.enabled[collector as usize]
    }

    /// Turns a collector on or off. Network activity that is off also stops counting packets.
    pub fn set_collector_enabled(&mut self, collector: Collector, enabled: bool) {
        self.enabled[collector as usize] = enabled;
    }

    /// The priority group of a collector.
    pub const fn collector_priority(&self, collector: Collector) -> Priority {
        self.priorities[collector as usize]
    }

    /// Moves a collector to another priority group.
    pub fn set_collector_priority(&mut self, collector: Collector, priority: Priority) {
        self.priorities[collector as usize] = priority;
    }

    /// Whether packets of a protocol are counted.
    pub const fn protocol_enabled(&self, protocol: Protocol) -> bool {
        self.protocols[protocol as usize]
    }

    /// Sets whether packets of a protocol are counted.
    pub fn set_protocol_enabled(&mut self, protocol: Protocol, enabled: bool) {
        self.protocols[protocol as usize] = enabled;
    }

    /// Whether incoming multicast and broadcast packets are left out.
    pub const fn unicast_only(&self) -> bool {
        self.unicast_only
    }

    /// Sets whether incoming multicast and broadcast packets are left out.
    pub fn set_unicast_only(&mut self, unicast_only: bool) {
        self.unicast_only = unicast_only;
    }

    /// Whether network activity also reports when there was none.
    pub const fn send_empty_events(&self) -> bool {
        self.send_empty_events
    }

    /// Sets whether network activity also reports when there was none.
    pub fn set_send_empty_events(&mut self, send: bool) {
        self.send_empty_events = send;
    }

    /// The most hub devices that one message goes to.
    pub const fn max_hub_devices(&self) -> u8 {
        self.max_hub_devices
    }

    /// Sets the most hub devices that one message goes to: 1 to 64.
    pub fn set_max_hub_devices(&mut self, devices: u8) -> Result<(), SettingsError> {
        if devices == 0 || devices > Self::MAX_HUB_DEVICES {
            return Err(SettingsError::HubDevices { given: devices });
        }
        self.max_hub_devices = devices;
        Ok(())
    }

    /// The time from enable to the first collection, without jitter.
    pub const fn first_collection(&self) -> Duration {
        Duration::from_secs(self.first_collection as u64)
    }

    /// Sets the time from enable to the first collection: whole seconds,
    /// [`MIN_TIME`](Self::MIN_TIME) to [`MAX_TIME`](Self::MAX_TIME). Counts at the next enable.
    pub fn set_first_collection(&mut self, time: Duration) -> Result<(), SettingsError> {
        self.first_collection = seconds(
            Setting::FirstCollection,
            time,
            Self::MIN_TIME,
            Self::MAX_TIME,
        )?;
        Ok(())
    }

    /// The most that the first collection is put off at random, so that a fleet that boots together does not
    /// send together.
    pub const fn first_collection_jitter(&self) -> Duration {
        Duration::from_secs(self.first_collection_jitter as u64)
    }

    pub(crate) const fn first_collection_jitter_seconds(&self) -> u32 {
        self.first_collection_jitter
    }

    /// Sets the most that the first collection is put off at random: whole seconds, none to
    /// [`MAX_JITTER`](Self::MAX_JITTER). Counts at the next enable.
    pub fn set_first_collection_jitter(&mut self, jitter: Duration) -> Result<(), SettingsError> {
        self.first_collection_jitter = seconds(
            Setting::FirstCollectionJitter,
            jitter,
            Duration::ZERO,
            Self::MAX_JITTER,
        )?;
        Ok(())
    }

    /// The time between two looks for a hub, and between two tries to send a message.
    pub const fn retry_time(&self) -> Duration {
        Duration::from_secs(self.retry_time as u64)
    }

    pub(crate) const fn retry_seconds(&self) -> u32 {
        self.retry_time
    }

    /// Sets the time between two looks for a hub: whole seconds, [`MIN_TIME`](Self::MIN_TIME) to
    /// [`MAX_TIME`](Self::MAX_TIME).
    pub fn set_retry_time(&mut self, time: Duration) -> Result<(), SettingsError> {
        self.retry_time = seconds(Setting::RetryTime, time, Self::MIN_TIME, Self::MAX_TIME)?;
        Ok(())
    }

    /// The time without a connected hub client after which the agent is suspended.
    pub const fn pending_time(&self) -> Duration {
        Duration::from_secs(self.pending_time as u64)
    }

    pub(crate) const fn pending_seconds(&self) -> u32 {
        self.pending_time
    }

    /// Sets the time without a connected hub client after which the agent is suspended: whole seconds,
    /// [`MIN_TIME`](Self::MIN_TIME) to [`MAX_TIME`](Self::MAX_TIME).
    pub fn set_pending_time(&mut self, time: Duration) -> Result<(), SettingsError> {
        self.pending_time = seconds(Setting::PendingTime, time, Self::MIN_TIME, Self::MAX_TIME)?;
        Ok(())
    }

    /// The most flows that are kept apart between two collections, for IPv4 and for IPv6. The flow table's
    /// capacity limits them, too.
    pub const fn flow_limits(&self) -> (usize, usize) {
        (self.ipv4_flow_limit, self.ipv6_flow_limit)
    }

    /// Sets the most flows that are kept apart between two collections, at least 1 each; more than the flow
    /// table's capacity means all of it. A lower limit counts from the next collection on.
    pub fn set_flow_limits(&mut self, ipv4: usize, ipv6: usize) -> Result<(), SettingsError> {
        if ipv4 == 0 || ipv6 == 0 {
            return Err(SettingsError::FlowLimit { ipv4, ipv6 });
        }
        self.ipv4_flow_limit = ipv4;
        self.ipv6_flow_limit = ipv6;
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

/// `time` in seconds, when it is whole seconds within the limits.
const fn seconds(
    setting: Setting,
    given: Duration,
    min: Duration,
    max: Duration,
) -> Result<u32, SettingsError> {
    if given.subsec_nanos() != 0 {
        return Err(SettingsError::NotWholeSeconds { setting, given });
    }
    if given.as_secs() < min.as_secs() || given.as_secs() > max.as_secs() {
        return Err(SettingsError::OutOfRange {
            setting,
            given,
            min,
            max,
        });
    }
    Ok(given.as_secs() as u32)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::ToString;

    use super::*;

    #[test]
    fn an_interval_outside_its_limits_is_refused_with_them() {
        let mut settings = Settings::new();
        let error = settings
            .set_interval(Priority::High, Duration::ZERO)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the interval of the high priority group is 0s, but must be 1s to 30 days"
        );
        let error = settings
            .set_first_collection_jitter(Duration::from_secs(3601))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the jitter of the first collection is 3601s, but must be 0s to 1 hour"
        );
        assert!(
            settings
                .set_interval(Priority::Low, Duration::from_secs(2_592_001))
                .is_err()
        );
        assert_eq!(settings, Settings::new());
        settings
            .set_interval(Priority::Low, Settings::MAX_TIME)
            .unwrap();
        assert_eq!(settings.interval(Priority::Low), Settings::MAX_TIME);
        assert_eq!(settings.interval(Priority::High), Duration::from_secs(10));
    }

    #[test]
    fn a_fraction_of_a_second_is_refused() {
        let error = Settings::new()
            .set_retry_time(Duration::from_millis(1500))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the retry time is 1.5s, but must be whole seconds"
        );
    }

    #[test]
    fn ids_devices_and_flow_limits_have_limits() {
        let mut settings = Settings::new();
        assert!(settings.set_security_module_id("").is_err());
        assert!(settings.set_max_hub_devices(0).is_err());
        assert!(settings.set_max_hub_devices(65).is_err());
        assert!(settings.set_flow_limits(0, 1).is_err());
        assert!(settings.set_first_collection_jitter(Duration::ZERO).is_ok());
    }
}
