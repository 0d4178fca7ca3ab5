//! Enabling and disabling, with the original's contract.

use std::ptr::null_mut;

use defender_capi::{
    THREADX_DEFENDER_STATE_ACTIVE, THREADX_DEFENDER_STATE_NOT_INITIALIZED,
    nx_azure_iot_security_module_disable as disable, nx_azure_iot_security_module_enable as enable,
};
use netxduo_sys::{
    NX_AZURE_IOT, NX_AZURE_IOT_INVALID_PARAMETER as INVALID, NX_AZURE_IOT_PENDING as PENDING,
    NX_AZURE_IOT_SUCCESS as SUCCESS,
};
use threadx_defender::agent::Protocol;
use threadx_defender::agent::packet::Direction::Out;

use crate::device::talk::{Tally, talk};
use crate::device::{Device, HUBS};
use crate::kernel::in_kernel;
use crate::no_jitter;
use crate::query::state;

/// Hooks of the one instance.
fn filter(device: &Device) -> Option<usize> {
    // SAFETY: the instance exists.
    let filter = unsafe { (*device.ip.as_ptr()).nx_ip_packet_filter_extended };
    filter.map(|filter| filter as usize)
}

#[test]
fn an_agent_is_enabled_and_disabled_as_the_original_is() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let azure = device.azure.as_ptr();
        let other = std::ptr::dangling_mut::<NX_AZURE_IOT>();
        // SAFETY: null, or the instance; of any other one nothing is looked at, as it is refused before.
        unsafe {
            assert_eq!(disable(azure), SUCCESS, "it is not enabled");
            assert_eq!(disable(null_mut()), SUCCESS);
            assert_eq!(enable(null_mut()), INVALID);
            assert_eq!(filter(&device), None);
            assert_eq!(enable(azure), SUCCESS);
            let hooked = filter(&device);
            assert!(hooked.is_some());
            assert_eq!(enable(azure), SUCCESS, "again");
            assert_eq!(enable(other), INVALID);
            assert_eq!(enable(null_mut()), INVALID);
            assert_eq!(disable(other), INVALID);
            assert_eq!(filter(&device), hooked);
            assert_eq!(disable(azure), SUCCESS);
            assert_eq!(filter(&device), None);
            assert_eq!(enable(azure), SUCCESS);
            assert_eq!(disable(null_mut()), SUCCESS, "whichever it is");
            assert_eq!(filter(&device), None);
            assert_eq!(state(), THREADX_DEFENDER_STATE_NOT_INITIALIZED);
        }
    });
}

/// What NetX Duo's middleware up to 6.3.0 does by itself: it enables the agent when its instance is made, and disables it when that is
/// deleted.
#[test]
fn an_agent_that_c_enables_reports_what_passes() {
    in_kernel(|kernel| {
        no_jitter();
        let device = Device::without_agent(kernel);
        let azure = device.azure.as_ptr();
        // SAFETY: the instance exists until the agent is disabled.
        assert_eq!(unsafe { enable(azure) }, SUCCESS);
        let mut injected = Tally::new();
        let web = talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443");
        device.pass(&mut injected, &web, Out, 10);
        device.seconds(30);
        assert_eq!(state(), THREADX_DEFENDER_STATE_ACTIVE);
        assert_eq!(HUBS[0].tally(), injected);
        assert_eq!(disable(azure), SUCCESS);
        device.pass(&mut injected, &web, Out, 10);
        device.seconds(100);
        assert_eq!(HUBS[0].messages().len(), 1);
    });
}

/// In a callback it cannot be gone at once.
#[test]
fn an_agent_that_is_disabled_in_a_callback_is_gone_within_a_second() {
    in_kernel(|kernel| {
        no_jitter();
        let device = Device::without_agent(kernel);
        let azure = device.azure.as_ptr() as usize;
        // SAFETY: the instance exists until the agent is disabled.
        assert_eq!(unsafe { enable(azure as _) }, SUCCESS);
        HUBS[0].meanwhile(move || {
            assert_eq!(disable(azure as _), SUCCESS);
            // SAFETY: likewise.
            assert_eq!(unsafe { enable(azure as _) }, PENDING);
            true
        });
        device.seconds(30);
        assert_eq!(HUBS[0].messages().len(), 1);
        assert_eq!(state(), THREADX_DEFENDER_STATE_NOT_INITIALIZED);
        device.seconds(1);
        // SAFETY: likewise.
        assert_eq!(unsafe { enable(azure as _) }, SUCCESS);
        assert_eq!(disable(null_mut()), SUCCESS);
    });
}

/// Settings change, and the agent comes and goes, on several threads: each call has a status, and in the end what is set holds.
#[test]
fn calls_may_come_from_several_threads() {
    use defender_capi::threadx_defender_interval_set as interval_set;
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let azure = device.azure.as_ptr();
        let threads: Vec<_> = (0..3)
            .map(|priority| {
                std::thread::spawn(move || {
                    for seconds in 1..=2_000 {
                        assert_eq!(interval_set(priority, seconds), SUCCESS);
                        state();
                    }
                })
            })
            .collect();
        for _ in 0..100 {
            // SAFETY: the instance exists until the agent is disabled.
            assert_eq!(unsafe { enable(azure) }, SUCCESS);
            assert_eq!(disable(azure), SUCCESS);
        }
        // SAFETY: likewise.
        assert_eq!(unsafe { enable(azure) }, SUCCESS);
        for thread in threads {
            thread.join().unwrap();
        }
        let set = crate::get();
        let intervals = [set.interval_high, set.interval_medium, set.interval_low];
        assert_eq!(intervals, [2_000; 3]);
        assert_eq!(disable(azure), SUCCESS);
    });
}
