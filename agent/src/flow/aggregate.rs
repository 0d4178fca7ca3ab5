//! What could not be kept apart: one flow a protocol, with the bytes of all that gave way.

use defender_message::flow::{Flow, Protocol};

use super::address::Address;
use super::slot::Totals;
use super::table::Step;

#[derive(Clone, Copy)]
struct Aggregate<A> {
    /// The local address of all of them, while it is the same one; else unspecified.
    local: A,
    /// Any flow is in it.
    used: bool,
    bytes: Totals,
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
                used: false,
                bytes: Totals {
                    received: 0,
                    sent: 0,
                },
            }; Protocol::ALL.len()],
        }
    }

    pub fn is_empty(&self) -> bool {
        !self.protocols.iter().any(|aggregate| aggregate.used)
    }

    /// Adds the bytes of a flow.
    #[inline(always)]
    pub fn add(&mut self, protocol: Protocol, local: A, bytes: Totals) {
        let aggregate = &mut self.protocols[protocol as usize];
        if !aggregate.used {
            aggregate.local = local;
        } else if !aggregate.local.same(&local) {
            aggregate.local = A::UNSPECIFIED;
        }
        aggregate.used = true;
        aggregate.bytes.received += bytes.received;
        aggregate.bytes.sent += bytes.sent;
    }

    /// Takes out the first aggregate from `from` on, or as much of it as one flow of a message can state. `from` moves behind an
    /// aggregate that was taken as a whole, so that what is added to it meanwhile waits for the next collection.
    pub fn take(&mut self, from: &mut usize) -> Step<A> {
        let mut aggregates = self.protocols.iter_mut().zip(Protocol::ALL).skip(*from);
        let Some((aggregate, protocol)) = aggregates.next() else {
            return Step::End;
        };
        if !aggregate.used {
            *from += 1;
            return Step::More;
        }
        let flow = Flow {
            protocol,
            local_address: aggregate.local,
            local_port: 0,
            remote_address: A::UNSPECIFIED,
            remote_port: 0,
            bytes_in: part(&mut aggregate.bytes.received),
            bytes_out: part(&mut aggregate.bytes.sent),
        };
        aggregate.used = aggregate.bytes != Totals::default();
        *from += usize::from(!aggregate.used);
        Step::Found(flow)
    }
}

/// Takes as many bytes as a message can state in one flow.
pub(super) fn part(bytes: &mut u64) -> u32 {
    let part = u32::try_from(*bytes).unwrap_or(u32::MAX);
    *bytes -= u64::from(part);
    part
}
