//! The detector from outside: what it is fed, and what it says.

mod attacks;
mod support;
