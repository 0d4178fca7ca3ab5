//! Tables that a vector will list.
//!
//! The vector has a lower address than its elements, so while elements still come it cannot be written, and without heap
//! their positions have to be kept somewhere. They are kept where every table has the offset of its vtable: each
//! table holds the position of the one before it until the vector is written, backward, from the last to the first.

use super::backward::{Backward, Position};

/// A list of tables that all have the same vtable, in the order in which they were written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain {
    last: Position,
    len: usize,
}

impl Chain {
    pub(super) const EMPTY: Self = Self {
        last: Position::NONE,
        len: 0,
    };

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Appends the table at `table`. What is returned is to stand in place of the offset of its vtable.
    pub(super) fn push(&mut self, table: Position) -> u32 {
        self.len += 1;
        core::mem::replace(&mut self.last, table).0
    }

    /// Writes the vector of references to the tables and gives them their vtable back.
    pub(super) fn write_vector(&self, out: &mut Backward<'_>, vtable: Position) -> Position {
        out.vector(self.len, self.last, vtable)
    }
}
