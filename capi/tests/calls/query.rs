//! State, statistics, sizes.

use std::ptr::null_mut;

use defender_capi::{
    StatisticsOfC, StorageOfC, nx_azure_iot_security_module_disable as disable,
    nx_azure_iot_security_module_enable as enable, threadx_defender_state_get,
    threadx_defender_statistics_get, threadx_defender_storage_get, threadx_defender_version,
};
use netxduo_sys::{
    NX_AZURE_IOT_INVALID_PARAMETER as INVALID, NX_AZURE_IOT_NOT_ENABLED as NOT_ENABLED,
    NX_AZURE_IOT_SUCCESS as SUCCESS,
};
use threadx_defender::agent::Protocol;
use threadx_defender::agent::packet::Direction::In;
use threadx_defender::defender::DefenderStorage;

use crate::device::talk::{Tally, talk};
use crate::device::{Device, HUBS};
use crate::kernel::in_kernel;
use crate::no_jitter;

/// What the agent is doing.
pub fn state() -> u32 {
    let mut state = u32::MAX;
    // SAFETY: a place for the state.
    let status = unsafe { threadx_defender_state_get(&raw mut state) };
    assert_eq!(status, SUCCESS);
    state
}

fn statistics(size: usize) -> (u32, StatisticsOfC) {
    // SAFETY: zero is a value of each field.
    let mut statistics: StatisticsOfC = unsafe { std::mem::zeroed() };
    statistics.size = size as u32;
    // SAFETY: a structure of that size, or a size that is refused.
    let status = unsafe { threadx_defender_statistics_get(&raw mut statistics) };
    (status, statistics)
}

#[test]
fn the_version_is_that_of_the_crate() {
    let [major, minor, patch] = [16, 8, 0].map(|at| threadx_defender_version() >> at & 0xFF);
    assert_eq!(
        format!("{major}.{minor}.{patch}"),
        env!("CARGO_PKG_VERSION")
    );
}

#[test]
fn the_agent_tells_what_it_has_counted() {
    const SIZE: usize = size_of::<StatisticsOfC>();
    in_kernel(|kernel| {
        no_jitter();
        let device = Device::without_agent(kernel);
        assert_eq!(statistics(SIZE).0, NOT_ENABLED);
        // SAFETY: the instance exists until the agent is disabled.
        assert_eq!(unsafe { enable(device.azure.as_ptr()) }, SUCCESS);
        let mut injected = Tally::new();
        for port in 1..=3 {
            let peer = format!("192.0.2.1:{port}");
            let talk = talk(Protocol::Udp, "10.0.0.2:5000", &peer);
            device.pass(&mut injected, &talk, In, 10);
        }
        device.seconds(30);
        let (status, counted) = statistics(SIZE);
        assert_eq!(status, SUCCESS);
        assert_eq!(counted.size as usize, SIZE);
        assert_eq!(counted.packets_counted, 3);
        assert_eq!(counted.flows_reported, 3);
        assert_eq!(counted.messages_sent, 1);
        let bytes = HUBS[0].taken()[0].payload.len();
        assert_eq!(counted.bytes_sent, bytes as u64);
        assert_eq!(counted.ip_instances_left_alone, 0);
        assert_eq!(statistics(0).0, INVALID);
        assert_eq!(statistics(SIZE - 1).0, INVALID);
        // SAFETY: null is allowed.
        unsafe {
            assert_eq!(threadx_defender_statistics_get(null_mut()), INVALID);
            assert_eq!(threadx_defender_state_get(null_mut()), INVALID);
            assert_eq!(threadx_defender_storage_get(null_mut()), INVALID);
        }
        assert_eq!(disable(null_mut()), SUCCESS);
        assert_eq!(statistics(SIZE).0, NOT_ENABLED);
    });
}

#[test]
fn sizes_are_those_of_the_build() {
    let mut storage = StorageOfC {
        size: size_of::<StorageOfC>() as u32,
        bytes: 0,
        ipv4_flows: 0,
        ipv6_flows: 0,
        message_bytes: 0,
    };
    // SAFETY: a structure of its size.
    let status = unsafe { threadx_defender_storage_get(&raw mut storage) };
    assert_eq!(status, SUCCESS);
    assert_eq!((storage.ipv4_flows, storage.ipv6_flows), (64, 64));
    assert_eq!(storage.message_bytes, 4000);
    assert_eq!(storage.bytes as usize, size_of::<DefenderStorage>());
}
