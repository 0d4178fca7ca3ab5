//! What can be set, before the agent is enabled and while it runs.

use std::ffi::CStr;
use std::ptr::{null, null_mut};

use defender_capi::*;
use netxduo_sys::{
    NX_AZURE_IOT_INVALID_PARAMETER as INVALID, NX_AZURE_IOT_NOT_SUPPORTED as NOT_SUPPORTED,
    NX_AZURE_IOT_SUCCESS as SUCCESS,
};
use threadx_defender::agent::Protocol;
use threadx_defender::agent::packet::Direction::Out;

use crate::device::talk::{Tally, talk};
use crate::device::{Device, HUBS};
use crate::kernel::{in_kernel, in_process};
use crate::{get, no_jitter, set};

/// The names of a message's events.
fn contents(number: usize) -> Vec<String> {
    let message = &HUBS[0].messages()[number];
    let names = message.events.iter().map(|event| {
        let text = format!("{:?}", event.payload);
        let end = text.find(|letter: char| !letter.is_alphanumeric());
        text[..end.unwrap_or(text.len())].to_owned()
    });
    names.collect()
}

#[test]
fn the_defaults_are_those_of_the_original() {
    in_process(|| {
        let settings = get();
        let intervals = [
            settings.interval_high,
            settings.interval_medium,
            settings.interval_low,
        ];
        assert_eq!(intervals, [10, 30, 60]);
        assert_eq!(settings.first_collection, 30);
        assert_eq!(settings.first_collection_jitter, 59);
        assert_eq!((settings.retry_time, settings.pending_time), (3, 300));
        assert_eq!(settings.ipv4_flow_limit, THREADX_DEFENDER_ALL_FLOWS);
        assert_eq!(settings.max_hub_devices, 64);
        let priorities = [
            settings.network_activity_priority,
            settings.system_information_priority,
            settings.heartbeat_priority,
        ];
        assert_eq!(priorities, [0, 2, 2]);
        assert_eq!((settings.unicast_only, settings.send_empty_events), (1, 0));
        // SAFETY: a string that stays.
        let id = unsafe { CStr::from_ptr(settings.security_module_id) };
        assert_eq!(id, c"defender-iot-micro-agent");
        // What was got can be set.
        assert_eq!(set(&settings), SUCCESS);
        assert_eq!(format!("{:?}", get()), format!("{settings:?}"));
    });
}

#[test]
fn what_is_out_of_its_limits_changes_nothing() {
    in_process(|| {
        let good = get();
        let wrong: [fn(&mut SettingsOfC); 24] = [
            |settings| settings.size = 0,
            |settings| settings.size -= 1,
            |settings| settings.size = u32::MAX,
            |settings| settings.interval_high = 0,
            |settings| settings.interval_medium = 2_592_001,
            |settings| settings.interval_low = u32::MAX,
            |settings| settings.first_collection = 0,
            |settings| settings.first_collection_jitter = 3_601,
            |settings| settings.retry_time = 0,
            |settings| settings.pending_time = 0,
            |settings| settings.ipv4_flow_limit = 0,
            |settings| settings.ipv6_flow_limit = 0,
            |settings| settings.max_hub_devices = 0,
            |settings| settings.max_hub_devices = 65,
            |settings| settings.max_hub_devices = 257,
            |settings| settings.network_activity = 2,
            |settings| settings.heartbeat = 255,
            |settings| settings.network_activity_priority = 3,
            |settings| settings.tcp = 2,
            |settings| settings.unicast_only = 2,
            |settings| settings.send_empty_events = 2,
            |settings| settings.reserved = 1,
            |settings| settings.security_module_id = c"".as_ptr(),
            |settings| settings.security_module_id = c"\xFF".as_ptr(),
        ];
        for (number, change) in wrong.into_iter().enumerate() {
            let mut settings = good;
            // Something that would show.
            settings.udp = 0;
            change(&mut settings);
            assert_eq!(set(&settings), INVALID, "{number}");
            assert_eq!(get().udp, 1, "{number}");
        }
        // SAFETY: null is allowed.
        unsafe {
            assert_eq!(threadx_defender_settings_set(null()), INVALID);
            assert_eq!(threadx_defender_settings_get(null_mut()), INVALID);
        }
        for (status, what) in [
            (threadx_defender_interval_set(3, 10), "priority"),
            (threadx_defender_interval_set(0, 0), "interval"),
            (threadx_defender_interval_set(0, 2_592_001), "interval"),
            (threadx_defender_collector_set(3, 1), "collector"),
            (threadx_defender_collector_set(0, 2), "switch"),
            (threadx_defender_collector_priority_set(3, 0), "collector"),
            (threadx_defender_collector_priority_set(0, 3), "priority"),
            (threadx_defender_protocol_set(3, 1), "protocol"),
            (threadx_defender_protocol_set(0, 2), "switch"),
            (threadx_defender_unicast_only_set(2), "switch"),
        ] {
            assert_eq!(status, INVALID, "{what}");
        }
        assert_eq!(format!("{:?}", get()), format!("{good:?}"));
    });
}

#[test]
fn a_newer_structure_is_taken_unless_it_asks_for_what_is_not_there() {
    #[repr(C)]
    struct Newer {
        settings: SettingsOfC,
        new: u64,
    }
    in_process(|| {
        let mut newer = Newer {
            settings: get(),
            new: 0,
        };
        newer.settings.size = size_of::<Newer>() as u32;
        newer.settings.icmp = 0;
        // SAFETY: it is as long as it says.
        let set = |newer: &Newer| unsafe {
            threadx_defender_settings_set(std::ptr::from_ref(newer).cast())
        };
        assert_eq!(set(&newer), SUCCESS);
        assert_eq!(get().icmp, 0);
        newer.new = 1;
        newer.settings.icmp = 1;
        assert_eq!(set(&newer), NOT_SUPPORTED);
        assert_eq!(get().icmp, 0);
    });
}

#[test]
fn what_is_set_before_holds_when_it_is_enabled() {
    in_kernel(|kernel| {
        let mut settings = get();
        settings.first_collection_jitter = 0;
        settings.first_collection = 5;
        settings.system_information = 0;
        settings.security_module_id = c"the-device".as_ptr();
        assert_eq!(set(&settings), SUCCESS);
        assert_eq!(
            threadx_defender_protocol_set(THREADX_DEFENDER_UDP, 0),
            SUCCESS
        );
        let device = Device::without_agent(kernel);
        // SAFETY: the instance exists until the agent is disabled.
        let status = unsafe { nx_azure_iot_security_module_enable(device.azure.as_ptr()) };
        assert_eq!(status, SUCCESS);
        let (mut counted, mut not) = (Tally::new(), Tally::new());
        let tcp = talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443");
        let udp = talk(Protocol::Udp, "10.0.0.2:50000", "192.0.2.1:53");
        device.pass(&mut counted, &tcp, Out, 10);
        device.pass(&mut not, &udp, Out, 10);
        device.seconds(5);
        assert_eq!(HUBS[0].tally(), counted);
        assert_eq!(contents(0), ["NetworkActivity", "Heartbeat"]);
        assert_eq!(HUBS[0].messages()[0].security_module_id, "the-device");
        assert_eq!(nx_azure_iot_security_module_disable(null_mut()), SUCCESS);
    });
}

#[test]
fn what_is_set_while_it_runs_holds_within_a_second() {
    in_kernel(|kernel| {
        no_jitter();
        let device = Device::without_agent(kernel);
        let azure = device.azure.as_ptr();
        // SAFETY: the instance exists until the agent is disabled.
        let status = unsafe { nx_azure_iot_security_module_enable(azure) };
        assert_eq!(status, SUCCESS);
        device.seconds(30);
        assert_eq!(contents(0), ["SystemInformation", "Heartbeat"]);
        let set = [
            threadx_defender_collector_set(THREADX_DEFENDER_SYSTEM_INFORMATION, 0),
            threadx_defender_collector_priority_set(
                THREADX_DEFENDER_HEARTBEAT,
                THREADX_DEFENDER_PRIORITY_MEDIUM,
            ),
            threadx_defender_interval_set(THREADX_DEFENDER_PRIORITY_MEDIUM, 2),
        ];
        assert_eq!(set, [SUCCESS; 3]);
        device.seconds(10);
        assert!(HUBS[0].messages().len() >= 5);
        for number in 1..HUBS[0].messages().len() {
            assert_eq!(contents(number), ["Heartbeat"]);
        }
        // And for the next agent.
        assert_eq!(nx_azure_iot_security_module_disable(azure), SUCCESS);
        HUBS[0].clear();
        // SAFETY: likewise.
        let status = unsafe { nx_azure_iot_security_module_enable(azure) };
        assert_eq!(status, SUCCESS);
        device.seconds(30);
        assert_eq!(contents(0), ["Heartbeat"]);
        assert_eq!(nx_azure_iot_security_module_disable(azure), SUCCESS);
    });
}
