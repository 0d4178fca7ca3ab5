//! What an agent on a device counts about itself.

use crate::agent::{MessageStatistics, PacketStatistics};

/// Everything that the agent counts about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Statistics {
    /// Packets and flows.
    pub packets: PacketStatistics,
    /// Messages.
    pub messages: MessageStatistics,
    /// `NX_IP` instances whose packets are not seen, because there are more than can be watched (four at a time).
    pub ip_instances_left_alone: usize,
}
