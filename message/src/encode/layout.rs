//! How the tables of the schema are laid out in memory.

/// The fields of a table in the order in which they are stored.
///
/// Fields may be left out; which are present is a bit mask, in which bit N stands for the field that is stored N-th.
/// Large fields come first, so that no field needs padding.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) fields: &'static [Field],
}

/// A field of a table.
#[derive(Debug)]
pub(super) struct Field {
    /// Its number in the schema.
    pub(super) id: u8,
    /// The bytes that it takes in the table.
    pub(super) size: u8,
    /// It refers to an object.
    pub(super) is_reference: bool,
}

/// The root: security module's id, its version, events, time zone.
pub(super) static MESSAGE: Layout = Layout {
    fields: &[reference(0), field(1, 4), reference(3), field(2, 1)],
};
/// Event id, time, collection interval, payload, kind of payload.
pub(super) static EVENT: Layout = Layout {
    fields: &[
        field(0, 16),
        field(1, 4),
        field(2, 4),
        reference(4),
        field(3, 1),
    ],
};
/// For each IP version, two addresses, and a reference to what flows of both versions have in common.
pub(super) static FLOWS: [Layout; 2] = [
    Layout {
        fields: &[field(0, 8), reference(1)],
    },
    Layout {
        fields: &[field(0, 32), reference(1)],
    },
];
/// What flows of both IP versions have in common: bytes in, bytes out, local port, remote port, protocol.
pub(super) static COMMON: Layout = Layout {
    fields: &[
        field(2, 4),
        field(3, 4),
        field(0, 2),
        field(1, 2),
        field(4, 1),
    ],
};
/// Nothing but references. Every payload is such a table, and payloads of different kinds share their vtables.
pub(super) static PAYLOAD: Layout = Layout {
    fields: &[reference(0), reference(1), reference(2)],
};

/// The mask of [`MESSAGE`]: the time zone is left out if it is 0.
pub(super) const fn message_mask(timezone: i8) -> usize {
    if timezone == 0 { 0b0111 } else { 0b1111 }
}

const fn field(id: u8, size: u8) -> Field {
    Field {
        id,
        size,
        is_reference: false,
    }
}

const fn reference(id: u8) -> Field {
    Field {
        id,
        size: 4,
        is_reference: true,
    }
}

impl Layout {
    /// The mask of a table in which every field is present.
    pub(super) const fn all(&self) -> usize {
        (1 << self.fields.len()) - 1
    }

    /// The mask of the fields whose values are not 0, and the size of a table with those.
    #[inline(never)]
    pub(super) fn present(&self, values: &[u32]) -> (usize, usize) {
        let (mut mask, mut size) = (0, 4);
        for (index, (field, value)) in self.fields.iter().zip(values).enumerate() {
            if *value != 0 {
                mask |= 1 << index;
                size += usize::from(field.size);
            }
        }
        (mask, size)
    }

    /// Size of a table with the fields of `mask`, its vtable's offset included.
    pub(super) const fn table_size(&self, mask: usize) -> usize {
        self.sizes(mask).0
    }

    /// Size of the vtable for the fields of `mask`: it ends with the last field that is present.
    pub(super) const fn vtable_size(&self, mask: usize) -> usize {
        self.sizes(mask).1
    }

    /// Both.
    #[inline(never)]
    pub(super) const fn sizes(&self, mut mask: usize) -> (usize, usize) {
        let (mut fields, mut table, mut vtable) = (self.fields, 4, 4);
        while let [field, rest @ ..] = fields {
            if mask & 1 != 0 {
                table += field.size as usize;
                let end = 6 + 2 * field.id as usize;
                if end > vtable {
                    vtable = end;
                }
            }
            mask >>= 1;
            fields = rest;
        }
        (table, vtable)
    }
}
