//! The agent as the hooks see it: reached with one pointer and one indirect call.

use core::ffi::c_void;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use netxduo_sys::{NX_IP, NX_IP_PACKET_IN, NX_IP_PACKET_OUT, NX_PACKET};
use threadx_sys::UINT;

use super::filter::{filtered_v4, filtered_v6, pass_filtered};
use super::place::{RECEIVERS, Receiver};
use super::receive::{pass_received, received};
use crate::agent::packet::{Direction, Observation, Rejection};
use crate::ffi::lock::Section;
use crate::ffi::packet;

/// What C calls into: the one enabled agent.
pub(crate) trait Instance: Sync + 'static {
    /// A packet passed a hook. Runs on any thread, and with interrupts off.
    fn observe_v4(
        &self,
        section: &mut Section,
        direction: Direction,
        packet: &Observation<Ipv4Addr>,
    );

    /// Likewise.
    fn observe_v6(
        &self,
        section: &mut Section,
        direction: Direction,
        packet: &Observation<Ipv6Addr>,
    );

    /// A packet passed a hook that makes no flow. Runs on any thread, and with interrupts off.
    fn reject(&self, section: &mut Section, reason: Rejection);

    /// A second has passed. Runs on the cloud helper's thread.
    fn tick(&'static self);
}

/// An instance that C can call into. One pointer and one indirect call lead from a hook to code in which everything about
/// the instance is known, which is what makes the hooks fast.
#[repr(C)]
pub(crate) struct Callable<T> {
    entries: Entries,
    pub instance: T,
}

/// The ways into an instance. The last argument points to the [`Callable`] that they are the beginning of.
pub(super) struct Entries {
    pub outgoing: ByVersion,
    pub incoming: ByVersion,
    pub received: [Entry<()>; RECEIVERS.len()],
    pub tick: unsafe fn(*const Entries),
}

/// Two ways for packets at the filter: neither pays for the variables of the other.
#[derive(Clone, Copy)]
pub(super) struct ByVersion {
    v4: Entry<UINT>,
    v6: Entry<UINT>,
}

impl ByVersion {
    const fn of<T: Instance, const DIRECTION: UINT>() -> Self {
        Self {
            v4: filtered_v4::<T, DIRECTION>,
            v6: filtered_v6::<T, DIRECTION>,
        }
    }

    /// One way for both.
    #[cfg(feature = "original-agent")]
    pub const fn both(entry: Entry<UINT>) -> Self {
        Self {
            v4: entry,
            v6: entry,
        }
    }

    const fn pass<const DIRECTION: UINT>() -> Self {
        Self {
            v4: pass_filtered::<DIRECTION>,
            v6: pass_filtered::<DIRECTION>,
        }
    }

    /// # Safety
    /// NetX Duo called its filter; the entries are a static's, and these are among them.
    #[inline(always)]
    pub unsafe fn call(
        &self,
        ip: *mut NX_IP,
        packet: *mut NX_PACKET,
        entries: *const Entries,
    ) -> UINT {
        // SAFETY: NetX Duo calls its filter with a valid packet that begins with its IP header.
        unsafe {
            if packet::is_v6(packet) {
                (self.v6)(ip, packet, entries)
            } else {
                (self.v4)(ip, packet, entries)
            }
        }
    }
}

/// Takes note of a packet, and passes it on to what was there before the hook.
///
/// In C's calling convention, and NetX Duo's arguments first, so that a hook gets there with a jump.
pub(super) type Entry<R> = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET, *const Entries) -> R;

impl<T: Instance> Callable<T> {
    pub const fn new(instance: T) -> Self {
        Self {
            entries: Entries {
                outgoing: ByVersion::of::<T, NX_IP_PACKET_OUT>(),
                incoming: ByVersion::of::<T, NX_IP_PACKET_IN>(),
                received: [
                    received::<T, { Receiver::Tcp as usize }>,
                    received::<T, { Receiver::Udp as usize }>,
                    received::<T, { Receiver::Icmp as usize }>,
                    received::<T, { Receiver::IcmpV6 as usize }>,
                ],
                tick: tick::<T>,
            },
            instance,
        }
    }

    /// This instance as C sees it.
    pub fn target(&'static self) -> Target {
        // A pointer to the whole, not only to its first field: the entries get back to the instance with it.
        Target(ptr::from_ref(self).cast())
    }

    /// # Safety
    /// `entries` points to a `Callable<T>`.
    #[inline(always)]
    pub(super) unsafe fn instance(entries: *const Entries) -> &'static T {
        // SAFETY: it does, and the entries are its first field.
        unsafe { &(*entries.cast::<Self>()).instance }
    }
}

/// The entries of the enabled instance, or [`NOBODY`].
static INSTANCE: AtomicPtr<Entries> = AtomicPtr::new((&raw const NOBODY).cast_mut());

/// Nobody looks at the packets: they are passed on.
static NOBODY: Entries = Entries {
    outgoing: ByVersion::pass::<NX_IP_PACKET_OUT>(),
    incoming: ByVersion::pass::<NX_IP_PACKET_IN>(),
    received: [
        pass_received::<{ Receiver::Tcp as usize }>,
        pass_received::<{ Receiver::Udp as usize }>,
        pass_received::<{ Receiver::Icmp as usize }>,
        pass_received::<{ Receiver::IcmpV6 as usize }>,
    ],
    tick: |_| {},
};

#[inline(always)]
pub(super) fn installed() -> *const Entries {
    INSTANCE.load(Ordering::Acquire)
}

/// From now on nobody gets the packets.
pub(super) fn uninstall() {
    INSTANCE.store((&raw const NOBODY).cast_mut(), Ordering::Release);
}

/// An instance as C sees it: the beginning of a [`Callable`] in a static.
#[derive(Clone, Copy)]
pub(crate) struct Target(pub(super) *const Entries);

impl Target {
    /// From now on the instance gets the packets.
    pub fn install(self) {
        INSTANCE.store(self.0.cast_mut(), Ordering::Release);
    }

    /// Tells the instance that a second has passed.
    pub fn tick(self) {
        // SAFETY: the entries are a static's, and get themselves.
        unsafe { ((*self.0).tick)(self.0) };
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
/// `entries` points to a `Callable<T>`.
unsafe fn tick<T: Instance>(entries: *const Entries) {
    // SAFETY: it does.
    unsafe { Callable::<T>::instance(entries) }.tick();
}
