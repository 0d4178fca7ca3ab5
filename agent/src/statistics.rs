//! What the agent counts about itself.

/// Packets and their bytes, since the flow table was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct PacketStatistics {
    /// Packets whose bytes are reported.
    pub packets_counted: u64,
    /// Packets left out: neither TCP, UDP nor ICMP, or by the settings. A later fragment of an IPv6 packet in which
    /// extension headers follow the fragment header is among them, because only the first fragment says its protocol; and an IPv6
    /// packet with more than eight extension headers, which no sender needs.
    pub packets_ignored: u64,
    /// Packets that are shorter than their headers claim, or no IP packets.
    pub packets_malformed: u64,
    /// Packets of a new flow that found the table full, so that another flow gave way.
    pub packets_without_room: u64,
    /// Flows that gave way to another one and are reported in an aggregate.
    pub flows_aggregated: u64,
    /// The bytes of those.
    pub bytes_aggregated: u64,
}

impl PacketStatistics {
    /// Nothing counted yet.
    pub const fn new() -> Self {
        Self {
            packets_counted: 0,
            packets_ignored: 0,
            packets_malformed: 0,
            packets_without_room: 0,
            flows_aggregated: 0,
            bytes_aggregated: 0,
        }
    }

    /// All packets that were seen.
    pub const fn packets_seen(&self) -> u64 {
        self.packets_counted + self.packets_ignored + self.packets_malformed
    }
}

/// Collections and messages, since the agent was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct MessageStatistics {
    /// Messages that a hub took.
    pub messages_sent: u64,
    /// The bytes of those.
    pub bytes_sent: u64,
    /// Tries to send a message that no hub took; it was kept and tried again.
    pub retries: u64,
    /// Flows in the messages that were built.
    pub flows_reported: u64,
    /// Times that a message was put off because the platform had no random bytes.
    pub entropy_failures: u64,
    /// Times that the Unix time jumped, back or ahead: it fitted neither the uptime that had passed nor a clock that stands.
    /// Learning the time late is one, and wrong stamps are all that comes of it.
    pub unix_time_steps: u64,
    /// Seconds for which the Unix time stood while uptime went on.
    pub unix_time_stood: u64,
}

impl MessageStatistics {
    /// Nothing sent yet.
    pub const fn new() -> Self {
        Self {
            messages_sent: 0,
            bytes_sent: 0,
            retries: 0,
            flows_reported: 0,
            entropy_failures: 0,
            unix_time_steps: 0,
            unix_time_stood: 0,
        }
    }
}
