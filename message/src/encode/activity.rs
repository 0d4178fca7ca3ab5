//! Network activity: an event with a list of flows for each IP version.

use super::backward::{Backward, Position};
use super::chain::Chain;
use super::layout::{COMMON, Layout};
use super::size::{MAX_FLOW_V4, MAX_FLOW_V6, vector_size};
use super::vtable::Memo;
use super::{Encoder, Full, PayloadKind, presence};
use crate::flow::{EventStamp, Flow, FlowV4, FlowV6};

/// Adds flows to a network activity event. The event is complete when this is [finished](Self::finish) or dropped.
///
/// Flows of both IP versions may be added in any order; those of one version are listed in the order of their addition.
#[derive(Debug)]
pub struct NetworkActivityEncoder<'e, 'b> {
    message: &'e mut Encoder<'b>,
    stamp: EventStamp,
    v4: Chain,
    v6: Chain,
}

impl<'e, 'b> NetworkActivityEncoder<'e, 'b> {
    pub(super) fn start(message: &'e mut Encoder<'b>, stamp: &EventStamp) -> Result<Self, Full> {
        message.reserve(message.size_with_event(message.out.used(), 0))?;
        Ok(Self {
            message,
            stamp: *stamp,
            v4: Chain::default(),
            v6: Chain::default(),
        })
    }

    /// Adds a flow over IPv4.
    ///
    /// # Errors
    /// [`Full`] when it does not fit. Another, with fewer fields that differ from 0, may fit still.
    pub fn push_v4(&mut self, flow: &FlowV4) -> Result<(), Full> {
        let common = Common::new(flow);
        let used = self.used_after_flow(&self.message.vtables.flow_v4, &common);
        self.message
            .reserve(self.size(used, self.v4.len() + 1, self.v6.len()))?;

        let Encoder { out, vtables, .. } = &mut *self.message;
        let addresses = Addresses(flow.local_address.octets(), flow.remote_address.octets());
        let table = write_flow(
            out,
            &mut vtables.flow_v4,
            &mut vtables.common,
            &common,
            &addresses,
        );
        self.v4.push(out, table);
        Ok(())
    }

    /// Adds a flow over IPv6.
    ///
    /// # Errors
    /// [`Full`] when it does not fit. Another, with fewer fields that differ from 0, may fit still.
    pub fn push_v6(&mut self, flow: &FlowV6) -> Result<(), Full> {
        let common = Common::new(flow);
        let used = self.used_after_flow(&self.message.vtables.flow_v6, &common);
        self.message
            .reserve(self.size(used, self.v4.len(), self.v6.len() + 1))?;

        let Encoder { out, vtables, .. } = &mut *self.message;
        let addresses = Addresses(flow.local_address.octets(), flow.remote_address.octets());
        let table = write_flow(
            out,
            &mut vtables.flow_v6,
            &mut vtables.common,
            &common,
            &addresses,
        );
        self.v6.push(out, table);
        Ok(())
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
        self.v4.len() + self.v6.len()
    }

    /// The size in bytes that the message has if this event and the message are finished now. Exact.
    #[must_use]
    pub fn message_len(&self) -> usize {
        self.size(self.message.out.used(), self.v4.len(), self.v6.len())
    }

    /// Bytes of the buffer that the message, finished now, would leave unused.
    #[must_use]
    pub fn free(&self) -> usize {
        self.message.out.capacity() - self.message_len()
    }

    /// Completes the event. Dropping does the same.
    pub fn finish(self) {}

    /// The size of the message if it ended after this event, with `used` bytes up to its last flow.
    fn size(&self, used: usize, flows_v4: usize, flows_v6: usize) -> usize {
        let vectors =
            [flows_v4, flows_v6].map(|flows| if flows == 0 { 0 } else { vector_size(flows) });
        let payload = presence([flows_v4 != 0, flows_v6 != 0, false]);
        self.message
            .size_with_event(used.saturating_add(vectors[0] + vectors[1]), payload)
    }

    /// The number of bytes used after a flow with this content, whose table has a vtable of `tables`.
    fn used_after_flow(&self, tables: &Memo<2, 4>, common: &Common) -> usize {
        let mask = Layout::<2>::ALL;
        let vtable = tables.new_vtable_size(mask);
        let used = self
            .message
            .vtables
            .common
            .used_after(self.message.out.used().saturating_add(vtable), common.mask);
        used.saturating_add(tables.table_size(mask))
    }
}

impl Drop for NetworkActivityEncoder<'_, '_> {
    fn drop(&mut self) {
        let Encoder { out, vtables, .. } = &mut *self.message;
        let lists = [
            (&mut self.v4, &mut vtables.flow_v4),
            (&mut self.v6, &mut vtables.flow_v6),
        ];
        let vectors = lists.map(|(flows, vtables)| {
            (flows.len() != 0).then(|| {
                let vtable = vtables.get(out, Layout::<2>::ALL);
                flows.write_vector(out, vtable)
            })
        });
        let [v4, v6] = vectors;
        self.message
            .event(&self.stamp, PayloadKind::NetworkActivity, [v4, v6, None]);
    }
}

/// A flow's addresses as they stand in the IP header.
#[derive(Debug)]
struct Addresses<const N: usize>([u8; N], [u8; N]);

/// What flows of both IP versions have in common.
#[derive(Debug)]
struct Common {
    bytes_in: u32,
    bytes_out: u32,
    local_port: u16,
    remote_port: u16,
    protocol: u8,
    /// Which of these are present: all that are not 0.
    mask: usize,
}

impl Common {
    fn new<A>(flow: &Flow<A>) -> Self {
        let Flow {
            bytes_in,
            bytes_out,
            local_port,
            remote_port,
            protocol,
            ..
        } = *flow;
        let protocol = protocol as u8;
        let mask = usize::from(bytes_in != 0)
            | usize::from(bytes_out != 0) << 1
            | usize::from(local_port != 0) << 2
            | usize::from(remote_port != 0) << 3
            | usize::from(protocol != 0) << 4;
        Self {
            bytes_in,
            bytes_out,
            local_port,
            remote_port,
            protocol,
            mask,
        }
    }

    fn write(&self, out: &mut Backward<'_>, vtable: Position) -> Position {
        let table = out.table(COMMON.table_size(self.mask), |table| {
            if self.bytes_in != 0 {
                table.u32(self.bytes_in);
            }
            if self.bytes_out != 0 {
                table.u32(self.bytes_out);
            }
            if self.local_port != 0 {
                table.u16(self.local_port);
            }
            if self.remote_port != 0 {
                table.u16(self.remote_port);
            }
            if self.protocol != 0 {
                table.u8(self.protocol);
            }
        });
        out.set_vtable(table, vtable);
        table
    }
}

/// Writes both tables of a flow, before them their vtables if they are new. The flow's table is for the chain of its list,
/// which gives it its vtable.
fn write_flow<const N: usize>(
    out: &mut Backward<'_>,
    vtables: &mut Memo<2, 4>,
    common_vtables: &mut Memo<5, 32>,
    common: &Common,
    addresses: &Addresses<N>,
) -> Position {
    let mask = Layout::<2>::ALL;
    vtables.get(out, mask);
    let common_vtable = common_vtables.get(out, common.mask);
    let common = common.write(out, common_vtable);
    out.table(vtables.table_size(mask), |table| {
        table.bytes(&addresses.0);
        table.bytes(&addresses.1);
        table.reference(common);
    })
}
