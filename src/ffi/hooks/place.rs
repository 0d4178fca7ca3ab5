//! One `NX_IP` instance: putting the agent's hooks in, and what was there before back.

use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use netxduo_sys::{NX_IP, NX_PACKET};
use threadx_sys::UINT;

use super::passage;
use crate::agent::Protocol;

pub(super) type Filter = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET, UINT) -> UINT;
pub(super) type Receive = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET);

/// A function of C's, of whichever type, or none.
type Function = *mut ();

/// The function pointers of an IP instance that are hooked.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Filter,
    Tcp,
    Udp,
    Icmp,
    IcmpV6,
}

impl Place {
    const ALL: [Self; 5] = [Self::Filter, Self::Tcp, Self::Udp, Self::Icmp, Self::IcmpV6];

    /// What the packets of a receive function count as.
    #[inline(always)]
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Tcp => Protocol::Tcp,
            Self::Udp => Protocol::Udp,
            Self::Filter | Self::Icmp | Self::IcmpV6 => Protocol::Icmp,
        }
    }

    /// Our function for it.
    fn ours(self) -> Function {
        match self {
            Self::Filter => passage::packet_filter as Filter as Function,
            Self::Tcp => passage::tcp_packet_receive as Receive as Function,
            Self::Udp => passage::udp_packet_receive as Receive as Function,
            Self::Icmp => passage::icmp_packet_receive as Receive as Function,
            Self::IcmpV6 => passage::icmpv6_packet_process as Receive as Function,
        }
    }

    /// Where an IP instance keeps its function.
    ///
    /// # Safety
    /// `ip` is a valid IP instance, and stays one while the result is used.
    unsafe fn field<'a>(self, ip: *mut NX_IP) -> &'a AtomicPtr<()> {
        // SAFETY: the instance is valid; no reference to it is made but to the one pointer, which C reads and writes in one
        // instruction.
        unsafe {
            let field: *mut Function = match self {
                Self::Filter => (&raw mut (*ip).nx_ip_packet_filter_extended).cast(),
                Self::Tcp => (&raw mut (*ip).nx_ip_tcp_packet_receive).cast(),
                Self::Udp => (&raw mut (*ip).nx_ip_udp_packet_receive).cast(),
                Self::Icmp => (&raw mut (*ip).nx_ip_icmp_packet_receive).cast(),
                Self::IcmpV6 => (&raw mut (*ip).nx_ip_icmpv6_packet_process).cast(),
            };
            AtomicPtr::from_ptr(field)
        }
    }
}

/// An IP instance with our hooks in it. Everything is zero in a free entry.
///
/// It changes only with interrupts off. Our hooks look for what was there before without: they are called for an instance that
/// exists, whose entry is not freed meanwhile, and after it was filled in.
pub(super) struct Entry {
    /// Null: the entry is free.
    ip: AtomicPtr<NX_IP>,
    hooks: [Hook; Place::ALL.len()],
}

/// One function pointer of an IP instance.
struct Hook {
    /// What was there before.
    before: AtomicPtr<()>,
    /// Ours was put there.
    placed: AtomicBool,
}

impl Entry {
    pub const fn new() -> Self {
        Self {
            ip: AtomicPtr::new(ptr::null_mut()),
            hooks: [const {
                Hook {
                    before: AtomicPtr::new(ptr::null_mut()),
                    placed: AtomicBool::new(false),
                }
            }; Place::ALL.len()],
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
    pub fn before(&self, place: Place) -> Function {
        self.hooks[place as usize].before.load(Ordering::Relaxed)
    }

    /// Only with interrupts off.
    pub fn free(&self) {
        self.ip.store(ptr::null_mut(), Ordering::Relaxed);
        for hook in &self.hooks {
            hook.before.store(ptr::null_mut(), Ordering::Relaxed);
            hook.placed.store(false, Ordering::Relaxed);
        }
    }

    /// Places the hooks that are not in place.
    ///
    /// # Safety
    /// The entry is that of `ip`, which exists, or free; interrupts are off.
    pub unsafe fn place(&self, ip: *mut NX_IP) {
        self.ip.store(ip, Ordering::Relaxed);
        for (place, hook) in Place::ALL.into_iter().zip(&self.hooks) {
            // A protocol without receive function is not enabled: a hook there would make NetX Duo believe it is.
            let where_empty = matches!(place, Place::Filter);
            // SAFETY: the instance is valid.
            let field = unsafe { place.field(ip) };
            hook.place(field, place.ours(), where_empty);
        }
    }

    /// Puts back what was there before. Where somebody has put a function of their own on top, it stays. The entry stays
    /// until the instance is deleted: packets may be on their way through our hooks, and find there what comes next.
    ///
    /// # Safety
    /// The entry's IP instance is valid, and interrupts are off.
    pub unsafe fn restore(&self) {
        for (place, hook) in Place::ALL.into_iter().zip(&self.hooks) {
            // SAFETY: the instance is valid.
            hook.restore(unsafe { place.field(self.ip()) }, place.ours());
        }
    }
}

impl Hook {
    /// Only with interrupts off.
    fn place(&self, field: &AtomicPtr<()>, ours: Function, where_empty: bool) {
        let found = field.load(Ordering::Acquire);
        if found == ours {
            // Also when somebody put it back who had found it there earlier.
            self.placed.store(true, Ordering::Relaxed);
            return;
        }
        if found.is_null() && !where_empty {
            return;
        }
        // A function that came after ours may call ours: ours on top of it would go round in circles. An empty field, or
        // what was there before us, calls nobody.
        let placed = self.placed.load(Ordering::Relaxed);
        if placed && !found.is_null() && found != self.before.load(Ordering::Relaxed) {
            return;
        }
        if where_empty && !found.is_null() {
            passage::filters_exist();
        }
        self.before.store(found, Ordering::Relaxed);
        self.placed.store(true, Ordering::Relaxed);
        // Whoever finds ours there finds what was there before, too.
        field.store(ours, Ordering::Release);
    }

    /// What was there before stays known: a packet may be on its way through the hook. Only with interrupts off.
    fn restore(&self, field: &AtomicPtr<()>, ours: Function) {
        if field.load(Ordering::Acquire) == ours {
            field.store(self.before.load(Ordering::Relaxed), Ordering::Release);
            self.placed.store(false, Ordering::Relaxed);
        }
    }
}
