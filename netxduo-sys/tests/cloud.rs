//! The cloud helper: when modules are called, with what, and how they come and go.

#[path = "../../threadx-sys/tests/common/mod.rs"]
mod common;

use common::objects::*;
use common::{in_kernel, in_kernel_after};
use netxduo_sys::threadx_sys::*;
use netxduo_sys::*;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex as StdMutex, OnceLock};

const OWN: ULONG = NX_CLOUD_MODULE_AZURE_ISM_EVENT;
const PERIODIC: ULONG = NX_CLOUD_COMMON_PERIODIC_EVENT;

#[derive(Clone, Copy)]
struct Cloud(*mut NX_CLOUD);
// SAFETY: the stack guards its control blocks.
unsafe impl Send for Cloud {}
// SAFETY: as above.
unsafe impl Sync for Cloud {}

#[derive(Clone, Copy)]
struct Module(*mut NX_CLOUD_MODULE);
// SAFETY: the stack guards its control blocks.
unsafe impl Send for Module {}
// SAFETY: as above.
unsafe impl Sync for Module {}

/// Calls as (tick, label, common events, own events).
static CALLS: StdMutex<Vec<(ULONG, usize, ULONG, ULONG)>> = StdMutex::new(Vec::new());

fn take_calls() -> Vec<(ULONG, usize, ULONG, ULONG)> {
    std::mem::take(&mut CALLS.lock().unwrap())
}

unsafe extern "C" fn record(label: *mut core::ffi::c_void, events: ULONG, own: ULONG) {
    CALLS
        .lock()
        .unwrap()
        .push((now(), label.addr(), events, own));
}

type Process = unsafe extern "C" fn(*mut core::ffi::c_void, ULONG, ULONG);

impl Cloud {
    fn new() -> Self {
        let (cloud, stack) = (leak(), leak::<[u8; 2048]>());
        // SAFETY: control block and stack are leaked, the name is static.
        let status =
            unsafe { nx_cloud_create(cloud, c"cloud".as_ptr().cast(), stack.cast(), 2048, 3) };
        assert_eq!(status, NX_SUCCESS);
        Self(cloud)
    }

    /// Status and module; the label comes back with every call.
    fn register(self, label: usize, events: ULONG, process: Process) -> (UINT, Module) {
        let module = Module(leak());
        (self.register_again(module, label, events, process), module)
    }

    fn register_again(self, module: Module, label: usize, events: ULONG, process: Process) -> UINT {
        let (name, label) = (
            c"module".as_ptr().cast(),
            std::ptr::without_provenance_mut(label),
        );
        // SAFETY: the cloud is valid, and the module is leaked.
        unsafe { nx_cloud_module_register(self.0, module.0, name, events, Some(process), label) }
    }

    fn deregister(self, module: Module) -> UINT {
        // SAFETY: the cloud is valid.
        unsafe { nx_cloud_module_deregister(self.0, module.0) }
    }

    fn delete(self) -> UINT {
        // SAFETY: the control block is valid memory.
        unsafe { nx_cloud_delete(self.0) }
    }
}

impl Module {
    fn set(self, events: ULONG) -> UINT {
        // SAFETY: the module is registered.
        unsafe { nx_cloud_module_event_set(self.0, events) }
    }

    fn clear(self, events: ULONG) -> UINT {
        // SAFETY: the module is registered.
        unsafe { nx_cloud_module_event_clear(self.0, events) }
    }
}

#[test]
fn the_periodic_event_comes_once_a_second() {
    in_kernel_after(manual_clock, || {
        let cloud = Cloud::new();
        cloud.register(1, PERIODIC, record);
        cloud.register(2, OWN, record);
        advance(99);
        assert_eq!(take_calls(), []);
        advance(1);
        assert_eq!(take_calls(), [(100, 1, PERIODIC, 0)]);
        advance(1000);
        let expected: Vec<_> = (2..=11)
            .map(|second| (100 * second, 1, PERIODIC, 0))
            .collect();
        assert_eq!(take_calls(), expected);
    });
}

#[test]
fn own_events_call_only_their_module() {
    in_kernel_after(manual_clock, || {
        let cloud = Cloud::new();
        let (_, module) = cloud.register(1, OWN | PERIODIC, record);
        let (_, other) = cloud.register(2, NX_CLOUD_MODULE_MQTT_EVENT, record);
        assert_eq!(module.set(0b101), NX_SUCCESS);
        settle();
        assert_eq!(take_calls(), [(0, 1, OWN, 0b101)]);
        assert_eq!(other.set(1), NX_SUCCESS);
        settle();
        assert_eq!(take_calls(), [(0, 2, NX_CLOUD_MODULE_MQTT_EVENT, 1)]);
        advance(100);
        assert_eq!(
            take_calls(),
            [(100, 1, PERIODIC, 0)],
            "the own events are used up"
        );
        assert_eq!(module.set(0), NX_CLOUD_MODULE_EVENT_INVALID);
    });
}

#[test]
fn own_events_can_be_taken_back() {
    in_kernel_after(manual_clock, || {
        static ENTERED: AtomicBool = AtomicBool::new(false);
        static GO_ON: OnceLock<Semaphore> = OnceLock::new();
        unsafe extern "C" fn wait(_: *mut core::ffi::c_void, _: ULONG, _: ULONG) {
            ENTERED.store(true, Ordering::Relaxed);
            let go_on = GO_ON.get().expect("set below");
            assert_eq!(go_on.get(TX_WAIT_FOREVER), TX_SUCCESS);
        }
        let go_on = *GO_ON.get_or_init(|| Semaphore::new(0));
        let cloud = Cloud::new();
        let (_, module) = cloud.register(1, OWN, record);
        let (_, blocker) = cloud.register(2, NX_CLOUD_MODULE_MQTT_EVENT, wait);
        // While the helper is busy, what is set stays set.
        let keep_busy = || {
            ENTERED.store(false, Ordering::Relaxed);
            blocker.set(1);
            settle();
            assert!(ENTERED.load(Ordering::Relaxed));
        };
        if !cfg!(host_port) && (NETXDUO_MAJOR_VERSION, NETXDUO_MINOR_VERSION) < (6, 3) {
            // The checked form of old versions sets what it is to clear.
            return;
        }
        keep_busy();
        module.set(0b11);
        assert_eq!(module.clear(0b01), NX_SUCCESS);
        assert_eq!(go_on.put(), TX_SUCCESS);
        settle();
        assert_eq!(take_calls(), [(0, 1, OWN, 0b10)]);
        keep_busy();
        module.set(0b11);
        assert_eq!(module.clear(0b11), NX_SUCCESS);
        assert_eq!(go_on.put(), TX_SUCCESS);
        settle();
        assert_eq!(take_calls(), [], "nothing is left to call it for");
    });
}

#[test]
fn modules_register_once_and_deregister_once() {
    in_kernel_after(manual_clock, || {
        let cloud = Cloud::new();
        let (status, module) = cloud.register(1, PERIODIC, record);
        assert_eq!(status, NX_SUCCESS);
        assert_eq!(
            cloud.register_again(module, 1, PERIODIC, record),
            NX_CLOUD_MODULE_ALREADY_REGISTERED
        );
        assert_eq!(
            cloud.register(1, 0, record).0,
            NX_CLOUD_MODULE_EVENT_INVALID
        );
        cloud.register(2, PERIODIC, record);
        advance(100);
        assert_eq!(
            take_calls(),
            [(100, 2, PERIODIC, 0), (100, 1, PERIODIC, 0)],
            "the latest first"
        );
        assert_eq!(cloud.delete(), NX_CLOUD_MODULE_BOUND);
        assert_eq!(cloud.deregister(module), NX_SUCCESS);
        assert_eq!(cloud.deregister(module), NX_CLOUD_MODULE_NOT_REGISTERED);
        advance(100);
        assert_eq!(take_calls(), [(200, 2, PERIODIC, 0)]);
    });
}

#[cfg(host_port)]
static CLOUD: OnceLock<Cloud> = OnceLock::new();
#[cfg(host_port)]
static MODULES: StdMutex<Vec<Module>> = StdMutex::new(Vec::new());

// The cloud helper of NetX Duo goes on from the module that it has called, wherever that points to by then.
#[cfg(host_port)]
#[test]
fn modules_can_leave_while_they_are_called() {
    in_kernel_after(manual_clock, || {
        /// Deregisters itself and the next, and makes their memory unusable.
        unsafe extern "C" fn leave(_: *mut core::ffi::c_void, _: ULONG, _: ULONG) {
            let cloud = *CLOUD.get().unwrap();
            for module in MODULES.lock().unwrap().drain(..) {
                assert_eq!(cloud.deregister(module), NX_SUCCESS);
                // SAFETY: the module is not the helper's any more.
                unsafe { module.0.write_bytes(0xA5, 1) };
            }
        }
        let cloud = Cloud::new();
        assert!(CLOUD.set(cloud).is_ok());
        cloud.register(1, PERIODIC, record);
        let (_, next) = cloud.register(2, PERIODIC, record);
        let (_, leaving) = cloud.register(3, PERIODIC, leave);
        *MODULES.lock().unwrap() = vec![leaving, next];
        advance(200);
        assert_eq!(take_calls(), [(100, 1, PERIODIC, 0), (200, 1, PERIODIC, 0)]);
    });
}

#[test]
fn modules_come_and_go_from_other_threads() {
    in_kernel(|| {
        static CALLED: AtomicUsize = AtomicUsize::new(0);
        unsafe extern "C" fn count(_: *mut core::ffi::c_void, _: ULONG, _: ULONG) {
            CALLED.fetch_add(1, Ordering::Relaxed);
        }
        let (cloud, done) = (Cloud::new(), Semaphore::new(0));
        for _ in 0..3 {
            spawn("churn", move || {
                for _ in 0..500 {
                    let (status, module) = cloud.register(0, OWN, count);
                    assert_eq!(status, NX_SUCCESS);
                    module.set(1);
                    relinquish();
                    assert_eq!(cloud.deregister(module), NX_SUCCESS);
                }
                done.put();
            });
        }
        for _ in 0..3 {
            assert_eq!(done.get(TX_WAIT_FOREVER), TX_SUCCESS);
        }
        assert!(CALLED.load(Ordering::Relaxed) > 0);
        assert_eq!(cloud.delete(), NX_SUCCESS);
    });
}

#[test]
fn the_mutex_is_free_while_a_module_is_called() {
    in_kernel_after(manual_clock, || {
        static STATUS: StdMutex<Option<UINT>> = StdMutex::new(None);
        static SLEEPING: AtomicBool = AtomicBool::new(false);
        unsafe extern "C" fn sleepy(_: *mut core::ffi::c_void, _: ULONG, _: ULONG) {
            SLEEPING.store(true, Ordering::Relaxed);
            sleep(50);
        }
        let cloud = Cloud::new();
        let (_, module) = cloud.register(1, PERIODIC, sleepy);
        advance(100);
        assert!(SLEEPING.load(Ordering::Relaxed));
        // SAFETY: the cloud is valid.
        let mutex = Mutex(unsafe { &raw mut (*cloud.0).nx_cloud_mutex });
        *STATUS.lock().unwrap() = Some(mutex.get(TX_NO_WAIT));
        assert_eq!(*STATUS.lock().unwrap(), Some(TX_SUCCESS));
        assert_eq!(mutex.put(), TX_SUCCESS);
        assert_eq!(cloud.deregister(module), NX_SUCCESS);
        assert_eq!(cloud.delete(), NX_SUCCESS, "in the middle of a call");
        advance(1000);
    });
}

#[test]
fn a_deleted_cloud_is_quiet_and_can_be_created_again() {
    in_kernel_after(manual_clock, || {
        let (block, stack) = (leak(), leak::<[u8; 2048]>());
        for round in 0..10 {
            // SAFETY: control block and stack are free.
            let status =
                unsafe { nx_cloud_create(block, c"cloud".as_ptr().cast(), stack.cast(), 2048, 3) };
            assert_eq!(status, NX_SUCCESS);
            let cloud = Cloud(block);
            let (_, module) = cloud.register(round, PERIODIC, record);
            advance(100);
            assert_eq!(
                take_calls(),
                [(100 * (round as ULONG + 1), round, PERIODIC, 0)]
            );
            assert_eq!(cloud.deregister(module), NX_SUCCESS);
            assert_eq!(cloud.delete(), NX_SUCCESS);
            assert_eq!(cloud.delete(), NX_PTR_ERROR);
        }
        advance(1000);
        assert_eq!(take_calls(), []);
    });
}

#[test]
fn wrong_arguments_and_callers_are_named() {
    in_kernel_after(
        || {
            // SAFETY: refused, because this is no thread.
            let status =
                unsafe { nx_cloud_create(leak(), null_mut(), leak::<[u8; 512]>().cast(), 512, 3) };
            assert_eq!(status, NX_CALLER_ERROR);
        },
        || {
            let stack = leak::<[u8; 512]>();
            // SAFETY: every call has an argument that the checked form refuses before it uses it.
            unsafe {
                assert_eq!(
                    nx_cloud_create(null_mut(), null_mut(), stack.cast(), 512, 3),
                    NX_PTR_ERROR
                );
                assert_eq!(
                    nx_cloud_create(leak(), null_mut(), null_mut(), 512, 3),
                    NX_PTR_ERROR
                );
                assert_eq!(
                    nx_cloud_create(leak(), null_mut(), stack.cast(), 100, 3),
                    NX_SIZE_ERROR
                );
                assert_eq!(
                    nx_cloud_create(leak(), null_mut(), stack.cast(), 512, 32),
                    NX_OPTION_ERROR
                );
                assert_eq!(nx_cloud_delete(leak()), NX_PTR_ERROR);
                assert_eq!(nx_cloud_module_event_set(null_mut(), 1), NX_PTR_ERROR);
            }
            assert_eq!(Cloud(leak()).deregister(Module(leak())), NX_PTR_ERROR);
        },
    );
}
