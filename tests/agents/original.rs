//! What is the original's alone.

use std::collections::HashSet;
use std::time::Duration;

use netxduo_sys::original::{
    DEFENDER_ORIGINAL_NOT_INITIALIZED, defender_original_disable, defender_original_enable,
    defender_original_state,
};
use netxduo_sys::{NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_SUCCESS};
use threadx_defender::agent::packet::Direction::{In, Out};
use threadx_defender::agent::{Collector, Priority, Protocol, Settings, SettingsError};
use threadx_defender::defender::{EntropyUnavailable, Implementation};
use threadx_defender::{Error, kernel::Kernel};

use crate::both::{builder, enable, try_enable};
use crate::device::talk::{Tally, talk};
use crate::device::{Device, HUBS, no_jitter, unix_time};
use crate::kernel::in_kernel;

const ORIGINAL: Implementation = Implementation::Original;

/// A change of the settings.
type Change = fn(&mut Settings) -> Result<(), SettingsError>;

/// What it cannot do.
const UNSUPPORTED: [(Change, &str); 8] = [
    (
        |settings| {
            settings.set_collector_priority(Collector::Heartbeat, Priority::High);
            Ok(())
        },
        "the original agent cannot move a collector to another priority group: use this library's own for it",
    ),
    (
        |settings| {
            settings.set_protocol_enabled(Protocol::Udp, false);
            Ok(())
        },
        "the original agent cannot leave out a protocol: use this library's own for it",
    ),
    (
        |settings| {
            settings.set_unicast_only(false);
            Ok(())
        },
        "the original agent cannot count multicast and broadcast: use this library's own for it",
    ),
    (
        |settings| {
            settings.set_send_empty_events(true);
            Ok(())
        },
        "the original agent cannot send empty network activity events: use this library's own for it",
    ),
    (
        |settings| settings.set_max_hub_devices(2),
        "the original agent cannot limit the hub devices to another number than 64: use this library's own for it",
    ),
    (
        |settings| settings.set_flow_limits(63, 64),
        "the original agent cannot limit its flows to fewer than 64: use this library's own for it",
    ),
    (
        |settings| settings.set_flow_limits(64, 63),
        "the original agent cannot limit its flows to fewer than 64: use this library's own for it",
    ),
    (
        |settings| settings.set_security_module_id("a\0b"),
        "the original agent cannot report a security module id with a zero byte: use this library's own for it",
    ),
];

#[test]
fn what_it_cannot_do_is_refused_before_it_is_enabled() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        for (change, expected) in UNSUPPORTED {
            let mut settings = no_jitter();
            change(&mut settings).unwrap();
            let refused = try_enable(builder(ORIGINAL).settings(settings), &device);
            let refused = refused.unwrap_err();
            assert!(matches!(refused, Error::Unsupported { .. }));
            assert_eq!(refused.to_string(), expected);
            drop(try_enable(builder(Implementation::Rust).settings(settings), &device).unwrap());
        }
        let refused = try_enable(builder(ORIGINAL).unix_time(unix_time), &device);
        assert_eq!(
            refused.unwrap_err(),
            Error::Unsupported {
                what: "have a Unix time hook of its own"
            }
        );
        // As many flows as it has may be asked for.
        let mut settings = no_jitter();
        settings.set_flow_limits(64, 1000).unwrap();
        drop(try_enable(builder(ORIGINAL).settings(settings), &device).unwrap());
    });
}

#[test]
fn what_it_cannot_do_is_refused_while_it_runs_and_changes_nothing() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let defender = enable(ORIGINAL, &device);
        for (change, expected) in UNSUPPORTED {
            let refused = defender.update(|settings| {
                settings.set_interval(Priority::High, Duration::from_secs(5))?;
                change(settings)
            });
            assert_eq!(refused.unwrap_err().to_string(), expected);
        }
        assert!(defender.set_unicast_only(false).is_err());
        assert!(defender.set_protocol_enabled(Protocol::Tcp, false).is_err());
        let moved = defender.set_collector_priority(Collector::Heartbeat, Priority::Medium);
        assert!(moved.is_err());
        assert_eq!(
            defender.statistics(),
            Err(Error::Unsupported {
                what: "count what it does"
            })
        );
        assert_eq!(defender.settings(), no_jitter());
        let mut injected = Tally::new();
        for (protocol, direction) in [(Protocol::Tcp, In), (Protocol::Udp, Out)] {
            let talk = talk(protocol, "10.0.0.2:5000", "192.0.2.1:53");
            device.pass(&mut injected, &talk, direction, 10);
        }
        device.seconds(30);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

/// Event ids of five messages.
fn event_ids(
    kernel: Kernel,
    device: &Device,
    entropy: threadx_defender::defender::EntropyHook,
) -> HashSet<[u8; 16]> {
    HUBS[0].clear();
    let defender = try_enable(builder(ORIGINAL).entropy(entropy), device).unwrap();
    crate::device::seconds_pass(kernel, 60 * 5);
    drop(defender);
    let messages = HUBS[0].messages();
    let ids = messages.iter().flat_map(|message| &message.events);
    ids.map(|event| event.id.0).collect()
}

#[test]
fn its_event_ids_are_of_its_own_device() {
    fn one(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        bytes.fill(1);
        Ok(())
    }
    fn two(bytes: &mut [u8]) -> Result<(), EntropyUnavailable> {
        bytes.fill(2);
        Ok(())
    }
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let ids = event_ids(kernel, &device, one);
        assert_eq!(ids.len(), 10, "no id comes twice");
        let others = event_ids(kernel, &device, two);
        assert_eq!(others.len(), 10);
        assert!(ids.is_disjoint(&others));
    });
}

#[test]
fn a_full_table_loses_what_comes_after_it_until_the_next_collection() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let _defender = enable(ORIGINAL, &device);
        let pass_many = |injected: &mut Tally| {
            for port in 1..=64 {
                for (local, remote) in [
                    ("10.0.0.2:5000", format!("192.0.2.1:{port}")),
                    ("[fd00::2]:5000", format!("[2001:db8::1]:{port}")),
                ] {
                    device.pass(injected, &talk(Protocol::Udp, local, &remote), Out, 10);
                }
            }
        };
        let mut injected = Tally::new();
        pass_many(&mut injected);
        let lost = talk(Protocol::Udp, "10.0.0.2:5000", "192.0.2.2:1");
        device.pass(&mut Tally::new(), &lost, Out, 10);
        device.seconds(30);
        // Packets of the flows that it keeps are lost as well, so this is all that it can say.
        assert_eq!(HUBS[0].tally(), injected);
        HUBS[0].clear();
        let mut injected = Tally::new();
        pass_many(&mut injected);
        device.seconds(10);
        assert_eq!(HUBS[0].tally(), injected);
    });
}

#[test]
fn its_functions_have_defined_results_without_an_instance() {
    in_kernel(|_| {
        // SAFETY: on a thread, and nobody else is in the agent.
        unsafe {
            assert_eq!(
                defender_original_enable(std::ptr::null_mut(), 1),
                NX_AZURE_IOT_INVALID_PARAMETER
            );
            assert_eq!(defender_original_state(), DEFENDER_ORIGINAL_NOT_INITIALIZED);
            assert_eq!(defender_original_disable(), NX_AZURE_IOT_SUCCESS);
            assert_eq!(defender_original_disable(), NX_AZURE_IOT_SUCCESS);
        }
    });
}
