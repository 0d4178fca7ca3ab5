//! The hub as a whole: from what a source puts in to what the API and sinks tell, over restarts, crashes and faults.

mod api;
mod crash;
mod faults;
mod files;
mod receivers;
mod restart;
mod scale;
mod sinks;
mod support;
