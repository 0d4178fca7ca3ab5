//! How the tables of the schema are laid out in memory.

/// A field of a table.
#[derive(Debug)]
struct Field {
    /// Its number in the schema.
    id: usize,
    /// Bytes that it takes in the table.
    size: usize,
}

/// The fields of a table in the order in which they are stored.
///
/// Fields may be left out; which are present is a bit mask, in which bit N stands for the field that is stored N-th.
/// Large fields come first, so that no field needs padding.
#[derive(Debug)]
pub(super) struct Layout<const FIELDS: usize> {
    fields: [Field; FIELDS],
}

/// The root: security module's id, its version, events, time zone.
pub(super) const MESSAGE: Layout<4> = Layout::new([(0, 4), (1, 4), (3, 4), (2, 1)]);
/// Event id, time, collection interval, payload, kind of payload.
pub(super) const EVENT: Layout<5> = Layout::new([(0, 16), (1, 4), (2, 4), (4, 4), (3, 1)]);
/// Two IPv4 addresses, and a reference to what flows of both IP versions have in common.
pub(super) const FLOW_V4: Layout<2> = Layout::new([(0, 8), (1, 4)]);
/// Two IPv6 addresses, and likewise.
pub(super) const FLOW_V6: Layout<2> = Layout::new([(0, 32), (1, 4)]);
/// What flows of both IP versions have in common: bytes in, bytes out, local port, remote port, protocol.
pub(super) const COMMON: Layout<5> = Layout::new([(2, 4), (3, 4), (0, 2), (1, 2), (4, 1)]);
/// Nothing but references. Every payload is such a table, and payloads of different kinds share their vtables.
pub(super) const PAYLOAD: Layout<3> = Layout::new([(0, 4), (1, 4), (2, 4)]);

/// The mask of [`MESSAGE`]: the time zone is left out if it is 0.
pub(super) const fn message_mask(timezone: i8) -> usize {
    if timezone == 0 { 0b0111 } else { 0b1111 }
}

impl<const FIELDS: usize> Layout<FIELDS> {
    /// The mask of a table in which every field is present.
    pub(super) const ALL: usize = (1 << FIELDS) - 1;

    /// Each field is given as its number and its size.
    const fn new(numbers_and_sizes: [(usize, usize); FIELDS]) -> Self {
        let mut fields = [const { Field { id: 0, size: 0 } }; FIELDS];
        let mut index = 0;
        while index < FIELDS {
            let (id, size) = numbers_and_sizes[index];
            fields[index] = Field { id, size };
            index += 1;
        }
        Self { fields }
    }

    /// Size of a table with the fields of `mask`, its vtable's offset included.
    pub(super) const fn table_size(&self, mask: usize) -> usize {
        let mut size = 4;
        let mut index = 0;
        while index < FIELDS {
            if mask & (1 << index) != 0 {
                size += self.fields[index].size;
            }
            index += 1;
        }
        size
    }

    /// Size of the vtable for the fields of `mask`: it ends with the last field that is present.
    pub(super) const fn vtable_size(&self, mask: usize) -> usize {
        let mut ids = 0;
        let mut index = 0;
        while index < FIELDS {
            let end = self.fields[index].id + 1;
            if mask & (1 << index) != 0 && end > ids {
                ids = end;
            }
            index += 1;
        }
        4 + 2 * ids
    }

    /// Size of the largest table.
    pub(super) const fn max_table_size(&self) -> usize {
        self.table_size(Self::ALL)
    }

    /// Size of the largest vtable.
    pub(super) const fn max_vtable_size(&self) -> usize {
        self.vtable_size(Self::ALL)
    }

    /// The vtable for the fields of `mask`, to be cut off at [`vtable_size`](Self::vtable_size).
    pub(super) fn vtable(&self, mask: usize) -> [u8; MAX_VTABLE] {
        let mut vtable = [0; MAX_VTABLE];
        let mut put = |at: usize, value: usize| {
            if let Some(entry) = vtable.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                *entry = (value as u16).to_le_bytes();
            }
        };
        put(0, self.vtable_size(mask));
        put(2, self.table_size(mask));
        let mut offset = 4;
        for (index, field) in self.fields.iter().enumerate() {
            if mask & (1 << index) != 0 {
                put(4 + 2 * field.id, offset);
                offset += field.size;
            }
        }
        vtable
    }
}

/// No vtable of the schema's tables is larger.
pub(super) const MAX_VTABLE: usize = EVENT.max_vtable_size();
const _: () =
    assert!(COMMON.max_vtable_size() <= MAX_VTABLE && MESSAGE.max_vtable_size() <= MAX_VTABLE);
