//! Where reports come from beside the endpoint inside: a file for each kind.

mod broker;
pub mod file;
pub mod fleet;

pub(crate) use broker::Broker;
