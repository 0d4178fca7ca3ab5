//! What a device did within a time: how many different things, and how much a minute. In bounded memory.

mod distinct;
mod rate;

pub(crate) use distinct::{Counted, Distinct};
pub(crate) use rate::Rates;
