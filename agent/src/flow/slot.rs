//! One flow in a table, but for its addresses.

use defender_message::flow::Protocol;

use crate::packet::{protocol_bits, protocol_of};

/// Bytes of whole flows: received, sent.
pub(super) type Totals = [u64; 2];

/// Where a flow is: its slot. All zeros says nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link(u16);

impl Link {
    pub const NONE: Self = Self(0);

    #[inline(always)]
    pub const fn to(slot: usize) -> Self {
        Self(slot as u16 + 1)
    }

    /// To the slot before slot `slot`.
    #[inline(always)]
    pub const fn before(slot: u16) -> Self {
        Self(slot)
    }

    /// The same in 16 bits.
    #[inline(always)]
    pub const fn index(self) -> u16 {
        self.0.wrapping_sub(1)
    }

    /// A slot that no table has, if it leads nowhere.
    #[inline(always)]
    pub const fn slot(self) -> usize {
        (self.0 as usize).wrapping_sub(1)
    }
}

/// Bits of the number of times that a counter has overflowed.
const CARRY: u32 = 7;
const MAX_CARRY: u32 = (1 << CARRY) - 1;
/// Where in the last word the protocol is.
const PROTOCOL: u32 = 16;
/// What stands there in a slot that was vacated.
pub(super) const VACANT: u8 = Protocol::ALL.len() as u8;
/// Where the carries are.
const CARRIES: u32 = PROTOCOL + 2;
const _: () = assert!(CARRIES + 2 * CARRY == u32::BITS && Protocol::ALL.len() == 3);

/// Words of a slot before the addresses.
pub(super) const HEAD: usize = 4;

/// A flow but for its addresses, or room for one, as words:
///
/// - what a [`Marker`](super::mark::Marker) made of its ports,
/// - bytes received, bytes sent,
/// - in one word the next flow of the chain, or the next vacant slot; the protocol; and how often the counters of the bytes have
///   overflowed, that of the received ones first. Few flows ever have more than 4 GiB, so the counters need not be wider for
///   all of them.
pub(super) struct Slot<'a>(pub &'a mut [u32; HEAD]);

impl Slot<'_> {
    /// Becomes a flow without bytes.
    pub fn fill(&mut self, mark: u32, protocol: Protocol, next: Link) {
        *self.0 = [
            mark,
            0,
            0,
            protocol_bits(protocol) << PROTOCOL | u32::from(next.0),
        ];
    }

    pub fn vacate(&mut self, next: Link) {
        self.0[3] = u32::from(VACANT) << PROTOCOL | u32::from(next.0);
    }

    #[inline(always)]
    pub fn mark(&self) -> u32 {
        self.0[0]
    }

    #[inline(always)]
    pub fn next(&self) -> Link {
        Link(self.0[3] as u16)
    }

    pub fn set_next(&mut self, next: Link) {
        self.0[3] = self.0[3] >> 16 << 16 | u32::from(next.0);
    }

    pub fn is_used(&self) -> bool {
        (self.0[3] >> PROTOCOL) & 3 != u32::from(VACANT)
    }

    /// Whether it is a flow of less than 4 GiB either way, of a protocol, given as its bits. [`VACANT`] is the protocol of none.
    #[inline(always)]
    pub fn is_usual_of(&self, protocol: u32) -> bool {
        self.0[3] >> PROTOCOL == protocol
    }

    pub fn protocol(&self) -> Protocol {
        protocol_of(self.0[3] >> PROTOCOL)
    }

    /// There is a flow of less than 4 GiB either way.
    #[inline(always)]
    pub fn is_usual(&self) -> bool {
        self.0[3] < u32::from(VACANT) << PROTOCOL
    }

    /// What such a flow matters.
    #[inline(always)]
    pub fn weight(&self) -> u32 {
        self.0[1].saturating_add(self.0[2])
    }

    /// Adds a packet's bytes, unless their counter would overflow.
    #[inline(always)]
    pub fn count(&mut self, way: usize, bytes: u32) -> bool {
        let Some(counter) = self.0.get_mut(1 + way) else {
            return false;
        };
        let sum = counter.checked_add(bytes);
        if let Some(sum) = sum {
            *counter = sum;
        }
        sum.is_some()
    }

    /// Adds a packet's bytes, whose counter overflows, unless that cannot be noted any more.
    #[cold]
    #[inline(never)]
    pub fn carry(&mut self, way: usize, bytes: u32) -> bool {
        let can = self.carried(way) < MAX_CARRY;
        if can && let Some(counter) = self.0.get_mut(1 + way) {
            *counter = counter.wrapping_add(bytes);
            self.0[3] += 1 << (CARRIES + CARRY * way as u32);
        }
        can
    }

    fn carried(&self, way: usize) -> u32 {
        self.0[3] >> (CARRIES + CARRY * way as u32) & MAX_CARRY
    }

    pub fn totals(&self) -> Totals {
        let total = |way| u64::from(self.carried(way)) << 32 | u64::from(self.0[1 + way]);
        [total(0), total(1)]
    }

    /// Takes out as many of its bytes as one flow of a message can state; whether that is all.
    #[inline(always)]
    pub fn take(&mut self) -> ([u32; 2], bool) {
        if self.0[3] >> CARRIES != 0 {
            return self.take_part();
        }
        ([self.0[1], self.0[2]], true)
    }

    #[cold]
    #[inline(never)]
    fn take_part(&mut self) -> ([u32; 2], bool) {
        let [_, received, sent, last] = self.0;
        let mut part = |counter: &mut u32, shift: u32| {
            if *last >> shift & MAX_CARRY == 0 {
                return core::mem::take(counter);
            }
            // One more than what is taken out is 4 GiB.
            *counter = counter.wrapping_add(1);
            *last -= u32::from(*counter != 0) << shift;
            u32::MAX
        };
        let parts = [part(received, CARRIES), part(sent, CARRIES + CARRY)];
        (parts, *last >> CARRIES | *received | *sent == 0)
    }
}
