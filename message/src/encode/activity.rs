//! Network activity: an event with a list of flows for each IP version.

use super::backward::{Backward, Position};
use super::chain::Chain;
use super::layout::{COMMON, COMMON_SIZES, FLOW_SIZES, FLOWS};
use super::size::{MAX_FLOW_V4, MAX_FLOW_V6, vector_size};
use super::vtable;
use super::{Encoder, Full, PayloadKind, presence};
use crate::flow::{EventStamp, Flow, FlowV4, FlowV6};

/// Adds flows to a network activity event. The event is complete when this is [finished](Self::finish) or dropped.
///
/// Flows of both IP versions may be added in any order; those of one version are listed in the order of their addition.
#[derive(Debug)]
pub struct NetworkActivityEncoder<'e, 'b> {
    message: &'e mut Encoder<'b>,
    stamp: EventStamp,
    /// IPv4, IPv6.
    lists: [Chain; 2],
    /// Bytes of the message, if it ended after this event, behind its last flow.
    rest: usize,
}

impl<'e, 'b> NetworkActivityEncoder<'e, 'b> {
    pub(super) fn start(message: &'e mut Encoder<'b>, stamp: &EventStamp) -> Result<Self, Full> {
        let rest = message.size_with_event(0, 0);
        message.reserve(message.out.used().saturating_add(rest))?;
        Ok(Self {
            message,
            stamp: *stamp,
            lists: [Chain::EMPTY; 2],
            rest,
        })
    }

    /// Adds a flow over IPv4.
    ///
    /// # Errors
    /// [`Full`] when it does not fit. Another, with fewer fields that differ from 0, may fit still.
    pub fn push_v4(&mut self, flow: &FlowV4) -> Result<(), Full> {
        let addresses = [flow.local_address.octets(), flow.remote_address.octets()];
        self.push(0, &addresses, &Common::of(flow))
    }

    /// Adds a flow over IPv6.
    ///
    /// # Errors
    /// [`Full`] when it does not fit. Another, with fewer fields that differ from 0, may fit still.
    pub fn push_v6(&mut self, flow: &FlowV6) -> Result<(), Full> {
        let addresses = [flow.local_address.octets(), flow.remote_address.octets()];
        let (words, _) = addresses.as_flattened().as_chunks();
        self.push(1, words, &Common::of(flow))
    }

    /// Adds a flow of that IP version, whose two addresses are these words.
    fn push(&mut self, version: usize, addresses: &[[u8; 4]], common: &Common) -> Result<(), Full> {
        let Encoder { out, vtables, .. } = &mut *self.message;
        let mask = common.mask();
        let (Some(layout), Some(size), Some(list), Some(of_flow), Some(of_common)) = (
            FLOWS.get(version),
            FLOW_SIZES.get(version),
            self.lists.get_mut(version),
            vtables.flows.get_mut(version),
            vtables.common.get_mut(mask),
        ) else {
            return Ok(());
        };
        let before = (out.used(), *list, self.rest, *of_flow, *of_common);

        vtable::get(of_flow, out, layout, layout.all());
        let common_vtable = vtable::get(of_common, out, &COMMON, mask);
        let common = common.write(out, mask, common_vtable);
        let (table, mut fields) = out.table(*size);
        for word in addresses {
            fields.bytes(word);
        }
        fields.reference(common);
        list.push(out, table);

        if list.len() == 1 {
            self.rest = self.rest();
        } else {
            self.rest += 4;
        }
        let full = self.message.reserve(self.message_len());
        if full.is_err() {
            let Encoder { out, vtables, .. } = &mut *self.message;
            let (used, list, rest, of_flow, of_common) = before;
            out.take_back(used);
            self.rest = rest;
            self.lists[version] = list;
            vtables.flows[version] = of_flow;
            vtables.common[mask] = of_common;
        }
        full
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
        self.message.out.used().saturating_add(self.rest)
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
        let vectors = self.lists.each_ref().map(|flows| match flows.len() {
            0 => 0,
            flows => vector_size(flows),
        });
        let [v4, v6] = vectors.map(|size| size != 0);
        let payload = presence([v4, v6, false]);
        self.message
            .size_with_event(vectors[0] + vectors[1], payload)
    }
}

impl Drop for NetworkActivityEncoder<'_, '_> {
    fn drop(&mut self) {
        let Encoder { out, vtables, .. } = &mut *self.message;
        let mut vectors = [Position::NONE; 3];
        let lists = self.lists.iter().zip(&FLOWS).zip(&mut vtables.flows);
        for (((flows, layout), vtable), vector) in lists.zip(&mut vectors) {
            if flows.len() != 0 {
                let vtable = vtable::get(vtable, out, layout, layout.all());
                *vector = flows.write_vector(out, vtable);
            }
        }
        self.message
            .event(&self.stamp, PayloadKind::NetworkActivity, vectors);
    }
}

/// What flows of both IP versions have in common: the fields of [`COMMON`].
#[derive(Debug)]
struct Common {
    words: [u32; 2],
    ports: [u16; 2],
    protocol: u8,
}

impl Common {
    fn of<A>(flow: &Flow<A>) -> Self {
        Self {
            words: [flow.bytes_in, flow.bytes_out],
            ports: [flow.local_port, flow.remote_port],
            protocol: flow.protocol as u8,
        }
    }

    /// Which are present: all that are not 0.
    fn mask(&self) -> usize {
        let present = |index, is: bool| usize::from(is) << index;
        present(0, self.words[0] != 0)
            | present(1, self.words[1] != 0)
            | present(2, self.ports[0] != 0)
            | present(3, self.ports[1] != 0)
            | present(4, self.protocol != 0)
    }

    fn write(&self, out: &mut Backward<'_>, mask: usize, vtable: Position) -> Position {
        let (table, mut fields) = out.table(COMMON_SIZES[mask & 31].into());
        for word in self.words.into_iter().filter(|word| *word != 0) {
            fields.u32(word);
        }
        for port in self.ports.into_iter().filter(|port| *port != 0) {
            fields.u16(port);
        }
        if self.protocol != 0 {
            fields.u8(self.protocol);
        }
        out.set_vtable(table, vtable);
        table
    }
}
