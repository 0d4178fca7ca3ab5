//! What has come of a device.

use std::fmt;

use indicatif::{DecimalBytes, HumanCount};

use crate::output::Count;

/// What a device has seen and sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Frames that came by, whether they carry IP or not.
    pub seen: u64,
    /// Packets whose bytes were reported.
    pub counted: u64,
    /// What is not IP, not the device's, or left out by its settings.
    pub ignored: u64,
    /// Packets shorter than their headers claim, or otherwise broken.
    pub malformed: u64,
    /// Flows that found no room of their own.
    pub flows_aggregated: u64,
    /// Messages that the hub took.
    pub messages: u64,
    /// The bytes of those.
    pub bytes: u64,
    /// Tries to send that no hub took.
    pub retries: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} seen: {} counted, {} ignored, {} malformed; {} aggregated; {} ({}), {}",
            Count(self.seen, "packet"),
            HumanCount(self.counted),
            HumanCount(self.ignored),
            HumanCount(self.malformed),
            Count(self.flows_aggregated, "flow"),
            Count(self.messages, "message"),
            DecimalBytes(self.bytes),
            match self.retries {
                1 => "1 retry".to_owned(),
                retries => format!("{} retries", HumanCount(retries)),
            }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_one_line() {
        let summary = Summary {
            seen: 2429,
            counted: 2350,
            ignored: 78,
            malformed: 1,
            flows_aggregated: 1,
            messages: 15,
            bytes: 18_400,
            retries: 0,
        };
        assert_eq!(
            summary.to_string(),
            "2,429 packets seen: 2,350 counted, 78 ignored, 1 malformed; 1 flow aggregated; \
             15 messages (18.40 kB), 0 retries"
        );
    }
}
