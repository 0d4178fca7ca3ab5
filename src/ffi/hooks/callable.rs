//! The agent as the hooks see it: reached with one pointer and one indirect call.

use core::ffi::c_void;
use core::mem::{self, MaybeUninit};
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU8, Ordering, compiler_fence};

use netxduo_sys::{NX_IP, NX_PACKET};
use threadx_sys::UINT;

use super::passage::{self, Passage};
use crate::agent::packet::{Direction, Rejection, Sample, Seen};
use crate::ffi::lock::{Section, locked};

/// What C calls into: the one enabled agent. Packets come on any thread.
pub(crate) trait Instance: Sync + 'static {
    /// Takes note of a packet of a known flow, without anything unusual. Runs with interrupts off. When it has not, which it
    /// says with false, [`observe`](Self::observe) is to follow.
    fn observe_usual(
        &self,
        section: &mut Section,
        direction: Direction,
        packet: &impl Seen,
    ) -> bool;

    /// Takes note of any packet, in sections of its own, which keeps all of them short.
    fn observe(&self, sample: &Sample);

    /// Takes note of a packet that makes no flow.
    fn reject(&self, reason: Rejection);

    /// A second has passed. Runs on the cloud helper's thread.
    fn tick(&'static self);
}

/// An instance that C can call into. One pointer and one indirect call lead from a hook to code in which everything about
/// the instance is known, which is what makes the hooks fast.
#[repr(C)]
pub(crate) struct Callable<T> {
    entries: Entries,
    /// Right behind them.
    pub instance: T,
}

/// The ways into an instance. Null until that is a target for the first time, so that a static with one costs no memory for its
/// initial value.
pub(super) struct Entries {
    /// For the filter and outgoing packets.
    sent: AtomicPtr<()>,
    /// For the receive functions of TCP and UDP; passes the packet on.
    received: AtomicPtr<()>,
    /// For any packet in any hook.
    any: AtomicPtr<()>,
    tick: AtomicPtr<()>,
}

/// Points to an instance of whatever type, in front of which are its entries.
pub(super) type Handle = *const Entries;

/// Takes note of a packet. In C's calling convention, and NetX Duo's arguments first, so that a hook gets there with a jump; what
/// it returns is what the hook returns.
pub(super) type Observe = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET, Passage, Handle) -> UINT;
/// The same for an outgoing packet in the filter, where the third argument is its direction: whatever there is.
pub(super) type Sent =
    unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET, MaybeUninit<UINT>, Handle) -> UINT;
pub(super) type Tick = unsafe fn(Handle);

impl Entries {
    pub const fn new() -> Self {
        Self {
            sent: AtomicPtr::new(ptr::null_mut()),
            received: AtomicPtr::new(ptr::null_mut()),
            any: AtomicPtr::new(ptr::null_mut()),
            tick: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Always with the same functions.
    pub fn fill(&self, sent: Sent, [received, any]: [Observe; 2], tick: Tick) {
        self.sent.store(sent as *mut (), Ordering::Relaxed);
        self.received.store(received as *mut (), Ordering::Relaxed);
        self.any.store(any as *mut (), Ordering::Relaxed);
        self.tick.store(tick as *mut (), Ordering::Relaxed);
    }
}

/// Takes note of an outgoing packet in the filter.
///
/// # Safety
/// It is an installed target's; NetX Duo called the hook.
#[inline(always)]
pub(super) unsafe fn sent(to: Handle, ip: *mut NX_IP, packet: *mut NX_PACKET) -> UINT {
    // SAFETY: as the caller says; the entry was made of such a function.
    unsafe {
        let sent = (*to.sub(1)).sent.load(Ordering::Relaxed);
        mem::transmute::<*mut (), Sent>(sent)(ip, packet, MaybeUninit::uninit(), to)
    }
}

/// Takes note of a packet in the receive function of TCP or UDP, and passes it on.
///
/// # Safety
/// The same.
#[inline(always)]
pub(super) unsafe fn received(
    to: Handle,
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    passage: Passage,
) -> UINT {
    // SAFETY: likewise.
    unsafe {
        let received = (*to.sub(1)).received.load(Ordering::Relaxed);
        mem::transmute::<*mut (), Observe>(received)(ip, packet, passage, to)
    }
}

/// Takes note of any packet.
///
/// # Safety
/// The same.
pub(super) unsafe fn any(to: Handle, ip: *mut NX_IP, packet: *mut NX_PACKET, passage: Passage) {
    // SAFETY: likewise.
    unsafe {
        let any = (*to.sub(1)).any.load(Ordering::Relaxed);
        mem::transmute::<*mut (), Observe>(any)(ip, packet, passage, to);
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
        const { assert!(mem::offset_of!(Self, instance) == size_of::<Entries>()) };
        let observers = [passage::received::<T> as Observe, passage::observe::<T>];
        self.entries.fill(passage::sent::<T>, observers, tick::<T>);
        // Of a pointer to the whole, so that it leads to the entries, too.
        Target(ptr::from_ref(self).cast::<Entries>().wrapping_add(1))
    }
}

/// Who gets packets and seconds. Written only with interrupts off.
struct Installed {
    /// The [`Handle`] of the enabled instance, or null.
    instance: AtomicPtr<Entries>,
    /// The same while the hooks have nothing to do but what they usually do; else null. One look is all that a usual packet pays
    /// for everything unusual.
    usual: AtomicPtr<Entries>,
    /// What is unusual.
    unusual: AtomicU8,
}

static INSTALLED: Installed = Installed {
    instance: AtomicPtr::new(ptr::null_mut()),
    usual: AtomicPtr::new(ptr::null_mut()),
    unusual: AtomicU8::new(0),
};

/// Incoming packets are counted by the filter, not by the receive functions.
pub(super) const COUNT_AT_FILTER: u8 = 1;

/// There was a filter before ours in some instance, once at least.
pub(super) const CALL_OTHERS: u8 = 2;

/// There were packets to groups that were counted, whose flows may be in the table: that a flow is known does not say that it is
/// for the device alone.
pub(super) const KNOW_GROUPS: u8 = 4;

#[inline(always)]
pub(super) fn installed() -> Handle {
    found(&INSTALLED.instance)
}

/// Null if there is none, or anything unusual.
#[inline(always)]
pub(super) fn usually_installed() -> Handle {
    found(&INSTALLED.usual)
}

/// What another thread has installed, with everything that it wrote before.
#[inline(always)]
fn found(instance: &AtomicPtr<Entries>) -> Handle {
    // ThreadX runs on one core of it, for which the order of the program is enough.
    if cfg!(cortex_m) {
        let instance = instance.load(Ordering::Relaxed);
        compiler_fence(Ordering::Acquire);
        return instance;
    }
    instance.load(Ordering::Acquire)
}

/// Whether something unusual is to be done.
pub(super) fn is_unusual(what: u8) -> bool {
    INSTALLED.unusual.load(Ordering::Relaxed) & what != 0
}

/// Sets whether something unusual is to be done.
#[inline(never)]
pub(super) fn set_unusual(_: &mut Section, what: u8, on: bool) {
    let others = INSTALLED.unusual.load(Ordering::Relaxed) & !what;
    INSTALLED
        .unusual
        .store(others | if on { what } else { 0 }, Ordering::Relaxed);
    set_installed(INSTALLED.instance.load(Ordering::Relaxed));
}

/// Only with interrupts off.
#[inline(never)]
fn set_installed(instance: *mut Entries) {
    let is_usual = INSTALLED.unusual.load(Ordering::Relaxed) == 0;
    let usual = if is_usual { instance } else { ptr::null_mut() };
    INSTALLED.instance.store(instance, Ordering::Release);
    INSTALLED.usual.store(usual, Ordering::Release);
}

/// From now on nobody gets the packets, and no hooks are placed. From everywhere.
pub(crate) fn uninstall() {
    locked(|_| set_installed(ptr::null_mut()));
}

/// An instance in a static as C sees it, with its entries filled in.
#[derive(Clone, Copy)]
pub(crate) struct Target(pub(super) Handle);

impl Target {
    /// From now on the instance gets the packets.
    pub fn install(self) {
        locked(|_| set_installed(self.0.cast_mut()));
    }

    /// Tells the instance that a second has passed.
    pub fn tick(self) {
        // SAFETY: the entries are a static's, filled in, and get themselves.
        unsafe {
            let tick = (*self.0.sub(1)).tick.load(Ordering::Relaxed);
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
/// `instance` points to a `T` in a static.
unsafe fn tick<T: Instance>(instance: Handle) {
    // SAFETY: it does.
    unsafe { &*instance.cast::<T>() }.tick();
}
