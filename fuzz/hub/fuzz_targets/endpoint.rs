//! Packets of a client of the hub's endpoint: whatever comes in, nothing panics, and no device speaks for another.

#![no_main]

use defender_hub::endpoint::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzz::converse(data));
