//! One `NX_IP` instance: putting the agent's hooks in, and what was there before back.

use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU8, Ordering};

use netxduo_sys::{NX_IP, NX_PACKET};
use threadx_sys::UINT;

use super::callable::{CALL_OTHERS, set_unusual};
use super::passage;
use crate::ffi::lock::Section;

pub(super) type Filter = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET, UINT) -> UINT;
pub(super) type Receive = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET);

/// A function of C's, of whichever type, or none.
type Function = *mut ();

/// A function pointer of an IP instance that is hooked.
struct Field {
    /// Where an IP instance has it.
    offset: usize,
    /// Our function for it.
    ours: *const (),
}

// SAFETY: the addresses of functions.
unsafe impl Sync for Field {}

/// Which of them is the filter.
pub(super) const FILTER: usize = 4;

/// All of them: the receive functions in the order of [`Passage`](passage::Passage), and the filter.
static FIELDS: [Field; FILTER + 1] = [
    Field {
        offset: offset_of!(NX_IP, nx_ip_tcp_packet_receive),
        ours: passage::tcp_packet_receive as Receive as *const (),
    },
    Field {
        offset: offset_of!(NX_IP, nx_ip_udp_packet_receive),
        ours: passage::udp_packet_receive as Receive as *const (),
    },
    Field {
        offset: offset_of!(NX_IP, nx_ip_icmp_packet_receive),
        ours: passage::icmp_packet_receive as Receive as *const (),
    },
    Field {
        offset: offset_of!(NX_IP, nx_ip_icmpv6_packet_process),
        ours: passage::icmpv6_packet_process as Receive as *const (),
    },
    Field {
        offset: offset_of!(NX_IP, nx_ip_packet_filter_extended),
        ours: passage::packet_filter as Filter as *const (),
    },
];

impl Field {
    fn ours(&self) -> Function {
        self.ours.cast_mut()
    }

    /// The function pointer of an IP instance.
    ///
    /// # Safety
    /// `ip` is a valid IP instance, and stays one while the result is used.
    unsafe fn of<'a>(&self, ip: *mut NX_IP) -> &'a AtomicPtr<()> {
        // SAFETY: the instance is valid; no reference to it is made but to the one pointer, which C reads and writes in one
        // instruction.
        unsafe { AtomicPtr::from_ptr(ip.byte_add(self.offset).cast()) }
    }
}

/// An IP instance with our hooks in it. Everything is zero in a free entry.
///
/// It changes only with interrupts off. Our hooks look for what was there before without: they are called for an instance that
/// exists, whose entry is not freed meanwhile, and after it was filled in.
pub(super) struct Entry {
    /// Null: the entry is free.
    ip: AtomicPtr<NX_IP>,
    /// What was in each field before.
    before: [AtomicPtr<()>; FIELDS.len()],
    /// Where ours was put: a bit a field.
    placed: AtomicU8,
}

impl Entry {
    pub const fn new() -> Self {
        Self {
            ip: AtomicPtr::new(ptr::null_mut()),
            before: [const { AtomicPtr::new(ptr::null_mut()) }; FIELDS.len()],
            placed: AtomicU8::new(0),
        }
    }

    pub fn ip(&self) -> *mut NX_IP {
        self.ip.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub fn is_of(&self, ip: *mut NX_IP) -> bool {
        self.ip.load(Ordering::Relaxed) == ip
    }

    /// What was there before ours; null: nothing.
    #[inline(always)]
    pub fn before(&self, place: usize) -> Function {
        let before = self.before.get(place);
        before.map_or(ptr::null_mut(), |before| before.load(Ordering::Relaxed))
    }

    /// Only with interrupts off.
    pub fn free(&self) {
        self.ip.store(ptr::null_mut(), Ordering::Relaxed);
        for before in &self.before {
            before.store(ptr::null_mut(), Ordering::Relaxed);
        }
        self.placed.store(0, Ordering::Relaxed);
    }

    /// Places the hooks that are not in place.
    ///
    /// # Safety
    /// The entry is that of `ip`, which exists, or free.
    pub unsafe fn place(&self, section: &mut Section, ip: *mut NX_IP) {
        self.ip.store(ip, Ordering::Relaxed);
        let mut placed = self.placed.load(Ordering::Relaxed);
        let mut next = 1;
        for (field, before) in FIELDS.iter().zip(&self.before) {
            let bit = next;
            next <<= 1;
            // SAFETY: the instance is valid.
            let function = unsafe { field.of(ip) };
            let found = function.load(Ordering::Relaxed);
            // Also when somebody put it back who had found it there earlier.
            if found == field.ours() {
                placed |= bit;
                continue;
            }
            if found.is_null() {
                // A protocol without receive function is not enabled: a hook there would make NetX Duo believe it is.
                if bit != 1 << FILTER {
                    continue;
                }
            } else if placed & bit != 0 && found != before.load(Ordering::Relaxed) {
                // A function that came after ours may call ours: ours on top of it would go round in circles. An empty field, or
                // what was there before us, calls nobody.
                continue;
            } else if bit == 1 << FILTER {
                set_unusual(section, CALL_OTHERS, true);
            }
            placed |= bit;
            before.store(found, Ordering::Relaxed);
            // Whoever finds ours there finds what was there before, too.
            function.store(field.ours(), Ordering::Release);
        }
        self.placed.store(placed, Ordering::Relaxed);
    }

    /// Puts back what was there before. Where somebody has put a function of their own on top, it stays. The entry stays
    /// until the instance is deleted: packets may be on their way through our hooks, and find there what comes next.
    ///
    /// # Safety
    /// The entry's IP instance is valid, and interrupts are off.
    pub unsafe fn restore(&self) {
        let mut placed = self.placed.load(Ordering::Relaxed);
        for (index, (field, before)) in FIELDS.iter().zip(&self.before).enumerate() {
            // SAFETY: the instance is valid.
            let function = unsafe { field.of(self.ip()) };
            if function.load(Ordering::Relaxed) == field.ours() {
                function.store(before.load(Ordering::Relaxed), Ordering::Release);
                placed &= !(1 << index);
            }
        }
        self.placed.store(placed, Ordering::Relaxed);
    }
}
