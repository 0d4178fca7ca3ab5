//! Where security messages come from and go to.
//!
//! [`mqtt`] is the way between devices and a hub: [`mqtt::Publisher`] is the device's side, [`mqtt::Subscription`] the
//! watcher's. Both keep a connection of their own, and tell what happens to it; neither prints.
//!
//! [`intake`] is where sources of a hub put what they have seen.

pub mod intake;
pub mod mqtt;
