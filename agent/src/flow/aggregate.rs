//! What could not be kept apart: one flow a protocol, with the bytes of all that gave way.

use defender_message::flow::{Flow, Protocol};

use super::address::Address;
use super::table::Bytes;

#[derive(Clone, Copy)]
struct Aggregate<A> {
    /// The local address of all of them, while it is the same one; else unspecified.
    local: A,
    flows: u32,
    received: u64,
    sent: u64,
}

/// The aggregates of one IP version. Their counters are wider than a flow's, because nothing can give way for
/// them; a message states one in several flows when it must.
pub(super) struct Aggregates<A> {
    protocols: [Aggregate<A>; Protocol::ALL.len()],
}

impl<A: Address> Aggregates<A> {
    pub const fn new() -> Self {
        Self {
            protocols: [Aggregate {
                local: A::UNSPECIFIED,
                flows: 0,
                received: 0,
                sent: 0,
            }; Protocol::ALL.len()],
        }
    }

    pub fn is_empty(&self) -> bool {
        self.protocols.iter().all(|aggregate| aggregate.flows == 0)
    }

    /// Adds the bytes of a flow.
    #[inline(always)]
    pub fn add(&mut self, protocol: Protocol, local: A, bytes: Bytes) {
        let aggregate = &mut self.protocols[protocol as usize];
        if aggregate.flows == 0 {
            aggregate.local = local;
        } else if aggregate.local != local {
            aggregate.local = A::UNSPECIFIED;
        }
        aggregate.flows = aggregate.flows.saturating_add(1);
        aggregate.received += u64::from(bytes.received);
        aggregate.sent += u64::from(bytes.sent);
    }

    /// Takes out the first aggregate from `from` on, or as much of it as one flow of a message can state. `from` moves
    /// behind an aggregate that was taken as a whole, so that what is added to it meanwhile waits for the next collection.
    pub fn take(&mut self, from: &mut usize) -> Option<Flow<A>> {
        let (aggregate, protocol) = loop {
            let aggregate = self.protocols.get_mut(*from)?;
            if aggregate.flows > 0 {
                break (aggregate, Protocol::ALL[*from]);
            }
            *from += 1;
        };
        let part = |bytes: &mut u64| {
            let part = u32::try_from(*bytes).unwrap_or(u32::MAX);
            *bytes -= u64::from(part);
            part
        };
        let flow = Flow {
            protocol,
            local_address: aggregate.local,
            local_port: 0,
            remote_address: A::UNSPECIFIED,
            remote_port: 0,
            bytes_in: part(&mut aggregate.received),
            bytes_out: part(&mut aggregate.sent),
        };
        if aggregate.received == 0 && aggregate.sent == 0 {
            aggregate.flows = 0;
            *from += 1;
        }
        Some(flow)
    }
}
