//! The vtables of a message, each written once.
//!
//! Tables that leave out different fields have different vtables. Where a vtable stands is remembered under the mask of
//! the fields that are present.

use super::backward::{Backward, Position};
use super::layout::{COMMON, EVENT, FLOW_V4, FLOW_V6, Layout, MESSAGE, PAYLOAD, message_mask};
use super::size::align4;

/// The vtables of one message that there are so far.
#[derive(Debug)]
pub(super) struct Vtables {
    message: Position,
    event: Position,
    pub(super) flow_v4: Memo<2, 4>,
    pub(super) flow_v6: Memo<2, 4>,
    pub(super) common: Memo<5, 32>,
    pub(super) payload: Memo<3, 8>,
}

impl Vtables {
    /// Writes those that every message has.
    pub(super) fn new(out: &mut Backward<'_>, timezone: i8) -> Self {
        Self {
            message: write(out, &MESSAGE, message_mask(timezone)),
            event: write(out, &EVENT, Layout::<5>::ALL),
            flow_v4: Memo::new(&FLOW_V4),
            flow_v6: Memo::new(&FLOW_V6),
            common: Memo::new(&COMMON),
            payload: Memo::new(&PAYLOAD),
        }
    }

    pub(super) fn message(&self) -> Position {
        self.message
    }

    pub(super) fn event(&self) -> Position {
        self.event
    }
}

/// The vtables of a kind of table, by mask. `MASKS` is 2 to the power of `FIELDS`.
#[derive(Debug)]
pub(super) struct Memo<const FIELDS: usize, const MASKS: usize> {
    layout: &'static Layout<FIELDS>,
    positions: [Option<Position>; MASKS],
}

impl<const FIELDS: usize, const MASKS: usize> Memo<FIELDS, MASKS> {
    fn new(layout: &'static Layout<FIELDS>) -> Self {
        const { assert!(MASKS == 1 << FIELDS) };
        Self {
            layout,
            positions: [None; MASKS],
        }
    }

    /// The number of bytes used after the vtable for `mask` and then its table, if `used` are now.
    pub(super) fn used_after(&self, used: usize, mask: usize) -> usize {
        align4(
            used.saturating_add(self.new_vtable_size(mask))
                .saturating_add(self.table_size(mask)),
        )
    }

    /// The size of a table with the fields of `mask`.
    pub(super) fn table_size(&self, mask: usize) -> usize {
        self.layout.table_size(mask)
    }

    /// The size of the vtable for `mask` if it has yet to be written, otherwise 0.
    pub(super) fn new_vtable_size(&self, mask: usize) -> usize {
        match self.positions.get(mask) {
            Some(Some(_)) => 0,
            _ => self.layout.vtable_size(mask),
        }
    }

    /// Where the vtable for `mask` stands; writes it if this is the first time that it is asked for.
    pub(super) fn get(&mut self, out: &mut Backward<'_>, mask: usize) -> Position {
        match self.positions.get_mut(mask) {
            Some(known) => *known.get_or_insert_with(|| write(out, self.layout, mask)),
            None => write(out, self.layout, mask),
        }
    }
}

fn write<const FIELDS: usize>(
    out: &mut Backward<'_>,
    layout: &Layout<FIELDS>,
    mask: usize,
) -> Position {
    let vtable = layout.vtable(mask);
    out.vtable(vtable.get(..layout.vtable_size(mask)).unwrap_or_default())
}
