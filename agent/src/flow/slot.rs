//! One flow in a table.

use defender_message::flow::{Flow, Protocol};

use super::address::Address;
use super::aggregate::{Aggregates, part};

/// What makes a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key<A> {
    pub protocol: Protocol,
    pub local: A,
    pub remote: A,
    /// Local port in the high half, remote port in the low one.
    pub ports: u32,
}

impl<A: Address> Key<A> {
    #[inline(always)]
    pub fn hash(&self, seed: u32) -> u32 {
        let remote = self.remote.mix(seed);
        // Flows that differ in nothing but the protocol are rare; they share a chain.
        (remote.rotate_left(15) ^ self.ports)
            .wrapping_add(self.local.fold())
            .wrapping_mul(0x9E37_79B1)
    }
}

/// Bytes of a packet, or of a flow so far, both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes {
    pub received: u32,
    pub sent: u32,
}

/// Bytes of whole flows, both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub received: u64,
    pub sent: u64,
}

impl From<Bytes> for Totals {
    fn from(bytes: Bytes) -> Self {
        Self {
            received: bytes.received.into(),
            sent: bytes.sent.into(),
        }
    }
}

/// Where a flow is: its slot. All zeros says nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link(u16);

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
const _: () = assert!(Protocol::ALL.len() == 3 && PROTOCOL + 2 * CARRY <= u16::BITS);

const TCP: u16 = bits(Protocol::Tcp);
const UDP: u16 = bits(Protocol::Udp);

/// A protocol as those bits say it.
#[inline(always)]
const fn bits(protocol: Protocol) -> u16 {
    protocol as u16 + 1
}

/// A flow, or room for one.
#[derive(Clone, Copy)]
pub(super) struct Slot<A> {
    pub local: A,
    remote: A,
    ports: u32,
    bytes: Bytes,
    /// The next flow of the chain, or the next vacant slot.
    pub next: Link,
    /// The protocol in the lowest bits, then how often the counters of `bytes` have overflowed: that of the received bytes,
    /// that of the sent ones. Few flows ever have more than 4 GiB, so the counters need not be wider for all of them.
    kind: u16,
}

impl<A: Address> Slot<A> {
    pub const VACANT: Self = Self {
        local: A::UNSPECIFIED,
        remote: A::UNSPECIFIED,
        ports: 0,
        bytes: Bytes {
            received: 0,
            sent: 0,
        },
        next: Link::NONE,
        kind: 0,
    };

    #[inline(always)]
    pub fn fill(&mut self, key: &Key<A>, bytes: Bytes, next: Link) {
        *self = Self {
            local: key.local,
            remote: key.remote,
            ports: key.ports,
            bytes,
            next,
            kind: bits(key.protocol),
        };
    }

    #[inline(always)]
    pub fn vacate(&mut self, next: Link) {
        self.next = next;
        self.kind = 0;
    }

    #[inline(always)]
    pub fn is_used(&self) -> bool {
        self.kind != 0
    }

    #[inline(always)]
    pub fn holds(&self, key: &Key<A>) -> bool {
        self.ports == key.ports
            && self.remote.same(&key.remote)
            && self.local.same(&key.local)
            && self.kind & ((1 << PROTOCOL) - 1) == bits(key.protocol)
    }

    pub fn key(&self) -> Key<A> {
        Key {
            protocol: self.protocol(),
            local: self.local,
            remote: self.remote,
            ports: self.ports,
        }
    }

    pub fn protocol(&self) -> Protocol {
        match self.kind & ((1 << PROTOCOL) - 1) {
            TCP => Protocol::Tcp,
            UDP => Protocol::Udp,
            _ => Protocol::Icmp,
        }
    }

    /// What the flow matters.
    #[inline(always)]
    pub fn weight(&self) -> u32 {
        if self.kind >> PROTOCOL != 0 {
            return u32::MAX;
        }
        self.bytes.received.saturating_add(self.bytes.sent)
    }

    /// Adds a packet's bytes. More than the flow can count go to the aggregate.
    #[inline(always)]
    pub fn count(&mut self, bytes: Bytes, aggregates: &mut Aggregates<A>) {
        let received = self.bytes.received.checked_add(bytes.received);
        let sent = self.bytes.sent.checked_add(bytes.sent);
        match (received, sent) {
            (Some(received), Some(sent)) => self.bytes = Bytes { received, sent },
            _ => self.carry(bytes, aggregates),
        }
    }

    #[cold]
    #[inline(never)]
    fn carry(&mut self, bytes: Bytes, aggregates: &mut Aggregates<A>) {
        let had = self.totals();
        let has = Totals {
            received: had.received + u64::from(bytes.received),
            sent: had.sent + u64::from(bytes.sent),
        };
        if (has.received | has.sent) >> 32 <= MAX_CARRY {
            self.set_totals(has);
        } else {
            aggregates.add(self.protocol(), self.local, had);
            self.set_totals(bytes.into());
        }
    }

    pub fn totals(&self) -> Totals {
        let carry = |shift: u32| (u64::from(self.kind) >> shift & MAX_CARRY) << 32;
        Totals {
            received: carry(PROTOCOL) | u64::from(self.bytes.received),
            sent: carry(PROTOCOL + CARRY) | u64::from(self.bytes.sent),
        }
    }

    fn set_totals(&mut self, totals: Totals) {
        let carry = |bytes: u64, shift: u32| ((bytes >> 32 & MAX_CARRY) as u16) << shift;
        self.bytes = Bytes {
            received: totals.received as u32,
            sent: totals.sent as u32,
        };
        self.kind = bits(self.protocol())
            | carry(totals.received, PROTOCOL)
            | carry(totals.sent, PROTOCOL + CARRY);
    }

    /// Whether nothing is left of its bytes.
    pub fn is_reported(&self) -> bool {
        self.kind >> PROTOCOL == 0 && self.bytes == Bytes::default()
    }

    /// The flow as a message states it, with as many of its bytes as can be stated, which are taken out.
    pub fn report(&mut self) -> Flow<A> {
        let mut totals = self.totals();
        let flow = Flow {
            protocol: self.protocol(),
            local_address: self.local,
            local_port: (self.ports >> 16) as u16,
            remote_address: self.remote,
            remote_port: self.ports as u16,
            bytes_in: part(&mut totals.received),
            bytes_out: part(&mut totals.sent),
        };
        self.set_totals(totals);
        flow
    }
}
