//! Calls from where they do not belong.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use defender_capi::{
    THREADX_DEFENDER_HEARTBEAT, nx_azure_iot_security_module_disable as disable,
    nx_azure_iot_security_module_enable as enable, threadx_defender_collector_set,
};
use netxduo_sys::{
    NX_AZURE_IOT, NX_AZURE_IOT_SUCCESS as SUCCESS, NX_AZURE_IOT_WRONG_STATE as WRONG_STATE,
};
use threadx_sys::{TX_AUTO_ACTIVATE, TX_SUCCESS, TX_TIMER, ULONG, tx_timer_create};

use crate::device::Device;
use crate::get;
use crate::kernel::{in_kernel, in_process};

static AZURE: AtomicPtr<NX_AZURE_IOT> = AtomicPtr::new(null_mut());
static ENABLED: AtomicU32 = AtomicU32::new(u32::MAX);
static DISABLED: AtomicU32 = AtomicU32::new(u32::MAX);
static CHANGED: AtomicU32 = AtomicU32::new(u32::MAX);

/// Makes calls here, and keeps what they say.
fn call() {
    let azure = AZURE.load(Ordering::Relaxed);
    // SAFETY: the instance exists, or its pointer is one that is not looked at here.
    ENABLED.store(unsafe { enable(azure) }, Ordering::Relaxed);
    DISABLED.store(disable(azure), Ordering::Relaxed);
    let changed = threadx_defender_collector_set(THREADX_DEFENDER_HEARTBEAT, 0);
    CHANGED.store(changed, Ordering::Relaxed);
}

#[track_caller]
fn refused_but_for_settings() {
    assert_eq!(ENABLED.load(Ordering::Relaxed), WRONG_STATE);
    assert_eq!(DISABLED.load(Ordering::Relaxed), WRONG_STATE);
    assert_eq!(CHANGED.load(Ordering::Relaxed), SUCCESS);
    assert_eq!(get().heartbeat, 0);
}

unsafe extern "C" fn expired(_: ULONG) {
    call();
}

#[test]
fn a_timer_may_change_settings_only() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        AZURE.store(device.azure.as_ptr(), Ordering::Relaxed);
        // SAFETY: a control block may be zero before it is one.
        let timer: &'static mut TX_TIMER = Box::leak(Box::new(unsafe { std::mem::zeroed() }));
        // SAFETY: control block and name are static.
        let status = unsafe {
            tx_timer_create(
                timer,
                c"timer".as_ptr().cast_mut().cast(),
                Some(expired),
                0,
                10,
                0,
                TX_AUTO_ACTIVATE,
            )
        };
        assert_eq!(status, TX_SUCCESS);
        device.seconds(1);
        refused_but_for_settings();
    });
}

/// On the host port a thread of the operating system has the rights of an interrupt.
#[test]
fn an_interrupt_may_change_settings_only() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        AZURE.store(device.azure.as_ptr(), Ordering::Relaxed);
        std::thread::spawn(call).join().unwrap();
        refused_but_for_settings();
    });
}

#[test]
fn initialization_may_change_settings_only() {
    in_process(|| {
        AZURE.store(std::ptr::dangling_mut(), Ordering::Relaxed);
        call();
        refused_but_for_settings();
    });
}
