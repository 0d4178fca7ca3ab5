//! A buffer that is filled from its end towards its front.

use super::layout::Layout;
use super::size::align4;

/// The format's offsets are signed 32-bit numbers at their narrowest, and a message's size is a multiple of 4.
const MAX_CAPACITY: usize = i32::MAX as usize & !3;

/// Where an object begins, as its distance from the end of the buffer, which is never 0.
///
/// Later objects have lower addresses and so larger positions; positions stay true when the message is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position(u32);

impl Position {
    /// Of no object.
    pub(super) const NONE: Self = Self(0);

    pub(super) fn is_some(self) -> bool {
        self != Self::NONE
    }
}

/// The buffer. Bytes that do not fit are counted and left out, never a panic: whoever writes looks afterwards whether all did, or has
/// made sure of the room before.
#[derive(Debug)]
pub(super) struct Backward<'b> {
    buffer: &'b mut [u8],
    used: usize,
}

impl<'b> Backward<'b> {
    pub(super) fn new(buffer: &'b mut [u8]) -> Self {
        let capacity = (buffer.len() & !3).min(MAX_CAPACITY);
        let (buffer, _) = buffer.split_at_mut_checked(capacity).unwrap_or_default();
        Self { buffer, used: 0 }
    }

    pub(super) fn capacity(&self) -> usize {
        self.buffer.len()
    }

    /// Bytes written. A multiple of 4, except after a vtable.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Takes back what was written since this many bytes were used.
    pub(super) fn take_back(&mut self, used: usize) {
        self.used = used;
    }

    /// Writes the vtable for the fields of `mask`.
    pub(super) fn vtable(&mut self, layout: &Layout, mask: usize) -> Position {
        let size = layout.vtable_size(mask);
        let mut entries = self.object(self.used.saturating_add(size), size);
        let vtable = entries.position;
        entries.u16(size as u16);
        entries.u16(layout.table_size(mask) as u16);
        for id in 0..(size - 4) / 2 {
            entries.u16(layout.offset(id, mask) as u16);
        }
        vtable
    }

    /// Begins a table of `size` bytes: what is put in are its fields, behind the offset of its vtable.
    ///
    /// That is still to be set, with [`set_vtable`](Self::set_vtable): the vtable may come later than the table.
    pub(super) fn table(&mut self, size: usize) -> (Position, Fields<'_>) {
        let mut fields = self.object(align4(self.used.saturating_add(size)), size);
        let table = fields.position;
        fields.u32(0);
        (table, fields)
    }

    /// Writes a string with its length and its terminator.
    pub(super) fn string(&mut self, text: &str) -> Position {
        let used = align4(self.used.saturating_add(text.len()).saturating_add(1)).saturating_add(4);
        let mut fields = self.object(used, text.len().saturating_add(5));
        let string = fields.position;
        fields.u32(text.len() as u32);
        if let Some((to, terminator)) = fields.room.split_at_mut_checked(text.len()) {
            to.copy_from_slice(text.as_bytes());
            terminator.fill(0);
        }
        string
    }

    /// Writes a vector of references to tables, given by the last of them: each has the position of the one before it in place of its
    /// vtable, which it gets.
    pub(super) fn vector(&mut self, len: usize, last: Position, vtable: Position) -> Position {
        let mut at = Position(align4(self.used) as u32);
        let mut table = last;
        while table.is_some() {
            at.0 += 4;
            self.replace_word(at, at.0.wrapping_sub(table.0));
            table = Position(self.set_vtable(table, vtable));
        }
        at.0 += 4;
        self.replace_word(at, len as u32);
        self.used = at.0 as usize;
        at
    }

    /// Writes the reference to the root.
    pub(super) fn root(&mut self, root: Position) {
        self.object(align4(self.used) + 4, 4).reference(root);
    }

    /// Puts the position of another table where the table has the offset of its vtable.
    pub(super) fn link(&mut self, table: Position, other: Position) {
        self.replace_word(table, other.0);
    }

    /// Gives a table its vtable, and returns what stood in the place of the offset.
    pub(super) fn set_vtable(&mut self, table: Position, vtable: Position) -> u32 {
        // The address of the table less that of the vtable; addresses fall as positions rise.
        self.replace_word(table, vtable.0.wrapping_sub(table.0))
    }

    fn replace_word(&mut self, position: Position, value: u32) -> u32 {
        let start = self.buffer.len().wrapping_sub(position.0 as usize);
        let word = self
            .buffer
            .get_mut(start..)
            .and_then(<[u8]>::first_chunk_mut);
        word.map_or(0, |word| {
            u32::from_le_bytes(core::mem::replace(word, value.to_le_bytes()))
        })
    }

    /// Moves everything to the front of the buffer and returns its size.
    pub(super) fn move_to_front(&mut self) -> usize {
        let start = self.buffer.len().saturating_sub(self.used);
        self.buffer.copy_within(start.., 0);
        self.used
    }

    /// Makes `used` bytes used: an object of `size` bytes, then zeros up to what is there already.
    fn object(&mut self, used: usize, size: usize) -> Fields<'_> {
        let len = self.buffer.len();
        let end = len.wrapping_sub(self.used);
        let room = self.buffer.get_mut(len.wrapping_sub(used)..end);
        let split = room.and_then(|room| room.split_at_mut_checked(size));
        self.used = used;
        let (room, padding) = split.unwrap_or_default();
        for byte in padding {
            *byte = 0;
        }
        Fields {
            room,
            position: Position(used as u32),
        }
    }
}

/// Writes the fields of an object one behind the other.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    room: &'a mut [u8],
    /// Of the field that comes next.
    position: Position,
}

impl Fields<'_> {
    pub(super) fn bytes<const N: usize>(&mut self, bytes: &[u8; N]) {
        if let Some((field, room)) = core::mem::take(&mut self.room).split_first_chunk_mut() {
            *field = *bytes;
            self.room = room;
        }
        self.position.0 = self.position.0.wrapping_sub(N as u32);
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    /// A forward offset, counted from where it stands.
    pub(super) fn reference(&mut self, target: Position) {
        self.u32(self.position.0.wrapping_sub(target.0));
    }
}
