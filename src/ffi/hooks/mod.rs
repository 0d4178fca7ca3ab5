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
//! | `filter`, `receive` | what NetX Duo calls |
//! | `original` | the original agent as the hooks see it |

mod callable;
mod filter;
#[cfg(feature = "original-agent")]
mod original;
mod place;
mod receive;

use core::ptr;

use netxduo_sys::{_nx_ip_created_count, _nx_ip_created_ptr, NX_IP};
use threadx_sys::{TX_WAIT_FOREVER, tx_mutex_get, tx_mutex_put};

use self::callable::uninstall;
use self::place::{Filter, Hooked, Receive};
use super::lock::{Locked, locked};

pub(crate) use self::callable::{Callable, Instance, Target};
pub(crate) use self::filter::count_incoming_at_filter;
#[cfg(feature = "original-agent")]
pub(crate) use self::original::Original;

/// The most `NX_IP` instances that are watched at a time. Further ones are left alone and counted.
pub const MAX_IP_INSTANCES: usize = 4;

struct Hooks {
    hooked: [Hooked; MAX_IP_INSTANCES],
}

// SAFETY: the pointers are compared, and followed only while NetX Duo lists the instance, with interrupts off.
unsafe impl Send for Hooks {}

static HOOKS: Locked<Hooks> = Locked::new(Hooks {
    hooked: [Hooked::FREE; MAX_IP_INSTANCES],
});

/// Hooks every IP instance that is not hooked yet, and forgets those that were deleted. Returns how many found no
/// room.
pub(crate) fn sync() -> usize {
    locked(|section| {
        let hooks = HOOKS.get(section);
        for entry in &mut hooks.hooked {
            if !is_created(entry.ip) {
                *entry = Hooked::FREE;
            }
        }
        let mut left_alone = 0;
        for ip in created() {
            let is_known = hooks.entry(ip).is_some();
            let place = if is_known { ip } else { ptr::null_mut() };
            match hooks.entry_mut(place) {
                Some(entry) => {
                    entry.ip = ip;
                    // SAFETY: NetX Duo lists the instance, and cannot delete it while interrupts are off.
                    unsafe { entry.place() };
                }
                None => left_alone += 1,
            }
        }
        left_alone
    })
}

/// Puts back what was there before, everywhere, and lets go of the instance.
///
/// NetX Duo looks at a function pointer and then loads it again for the call, both under the protection of the IP instance.
/// From a thread this waits for that protection; elsewhere it cannot.
pub(crate) fn remove() {
    uninstall();
    let instances = locked(|section| HOOKS.get(section).hooked.map(|entry| entry.ip));
    for ip in instances {
        if !locked(|_| is_created(ip)) {
            continue;
        }
        // SAFETY: NetX Duo lists the instance, so its mutex exists.
        let protection = unsafe { &raw mut (*ip).nx_ip_protection };
        // SAFETY: likewise; the status says whether this thread holds it.
        let held = unsafe { tx_mutex_get(protection, TX_WAIT_FOREVER) } == 0;
        locked(|section| {
            let entry = HOOKS.get(section).entry_mut(ip);
            if let Some(entry) = entry.filter(|_| is_created(ip)) {
                // SAFETY: NetX Duo lists the instance, and cannot delete it while interrupts are off.
                unsafe { entry.restore() };
            }
        });
        if held {
            // SAFETY: this thread holds it.
            unsafe { tx_mutex_put(protection) };
        }
    }
}

/// An IP instance was deleted: another one in its place is a new one.
pub(super) fn forget(ip: *mut NX_IP) {
    locked(|section| {
        if let Some(entry) = HOOKS.get(section).entry_mut(ip) {
            *entry = Hooked::FREE;
        }
    });
}

/// The IP instances that exist. Only with interrupts off.
fn created() -> impl Iterator<Item = *mut NX_IP> {
    // SAFETY: NetX Duo changes the list only with interrupts off, and they are off here.
    let (mut next, count) = unsafe { (_nx_ip_created_ptr, _nx_ip_created_count) };
    (0..count).map_while(move |_| {
        let ip = next;
        if ip.is_null() {
            return None;
        }
        // SAFETY: the list holds valid instances.
        next = unsafe { (*ip).nx_ip_created_next };
        Some(ip)
    })
}

/// Whether an IP instance exists. Only with interrupts off.
fn is_created(ip: *mut NX_IP) -> bool {
    created().any(|existing| existing == ip)
}

impl Hooks {
    /// The entry of an instance; null: a free one.
    fn entry_mut(&mut self, ip: *mut NX_IP) -> Option<&mut Hooked> {
        self.hooked.iter_mut().find(|entry| entry.ip == ip)
    }

    #[inline(always)]
    fn entry(&self, ip: *mut NX_IP) -> Option<&Hooked> {
        // Most devices have one instance.
        let [first, ..] = &self.hooked;
        if first.ip == ip {
            return Some(first);
        }
        self.further_entry(ip)
    }

    #[cold]
    #[inline(never)]
    fn further_entry(&self, ip: *mut NX_IP) -> Option<&Hooked> {
        self.hooked.iter().find(|entry| entry.ip == ip)
    }

    /// The filter that was there before ours.
    #[inline(always)]
    fn filter_before(&self, ip: *mut NX_IP) -> Option<Filter> {
        self.entry(ip)?.filter.before
    }

    /// The receive function that was there before ours.
    #[inline(always)]
    fn receiver_before(&self, ip: *mut NX_IP, receiver: usize) -> Option<Receive> {
        self.entry(ip)?.receivers[receiver].before
    }
}
