//! Network activity: an event with a list of flows for each IP version.

use core::borrow::BorrowMut;

use super::backward::Position;
use super::chain::Chain;
use super::layout::{COMMON, FLOWS};
use super::size::{MAX_FLOW_V4, MAX_FLOW_V6, vector_size};
use super::vtable::{self, Vtables};
use super::{Encoder, Full, PayloadKind};
use crate::flow::{EventStamp, FlowV4, FlowV6, PackedFlow};

/// Adds flows to a network activity event. The event is complete when this is [finished](Self::finish) or dropped.
///
/// Flows of both IP versions may be added in any order; those of one version are listed in the order of their addition.
#[derive(Debug)]
pub struct NetworkActivityEncoder<'e, 'b, V: BorrowMut<Vtables> = Vtables> {
    message: &'e mut Encoder<'b, V>,
    stamp: &'e EventStamp,
    /// IPv4, IPv6.
    lists: [Chain; 2],
    /// Bytes of the message, if it ended after this event, behind its last flow.
    rest: usize,
}

impl<'e, 'b, V: BorrowMut<Vtables>> NetworkActivityEncoder<'e, 'b, V> {
    /// Where it is called, as its result would be copied.
    #[inline(always)]
    pub(super) fn start(
        message: &'e mut Encoder<'b, V>,
        stamp: &'e EventStamp,
    ) -> Result<Self, Full> {
        let rest = message.size_with_event(0, 0);
        message.reserve(message.out.used() + rest)?;
        Ok(Self {
            message,
            stamp,
            lists: [Chain::EMPTY; 2],
            rest,
        })
    }

    /// Adds a flow over IPv4.
    ///
    /// # Errors
    /// [`Full`] when it does not fit. Another, with fewer fields that differ from 0, may fit still.
    pub fn push_v4(&mut self, flow: &FlowV4) -> Result<(), Full> {
        self.push(&flow.into())
    }

    /// Adds a flow over IPv6.
    ///
    /// # Errors
    /// [`Full`] when it does not fit. Another, with fewer fields that differ from 0, may fit still.
    pub fn push_v6(&mut self, flow: &FlowV6) -> Result<(), Full> {
        self.push(&flow.into())
    }

    /// Adds a flow of either IP version.
    ///
    /// # Errors
    /// [`Full`] when it does not fit. Another, with fewer fields that differ from 0, may fit still.
    pub fn push(&mut self, flow: &PackedFlow) -> Result<(), Full> {
        let version = usize::from(flow.is_v6);
        let (mask, ..) = common(flow);
        let Encoder { out, vtables, .. } = &*self.message;
        let vtables = vtables.borrow();
        let (used, rest) = (out.used(), self.rest);
        let (list, of_flow) = (self.lists[version], vtables.flows[version]);
        let of_common = vtables.common[mask];
        self.push_known(flow);
        let full = self.message.reserve(self.message_len());
        if full.is_err() {
            self.rest = rest;
            self.lists[version] = list;
            self.message.out.take_back(used);
            let vtables = self.message.vtables.borrow_mut();
            vtables.flows[version] = of_flow;
            vtables.common[mask] = of_common;
        }
        full
    }

    /// Adds a flow of either IP version, for which there is room: at least what the larger one may take is [free](Self::free).
    #[doc(hidden)]
    #[inline(never)]
    pub fn push_known(&mut self, flow: &PackedFlow) {
        let out = &mut self.message.out;
        let vtables = self.message.vtables.borrow_mut();
        let version = usize::from(flow.is_v6);
        let (mask, size, values) = common(flow);
        let (Some(layout), Some(list), Some(of_flow), Some(of_common)) = (
            FLOWS.get(version),
            self.lists.get_mut(version),
            vtables.flows.get_mut(version),
            vtables.common.get_mut(mask),
        ) else {
            return;
        };
        vtable::get(of_flow, out, layout, layout.all());
        let vtable = vtable::get(of_common, out, &COMMON, mask);
        let common = out.table(&COMMON, mask, size, &values);
        out.set_vtable(common, vtable);

        let addresses = flow.addresses();
        let end = 4 + 4 * addresses.len();
        let table = out.room(end + 4);
        out.put(table, list.push(table));
        out.words(table.behind(4), addresses);
        let reference = table.behind(end as u32);
        out.put(reference, reference.reference(common));
        if list.len() == 1 {
            self.rest = self.rest();
        } else {
            self.rest += 4;
        }
    }

    /// Whether any IPv4 flow fits: after `true`, the next [`push_v4`](Self::push_v4) succeeds.
    ///
    /// Asks for [`MAX_FLOW_V4`] bytes, so after `false` a push may succeed still.
    #[must_use]
    pub fn has_room_for_v4(&self) -> bool {
        self.free() >= MAX_FLOW_V4
    }

    /// Whether any IPv6 flow fits: after `true`, the next [`push_v6`](Self::push_v6) succeeds.
    ///
    /// Asks for [`MAX_FLOW_V6`] bytes, so after `false` a push may succeed still.
    #[must_use]
    pub fn has_room_for_v6(&self) -> bool {
        self.free() >= MAX_FLOW_V6
    }

    /// Flows added to this event.
    #[must_use]
    pub fn flows(&self) -> usize {
        self.lists.iter().map(Chain::len).sum()
    }

    /// The size in bytes that the message has if this event and the message are finished now. Exact.
    #[must_use]
    pub fn message_len(&self) -> usize {
        self.message.out.used() + self.rest
    }

    /// Bytes of the buffer that the message, finished now, would leave unused.
    #[must_use]
    pub fn free(&self) -> usize {
        self.message
            .out
            .capacity()
            .saturating_sub(self.message_len())
    }

    /// Completes the event. Dropping does the same.
    pub fn finish(self) {}

    fn rest(&self) -> usize {
        let (mut vectors, mut payload) = (0, 0);
        for (index, flows) in self.lists.iter().enumerate() {
            if flows.len() != 0 {
                vectors += vector_size(flows.len());
                payload |= 1 << index;
            }
        }
        self.message.size_with_event(vectors, payload)
    }
}

impl<V: BorrowMut<Vtables>> Drop for NetworkActivityEncoder<'_, '_, V> {
    fn drop(&mut self) {
        let out = &mut self.message.out;
        let vtables = self.message.vtables.borrow_mut();
        // The payload's third reference is for other kinds of events.
        let mut vectors = [Position::NONE; 3];
        let lists = self.lists.iter().zip(&vtables.flows);
        for ((flows, vtable), vector) in lists.zip(&mut vectors) {
            if flows.len() != 0 {
                *vector = flows.write_vector(out, *vtable);
            }
        }
        self.message
            .event(self.stamp, PayloadKind::NetworkActivity, vectors);
    }
}

/// The table of what flows of both IP versions have in common: which of the fields of [`COMMON`] it has, all that are not 0, its size,
/// and their values.
fn common(flow: &PackedFlow) -> (usize, usize, [u32; 5]) {
    let [bytes_in, bytes_out] = flow.bytes;
    let values = [
        bytes_in,
        bytes_out,
        flow.ports >> 16,
        flow.ports & 0xFFFF,
        flow.protocol as u32,
    ];
    let (mask, size) = COMMON.present(&values);
    (mask, size, values)
}
