//! Runs tests inside a kernel. There is one kernel in a process and it does not return, so each test gets a process: the
//! test's own binary, started again for that one test.

#![allow(dead_code)] // Every test binary uses its part of it.

pub mod objects;

use std::any::type_name;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio, exit};
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, thread};
use threadx_sys::tx_kernel_enter;

/// Names, for the child process, the test that it is to run.
const TEST_VARIABLE: &str = "THREADX_SYS_TEST";

/// Longer than any test takes, also in valgrind.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// What the child process ends with when its test has passed. Not 0, which it would also end with if the test harness did
/// not find the test.
const PASSED: i32 = 42;

static BODY: OnceLock<fn()> = OnceLock::new();
static DEFINE: OnceLock<fn()> = OnceLock::new();

/// Runs a test's body in a ThreadX thread of a new process, and fails as it fails.
pub fn in_kernel<F: Fn() + Copy + 'static>(body: F) {
    in_kernel_after(|| (), body);
}

/// The same, with something to do in `tx_application_define` before.
pub fn in_kernel_after<D, F>(_: D, _: F)
where
    D: Fn() + Copy + 'static,
    F: Fn() + Copy + 'static,
{
    const {
        assert!(
            size_of::<D>() == 0 && size_of::<F>() == 0,
            "the closures cannot capture: they run in another process"
        );
    }
    // The type of a closure is named after the function that it is in, which is the test.
    let name = type_name::<F>()
        .split("::")
        .nth(1)
        .expect("a closure in a test at the root of its crate");
    if env::var(TEST_VARIABLE).is_ok_and(|test| test == name) {
        enter::<D, F>();
    }
    let program = env::current_exe().expect("the test's own path");
    let output = Command::new(program)
        .args(["--exact", name, "--nocapture"])
        .env(TEST_VARIABLE, name)
        .stdin(Stdio::null())
        .output()
        .expect("the test's own binary runs");
    assert!(
        output.status.code() == Some(PASSED),
        "{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Starts the kernel with the test as its application.
fn enter<D: Fn() + Copy + 'static, F: Fn() + Copy + 'static>() -> ! {
    thread::spawn(|| {
        thread::sleep(TIME_LIMIT);
        eprintln!("the test hangs");
        exit(124);
    });
    DEFINE.set(call::<D>).expect("one kernel");
    BODY.set(call::<F>).expect("one kernel");
    // SAFETY: this process has no kernel yet, and tx_application_define is below.
    unsafe { tx_kernel_enter() };
    unreachable!("the kernel has returned");
}

/// Calls a closure that captures nothing, and so can be made out of nothing.
fn call<F: Fn() + Copy + 'static>() {
    // SAFETY: the type has no size (checked above), so that there are no bytes that could be wrong, and a value of it
    // was given to `in_kernel_after`, so that it may exist.
    let closure: F = unsafe { std::mem::zeroed() };
    closure();
}

/// Ends the process with the outcome of what it was started for.
pub fn finish(work: impl FnOnce()) -> ! {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    exit(if outcome.is_ok() { PASSED } else { 101 });
}

#[unsafe(no_mangle)]
extern "C" fn tx_application_define(_first_unused_memory: *mut core::ffi::c_void) {
    if catch_unwind(DEFINE.get().expect("set by enter")).is_err() {
        exit(101);
    }
    objects::spawn("test", || finish(BODY.get().expect("set by enter")));
}
