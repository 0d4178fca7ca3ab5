//! What the tests of the pure agent share.
#![allow(dead_code, reason = "every test target uses its own part of it")]

pub mod capture;
pub mod entropy;
pub mod flow_model;
pub mod packets;
pub mod samples;
pub mod simulation;

use proptest::test_runner::Config;

/// How often a property is tried: `cases` times natively, and once or twice by Miri, which is slow but
/// looks at every access to memory.
pub fn cases(cases: u32) -> Config {
    Config {
        cases: if cfg!(miri) {
            (cases / 64).clamp(1, 2)
        } else {
            cases
        },
        // Neither files (Miri has none) nor cases that nobody reads: a failure prints its minimal input.
        failure_persistence: None,
        ..Config::default()
    }
}
