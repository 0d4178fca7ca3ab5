//! The vtables of a message, each written once.
//!
//! Tables that leave out different fields have different vtables. Where a vtable stands is remembered under the mask of
//! the fields that are present.

use super::backward::{Backward, Position};
use super::layout::{EVENT, Layout, MESSAGE, message_mask};

/// The vtables of one message that there are so far.
#[doc(hidden)]
#[derive(Debug)]
pub struct Vtables {
    pub(super) message: Position,
    pub(super) event: Position,
    /// Of the tables of flows, for each IP version.
    pub(super) flows: [Position; 2],
    /// Of what flows have in common, by mask.
    pub(super) common: [Position; 32],
    /// Of payloads, by mask.
    pub(super) payloads: [Position; 8],
}

impl Vtables {
    /// None yet. All zeros.
    pub const NONE: Self = Self {
        message: Position::NONE,
        event: Position::NONE,
        flows: [Position::NONE; 2],
        common: [Position::NONE; 32],
        payloads: [Position::NONE; 8],
    };

    /// Those that every message has are written, and no other ones are there.
    pub(super) fn begin(&mut self, out: &mut Backward<'_>, timezone: i8) {
        *self = Self::NONE;
        self.message = out.vtable(&MESSAGE, message_mask(timezone));
        self.event = out.vtable(&EVENT, EVENT.all());
    }
}

/// Where the vtable for `mask` stands; writes it if this is the first time that it is asked for.
pub(super) fn get(
    known: &mut Position,
    out: &mut Backward<'_>,
    layout: &Layout,
    mask: usize,
) -> Position {
    if !known.is_some() {
        *known = out.vtable(layout, mask);
    }
    *known
}
