//! A buffer that is filled from its end towards its front.

use super::layout::Layout;

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

/// The buffer, with zeros where nothing is yet. Bytes that do not fit are counted and left out, never a panic: whoever writes looks afterwards whether all did, or has
/// made sure of the room before.
#[derive(Debug)]
pub(super) struct Backward<'b> {
    words: &'b mut [[u8; 4]],
    used: usize,
}

impl<'b> Backward<'b> {
    pub(super) fn new(buffer: &'b mut [u8]) -> Self {
        let (words, _) = buffer.as_chunks_mut();
        let length = words.len().min(MAX_CAPACITY / 4);
        let (words, _) = words.split_at_mut_checked(length).unwrap_or_default();
        words.as_flattened_mut().fill(0);
        Self { words, used: 0 }
    }

    pub(super) fn capacity(&self) -> usize {
        4 * self.words.len()
    }

    /// Bytes written. A multiple of 4, except after a vtable.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Takes back what was written since this many bytes were used, be it more than there is room for.
    pub(super) fn take_back(&mut self, used: usize) {
        let capacity = self.capacity();
        let (start, end) = (
            capacity.saturating_sub(self.used),
            capacity.saturating_sub(used),
        );
        if let Some(taken) = self.words.as_flattened_mut().get_mut(start..end) {
            taken.fill(0);
        }
        self.used = used;
    }

    /// Writes the vtable for the fields of `mask`.
    #[inline(never)]
    pub(super) fn vtable(&mut self, layout: &Layout, mask: usize) -> Position {
        let (table, vtable) = layout.sizes(mask);
        self.used += vtable;
        let at = Position(self.used as u32);
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

    /// Writes a table of `size` bytes with the fields of `mask`, whose values are given for all fields, and without the offset of
    /// its vtable.
    #[inline(never)]
    pub(super) fn table(
        &mut self,
        layout: &Layout,
        mask: usize,
        size: usize,
        values: &[u32],
    ) -> Position {
        let table = self.room(size);
        let mut at = table.behind(4);
        for (index, (field, value)) in layout.fields.iter().zip(values).enumerate() {
            if mask >> index & 1 != 0 {
                let value = if field.is_reference {
                    at.reference(Position(*value))
                } else {
                    *value
                };
                self.put(at, value);
                at = at.behind(field.size.into());
            }
        }
        table
    }

    /// Makes room for `size` bytes, and returns where they begin.
    pub(super) fn room(&mut self, size: usize) -> Position {
        self.used = (self.used + size + 3) & !3;
        Position(self.used as u32)
    }

    /// Writes words whose bytes in memory are what is to stand there.
    pub(super) fn words(&mut self, position: Position, words: &[u32]) {
        let start = self.index(position);
        let room = self.words.get_mut(start..).unwrap_or_default();
        for (to, word) in room.iter_mut().zip(words) {
            *to = word.to_ne_bytes();
        }
    }

    /// Writes bytes, from the beginning of a word.
    #[inline(never)]
    pub(super) fn bytes(&mut self, position: Position, bytes: &[u8]) {
        let start = self.index(position);
        let room = self.words.get_mut(start..).unwrap_or_default();
        if let Some(room) = room.as_flattened_mut().get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
        }
    }

    /// Writes a string with its length and its terminator.
    pub(super) fn string(&mut self, text: &str) -> Position {
        self.room(text.len() + 1);
        let string = self.room(4);
        self.put(string, text.len() as u32);
        self.bytes(string.behind(4), text.as_bytes());
        string
    }

    /// Writes a vector of references to tables, given by the last of them: each has the position of the one before it in place of its
    /// vtable, which it gets.
    pub(super) fn vector(&mut self, len: usize, last: Position, vtable: Position) -> Position {
        let mut at = self.room(0);
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
        let at = self.room(4);
        self.put(at, at.reference(root));
    }

    /// Gives a table its vtable, and returns what stood in the place of the offset.
    pub(super) fn set_vtable(&mut self, table: Position, vtable: Position) -> u32 {
        self.replace_word(table, table.vtable(vtable))
    }

    #[inline(never)]
    fn replace_word(&mut self, position: Position, value: u32) -> u32 {
        let index = self.index(position);
        let word = self.words.get_mut(index);
        word.map_or(0, |word| {
            u32::from_le_bytes(core::mem::replace(word, value.to_le_bytes()))
        })
    }

    /// Puts a value where there are zeros. It is within one word of the buffer.
    #[inline(never)]
    pub(super) fn put(&mut self, position: Position, value: u32) {
        let index = self.index(position);
        // Words begin where they do from the end, too.
        let shift = 8 * (position.0.wrapping_neg() & 3);
        if let Some(word) = self.words.get_mut(index) {
            *word = (u32::from_le_bytes(*word) | value << shift).to_le_bytes();
        }
    }

    /// The word in which a position is.
    fn index(&self, position: Position) -> usize {
        self.words
            .len()
            .wrapping_sub((position.0.wrapping_add(3) / 4) as usize)
    }

    /// Moves everything to the front of the buffer and returns its size.
    pub(super) fn move_to_front(&mut self) -> usize {
        let start = self.capacity().saturating_sub(self.used);
        self.words.as_flattened_mut().copy_within(start.., 0);
        self.used
    }
}
