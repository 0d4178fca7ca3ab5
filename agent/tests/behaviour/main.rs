//! The agent in virtual time, with a simulated clock, hub and traffic.

#[path = "../support/mod.rs"]
mod support;

mod clocks;
mod collecting;
mod hubs;
mod messages;
mod properties;
mod schedules;
mod settings;
