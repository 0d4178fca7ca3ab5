//! The firmware sample of the README, as it is there.

#![no_std]

include!(concat!(env!("OUT_DIR"), "/sample.rs"));
