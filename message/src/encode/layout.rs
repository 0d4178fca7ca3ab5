//! How the tables of the schema are laid out in memory.

/// The fields of a table in the order in which they are stored.
///
/// Fields may be left out; which are present is a bit mask, in which bit N stands for the field that is stored N-th.
/// Large fields come first, so that no field needs padding.
#[derive(Debug)]
pub(super) struct Layout {
    /// Each field's number in the schema, and the bytes that it takes in the table.
    fields: &'static [(u8, u8)],
}

/// The root: security module's id, its version, events, time zone.
pub(super) static MESSAGE: Layout = Layout::new(&[(0, 4), (1, 4), (3, 4), (2, 1)]);
/// Event id, time, collection interval, payload, kind of payload.
pub(super) static EVENT: Layout = Layout::new(&[(0, 16), (1, 4), (2, 4), (4, 4), (3, 1)]);
/// For each IP version, two addresses, and a reference to what flows of both versions have in common.
pub(super) static FLOWS: [Layout; 2] = [
    Layout::new(&[(0, 8), (1, 4)]),
    Layout::new(&[(0, 32), (1, 4)]),
];
/// What flows of both IP versions have in common: bytes in, bytes out, local port, remote port, protocol.
pub(super) static COMMON: Layout = Layout::new(&[(2, 4), (3, 4), (0, 2), (1, 2), (4, 1)]);
/// Nothing but references. Every payload is such a table, and payloads of different kinds share their vtables.
pub(super) static PAYLOAD: Layout = Layout::new(&[(0, 4), (1, 4), (2, 4)]);

/// Bytes of an event's table, which has all fields.
pub(super) const EVENT_SIZE: usize = EVENT.table_size(EVENT.all());
/// Bytes of a flow's table, for each IP version, with all fields.
pub(super) const FLOW_SIZES: [usize; 2] = [
    FLOWS[0].table_size(FLOWS[0].all()),
    FLOWS[1].table_size(FLOWS[1].all()),
];
/// Bytes of the table of what flows have in common, by the mask of its fields.
pub(super) static COMMON_SIZES: [u8; 32] = {
    let mut sizes = [0; 32];
    let mut mask = 0;
    while mask < sizes.len() {
        sizes[mask] = COMMON.table_size(mask) as u8;
        mask += 1;
    }
    sizes
};

/// Bytes of a message's table.
pub(super) const fn message_size(timezone: i8) -> usize {
    const SIZES: [usize; 2] = [
        MESSAGE.table_size(message_mask(0)),
        MESSAGE.table_size(message_mask(1)),
    ];
    SIZES[(timezone != 0) as usize]
}

/// The mask of [`MESSAGE`]: the time zone is left out if it is 0.
pub(super) const fn message_mask(timezone: i8) -> usize {
    if timezone == 0 { 0b0111 } else { 0b1111 }
}

impl Layout {
    const fn new(fields: &'static [(u8, u8)]) -> Self {
        Self { fields }
    }

    /// The mask of a table in which every field is present.
    pub(super) const fn all(&self) -> usize {
        (1 << self.fields.len()) - 1
    }

    /// Size of a table with the fields of `mask`, its vtable's offset included.
    pub(super) const fn table_size(&self, mask: usize) -> usize {
        self.find(usize::MAX, mask).1
    }

    /// Where a table with the fields of `mask` has the field with this number; 0: it has none. And the table's size.
    const fn find(&self, number: usize, mut mask: usize) -> (usize, usize) {
        let (mut fields, mut offset, mut size) = (self.fields, 0, 4);
        while let [(id, field), rest @ ..] = fields {
            if mask & 1 != 0 {
                if *id as usize == number {
                    offset = size;
                }
                size += *field as usize;
            }
            mask >>= 1;
            fields = rest;
        }
        (offset, size)
    }

    /// Size of the vtable for the fields of `mask`: it ends with the last field that is present.
    pub(super) const fn vtable_size(&self, mut mask: usize) -> usize {
        let (mut fields, mut size) = (self.fields, 4);
        while let [(id, _), rest @ ..] = fields {
            let end = 4 + 2 * (*id as usize + 1);
            if mask & 1 != 0 && end > size {
                size = end;
            }
            mask >>= 1;
            fields = rest;
        }
        size
    }

    /// Where a table with the fields of `mask` has the field with this number; 0: it has none.
    pub(super) fn offset(&self, number: usize, mask: usize) -> usize {
        self.find(number, mask).0
    }
}
