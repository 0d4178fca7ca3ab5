//! How many bytes things take, known before they are encoded: to size a buffer at compile time, and to ask whether
//! something will fit before it is taken from where it came.

use super::layout::{COMMON, EVENT, FLOWS, Layout, MESSAGE, PAYLOAD, message_mask};

/// The most that one IPv4 flow can add to a message.
pub const MAX_FLOW_V4: usize = FIRST_V4 + NEXT_V4 + COMMON_VTABLE;
/// The most that one IPv6 flow can add to a message.
pub const MAX_FLOW_V6: usize = FIRST_V6 + NEXT_V6 + COMMON_VTABLE;
/// The most that an event without content can add to a message: a heartbeat, or network activity without flows.
pub const MAX_EMPTY_EVENT: usize = event_size(0);

/// A flow whose vtables are there: both tables and the reference in the vector.
const NEXT_V4: usize = table(&FLOWS[0]) + align4(table(&COMMON)) + 4;
const NEXT_V6: usize = table(&FLOWS[1]) + align4(table(&COMMON)) + 4;
/// What the first flow of an IP version needs beside that: the vtable of its table, the length of the vector, its
/// reference in the payload, and a vtable for a payload that now has it.
const FIRST_V4: usize = vtable(&FLOWS[0]) + 4 + 4 + PAYLOAD_VTABLE;
const FIRST_V6: usize = vtable(&FLOWS[1]) + 4 + 4 + PAYLOAD_VTABLE;
const PAYLOAD_VTABLE: usize = align4(vtable(&PAYLOAD));
/// A vtable of what both IP versions have in common, and how many different ones there can be.
const COMMON_VTABLE: usize = align4(vtable(&COMMON));
const COMMON_VTABLES: usize = COMMON.all() + 1;

/// Bytes of buffer that always suffice for a message with all three events, all three texts of the system information,
/// and this many flows. All lengths are in bytes.
///
/// Meant for a `const`; a sum that does not fit a `usize` comes out as `usize::MAX`.
#[must_use]
pub const fn buffer_for(
    flows_v4: usize,
    flows_v6: usize,
    security_module_id: usize,
    os_info: usize,
    kernel_info: usize,
    hw_info: usize,
) -> usize {
    let flows = flows_v4.saturating_add(flows_v6);
    let vtables = if flows < COMMON_VTABLES {
        flows
    } else {
        COMMON_VTABLES
    };
    let flows = flows_v4
        .saturating_mul(NEXT_V4)
        .saturating_add(flows_v6.saturating_mul(NEXT_V6))
        .saturating_add(vtables * COMMON_VTABLE + FIRST_V4 + FIRST_V6);
    header_size(security_module_id)
        .saturating_add(root_size(1))
        .saturating_add(flows)
        .saturating_add(string_size(os_info))
        .saturating_add(string_size(kernel_info))
        .saturating_add(string_size(hw_info))
        .saturating_add(event_size(PAYLOAD.all()) + 2 * MAX_EMPTY_EVENT)
}

/// The smallest buffer that is of use: [`buffer_for`] one flow of each IP version.
///
/// With less, a flow might fit no message at all and never be reported.
#[must_use]
pub const fn minimum_buffer(
    security_module_id: usize,
    os_info: usize,
    kernel_info: usize,
    hw_info: usize,
) -> usize {
    buffer_for(1, 1, security_module_id, os_info, kernel_info, hw_info)
}

/// The vtables that every message has, and the security module's id.
pub(super) const fn header_size(security_module_id: usize) -> usize {
    const VTABLES: usize = vtable(&MESSAGE) + vtable(&EVENT);
    align4(security_module_id.saturating_add(VTABLES + 1)).saturating_add(4)
}

/// The reference to the root, the root, and its vector without events.
pub(super) const fn root_size(timezone: i8) -> usize {
    const SIZES: [usize; 2] = [
        4 + align4(MESSAGE.table_size(message_mask(0))) + vector_size(0),
        4 + align4(MESSAGE.table_size(message_mask(1))) + vector_size(0),
    ];
    SIZES[(timezone != 0) as usize]
}

/// Bytes of an event's table, which has all fields.
pub(super) const EVENT_SIZE: usize = table(&EVENT);

/// A vector of references with its length.
pub(super) const fn vector_size(len: usize) -> usize {
    4 + 4 * len
}

/// A string with its length, terminator and padding.
pub(super) const fn string_size(len: usize) -> usize {
    (len.saturating_add(4 + 1 + 3)) & !3
}

/// `size`, rounded up to a multiple of 4. Sizes near the largest number come out as the largest multiple.
pub(super) const fn align4(size: usize) -> usize {
    size.saturating_add(3) & !3
}

/// The size of a table with all its fields.
const fn table(layout: &Layout) -> usize {
    layout.table_size(layout.all())
}

/// The size of the vtable of such a table.
const fn vtable(layout: &Layout) -> usize {
    layout.vtable_size(layout.all())
}

/// An event whose payload has the references of `mask`, without what they refer to.
const fn event_size(mask: usize) -> usize {
    let event = PAYLOAD.vtable_size(mask) + table(&EVENT);
    PAYLOAD.table_size(mask) + align4(event) + 4
}
