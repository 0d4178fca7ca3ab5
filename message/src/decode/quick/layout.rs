//! Where the fields of tables are that share a vtable, as flows of a message do: worked out once for all of them.

/// How many vtables are remembered. Flows have as many as there are combinations of numbers that are 0 and not written.
const REMEMBERED: usize = 4;

/// Layouts by vtable.
pub(super) struct Known<L> {
    /// Where each vtable is; in a place that has none, at no place of any message.
    vtables: [usize; REMEMBERED],
    /// What a table with each is counted as.
    sizes: [usize; REMEMBERED],
    layouts: [L; REMEMBERED],
    /// How many there have been, of which the latest are here.
    added: usize,
}

impl<L: Default> Default for Known<L> {
    fn default() -> Self {
        Self {
            vtables: [usize::MAX; REMEMBERED],
            sizes: Default::default(),
            layouts: Default::default(),
            added: 0,
        }
    }
}

impl<L> Known<L> {
    /// Which one is for a vtable.
    #[inline(always)]
    pub fn find(&self, vtable: usize) -> Option<usize> {
        self.vtables.iter().position(|known| *known == vtable)
    }

    #[inline(always)]
    pub fn size(&self, found: usize) -> usize {
        self.sizes[found % REMEMBERED]
    }

    #[inline(always)]
    pub fn layout(&self, found: usize) -> &L {
        &self.layouts[found % REMEMBERED]
    }

    /// One more, in place of the oldest.
    pub fn add(&mut self, vtable: usize, size: usize, layout: L) -> &L {
        let at = self.added % REMEMBERED;
        self.added += 1;
        self.vtables[at] = vtable;
        self.sizes[at] = size;
        self.layouts[at] = layout;
        &self.layouts[at]
    }
}

/// What is worked out of a vtable.
pub(super) trait Layout: Sized {
    /// From where each field is, counted from the beginning of its table. `None`: not as devices send it.
    fn of(field: impl Fn(usize) -> Option<usize>) -> Option<Self>;
}

/// A flow: its addresses, and what both IP versions have in common.
#[derive(Default)]
pub(super) struct Addressed {
    pub addresses: usize,
    pub common: usize,
}

impl Layout for Addressed {
    fn of(field: impl Fn(usize) -> Option<usize>) -> Option<Self> {
        Some(Self {
            addresses: field(0)?,
            common: field(1)?,
        })
    }
}

/// What flows of both IP versions have in common.
#[derive(Default)]
pub(super) struct Common {
    pub local_port: Place,
    pub remote_port: Place,
    pub bytes_in: Place,
    pub bytes_out: Place,
    pub protocol: Place,
    /// Where the last of them ends.
    pub end: usize,
}

impl Layout for Common {
    fn of(field: impl Fn(usize) -> Option<usize>) -> Option<Self> {
        // What other platforms say about the process.
        if (5..9).any(|id| field(id).is_some()) {
            return None;
        }
        let mut end = 0;
        let mut place = |id, width| match field(id) {
            // It has its default, 0.
            None => Some(Place::default()),
            Some(at) => {
                end = end.max(at + width);
                Place::of(at, width)
            }
        };
        Some(Self {
            local_port: place(0, 2)?,
            remote_port: place(1, 2)?,
            bytes_in: place(2, 4)?,
            bytes_out: place(3, 4)?,
            protocol: place(4, 1)?,
            end,
        })
    }
}

/// How many words of a table are looked at.
const WORDS: usize = 8;

/// Where a number is in the front of a table. That which is not there is in the first word, which stands for nothing else.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    word: u8,
    /// How many bits of the word come before it.
    shift: u8,
}

impl Place {
    fn of(at: usize, width: usize) -> Option<Self> {
        let is_within = (4..4 * WORDS).contains(&at) && at.is_multiple_of(width);
        is_within.then_some(Self {
            // Both are small by then.
            word: (at / 4) as u8,
            shift: (8 * (at % 4)) as u8,
        })
    }
}

/// The front of a table, word by word; the first one is 0 in place of the reference to the vtable.
pub(super) struct Front([u32; WORDS]);

impl Front {
    /// From the beginning of a table on. `None`: the bytes end before the table does.
    #[inline(always)]
    pub fn of(bytes: &[u8], end: usize) -> Option<Self> {
        let mut padded = [0; 4 * WORDS];
        let bytes = match bytes.first_chunk() {
            Some(front) => front,
            None if bytes.len() < end => return None,
            None => {
                padded[..bytes.len()].copy_from_slice(bytes);
                &padded
            }
        };
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        words[0] = 0;
        Some(Self(words))
    }

    #[inline(always)]
    pub fn word(&self, place: Place) -> u32 {
        self.0[usize::from(place.word) % WORDS] >> (place.shift % 32)
    }

    #[inline(always)]
    pub fn half(&self, place: Place) -> u16 {
        self.word(place) as u16
    }

    #[inline(always)]
    pub fn byte(&self, place: Place) -> u8 {
        self.word(place) as u8
    }
}
