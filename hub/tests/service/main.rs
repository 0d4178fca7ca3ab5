//! The hub as a whole: from what a source puts in to what the API and sinks tell, over restarts, crashes and faults.

mod api;
mod brokers;
#[path = "../endpoint/client.rs"]
mod client;
mod crash;
mod document;
mod endpoint;
mod faults;
mod files;
mod fleet;
mod hardship;
mod hostile;
mod kill;
mod killed;
mod killed_sink;
mod page;
mod pages;
mod policy;
mod profile;
mod receivers;
mod restart;
mod scale;
mod silence;
mod sinks;
mod support;
mod trust;
mod users;
