//! What is recommended, row by row: that it is, why, and that it goes when its reason goes.

mod advisories;
mod azure;
mod devices;
#[path = "../engine/support.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod support;
