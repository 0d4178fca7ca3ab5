//! What can be set about the agent.

use core::ffi::{CStr, c_char};
use core::time::Duration;

use netxduo_sys::NX_AZURE_IOT_INVALID_PARAMETER;
use threadx_defender::agent::{Collector, Priority, Protocol, Settings, SettingsError};
use threadx_sys::{UINT, ULONG};

use crate::agent;
use crate::status::call;
use crate::structure::{self, Sized32};

/// The priority group high: every 10 s by default; network activity.
pub const THREADX_DEFENDER_PRIORITY_HIGH: u32 = 0;
/// The priority group medium: every 30 s by default; no collector of its own.
pub const THREADX_DEFENDER_PRIORITY_MEDIUM: u32 = 1;
/// The priority group low: every 60 s by default; system information and heartbeat.
pub const THREADX_DEFENDER_PRIORITY_LOW: u32 = 2;

/// The collector of flows.
pub const THREADX_DEFENDER_NETWORK_ACTIVITY: u32 = 0;
/// The collector of versions.
pub const THREADX_DEFENDER_SYSTEM_INFORMATION: u32 = 1;
/// The collector that is a sign of life.
pub const THREADX_DEFENDER_HEARTBEAT: u32 = 2;

/// TCP.
pub const THREADX_DEFENDER_TCP: u32 = 0;
/// UDP.
pub const THREADX_DEFENDER_UDP: u32 = 1;
/// ICMP, and ICMPv6.
pub const THREADX_DEFENDER_ICMP: u32 = 2;

/// As many flows as the agent's storage has room for.
pub const THREADX_DEFENDER_ALL_FLOWS: u32 = 0xFFFF_FFFF;

const DEFAULT_ID: &CStr = c"defender-iot-micro-agent";

const PRIORITIES: [Priority; 3] = [Priority::High, Priority::Medium, Priority::Low];
const COLLECTORS: [Collector; 3] = [
    Collector::NetworkActivity,
    Collector::SystemInformation,
    Collector::Heartbeat,
];
const PROTOCOLS: [Protocol; 3] = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp];

/// All that is set about the agent. Times are seconds, from 1 to 2,592,000 (30 days) unless it says otherwise. Switches are 0 or 1.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct SettingsOfC {
    /// The size of this structure in bytes, to be set before each call: `sizeof(THREADX_DEFENDER_SETTINGS)`.
    pub size: u32,
    /// How often the collectors of the group high report.
    pub interval_high: u32,
    /// How often the collectors of the group medium report.
    pub interval_medium: u32,
    /// How often the collectors of the group low report.
    pub interval_low: u32,
    /// From enabling to the first collection, without jitter. Counts at the next enabling.
    pub first_collection: u32,
    /// The most that the first collection is put off at random: 0 to 3,600. Counts at the next enabling.
    pub first_collection_jitter: u32,
    /// Between two looks for a hub, and between two tries to send.
    pub retry_time: u32,
    /// Without a hub, until the agent is suspended.
    pub pending_time: u32,
    /// The most IPv4 flows that are kept apart, at least 1, or THREADX_DEFENDER_ALL_FLOWS.
    pub ipv4_flow_limit: u32,
    /// The most IPv6 flows that are kept apart, at least 1, or THREADX_DEFENDER_ALL_FLOWS.
    pub ipv6_flow_limit: u32,
    /// The most devices of hubs that one message goes to: 1 to 64.
    pub max_hub_devices: u32,
    /// Whether flows are reported. Off also stops counting packets.
    pub network_activity: u8,
    /// Whether versions are reported.
    pub system_information: u8,
    /// Whether a sign of life is reported.
    pub heartbeat: u8,
    /// The priority group of the flows, one of THREADX_DEFENDER_PRIORITY_*.
    pub network_activity_priority: u8,
    /// The priority group of the versions, likewise.
    pub system_information_priority: u8,
    /// The priority group of the sign of life, likewise.
    pub heartbeat_priority: u8,
    /// Whether TCP is counted.
    pub tcp: u8,
    /// Whether UDP is counted.
    pub udp: u8,
    /// Whether ICMP and ICMPv6 are counted.
    pub icmp: u8,
    /// Whether incoming multicast and broadcast packets are left out.
    pub unicast_only: u8,
    /// Whether network activity also reports when there was none.
    pub send_empty_events: u8,
    /// 0.
    pub reserved: u8,
    /// The name under which the agent reports: 1 to 64 bytes of UTF-8, used where they are for as long as they are set; null:
    /// "defender-iot-micro-agent".
    pub security_module_id: *const c_char,
}

// SAFETY: it is `repr(C)` and begins with its size; all fields are numbers and a pointer.
unsafe impl Sized32 for SettingsOfC {
    const FIRST: usize = size_of::<Self>();
}

impl SettingsOfC {
    /// What is set.
    fn of(settings: &Settings) -> Self {
        let seconds = |time: Duration| time.as_secs() as u32;
        let interval = |priority| seconds(settings.interval(priority));
        let enabled = |collector| u8::from(settings.collector_enabled(collector));
        let priority = |collector| settings.collector_priority(collector) as u8;
        let counted = |protocol| u8::from(settings.protocol_enabled(protocol));
        let limit = |flows| u32::try_from(flows).unwrap_or(THREADX_DEFENDER_ALL_FLOWS);
        let (ipv4_flow_limit, ipv6_flow_limit) = settings.flow_limits();
        Self {
            size: size_of::<Self>() as u32,
            interval_high: interval(Priority::High),
            interval_medium: interval(Priority::Medium),
            interval_low: interval(Priority::Low),
            first_collection: seconds(settings.first_collection()),
            first_collection_jitter: seconds(settings.first_collection_jitter()),
            retry_time: seconds(settings.retry_time()),
            pending_time: seconds(settings.pending_time()),
            ipv4_flow_limit: limit(ipv4_flow_limit),
            ipv6_flow_limit: limit(ipv6_flow_limit),
            max_hub_devices: settings.max_hub_devices().into(),
            network_activity: enabled(Collector::NetworkActivity),
            system_information: enabled(Collector::SystemInformation),
            heartbeat: enabled(Collector::Heartbeat),
            network_activity_priority: priority(Collector::NetworkActivity),
            system_information_priority: priority(Collector::SystemInformation),
            heartbeat_priority: priority(Collector::Heartbeat),
            tcp: counted(Protocol::Tcp),
            udp: counted(Protocol::Udp),
            icmp: counted(Protocol::Icmp),
            unicast_only: settings.unicast_only().into(),
            send_empty_events: settings.send_empty_events().into(),
            reserved: 0,
            security_module_id: c_id(settings.security_module_id()),
        }
    }

    /// Settings with what this says.
    ///
    /// # Safety
    /// The id is null or a string that stays.
    unsafe fn settings(&self) -> Result<Settings, UINT> {
        if self.reserved != 0 {
            return Err(NX_AZURE_IOT_INVALID_PARAMETER);
        }
        let id: &'static CStr = match self.security_module_id {
            id if id.is_null() => DEFAULT_ID,
            // SAFETY: the caller says so.
            id => unsafe { CStr::from_ptr(id) },
        };
        let id = id.to_str().map_err(|_| NX_AZURE_IOT_INVALID_PARAMETER)?;
        let max_hub_devices = u8::try_from(self.max_hub_devices).unwrap_or(0);
        let mut settings = Settings::new();
        for (collector, enabled, group) in [
            (
                Collector::NetworkActivity,
                self.network_activity,
                self.network_activity_priority,
            ),
            (
                Collector::SystemInformation,
                self.system_information,
                self.system_information_priority,
            ),
            (
                Collector::Heartbeat,
                self.heartbeat,
                self.heartbeat_priority,
            ),
        ] {
            settings.set_collector_enabled(collector, switch(enabled.into())?);
            settings.set_collector_priority(collector, one_of(&PRIORITIES, group.into())?);
        }
        for (protocol, counted) in [
            (Protocol::Tcp, self.tcp),
            (Protocol::Udp, self.udp),
            (Protocol::Icmp, self.icmp),
        ] {
            settings.set_protocol_enabled(protocol, switch(counted.into())?);
        }
        settings.set_unicast_only(switch(self.unicast_only.into())?);
        settings.set_send_empty_events(switch(self.send_empty_events.into())?);
        let with_limits = |settings: &mut Settings| -> Result<(), SettingsError> {
            let seconds = |seconds: u32| Duration::from_secs(seconds.into());
            settings.set_interval(Priority::High, seconds(self.interval_high))?;
            settings.set_interval(Priority::Medium, seconds(self.interval_medium))?;
            settings.set_interval(Priority::Low, seconds(self.interval_low))?;
            settings.set_first_collection(seconds(self.first_collection))?;
            settings.set_first_collection_jitter(seconds(self.first_collection_jitter))?;
            settings.set_retry_time(seconds(self.retry_time))?;
            settings.set_pending_time(seconds(self.pending_time))?;
            settings.set_flow_limits(flows(self.ipv4_flow_limit), flows(self.ipv6_flow_limit))?;
            settings.set_max_hub_devices(max_hub_devices)?;
            settings.set_security_module_id(id)
        };
        with_limits(&mut settings).map_err(|_| NX_AZURE_IOT_INVALID_PARAMETER)?;
        Ok(settings)
    }
}

/// The id with the zero behind it that C wants: all but the default are C's own.
fn c_id(id: &'static str) -> *const c_char {
    if id == Settings::new().security_module_id() {
        DEFAULT_ID.as_ptr()
    } else {
        id.as_ptr().cast()
    }
}

/// As many flows, or all.
fn flows(limit: u32) -> usize {
    match limit {
        THREADX_DEFENDER_ALL_FLOWS => usize::MAX,
        limit => usize::try_from(limit).unwrap_or(usize::MAX),
    }
}

fn switch(value: UINT) -> Result<bool, UINT> {
    one_of(&[false, true], value)
}

fn one_of<T: Copy>(values: &[T], number: UINT) -> Result<T, UINT> {
    let value = usize::try_from(number)
        .ok()
        .and_then(|at| values.get(at).copied());
    value.ok_or(NX_AZURE_IOT_INVALID_PARAMETER)
}

/// Get all that is set, whether the agent is enabled or not: the defaults, until something is. From everywhere.
///
/// @param settings Where to; its size says how much.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null, or a size that no version has.
///
/// # Safety
/// See the parameter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadx_defender_settings_get(settings: *mut SettingsOfC) -> UINT {
    call(|| {
        let value = SettingsOfC::of(&agent::settings());
        // SAFETY: the caller says so.
        unsafe { structure::give(settings, &value) }
    })
}

/// Set everything, all at once or, when anything is out of its limits, nothing. It holds for the agent that runs, packets with the next one and
/// all else within a second, and for the next agent. From everywhere.
///
/// @param settings Best got with threadx_defender_settings_get, and changed. Of a structure of an older header, only what it has is set.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null, for a size that no version has, or for a value out of its limits;
///         NX_AZURE_IOT_NOT_SUPPORTED when a newer header's field is set, which this library does not have.
///
/// # Safety
/// See the parameter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadx_defender_settings_set(settings: *const SettingsOfC) -> UINT {
    call(|| {
        let before = SettingsOfC::of(&agent::settings());
        // SAFETY: the caller says so.
        let after = unsafe { structure::take(settings, before)?.settings()? };
        agent::change(|settings| {
            *settings = after;
            Ok(())
        })
    })
}

/// Set how often the collectors of a priority group report. From everywhere.
///
/// @param priority One of THREADX_DEFENDER_PRIORITY_*.
/// @param seconds 1 to 2,592,000, which are 30 days.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for any other value.
#[unsafe(no_mangle)]
pub extern "C" fn threadx_defender_interval_set(priority: UINT, seconds: ULONG) -> UINT {
    call(|| {
        let priority = one_of(&PRIORITIES, priority)?;
        #[allow(clippy::useless_conversion, reason = "ULONG has 64 bits elsewhere")]
        let interval = Duration::from_secs(u64::from(seconds));
        agent::change(|settings| settings.set_interval(priority, interval))
    })
}

/// Turn a collector on or off. From everywhere.
///
/// @param collector THREADX_DEFENDER_NETWORK_ACTIVITY, _SYSTEM_INFORMATION or _HEARTBEAT.
/// @param enabled 1 or 0.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for any other value.
#[unsafe(no_mangle)]
pub extern "C" fn threadx_defender_collector_set(collector: UINT, enabled: UINT) -> UINT {
    call(|| {
        let (collector, enabled) = (one_of(&COLLECTORS, collector)?, switch(enabled)?);
        agent::change(|settings| {
            settings.set_collector_enabled(collector, enabled);
            Ok(())
        })
    })
}

/// Move a collector to another priority group. From everywhere.
///
/// @param collector THREADX_DEFENDER_NETWORK_ACTIVITY, _SYSTEM_INFORMATION or _HEARTBEAT.
/// @param priority One of THREADX_DEFENDER_PRIORITY_*.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for any other value.
#[unsafe(no_mangle)]
pub extern "C" fn threadx_defender_collector_priority_set(collector: UINT, priority: UINT) -> UINT {
    call(|| {
        let (collector, priority) = (
            one_of(&COLLECTORS, collector)?,
            one_of(&PRIORITIES, priority)?,
        );
        agent::change(|settings| {
            settings.set_collector_priority(collector, priority);
            Ok(())
        })
    })
}

/// Set whether packets of a protocol are counted. From everywhere.
///
/// @param protocol THREADX_DEFENDER_TCP, _UDP or _ICMP.
/// @param enabled 1 or 0.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for any other value.
#[unsafe(no_mangle)]
pub extern "C" fn threadx_defender_protocol_set(protocol: UINT, enabled: UINT) -> UINT {
    call(|| {
        let (protocol, enabled) = (one_of(&PROTOCOLS, protocol)?, switch(enabled)?);
        agent::change(|settings| {
            settings.set_protocol_enabled(protocol, enabled);
            Ok(())
        })
    })
}

/// Set whether incoming multicast and broadcast packets are left out. From everywhere.
///
/// @param enabled 1 or 0.
/// @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for any other value.
#[unsafe(no_mangle)]
pub extern "C" fn threadx_defender_unicast_only_set(enabled: UINT) -> UINT {
    call(|| {
        let enabled = switch(enabled)?;
        agent::change(|settings| {
            settings.set_unicast_only(enabled);
            Ok(())
        })
    })
}
