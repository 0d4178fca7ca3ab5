//! Requests of the hub's API: queries and bodies, whatever is in them, are read or refused.

#![no_main]

use defender_hub::web::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| fuzz::request(text));
