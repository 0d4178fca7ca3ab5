//! Exceptions, through the public interface: what they cover, and nothing beside it.

mod coverage;
mod faults;

use defender_detect::exceptions::Exceptions;

fn parse(text: &str) -> Exceptions {
    Exceptions::parse(text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}
