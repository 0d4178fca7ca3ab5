//! A buffer that is filled from its end towards its front.

use super::size::align4;
use core::num::NonZeroU32;

/// The format's offsets are signed 32-bit numbers at their narrowest, and a message's size is a multiple of 4.
const MAX_CAPACITY: usize = i32::MAX as usize & !3;

/// Where an object begins, as its distance from the end of the buffer. The first object's is not 0.
///
/// Later objects have lower addresses and so larger positions; positions stay true when the message is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position(NonZeroU32);

impl Position {
    const fn new(distance: usize) -> Self {
        // The capacity is limited to what fits. 0 comes up only where a write has been left out.
        match NonZeroU32::new(distance as u32) {
            Some(distance) => Self(distance),
            None => Self(NonZeroU32::MIN),
        }
    }

    const fn distance(self) -> u32 {
        self.0.get()
    }

    /// A position, or none, as a number.
    pub(super) fn to_link(position: Option<Self>) -> u32 {
        position.map_or(0, Self::distance)
    }

    /// Takes back what [`to_link`](Self::to_link) gave.
    pub(super) fn from_link(link: u32) -> Option<Self> {
        NonZeroU32::new(link).map(Self)
    }
}

/// The buffer. Whoever writes has made sure of the room before; a write that does not fit is left out, never a panic.
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

    /// Writes a vtable.
    pub(super) fn vtable(&mut self, bytes: &[u8]) -> Position {
        let used = self.used + bytes.len();
        let (position, room) = self.allocate(used, bytes.len());
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
        }
        position
    }

    /// Writes a table of `size` bytes: room for the offset of its vtable, then whatever `fields` puts behind it.
    ///
    /// The offset is still to be set, with [`set_vtable`](Self::set_vtable): the vtable may come later than the table.
    pub(super) fn table(&mut self, size: usize, fields: impl FnOnce(&mut Fields<'_>)) -> Position {
        let (position, room) = self.allocate(align4(self.used + size), size);
        let mut writer = Fields { room, position };
        writer.u32(0);
        fields(&mut writer);
        position
    }

    /// Writes a string with its length and its terminator.
    pub(super) fn string(&mut self, text: &str) -> Position {
        let used = align4(self.used + text.len() + 1) + 4;
        let (position, room) = self.allocate(used, 4 + text.len() + 1);
        let mut writer = Fields { room, position };
        writer.u32(text.len() as u32);
        for (to, from) in writer.room.iter_mut().zip(text.bytes().chain([0])) {
            *to = from;
        }
        position
    }

    /// Writes a single number: an element or the length of a vector.
    pub(super) fn u32(&mut self, value: u32) -> Position {
        let (position, room) = self.allocate(align4(self.used) + 4, 4);
        Fields { room, position }.u32(value);
        position
    }

    /// Writes a single reference: an element of a vector, or the one to the root.
    pub(super) fn reference(&mut self, target: Position) {
        let (position, room) = self.allocate(align4(self.used) + 4, 4);
        Fields { room, position }.reference(target);
    }

    /// Puts `value` where the table at `position` has the offset of its vtable, and returns what was there.
    pub(super) fn replace_first_word(&mut self, position: Position, value: u32) -> u32 {
        let start = self
            .buffer
            .len()
            .saturating_sub(position.distance() as usize);
        let word = self
            .buffer
            .get_mut(start..)
            .and_then(<[u8]>::first_chunk_mut::<4>);
        word.map_or(0, |word| {
            u32::from_le_bytes(core::mem::replace(word, value.to_le_bytes()))
        })
    }

    /// Gives the table at `table` its vtable, and returns what stood in the place of the offset.
    pub(super) fn set_vtable(&mut self, table: Position, vtable: Position) -> u32 {
        // The address of the table less that of the vtable; addresses fall as positions rise.
        let offset = vtable.distance().wrapping_sub(table.distance());
        self.replace_first_word(table, offset)
    }

    /// Moves everything to the front of the buffer and returns its size.
    pub(super) fn move_to_front(self) -> usize {
        let start = self.buffer.len().saturating_sub(self.used);
        self.buffer.copy_within(start.., 0);
        self.used
    }

    /// Makes `used` bytes used: an object of `size` bytes, then zeros up to what is there already.
    fn allocate(&mut self, used: usize, size: usize) -> (Position, &mut [u8]) {
        let end = self.buffer.len() - self.used;
        let room = self
            .buffer
            .len()
            .checked_sub(used)
            .and_then(|start| self.buffer.get_mut(start..end));
        let Some((object, padding)) = room.and_then(|room| room.split_at_mut_checked(size)) else {
            return (Position::new(self.used), &mut []);
        };
        padding.fill(0);
        self.used = used;
        (Position::new(used), object)
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
            self.position = Position::new(self.position.distance() as usize - N);
        }
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
        self.u32(self.position.distance().wrapping_sub(target.distance()));
    }
}
