//! What could not be kept apart: one flow a protocol, with the bytes of all that gave way.

use defender_message::flow::Protocol;

use super::slot::Totals;

/// The aggregates of one IP version. Their counters are wider than a flow's, because nothing can give way for
/// them; a message states one in several flows when it must.
#[derive(Clone, Copy)]
pub(super) struct Aggregates {
    bytes: [Totals; Protocol::ALL.len()],
    /// Any flow is in it: a bit a protocol.
    used: u8,
}

impl Aggregates {
    pub const fn new() -> Self {
        Self {
            bytes: [[0; 2]; Protocol::ALL.len()],
            used: 0,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    pub fn is_used(&self, protocol: Protocol) -> bool {
        self.used >> protocol as u32 & 1 != 0
    }

    /// Adds the bytes of a flow. Whether it is the first one.
    pub fn add(&mut self, protocol: Protocol, bytes: Totals) -> bool {
        let is_new = !self.is_used(protocol);
        self.used |= 1 << protocol as u32;
        let [received, sent] = &mut self.bytes[protocol as usize];
        *received += bytes[0];
        *sent += bytes[1];
        is_new
    }

    /// Takes out as much of an aggregate as one flow of a message can state.
    pub fn take(&mut self, protocol: Protocol) -> [u32; 2] {
        let bytes = &mut self.bytes[protocol as usize];
        let parts = parts(bytes);
        if bytes[0] | bytes[1] == 0 {
            self.used &= !(1 << protocol as u32);
        }
        parts
    }
}

/// Takes as many bytes as a message can state in one flow.
pub(super) fn parts(totals: &mut Totals) -> [u32; 2] {
    let [received, sent] = totals;
    let part = |bytes: &mut u64| {
        let part = u32::try_from(*bytes).unwrap_or(u32::MAX);
        *bytes -= u64::from(part);
        part
    };
    [part(received), part(sent)]
}
