//! Puts the agent's packet hooks into the `NX_IP` instances, and takes them out again.
//!
//! Outgoing packets are seen by the IP packet filter, incoming ones by the receive functions of the transport
//! protocols, or by the filter when multicast and broadcast count, too. Whatever was there before is called after the
//! agent and put back afterwards. Somebody may have put a hook of their own on top meanwhile: then it stays, and as
//! it may call ours, the hook goes on passing packets through to what was there before.
//!
//! | file | what it is about |
//! | --- | --- |
//! | `mod` | which instances are hooked |
//! | `place` | one instance: putting hooks in, and back out |
//! | `callable` | the agent as the hooks see it |
//! | `passage` | what NetX Duo calls |
//! | `original` | the original agent as the hooks see it |
//!
//! Three rules keep this short and right:
//!
//! - **One lock.** Hooks are placed only while an agent is installed, and that is looked at in the section that places them. So
//!   whoever uninstalls it and then takes the hooks out leaves none behind, whatever else goes on.
//! - **The first instances.** NetX Duo adds instances at the end of its list and never moves one, so those that are watched are
//!   the first of the list, and stay so until they are deleted. No section looks further, however many there are.
//! - **Nobody waits.** NetX Duo looks at a function pointer and then loads it again for the call, both under the protection of the
//!   IP instance. While another thread has that, what is in the instance stays; who has left something tries again a second later.

mod callable;
#[cfg(feature = "original-agent")]
mod original;
mod passage;
mod place;

use core::ptr;

use netxduo_sys::{_nx_ip_created_count, _nx_ip_created_ptr, NX_IP};
use threadx_sys::tx_thread_identify;

use self::callable::installed;
use self::place::Entry;
use super::kernel::in_thread;
use super::lock::locked;

pub(crate) use self::callable::{Callable, Instance, Target, uninstall};
#[cfg(feature = "original-agent")]
pub(crate) use self::original::Original;
pub(crate) use self::passage::count_incoming_at_filter;

/// The most `NX_IP` instances that are watched at a time: the oldest. Further ones are left alone and counted.
pub const MAX_IP_INSTANCES: usize = 4;

/// The instances with hooks. Changed only with interrupts off; the hooks read it as they are called.
static HOOKED: [Entry; MAX_IP_INSTANCES] = [const { Entry::new() }; MAX_IP_INSTANCES];

/// Hooks every IP instance that is to be watched and not hooked yet, and forgets those that were deleted; nothing is placed unless
/// an agent is installed. Returns how many instances are left alone.
pub(crate) fn sync() -> usize {
    let mut instances = 1;
    for (position, of_deleted) in HOOKED.iter().enumerate() {
        if position >= instances && of_deleted.is_of(ptr::null_mut()) {
            continue;
        }
        instances = locked(|section| {
            let ip = created(position);
            let mut entry = Some(of_deleted);
            // Where instances stay as they are, each has the entry of its place.
            if !of_deleted.is_of(ip) {
                if !of_deleted.is_of(ptr::null_mut()) && !is_created(of_deleted.ip()) {
                    of_deleted.free();
                }
                // One that came when its entry was not free yet has to wait for the next second.
                entry = entry_of(ip).or_else(|| entry_of(ptr::null_mut()));
            }
            if !ip.is_null()
                && let Some(entry) = entry
                && !installed().is_null()
            {
                // SAFETY: NetX Duo lists the instance, and cannot delete it while interrupts are off.
                unsafe { entry.place(section, ip) };
            }
            count()
        });
    }
    instances.saturating_sub(MAX_IP_INSTANCES)
}

/// Puts back what was there before, everywhere; the agent was uninstalled. From everywhere, and without waiting: where another
/// thread is at work in an instance, nothing changes. Returns whether all is done.
pub(crate) fn take_out() -> bool {
    let thread = in_thread();
    let mut done = true;
    for entry in &HOOKED {
        done &= locked(|_| {
            let ip = entry.ip();
            if ip.is_null() || !is_created(ip) {
                return true;
            }
            // SAFETY: NetX Duo lists the instance, and cannot delete it while interrupts are off.
            unsafe {
                let free = is_free(ip, thread);
                if free {
                    entry.restore();
                }
                free
            }
        });
    }
    done
}

/// An IP instance was deleted: another one in its place is a new one.
pub(super) fn forget(ip: *mut NX_IP) {
    locked(|_| {
        if let Some(entry) = entry_of(ip) {
            entry.free();
        }
    });
}

/// Whether nobody else is between looking at one of the instance's function pointers and calling it. Whoever asks for a thread is
/// not, even if it is the thread itself that is at work in the instance: it is here.
///
/// # Safety
/// The instance exists, and interrupts are off.
unsafe fn is_free(ip: *mut NX_IP, thread: bool) -> bool {
    // SAFETY: the mutex is part of the instance; the kernel changes it only with interrupts off, or on this thread.
    unsafe {
        let protection = &raw const (*ip).nx_ip_protection;
        let count = (&raw const (*protection).tx_mutex_ownership_count).read_volatile();
        let owner = (&raw const (*protection).tx_mutex_owner).read_volatile();
        count == 0 || thread && owner == tx_thread_identify()
    }
}

/// How many instances there are. Only with interrupts off.
fn count() -> usize {
    // SAFETY: NetX Duo changes it only with interrupts off, and they are off here.
    unsafe { _nx_ip_created_count as usize }
}

/// The instance in this place of NetX Duo's list, one of the first; null: there are not that many. Only with interrupts off.
#[inline(always)]
fn created(position: usize) -> *mut NX_IP {
    // SAFETY: NetX Duo changes the list only with interrupts off, and they are off here; it holds valid instances, as many as it
    // says.
    unsafe {
        if position >= count() {
            return ptr::null_mut();
        }
        let mut ip = _nx_ip_created_ptr;
        for _ in 0..position {
            ip = (*ip).nx_ip_created_next;
        }
        ip
    }
}

/// Whether an instance is one of the first in NetX Duo's list, as those with an entry are for as long as they exist. Only with
/// interrupts off.
#[inline(never)]
fn is_created(ip: *mut NX_IP) -> bool {
    (0..MAX_IP_INSTANCES).any(|position| created(position) == ip)
}

/// The first of the entries.
#[inline(always)]
fn first_entry() -> &'static Entry {
    let [first, ..] = &HOOKED;
    first
}

/// The entry of an instance; null: a free one.
#[inline(never)]
fn entry_of(ip: *mut NX_IP) -> Option<&'static Entry> {
    HOOKED.iter().find(|entry| entry.is_of(ip))
}
