//! A buffer that is filled from its end towards its front.

use super::layout::Layout;
use super::size::align4;

/// The format's offsets are signed 32-bit numbers at their narrowest, and a message's size is a multiple of 4.
const MAX_CAPACITY: usize = i32::MAX as usize & !3;

/// Where an object begins, as its distance from the end of the buffer, which is never 0.
///
/// Later objects have lower addresses and so larger positions; positions stay true when the message is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position(pub(super) u32);

impl Position {
    /// Of no object.
    pub(super) const NONE: Self = Self(0);

    pub(super) fn is_some(self) -> bool {
        self != Self::NONE
    }

    /// So many bytes behind it.
    pub(super) fn behind(self, bytes: u32) -> Self {
        Self(self.0.wrapping_sub(bytes))
    }

    /// The offset of the vtable of a table that is here: its address less that of the vtable; addresses fall as positions rise.
    pub(super) fn vtable(self, vtable: Self) -> u32 {
        vtable.0.wrapping_sub(self.0)
    }

    /// A forward offset that stands here.
    pub(super) fn reference(self, target: Self) -> u32 {
        self.0.wrapping_sub(target.0)
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
    #[inline(never)]
    pub(super) fn vtable(&mut self, layout: &Layout, mask: usize) -> Position {
        let (table, vtable) = layout.sizes(mask);
        let at = self.room(self.used.saturating_add(vtable));
        self.put(at, vtable as u32);
        self.put(at.behind(2), table as u32);
        let mut offset = 4;
        for (index, field) in layout.fields.iter().enumerate() {
            if mask >> index & 1 != 0 {
                self.put(at.behind(4 + 2 * u32::from(field.id)), offset);
                offset += u32::from(field.size);
            }
        }
        at
    }

    /// Where a table of `size` bytes begins if it is written next.
    pub(super) fn table(&self, size: usize) -> Position {
        Position(align4(self.used.saturating_add(size)) as u32)
    }

    /// Writes a [table](Self::table), given as words: the offset of its vtable or what stands there until that is known, the fields,
    /// and zeros, up to what is there already.
    #[inline(never)]
    pub(super) fn write_table(&mut self, table: Position, words: &[u32]) {
        let used = self.used as u32;
        self.used = table.0 as usize;
        let (start, end) = (self.start(table), self.start(Position(used & !3)));
        let room = self.buffer.get_mut(start..end).unwrap_or_default();
        let room = room.as_chunks_mut().0;
        // The last word may have something at its end already.
        let taken = 8 * (used & 3);
        let kept = match room.last() {
            Some(last) if taken > 0 => u32::from_le_bytes(*last) >> (32 - taken) << (32 - taken),
            _ => 0,
        };
        for (to, word) in room.iter_mut().zip(words) {
            *to = word.to_le_bytes();
        }
        if taken > 0
            && let Some(last) = room.last_mut()
        {
            *last = (u32::from_le_bytes(*last) | kept).to_le_bytes();
        }
    }

    /// Writes a string with its length and its terminator.
    pub(super) fn string(&mut self, text: &str) -> Position {
        let used = self.used.saturating_add(text.len()).saturating_add(1);
        let string = self.room(align4(used).saturating_add(4));
        self.put(string, text.len() as u32);
        let start = self.start(string.behind(4));
        let to = self.buffer.get_mut(start..);
        if let Some(to) = to.and_then(|to| to.get_mut(..text.len())) {
            to.copy_from_slice(text.as_bytes());
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
            self.replace_word(at, at.reference(table));
            table = Position(self.set_vtable(table, vtable));
        }
        at.0 += 4;
        self.replace_word(at, len as u32);
        self.used = at.0 as usize;
        at
    }

    /// Writes the reference to the root.
    pub(super) fn root(&mut self, root: Position) {
        let at = self.room(align4(self.used) + 4);
        self.put(at, at.reference(root));
    }

    /// Gives a table its vtable, and returns what stood in the place of the offset.
    pub(super) fn set_vtable(&mut self, table: Position, vtable: Position) -> u32 {
        self.replace_word(table, table.vtable(vtable))
    }

    #[inline(never)]
    fn replace_word(&mut self, position: Position, value: u32) -> u32 {
        let word = self.word(position);
        word.map_or(0, |word| {
            u32::from_le_bytes(core::mem::replace(word, value.to_le_bytes()))
        })
    }

    /// Puts a value where there are zeros. It is within one word of the buffer.
    #[inline(never)]
    fn put(&mut self, position: Position, value: u32) {
        // Words begin where they do from the end, too.
        let shift = 8 * (position.0.wrapping_neg() & 3);
        if let Some(word) = self.word(position) {
            *word = (u32::from_le_bytes(*word) | value << shift).to_le_bytes();
        }
    }

    /// The word in which a position is.
    fn word(&mut self, position: Position) -> Option<&mut [u8; 4]> {
        let start = self.start(position) & !3;
        self.buffer.get_mut(start..)?.first_chunk_mut()
    }

    fn start(&self, position: Position) -> usize {
        self.buffer.len().wrapping_sub(position.0 as usize)
    }

    /// Moves everything to the front of the buffer and returns its size.
    pub(super) fn move_to_front(&mut self) -> usize {
        let start = self.buffer.len().saturating_sub(self.used);
        self.buffer.copy_within(start.., 0);
        self.used
    }

    /// Makes `used` bytes used, which begin with zeros up to what is there already. Returns where they begin.
    #[inline(never)]
    fn room(&mut self, used: usize) -> Position {
        let room = Position(used as u32);
        let (start, end) = (self.start(room), self.start(Position(self.used as u32)));
        if let Some(room) = self.buffer.get_mut(start..end) {
            room.fill(0);
        }
        self.used = used;
        room
    }
}
