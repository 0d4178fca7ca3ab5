//! The agent as the hooks see it: reached with one pointer and one indirect call.

use core::ffi::c_void;
use core::mem;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use netxduo_sys::{NX_IP, NX_PACKET};
use threadx_sys::UINT;

use super::passage::{Passage, observe_v4, observe_v6};
use crate::agent::packet::{Direction, Observation, Rejection};
use crate::ffi::lock::{Section, locked};

/// What C calls into: the one enabled agent.
pub(crate) trait Instance: Sync + 'static {
    /// A packet passed a hook. Runs on any thread, and with interrupts off. False when it may be that of a new flow: then nothing
    /// has been done, and [`observe_new_v4`](Self::observe_new_v4) is to follow.
    fn observe_known_v4(
        &self,
        section: &mut Section,
        direction: Direction,
        packet: &Observation<Ipv4Addr>,
    ) -> bool;

    /// Likewise.
    fn observe_known_v6(
        &self,
        section: &mut Section,
        direction: Direction,
        packet: &Observation<Ipv6Addr>,
    ) -> bool;

    /// The rest of that, in sections of its own, which keeps all of them short. The packet comes by value, so that a known flow
    /// does not pay for one in memory.
    fn observe_new_v4(&self, direction: Direction, packet: Observation<Ipv4Addr>);

    /// Likewise.
    fn observe_new_v6(&self, direction: Direction, packet: Observation<Ipv6Addr>);

    /// A packet passed a hook that makes no flow. Runs on any thread, and with interrupts off.
    fn reject(&self, section: &mut Section, reason: Rejection);

    /// A second has passed. Runs on the cloud helper's thread.
    fn tick(&'static self);
}

/// An instance that C can call into. One pointer and one indirect call lead from a hook to code in which everything about
/// the instance is known, which is what makes the hooks fast.
#[repr(C)]
pub(crate) struct Callable<T> {
    /// First, so that a pointer to the whole is one to it.
    entries: Entries,
    pub instance: T,
}

/// The ways into an instance; the last argument points to the [`Callable`] that they are the beginning of. Null until the instance
/// is a target for the first time, so that a static with one costs no memory for its initial value.
pub(super) struct Entries {
    /// Two ways for packets: neither pays for the variables of the other.
    v4: AtomicPtr<()>,
    v6: AtomicPtr<()>,
    tick: AtomicPtr<()>,
}

/// Takes note of a packet, and passes it on to what was there before the hook.
///
/// In C's calling convention, and NetX Duo's arguments first, so that a hook gets there with a jump. What it returns is for the
/// filter.
pub(super) type Observe =
    unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET, Passage, *const Entries) -> UINT;
pub(super) type Tick = unsafe fn(*const Entries);

impl Entries {
    pub const fn new() -> Self {
        Self {
            v4: AtomicPtr::new(ptr::null_mut()),
            v6: AtomicPtr::new(ptr::null_mut()),
            tick: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Always with the same functions.
    pub fn fill(&self, v4: Observe, v6: Observe, tick: Tick) {
        self.v4.store(v4 as *mut (), Ordering::Relaxed);
        self.v6.store(v6 as *mut (), Ordering::Relaxed);
        self.tick.store(tick as *mut (), Ordering::Relaxed);
    }

    /// The way for a packet, which claims to be IPv6 or not.
    ///
    /// # Safety
    /// They are filled, as those of an installed target are.
    #[inline(always)]
    pub unsafe fn observe(&self, v6: bool) -> Observe {
        let entry = if v6 { &self.v6 } else { &self.v4 };
        // SAFETY: it was made of such a function.
        unsafe { mem::transmute::<*mut (), Observe>(entry.load(Ordering::Relaxed)) }
    }
}

impl<T: Instance> Callable<T> {
    pub const fn new(instance: T) -> Self {
        Self {
            entries: Entries::new(),
            instance,
        }
    }

    /// This instance as C sees it.
    pub fn target(&'static self) -> Target {
        self.entries
            .fill(observe_v4::<T>, observe_v6::<T>, tick::<T>);
        // A pointer to the whole, not only to its first field: the entries get back to the instance with it.
        Target(ptr::from_ref(self).cast())
    }

    /// # Safety
    /// `entries` points to a `Callable<T>` in a static.
    #[inline(always)]
    pub(super) unsafe fn instance(entries: *const Entries) -> &'static T {
        // SAFETY: it does, and the entries are its first field.
        unsafe { &(*entries.cast::<Self>()).instance }
    }
}

/// The entries of the enabled instance, or null. Written only with interrupts off.
static INSTALLED: AtomicPtr<Entries> = AtomicPtr::new(ptr::null_mut());

#[inline(always)]
pub(super) fn installed() -> *const Entries {
    INSTALLED.load(Ordering::Acquire)
}

/// From now on nobody gets the packets, and no hooks are placed. From everywhere.
pub(crate) fn uninstall() {
    locked(|_| INSTALLED.store(ptr::null_mut(), Ordering::Release));
}

/// An instance as C sees it: the beginning of a [`Callable`] in a static, filled in.
#[derive(Clone, Copy)]
pub(crate) struct Target(pub(super) *const Entries);

impl Target {
    /// From now on the instance gets the packets.
    pub fn install(self) {
        locked(|_| INSTALLED.store(self.0.cast_mut(), Ordering::Release));
    }

    /// Tells the instance that a second has passed.
    pub fn tick(self) {
        // SAFETY: the entries are a static's, filled in, and get themselves.
        unsafe {
            let tick = (*self.0).tick.load(Ordering::Relaxed);
            mem::transmute::<*mut (), Tick>(tick)(self.0);
        }
    }

    pub(in crate::ffi) fn into_raw(self) -> *mut c_void {
        self.0.cast_mut().cast()
    }

    /// # Safety
    /// `raw` is from [`into_raw`](Self::into_raw).
    pub(in crate::ffi) unsafe fn from_raw(raw: *mut c_void) -> Self {
        Self(raw.cast_const().cast())
    }
}

/// # Safety
/// `entries` points to a `Callable<T>` in a static.
unsafe fn tick<T: Instance>(entries: *const Entries) {
    // SAFETY: it does.
    unsafe { Callable::<T>::instance(entries) }.tick();
}
