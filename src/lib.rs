//! The Defender-IoT micro agent for Eclipse ThreadX and NetX Duo.
#![no_std]

pub mod agent;
