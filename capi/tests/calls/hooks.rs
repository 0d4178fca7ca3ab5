//! Entropy and time as functions in C.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use defender_capi::{
    THREADX_DEFENDER_STATE_ACTIVE, THREADX_DEFENDER_STATE_WAITING_FOR_ENTROPY,
    THREADX_DEFENDER_STATE_WAITING_FOR_TIME, nx_azure_iot_security_module_disable as disable,
    nx_azure_iot_security_module_enable as enable, threadx_defender_entropy_set,
    threadx_defender_unix_time_set,
};
use netxduo_sys::NX_AZURE_IOT_SUCCESS as SUCCESS;
use threadx_sys::{UCHAR, UINT, ULONG};

use crate::device::{Device, HUBS, START};
use crate::kernel::in_kernel;
use crate::no_jitter;
use crate::query::state;

static HAS_ENTROPY: AtomicBool = AtomicBool::new(false);
static NOW: AtomicU32 = AtomicU32::new(0);

/// Bytes that can be told.
unsafe extern "C" fn entropy(bytes: *mut UCHAR, length: UINT) -> UINT {
    // SAFETY: there are as many as it says.
    unsafe { bytes.write_bytes(0xA5, length as usize) };
    UINT::from(!HAS_ENTROPY.load(Ordering::Relaxed))
}

unsafe extern "C" fn unix_time(now: *mut ULONG) -> UINT {
    // SAFETY: a place for the time.
    unsafe { now.write(NOW.load(Ordering::Relaxed) as _) };
    UINT::from(NOW.load(Ordering::Relaxed) == 0)
}

#[test]
fn the_agent_waits_for_entropy_and_time_of_c() {
    in_kernel(|kernel| {
        no_jitter();
        assert_eq!(threadx_defender_entropy_set(Some(entropy)), SUCCESS);
        assert_eq!(threadx_defender_unix_time_set(Some(unix_time)), SUCCESS);
        let device = Device::without_agent(kernel);
        // SAFETY: the instance exists until the agent is disabled.
        assert_eq!(unsafe { enable(device.azure.as_ptr()) }, SUCCESS);
        device.seconds(2);
        assert_eq!(state(), THREADX_DEFENDER_STATE_WAITING_FOR_TIME);
        NOW.store(1_234_567_890, Ordering::Relaxed);
        device.seconds(2);
        assert_eq!(state(), THREADX_DEFENDER_STATE_WAITING_FOR_ENTROPY);
        HAS_ENTROPY.store(true, Ordering::Relaxed);
        device.seconds(100);
        assert_eq!(state(), THREADX_DEFENDER_STATE_ACTIVE);
        let message = &HUBS[0].messages()[0];
        for event in &message.events {
            assert_eq!(event.time, 1_234_567_890);
            // Version 4, variant 1; all else as the hook has it.
            assert_eq!(event.id.to_string(), "a5a5a5a5-a5a5-45a5-a5a5-a5a5a5a5a5a5");
        }
        // Back to the defaults while it runs: the middleware's time, which is that of the device.
        assert_eq!(threadx_defender_entropy_set(None), SUCCESS);
        assert_eq!(threadx_defender_unix_time_set(None), SUCCESS);
        HUBS[0].clear();
        device.seconds(60);
        let message = HUBS[0].messages().pop().unwrap();
        for event in &message.events {
            assert!((START..START + 200).contains(&event.time));
            assert_ne!(event.id.to_string(), "a5a5a5a5-a5a5-45a5-a5a5-a5a5a5a5a5a5");
        }
        assert_eq!(disable(device.azure.as_ptr()), SUCCESS);
    });
}
