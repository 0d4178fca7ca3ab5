//! Puts the agent's packet hooks into the `NX_IP` instances, and takes them out again.
//!
//! Outgoing packets are seen by the IP packet filter, incoming ones by the receive functions of the transport
//! protocols, or by the filter when multicast and broadcast count, too. Whatever was there before is called after the
//! agent and put back afterwards. Somebody may have put a hook of their own on top meanwhile: then it stays, and as
//! it may call ours, the hook goes on passing packets through to what was there before.

use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

use netxduo_sys::{
    _nx_ip_created_count, _nx_ip_created_ptr, NX_IP, NX_IP_PACKET_OUT, NX_PACKET, NX_SUCCESS,
    nx_packet_release,
};

use threadx_sys::UINT;

use super::lock::{Locked, Section, locked};
use super::packet;
use crate::agent::Protocol;
use crate::agent::packet::{Direction, Packet, Rejection};

/// The most `NX_IP` instances that are watched at a time. Further ones are left alone and counted.
pub const MAX_IP_INSTANCES: usize = 4;

/// What C calls into: the one enabled agent.
pub(crate) trait Instance: Sync {
    /// A packet passed a hook. Runs on any thread, and with interrupts off.
    fn observe(&self, section: &mut Section<'_>, seen: &Result<(Direction, Packet), Rejection>);

    /// A second has passed. Runs on the cloud helper's thread.
    fn tick(&'static self);
}

type Filter = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET, UINT) -> UINT;
type Receive = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET);

/// The receive functions that are hooked.
const RECEIVERS: [Receiver; 4] = [
    Receiver::Tcp,
    Receiver::Udp,
    Receiver::Icmp,
    Receiver::IcmpV6,
];

#[derive(Clone, Copy)]
enum Receiver {
    Tcp,
    Udp,
    Icmp,
    IcmpV6,
}

impl Receiver {
    /// Our function for it.
    fn hook(self) -> Receive {
        match self {
            Self::Tcp => tcp_packet_receive,
            Self::Udp => udp_packet_receive,
            Self::Icmp => icmp_packet_receive,
            Self::IcmpV6 => icmpv6_packet_process,
        }
    }

    /// Where an IP instance keeps its function.
    ///
    /// # Safety
    /// `ip` is a valid IP instance.
    unsafe fn field(self, ip: *mut NX_IP) -> *mut Option<Receive> {
        // SAFETY: the instance is valid; no reference to it is made.
        unsafe {
            match self {
                Self::Tcp => &raw mut (*ip).nx_ip_tcp_packet_receive,
                Self::Udp => &raw mut (*ip).nx_ip_udp_packet_receive,
                Self::Icmp => &raw mut (*ip).nx_ip_icmp_packet_receive,
                Self::IcmpV6 => &raw mut (*ip).nx_ip_icmpv6_packet_process,
            }
        }
    }
}

/// An IP instance with our hooks in it.
#[derive(Clone, Copy)]
struct Hooked {
    /// Null: the entry is free.
    ip: *mut NX_IP,
    filter: Hook<Filter>,
    receivers: [Hook<Receive>; RECEIVERS.len()],
}

/// One function pointer of an IP instance.
#[derive(Clone, Copy)]
struct Hook<F> {
    /// What was there before.
    before: Option<F>,
    /// Ours was put there.
    placed: bool,
}

impl<F> Hook<F> {
    const FREE: Self = Self {
        before: None,
        placed: false,
    };
}

struct Hooks {
    instance: Option<&'static dyn Instance>,
    hooked: [Hooked; MAX_IP_INSTANCES],
    /// IP instances that found no room.
    left_alone: usize,
}

// SAFETY: the pointers are compared, and followed only while NetX Duo lists the instance, with interrupts off.
unsafe impl Send for Hooks {}

const FREE: Hooked = Hooked {
    ip: ptr::null_mut(),
    filter: Hook::FREE,
    receivers: [Hook::FREE; RECEIVERS.len()],
};

static HOOKS: Locked<Hooks> = Locked::new(Hooks {
    instance: None,
    hooked: [FREE; MAX_IP_INSTANCES],
    left_alone: 0,
});

/// Incoming packets are counted by the filter, not by the receive functions.
static INCOMING_AT_FILTER: AtomicBool = AtomicBool::new(false);

/// Sets where incoming packets are counted: at the filter with multicast and broadcast, else at the receive functions.
pub(crate) fn count_incoming_at_filter(at_filter: bool) {
    INCOMING_AT_FILTER.store(at_filter, Ordering::Relaxed);
}

/// From now on `instance` gets what C has to say.
pub(crate) fn set_instance(instance: &'static dyn Instance) {
    locked(|section| HOOKS.get(section).instance = Some(instance));
}

/// Who gets what C has to say.
pub(super) fn instance() -> Option<&'static dyn Instance> {
    locked(|section| HOOKS.get(section).instance)
}

/// Hooks every IP instance that is not hooked yet, and forgets those that were deleted. Returns how many found no
/// room.
pub(crate) fn sync() -> usize {
    locked(|section| {
        let hooks = HOOKS.get(section);
        for entry in &mut hooks.hooked {
            if !entry.ip.is_null() && !created().any(|ip| ip == entry.ip) {
                *entry = FREE;
            }
        }
        hooks.left_alone = 0;
        for ip in created() {
            let position = hooks.position(ip).or_else(|| hooks.position(ptr::null_mut()));
            match position.and_then(|at| hooks.hooked.get_mut(at)) {
                Some(entry) => {
                    entry.ip = ip;
                    // SAFETY: NetX Duo lists the instance, and cannot delete it while interrupts are off.
                    unsafe { entry.place() };
                }
                None => hooks.left_alone += 1,
            }
        }
        hooks.left_alone
    })
}

/// Puts back what was there before, everywhere, and lets go of the instance.
pub(crate) fn remove() {
    locked(|section| {
        let hooks = HOOKS.get(section);
        hooks.instance = None;
        for ip in created() {
            if let Some(entry) = hooks
                .position(ip)
                .and_then(|at| hooks.hooked.get_mut(at))
            {
                // SAFETY: NetX Duo lists the instance, and cannot delete it while interrupts are off.
                unsafe { entry.restore() };
            }
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

impl Hooks {
    fn position(&self, ip: *mut NX_IP) -> Option<usize> {
        self.hooked.iter().position(|entry| entry.ip == ip)
    }

    #[inline(always)]
    fn entry(&self, ip: *mut NX_IP) -> Option<&Hooked> {
        self.hooked.iter().find(|entry| entry.ip == ip)
    }
}

impl Hooked {
    /// Places the hooks that are not in place.
    ///
    /// # Safety
    /// The entry's IP instance is valid, and interrupts are off.
    unsafe fn place(&mut self) {
        // SAFETY: the instance is valid.
        let field = unsafe { &mut (*self.ip).nx_ip_packet_filter_extended };
        let is_same = |a: Option<Filter>, b: Option<Filter>| a.map(|f| f as usize) == b.map(|f| f as usize);
        self.filter.place(field, packet_filter, true, is_same);
        for (hook, receiver) in self.receivers.iter_mut().zip(RECEIVERS) {
            // SAFETY: the instance is valid, and nobody else holds a reference to the field.
            let field = unsafe { &mut *receiver.field(self.ip) };
            let is_same = |a: Option<Receive>, b: Option<Receive>| a.map(|f| f as usize) == b.map(|f| f as usize);
            // A protocol without receive function is not enabled: a hook there would make NetX Duo believe it is.
            hook.place(field, receiver.hook(), false, is_same);
        }
    }

    /// Puts back what was there before. Where somebody has put a function of their own on top, it stays, and the
    /// entry with it.
    ///
    /// # Safety
    /// The entry's IP instance is valid, and interrupts are off.
    unsafe fn restore(&mut self) {
        // SAFETY: the instance is valid.
        let field = unsafe { &mut (*self.ip).nx_ip_packet_filter_extended };
        let ours = field.is_some_and(|f| f as usize == packet_filter as Filter as usize);
        let mut covered = !self.filter.restore(field, ours);
        for (hook, receiver) in self.receivers.iter_mut().zip(RECEIVERS) {
            // SAFETY: the instance is valid, and nobody else holds a reference to the field.
            let field = unsafe { &mut *receiver.field(self.ip) };
            let ours = field.is_some_and(|f| f as usize == receiver.hook() as usize);
            covered |= !hook.restore(field, ours);
        }
        if !covered {
            *self = FREE;
        }
    }
}

impl<F: Copy> Hook<F> {
    fn place(
        &mut self,
        field: &mut Option<F>,
        ours: F,
        where_empty: bool,
        is_same: impl Fn(Option<F>, Option<F>) -> bool,
    ) {
        if is_same(*field, Some(ours)) || (field.is_none() && !where_empty) {
            return;
        }
        // A function that came after ours may call ours: ours on top of it would go round in circles. An empty field, or
        // what was there before us, calls nobody.
        if self.placed && field.is_some() && !is_same(*field, self.before) {
            return;
        }
        self.before = *field;
        self.placed = true;
        *field = Some(ours);
    }

    /// True when nothing of ours is left there.
    fn restore(&mut self, field: &mut Option<F>, ours: bool) -> bool {
        if ours {
            *field = self.before;
        } else if self.placed && field.is_some() {
            return false;
        }
        *self = Self::FREE;
        true
    }
}

/// The IP packet filter: outgoing packets, and incoming ones before anything has been done with them.
unsafe extern "C" fn packet_filter(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    direction: UINT,
) -> UINT {
    let outgoing = direction == NX_IP_PACKET_OUT;
    let seen = if outgoing {
        // SAFETY: NetX Duo calls its filter with a valid packet that begins with the IP header.
        Some(unsafe { packet::parse_filtered(packet) }.map(|parsed| (Direction::Out, parsed)))
    } else if INCOMING_AT_FILTER.load(Ordering::Relaxed) {
        // SAFETY: likewise, and it came in.
        let parsed = unsafe { packet::parse_filtered(packet) };
        // SAFETY: likewise.
        Some(parsed.map(|parsed| (unsafe { packet::incoming(packet, &parsed) }, parsed)))
    } else {
        None
    };
    let before = pass(ip, seen, |entry| entry.filter.before);
    match before {
        // SAFETY: it was NetX Duo's filter before us, and gets what NetX Duo gave us.
        Some(filter) => unsafe { filter(ip, packet, direction) },
        None => NX_SUCCESS,
    }
}

/// A packet for a transport protocol.
///
/// # Safety
/// NetX Duo called a receive function with these arguments.
#[inline(always)]
unsafe fn receive(ip: *mut NX_IP, packet: *mut NX_PACKET, receiver: Receiver, protocol: Protocol) {
    let seen = (!INCOMING_AT_FILTER.load(Ordering::Relaxed)).then(|| {
        // SAFETY: the packet is valid, and its IP header in front of its data.
        let parsed = unsafe { packet::parse_received(protocol, packet) };
        // SAFETY: likewise.
        parsed.map(|parsed| (unsafe { packet::incoming(packet, &parsed) }, parsed))
    });
    match pass(ip, seen, |entry| entry.receivers[receiver as usize].before) {
        // SAFETY: it was the receive function before us, and gets what NetX Duo gave us.
        Some(before) => unsafe { before(ip, packet) },
        None => {
            // The instance is gone, and nobody else takes the packet.
            // SAFETY: a receive function owns the packet.
            unsafe { nx_packet_release(packet) };
        }
    }
}

unsafe extern "C" fn tcp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive(ip, packet, Receiver::Tcp, Protocol::Tcp) }
}

unsafe extern "C" fn udp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive(ip, packet, Receiver::Udp, Protocol::Udp) }
}

unsafe extern "C" fn icmp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive(ip, packet, Receiver::Icmp, Protocol::Icmp) }
}

unsafe extern "C" fn icmpv6_packet_process(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive(ip, packet, Receiver::IcmpV6, Protocol::Icmp) }
}

/// Tells the agent what was seen, and says which function comes next.
#[inline(always)]
fn pass<F>(
    ip: *mut NX_IP,
    seen: Option<Result<(Direction, Packet), Rejection>>,
    next: impl FnOnce(&Hooked) -> Option<F>,
) -> Option<F> {
    locked(|section| {
        let hooks = HOOKS.get(section);
        let next = hooks.entry(ip).and_then(next);
        let instance = hooks.instance;
        if let (Some(instance), Some(seen)) = (instance, &seen) {
            instance.observe(section, seen);
        }
        next
    })
}
