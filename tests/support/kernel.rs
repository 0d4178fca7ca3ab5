//! Runs tests inside a kernel. There is one kernel in a process and it cannot be left, so each test gets a process: the
//! test's own binary, started again for that one test.
#![allow(dead_code, reason = "every test target uses its own part of it")]

use std::any::type_name;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio, exit};
use std::time::Duration;
use std::{env, thread};

use threadx_defender::kernel::{self, Kernel};

/// Names, for the child process, the test that it is to run.
const TEST_VARIABLE: &str = "THREADX_DEFENDER_TEST";

/// The seconds after which a test hangs, for machines on which the default is too short.
const SECONDS_VARIABLE: &str = "THREADX_DEFENDER_TEST_SECONDS";

/// Longer than any test takes on an ordinary machine.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// What the child process ends with when its test has passed. Not 0, which it would also end with if the test harness did
/// not find the test.
const PASSED: i32 = 42;

/// Runs a test's body on a ThreadX thread of a new process, and fails as it fails.
pub fn in_kernel<F: FnOnce(Kernel) + Send + 'static>(body: F) {
    in_process_of(test_of::<F>(), || {
        kernel::run(body).expect("the kernel starts");
    });
}

/// Runs a test's body in a new process that has no kernel yet, and fails as it fails.
pub fn in_process<F: FnOnce()>(body: F) {
    in_process_of(test_of::<F>(), body);
}

/// The name of the test that a closure is in, as the test harness knows it.
pub fn test_of<F>() -> &'static str {
    // The type of a closure is named after the function that it is in.
    let name = type_name::<F>();
    let test = name.split_once("::").map_or(name, |(_crate, test)| test);
    test.split("::{{closure}}").next().unwrap_or(test)
}

/// Runs the body of the test with that name in a new process, and fails as it fails.
pub fn in_process_of(name: &str, body: impl FnOnce()) {
    if env::var(TEST_VARIABLE).is_ok_and(|test| test == name) {
        run(body);
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

/// Ends the process with the outcome of the test.
fn run(body: impl FnOnce()) -> ! {
    let limit = env::var(SECONDS_VARIABLE).map_or(TIME_LIMIT, |seconds| {
        Duration::from_secs(seconds.parse().expect("a number of seconds"))
    });
    thread::spawn(move || {
        thread::sleep(limit);
        eprintln!("the test hangs");
        exit(124);
    });
    let outcome = catch_unwind(AssertUnwindSafe(body));
    exit(if outcome.is_ok() { PASSED } else { 101 });
}
