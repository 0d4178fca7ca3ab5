//! What has come of a device.

/// What a device has seen and sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Frames that came by, whether they carry IP or not.
    pub seen: u64,
    /// Packets whose bytes were reported.
    pub counted: u64,
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

impl Summary {
    /// What is not IP, not the device's, or left out by its settings.
    pub fn ignored(&self) -> u64 {
        self.seen.saturating_sub(self.counted + self.malformed)
    }
}
