//! One flow in a table, but for its addresses.

use defender_message::flow::Protocol;

use super::aggregate::parts;
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

    /// A slot that no table has, if it leads nowhere.
    #[inline(always)]
    pub const fn slot(self) -> usize {
        (self.0 as usize).wrapping_sub(1)
    }
}

/// Bits of the number of times that a counter has overflowed.
const CARRY: u32 = 7;
const MAX_CARRY: u64 = (1 << CARRY) - 1;
/// Bits of the protocol, below those. 0 stands for none: the slot is vacant.
const PROTOCOL: u32 = 2;
const PROTOCOLS: u16 = (1 << PROTOCOL) - 1;
const _: () = assert!(Protocol::ALL.len() == 3 && PROTOCOL + 2 * CARRY <= u16::BITS);

/// A flow, or room for one.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    /// What a [`Marker`](super::sample::Marker) made of its ports.
    pub mark: u32,
    /// Received, sent.
    bytes: [u32; 2],
    /// The next flow of the chain, or the next vacant slot.
    pub next: Link,
    /// The protocol in the lowest bits, then how often the counters of `bytes` have overflowed: that of the received bytes,
    /// that of the sent ones. Few flows ever have more than 4 GiB, so the counters need not be wider for all of them.
    kind: u16,
}

impl Slot {
    pub const VACANT: Self = Self {
        mark: 0,
        bytes: [0; 2],
        next: Link::NONE,
        kind: 0,
    };

    /// A flow without bytes.
    pub fn new(mark: u32, protocol: Protocol, next: Link) -> Self {
        Self {
            mark,
            next,
            kind: protocol_bits(protocol) as u16,
            ..Self::VACANT
        }
    }

    pub fn vacate(&mut self, next: Link) {
        self.next = next;
        self.kind = 0;
    }

    pub fn is_used(&self) -> bool {
        self.kind != 0
    }

    /// Whether it is of a protocol, given as its bits.
    #[inline(always)]
    pub fn is_of(&self, protocol: u32) -> bool {
        (u32::from(self.kind) ^ protocol) & u32::from(PROTOCOLS) == 0
    }

    pub fn protocol(&self) -> Protocol {
        protocol_of(self.kind.into())
    }

    /// What the flow matters.
    pub fn weight(&self) -> u32 {
        if self.kind >> PROTOCOL != 0 {
            return u32::MAX;
        }
        let [received, sent] = self.bytes;
        received.saturating_add(sent)
    }

    /// Adds a packet's bytes, unless their counter would overflow.
    #[inline(always)]
    pub fn count(&mut self, way: usize, bytes: u32) -> bool {
        let Some(counter) = self.bytes.get_mut(way) else {
            return false;
        };
        let sum = counter.checked_add(bytes);
        if let Some(sum) = sum {
            *counter = sum;
        }
        sum.is_some()
    }

    /// Adds a packet's bytes, whose counter overflows. What the flow had is left out, and returned, if it cannot have more.
    #[cold]
    pub fn carry(&mut self, way: usize, bytes: u32) -> Option<Totals> {
        let had = self.totals();
        let bytes = u64::from(bytes);
        let added = if way == 0 { [bytes, 0] } else { [0, bytes] };
        let has = [had[0] + added[0], had[1] + added[1]];
        let fits = (has[0] | has[1]) >> 32 <= MAX_CARRY;
        self.set_totals(if fits { has } else { added });
        (!fits).then_some(had)
    }

    pub fn totals(&self) -> Totals {
        let carry = |shift: u32| (u64::from(self.kind) >> shift & MAX_CARRY) << 32;
        let [received, sent] = self.bytes;
        [
            carry(PROTOCOL) | u64::from(received),
            carry(PROTOCOL + CARRY) | u64::from(sent),
        ]
    }

    /// Takes out as many of its bytes as one flow of a message can state; whether that is all.
    pub fn take(&mut self) -> ([u32; 2], bool) {
        if self.kind >> PROTOCOL == 0 {
            return (self.bytes, true);
        }
        let mut totals = self.totals();
        let bytes = parts(&mut totals);
        self.set_totals(totals);
        (bytes, totals[0] | totals[1] == 0)
    }

    fn set_totals(&mut self, [received, sent]: Totals) {
        let carry = |bytes: u64, shift: u32| ((bytes >> 32 & MAX_CARRY) as u16) << shift;
        self.bytes = [received as u32, sent as u32];
        self.kind =
            self.kind & PROTOCOLS | carry(received, PROTOCOL) | carry(sent, PROTOCOL + CARRY);
    }
}
