//! What could not be kept apart: one flow a protocol, with the bytes of all that gave way.

use defender_message::flow::Protocol;

use super::slot::Totals;
use crate::statistics::PacketStatistics;

/// The aggregates of one IP version. Their counters are wider than a flow's, because nothing can give way for
/// them; a message states one in several flows when it must.
pub(super) struct Aggregates {
    bytes: [Totals; Protocol::ALL.len()],
    /// The local address of the flows in each, as far as that is the same.
    locals: [[u32; 4]; Protocol::ALL.len()],
    /// Any flow is in it.
    used: [bool; Protocol::ALL.len()],
}

impl Aggregates {
    pub const fn new() -> Self {
        Self {
            bytes: [[0; 2]; Protocol::ALL.len()],
            locals: [[0; 4]; Protocol::ALL.len()],
            used: [false; Protocol::ALL.len()],
        }
    }

    pub fn is_empty(&self) -> bool {
        self.used == [false; Protocol::ALL.len()]
    }

    /// Adds the bytes of a flow with these addresses.
    #[inline(never)]
    pub fn add(
        &mut self,
        protocol: Protocol,
        addresses: &[u32],
        [received, sent]: &Totals,
        statistics: &mut PacketStatistics,
    ) {
        statistics.flows_aggregated += 1;
        statistics.bytes_aggregated += received + sent;
        let index = protocol as usize;
        let bytes = &mut self.bytes[index];
        bytes[0] += received;
        bytes[1] += sent;
        let mut differ = 0;
        let words = addresses.iter().take(addresses.len() / 2);
        for (kept, word) in self.locals[index].iter_mut().zip(words) {
            differ |= core::mem::replace(kept, *word) ^ *word;
        }
        if core::mem::replace(&mut self.used[index], true) && differ != 0 {
            self.locals[index] = [0; 4];
        }
    }

    /// Takes out as much of one as one flow of a message can state, and says its local address; `None` if there is nothing. It is in
    /// use until that was all.
    pub fn take(&mut self, protocol: Protocol) -> Option<([u32; 2], &[u32; 4])> {
        let index = protocol as usize;
        if !self.is_used(protocol) {
            return None;
        }
        let bytes = &mut self.bytes[index];
        let parts = bytes.each_mut().map(|bytes| {
            let part = u32::try_from(*bytes).unwrap_or(u32::MAX);
            *bytes -= u64::from(part);
            part
        });
        self.used[index] = bytes[0] | bytes[1] != 0;
        Some((parts, &self.locals[index]))
    }

    pub fn is_used(&self, protocol: Protocol) -> bool {
        self.used[protocol as usize]
    }
}
