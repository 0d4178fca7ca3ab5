//! The detector from outside: what it is fed, and what it says.

mod attacks;
mod benign;
mod complaints;
mod life;
mod liveness;
mod origins;
mod properties;
mod store;
mod support;
mod time;
