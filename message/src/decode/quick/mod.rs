//! The quick way from bytes to the owned message: for what devices send, a few times as fast as verifying all and reading then.
//!
//! It is no second opinion. Whatever it does not know, or finds wrong, it leaves to the way that verifies, which says what that is; so it
//! needs no errors. And what it reads, that way would read alike.

mod layout;

use self::layout::{Addressed, Common, Front, Known, Last, Layout};
use super::{Event, EventId, Payload, SecurityMessage};
use crate::flow::{Flow, Protocol};
use core::net::IpAddr;

/// What a table adds at most to the sum of all parts, beside its vtable: its fields, and what leads to them.
const TABLE: usize = 96;

/// The message, if it is one of the usual kind.
pub(super) fn decode(bytes: &[u8], most: Limits) -> Option<SecurityMessage> {
    let mut reader = Reader { bytes, left: most };
    let root = reader.reference(0)?;
    let message = reader.table(root)?;
    let id = reader.text(message.field(0)?)?.to_owned();
    let (start, events) = reader.vector(message.field(3)?)?;
    Some(SecurityMessage {
        security_module_id: id,
        security_module_version: reader.number(message.field(1))?,
        timezone: i8::from_le_bytes([reader.byte(message.field(2))?]),
        events: events
            .iter()
            .enumerate()
            .map(|(index, event)| reader.event(referred(start + 4 * index, *event)?))
            .collect::<Option<_>>()?,
    })
}

/// How much may be read, so that a message cannot refer to its parts again and again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub tables: usize,
    /// Bytes of all parts, each counted as often as it is referred to.
    pub size: usize,
}

struct Reader<'a> {
    bytes: &'a [u8],
    left: Limits,
}

/// A table, and where its fields are.
#[derive(Clone, Copy)]
struct Table<'a> {
    at: usize,
    vtable: &'a [u8],
}

impl Table<'_> {
    /// Where a field is, if it is there.
    #[inline(always)]
    fn field(&self, id: usize) -> Option<usize> {
        let slot = 4 + 2 * id;
        let offset = self.vtable.get(slot..slot + 2)?;
        match u16::from_le_bytes([offset[0], offset[1]]) {
            0 => None,
            offset => Some(self.at + usize::from(offset)),
        }
    }
}

impl<'a> Reader<'a> {
    fn event(&mut self, at: usize) -> Option<Event> {
        let event = self.table(at)?;
        let payload = self.reference(event.field(4)?)?;
        Some(Event {
            id: EventId(self.array(event.field(0)?)?),
            time: self.number(event.field(1))?,
            collection_interval: self.number(event.field(2))?,
            payload: match self.byte(event.field(3))? {
                1 => self.activity(payload)?,
                2 => self.information(payload)?,
                4 => {
                    self.table(payload)?;
                    Payload::Heartbeat
                }
                _ => return None,
            },
        })
    }

    fn activity(&mut self, at: usize) -> Option<Payload> {
        let activity = self.table(at)?;
        let mut flows = Vec::new();
        let mut common = Known::default();
        if let Some(field) = activity.field(0) {
            self.flows::<4, 8>(field, &mut common, &mut flows)?;
        }
        if let Some(field) = activity.field(1) {
            self.flows::<16, 32>(field, &mut common, &mut flows)?;
        }
        Some(Payload::NetworkActivity { flows })
    }

    /// Flows with addresses of so many bytes, and pairs of them.
    fn flows<const LENGTH: usize, const PAIR: usize>(
        &mut self,
        field: usize,
        common: &mut Known<Common>,
        flows: &mut Vec<Flow<IpAddr>>,
    ) -> Option<()>
    where
        IpAddr: From<[u8; LENGTH]>,
    {
        let mut addressed = Known::<Addressed>::default();
        let (start, references) = self.vector(field)?;
        // Each is two tables.
        let tables = references.len().checked_mul(2)?;
        self.left.tables = self.left.tables.checked_sub(tables)?;
        let mut size = 0_u64;
        let mut last: Last = layout::NO_BYTES;
        flows.reserve(references.len());
        for (index, reference) in references.iter().enumerate() {
            let flow = referred(start + 4 * index, *reference)?;
            let fields = self.layout(flow, &mut addressed, &mut size)?;
            let addresses = self.array::<PAIR>(flow + fields.addresses)?;
            let (local, remote) = addresses.split_first_chunk::<LENGTH>()?;
            let remote = remote.first_chunk::<LENGTH>()?;
            let table = self.reference(flow + fields.common)?;
            let fields = self.layout(table, common, &mut size)?;
            let front = Front::of(self.bytes.get(table..)?, fields.end, &mut last)?;
            flows.push(Flow {
                protocol: match front.byte(fields.protocol) {
                    0 => Protocol::Tcp,
                    1 => Protocol::Udp,
                    2 => Protocol::Icmp,
                    _ => return None,
                },
                local_address: IpAddr::from(*local),
                local_port: front.half(fields.local_port),
                remote_address: IpAddr::from(*remote),
                remote_port: front.half(fields.remote_port),
                bytes_in: front.word(fields.bytes_in),
                bytes_out: front.word(fields.bytes_out),
            });
        }
        self.spend(usize::try_from(size).ok()?)
    }

    fn information(&mut self, at: usize) -> Option<Payload> {
        let information = self.table(at)?;
        let mut text = |id| match information.field(id) {
            Some(field) => self.text(field).map(str::to_owned),
            None => Some(String::new()),
        };
        Some(Payload::SystemInformation {
            os_info: text(0)?,
            kernel_info: text(1)?,
            hw_info: text(2)?,
        })
    }

    /// Where the fields of the table at `at` are, and adds what it is counted as.
    #[inline(always)]
    fn layout<'l, L: Layout>(
        &self,
        at: usize,
        known: &'l mut Known<L>,
        size: &mut u64,
    ) -> Option<&'l L> {
        let vtable = self.vtable(at)?;
        let found = match known.find(vtable) {
            Some(found) => found,
            None => self.new_layout(at, vtable, known)?,
        };
        *size += known.size(found);
        Some(known.layout(found))
    }

    #[cold]
    fn new_layout<L: Layout>(
        &self,
        at: usize,
        vtable: usize,
        known: &mut Known<L>,
    ) -> Option<usize> {
        let table = self.front(at)?;
        let layout = L::of(|id| table.field(id).map(|field| field - at))?;
        Some(known.add(vtable, (TABLE + table.vtable.len()) as u64, layout))
    }

    #[inline(always)]
    fn table(&mut self, at: usize) -> Option<Table<'a>> {
        let table = self.front(at)?;
        self.left.tables = self.left.tables.checked_sub(1)?;
        self.spend(TABLE + table.vtable.len())?;
        Some(table)
    }

    /// A table that is counted elsewhere.
    #[inline(always)]
    fn front(&self, at: usize) -> Option<Table<'a>> {
        let vtable = self.vtable(at)?;
        let length = usize::from(u16::from_le_bytes(self.aligned(vtable)?));
        if length % 2 != 0 {
            return None;
        }
        let vtable = self.bytes.get(vtable..vtable.checked_add(length)?)?;
        Some(Table { at, vtable })
    }

    /// Where the vtable of the table at `at` is: outside of the bytes, if what it says makes no sense.
    #[inline(always)]
    fn vtable(&self, at: usize) -> Option<usize> {
        let back = i32::from_le_bytes(self.aligned(at)?);
        // What is negative goes forward.
        Some(at.wrapping_sub(isize::try_from(back).ok()? as usize))
    }

    /// The vector of references that a field refers to, and where it is.
    fn vector(&mut self, field: usize) -> Option<(usize, &'a [[u8; 4]])> {
        let at = self.reference(field)?;
        let length = usize::try_from(u32::from_le_bytes(self.aligned(at)?)).ok()?;
        let size = length.checked_mul(4)?;
        self.spend(size.checked_add(4)?)?;
        let start = at + 4;
        let references = self.bytes.get(start..start.checked_add(size)?)?;
        Some((start, references.as_chunks().0))
    }

    fn text(&mut self, field: usize) -> Option<&'a str> {
        let at = self.reference(field)?;
        let length = usize::try_from(u32::from_le_bytes(self.aligned(at)?)).ok()?;
        self.spend(length.checked_add(4)?)?;
        let start = at + 4;
        let end = start.checked_add(length)?;
        let text = core::str::from_utf8(self.bytes.get(start..end)?).ok()?;
        (self.bytes.get(end) == Some(&0)).then_some(text)
    }

    /// Where the reference at `at` leads.
    #[inline(always)]
    fn reference(&self, at: usize) -> Option<usize> {
        referred(at, self.aligned(at)?)
    }

    /// A number; 0 when its field is not there.
    #[inline(always)]
    fn number(&self, field: Option<usize>) -> Option<u32> {
        field.map_or(Some(0), |at| Some(u32::from_le_bytes(self.aligned(at)?)))
    }

    #[inline(always)]
    fn byte(&self, field: Option<usize>) -> Option<u8> {
        field.map_or(Some(0), |at| self.bytes.get(at).copied())
    }

    #[inline(always)]
    fn aligned<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        match at % N {
            0 => self.array(at),
            _ => None,
        }
    }

    #[inline(always)]
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..)?.first_chunk().copied()
    }

    #[inline(always)]
    fn spend(&mut self, size: usize) -> Option<()> {
        self.left.size = self.left.size.checked_sub(size)?;
        Some(())
    }
}

/// Where a reference leads that is at `at`.
#[inline(always)]
fn referred(at: usize, reference: [u8; 4]) -> Option<usize> {
    let offset = u32::from_le_bytes(reference);
    Some(at.saturating_add(usize::try_from(offset).ok()?))
}

#[cfg(test)]
mod tests;
