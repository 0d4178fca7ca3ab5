//! The hub side: where security messages come from and go to.
//!
//! [`Hub`] is the whole of it in one process: sources put what they see into an [`intake`]; it is journaled in a [`store`], judged by
//! `defender-detect`, and what that changes is committed and told to [`sink`]s; [`web`] is its API, [`config`] what can be set.
//!
//! [`mqtt`] is the way between devices and a hub: [`mqtt::Publisher`] is the device's side, [`mqtt::Subscription`] the
//! watcher's. Both keep a connection of their own, and tell what happens to it.
//!
//! [`endpoint`] is the hub's own MQTT endpoint, the source that every hub has, and [`identity`] who may connect to it. [`users`] are the people who look after it.
//!
//! [`report`] writes down what happened, for people.
//!
//! Nothing here prints: what whoever runs a hub should know comes as a [`notice`].

mod address;
mod clock;
pub mod config;
pub mod endpoint;
mod health;
mod hub;
pub mod identity;
pub mod intake;
mod metrics;
pub mod mqtt;
pub mod notice;
pub mod report;
pub mod sink;
pub mod source;
pub mod store;
pub mod users;
pub mod web;
mod worker;

pub use hub::{Hub, StartError, StopError};
