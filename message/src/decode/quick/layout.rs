//! Where the fields of tables are that share a vtable, as flows of a message do: worked out once for all of them.

/// How many vtables are remembered. Flows have as many as there are combinations of numbers that are 0 and not written.
const REMEMBERED: usize = 4;

/// Layouts by vtable.
pub(super) struct Known<L> {
    /// Where each vtable is; in a place that has none, at no place of any message.
    vtables: [usize; REMEMBERED],
    /// What a table with each is counted as.
    sizes: [u64; REMEMBERED],
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
    pub fn size(&self, found: usize) -> u64 {
        self.sizes[found % REMEMBERED]
    }

    #[inline(always)]
    pub fn layout(&self, found: usize) -> &L {
        &self.layouts[found % REMEMBERED]
    }

    /// One more, in place of the oldest. Returns which one it is.
    pub fn add(&mut self, vtable: usize, size: u64, layout: L) -> usize {
        let at = self.added % REMEMBERED;
        self.added += 1;
        self.vtables[at] = vtable;
        self.sizes[at] = size;
        self.layouts[at] = layout;
        at
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

/// How many bytes of a table are looked at: the last number begins before `NUMBERS`, and four bytes are read of each.
const NUMBERS: usize = 32;
const FRONT: usize = NUMBERS + 4;

/// Where a number is in the front of a table, and which bits of the four bytes there are its own: none of one that is not there.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    at: u8,
    bits: u32,
}

impl Place {
    fn of(at: usize, width: usize) -> Option<Self> {
        let is_within = (4..NUMBERS).contains(&at) && at.is_multiple_of(width);
        is_within.then_some(Self {
            // It is small by then.
            at: at as u8,
            bits: u32::MAX >> (32 - 8 * width),
        })
    }
}

/// The front of a table.
pub(super) struct Front<'a>(&'a [u8; FRONT]);

/// Where the front of a table is put that is the last of its message.
pub(super) type Last = [u8; FRONT];
pub(super) const NO_BYTES: Last = [0; FRONT];

impl<'a> Front<'a> {
    /// From the beginning of a table on. `None`: the bytes end before the table does.
    #[inline(always)]
    pub fn of(bytes: &'a [u8], end: usize, last: &'a mut Last) -> Option<Self> {
        match bytes.first_chunk() {
            Some(front) => Some(Self(front)),
            None if bytes.len() < end => None,
            None => {
                last[..bytes.len()].copy_from_slice(bytes);
                Some(Self(last))
            }
        }
    }

    #[inline(always)]
    pub fn word(&self, place: Place) -> u32 {
        let at = usize::from(place.at) % NUMBERS;
        let front = self.0;
        let number = [front[at], front[at + 1], front[at + 2], front[at + 3]];
        u32::from_le_bytes(number) & place.bits
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
