//! The agent's memory, in the sizes that the build says.

use threadx_defender::agent::MESSAGE_BYTES;
use threadx_defender::defender::DefenderStorage;

pub const IPV4_FLOWS: usize = size(option_env!("THREADX_DEFENDER_IPV4_FLOWS"), 64);
pub const IPV6_FLOWS: usize = size(option_env!("THREADX_DEFENDER_IPV6_FLOWS"), 64);
pub const MESSAGE: usize = size(option_env!("THREADX_DEFENDER_MESSAGE_BYTES"), MESSAGE_BYTES);

/// The memory of the agent.
pub static STORAGE: DefenderStorage<IPV4_FLOWS, IPV6_FLOWS, MESSAGE> = DefenderStorage::new();

/// The number in a text, or the default without one. Anything else does not compile.
const fn size(text: Option<&str>, default: usize) -> usize {
    let Some(text) = text else {
        return default;
    };
    let digits = text.as_bytes();
    if digits.is_empty() {
        return default;
    }
    let mut number = 0;
    let mut at = 0;
    while at < digits.len() {
        assert!(
            digits[at].is_ascii_digit() && at < 6,
            "THREADX_DEFENDER_IPV4_FLOWS, _IPV6_FLOWS and _MESSAGE_BYTES are numbers below a million"
        );
        number = number * 10 + (digits[at] - b'0') as usize;
        at += 1;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_numbers() {
        assert_eq!(size(None, 64), 64);
        assert_eq!(size(Some(""), 64), 64);
        assert_eq!(size(Some("128"), 64), 128);
    }

    #[test]
    #[should_panic(expected = "are numbers below a million")]
    fn what_is_no_number_is_refused() {
        size(Some("12k"), 64);
    }
}
