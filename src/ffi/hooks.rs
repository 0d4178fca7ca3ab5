//! Puts the agent's packet hooks into the `NX_IP` instances, and takes them out again.
//!
//! Outgoing packets are seen by the IP packet filter, incoming ones by the receive functions of the transport
//! protocols, or by the filter when multicast and broadcast count, too. Whatever was there before is called after the
//! agent and put back afterwards. Somebody may have put a hook of their own on top meanwhile: then it stays, and as
//! it may call ours, the hook goes on passing packets through to what was there before.

use core::ffi::c_void;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use netxduo_sys::{
    _nx_ip_created_count, _nx_ip_created_ptr, NX_IP, NX_IP_PACKET_IN, NX_IP_PACKET_OUT, NX_PACKET,
    NX_SUCCESS, nx_packet_release,
};

use threadx_sys::{TX_WAIT_FOREVER, UINT, tx_mutex_get, tx_mutex_put};

use super::lock::{Locked, Section, locked};
use super::packet;
use crate::agent::Protocol;
use crate::agent::packet::{Direction, Observation, Packet, Rejection};

/// The most `NX_IP` instances that are watched at a time. Further ones are left alone and counted.
pub const MAX_IP_INSTANCES: usize = 4;

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
struct Entries {
    outgoing: ByVersion,
    incoming: ByVersion,
    received: [Entry<()>; RECEIVERS.len()],
    tick: unsafe fn(*const Entries),
}

/// Two ways for packets at the filter: neither pays for the variables of the other.
#[derive(Clone, Copy)]
struct ByVersion {
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

    const fn pass<const DIRECTION: UINT>() -> Self {
        Self {
            v4: pass_filtered::<DIRECTION>,
            v6: pass_filtered::<DIRECTION>,
        }
    }

    /// # Safety
    /// NetX Duo called its filter; the entries are a static's, and these are among them.
    #[inline(always)]
    unsafe fn call(&self, ip: *mut NX_IP, packet: *mut NX_PACKET, entries: *const Entries) -> UINT {
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
type Entry<R> = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET, *const Entries) -> R;

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
    unsafe fn instance(entries: *const Entries) -> &'static T {
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
fn installed() -> *const Entries {
    INSTANCE.load(Ordering::Acquire)
}

/// An instance as C sees it: the beginning of a [`Callable`] in a static.
#[derive(Clone, Copy)]
pub(crate) struct Target(*const Entries);

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

    pub(super) fn into_raw(self) -> *mut c_void {
        self.0.cast_mut().cast()
    }

    /// # Safety
    /// `raw` is from [`into_raw`](Self::into_raw).
    pub(super) unsafe fn from_raw(raw: *mut c_void) -> Self {
        Self(raw.cast_const().cast())
    }
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
    /// What its packets count as.
    const fn protocol(self) -> Protocol {
        match self {
            Self::Tcp => Protocol::Tcp,
            Self::Udp => Protocol::Udp,
            Self::Icmp | Self::IcmpV6 => Protocol::Icmp,
        }
    }

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
    hooked: [Hooked; MAX_IP_INSTANCES],
}

// SAFETY: the pointers are compared, and followed only while NetX Duo lists the instance, with interrupts off.
unsafe impl Send for Hooks {}

const FREE: Hooked = Hooked {
    ip: ptr::null_mut(),
    filter: Hook::FREE,
    receivers: [Hook::FREE; RECEIVERS.len()],
};

static HOOKS: Locked<Hooks> = Locked::new(Hooks {
    hooked: [FREE; MAX_IP_INSTANCES],
});

/// Incoming packets are counted by the filter, not by the receive functions.
static INCOMING_AT_FILTER: AtomicBool = AtomicBool::new(false);

/// Sets where incoming packets are counted: at the filter with multicast and broadcast, else at the receive functions.
pub(crate) fn count_incoming_at_filter(at_filter: bool) {
    INCOMING_AT_FILTER.store(at_filter, Ordering::Relaxed);
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
        let mut left_alone = 0;
        for ip in created() {
            let position = hooks
                .position(ip)
                .or_else(|| hooks.position(ptr::null_mut()));
            match position.and_then(|at| hooks.hooked.get_mut(at)) {
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
    INSTANCE.store((&raw const NOBODY).cast_mut(), Ordering::Release);
    let instances = locked(|section| HOOKS.get(section).hooked.map(|entry| entry.ip));
    for ip in instances {
        let is_listed = || locked(|_| created().any(|listed| listed == ip));
        if ip.is_null() || !is_listed() {
            continue;
        }
        // SAFETY: NetX Duo lists the instance, so its mutex exists.
        let protection = unsafe { &raw mut (*ip).nx_ip_protection };
        // SAFETY: likewise; the status says whether this thread holds it.
        let held = unsafe { tx_mutex_get(protection, TX_WAIT_FOREVER) } == 0;
        locked(|section| {
            let hooks = HOOKS.get(section);
            let entry = hooks.position(ip).and_then(|at| hooks.hooked.get_mut(at));
            if let Some(entry) = entry.filter(|_| created().any(|listed| listed == ip)) {
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
        let hooks = HOOKS.get(section);
        if let Some(entry) = hooks.position(ip).and_then(|at| hooks.hooked.get_mut(at)) {
            *entry = FREE;
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

impl Hooked {
    /// Places the hooks that are not in place.
    ///
    /// # Safety
    /// The entry's IP instance is valid, and interrupts are off.
    unsafe fn place(&mut self) {
        // SAFETY: the instance is valid.
        let field = unsafe { &raw mut (*self.ip).nx_ip_packet_filter_extended };
        let is_same =
            |a: Option<Filter>, b: Option<Filter>| a.map(|f| f as usize) == b.map(|f| f as usize);
        // SAFETY: the field is the instance's, and interrupts are off.
        unsafe { self.filter.place(field, packet_filter, true, is_same) };
        for (hook, receiver) in self.receivers.iter_mut().zip(RECEIVERS) {
            // SAFETY: the instance is valid.
            let field = unsafe { receiver.field(self.ip) };
            let is_same = |a: Option<Receive>, b: Option<Receive>| {
                a.map(|f| f as usize) == b.map(|f| f as usize)
            };
            // A protocol without receive function is not enabled: a hook there would make NetX Duo believe it is.
            // SAFETY: the field is the instance's, and interrupts are off.
            unsafe { hook.place(field, receiver.hook(), false, is_same) };
        }
    }

    /// Puts back what was there before. Where somebody has put a function of their own on top, it stays. The entry stays
    /// until the instance is deleted: packets may be on their way through our hooks, and find there what comes next.
    ///
    /// # Safety
    /// The entry's IP instance is valid, and interrupts are off.
    unsafe fn restore(&mut self) {
        // SAFETY: the instance is valid.
        let field = unsafe { &raw mut (*self.ip).nx_ip_packet_filter_extended };
        let is_ours = |found: Filter| found as usize == packet_filter as Filter as usize;
        // SAFETY: the field is the instance's, and interrupts are off.
        unsafe { self.filter.restore(field, is_ours) };
        for (hook, receiver) in self.receivers.iter_mut().zip(RECEIVERS) {
            // SAFETY: the instance is valid.
            let field = unsafe { receiver.field(self.ip) };
            let is_ours = |found: Receive| found as usize == receiver.hook() as usize;
            // SAFETY: the field is the instance's, and interrupts are off.
            unsafe { hook.restore(field, is_ours) };
        }
    }
}

impl<F: Copy> Hook<F> {
    /// # Safety
    /// `field` is that of an IP instance, and interrupts are off.
    unsafe fn place(
        &mut self,
        field: *mut Option<F>,
        ours: F,
        where_empty: bool,
        is_same: impl Fn(Option<F>, Option<F>) -> bool,
    ) {
        // SAFETY: the field is valid. Volatile, because C reads and writes it on other threads.
        let found = unsafe { field.read_volatile() };
        if is_same(found, Some(ours)) {
            // Also when somebody put it back who had found it there earlier.
            self.placed = true;
            return;
        }
        if found.is_none() && !where_empty {
            return;
        }
        // A function that came after ours may call ours: ours on top of it would go round in circles. An empty field, or
        // what was there before us, calls nobody.
        if self.placed && found.is_some() && !is_same(found, self.before) {
            return;
        }
        self.before = found;
        self.placed = true;
        // SAFETY: as above.
        unsafe { field.write_volatile(Some(ours)) };
    }

    /// What was there before stays known: a packet may be on its way through the hook.
    ///
    /// # Safety
    /// `field` is that of an IP instance, and interrupts are off.
    unsafe fn restore(&mut self, field: *mut Option<F>, is_ours: impl Fn(F) -> bool) {
        // SAFETY: the field is valid. Volatile, because C reads and writes it on other threads.
        let found = unsafe { field.read_volatile() };
        if found.is_some_and(is_ours) {
            // SAFETY: as above.
            unsafe { field.write_volatile(self.before) };
            self.placed = false;
        }
    }
}

/// The IP packet filter: outgoing packets, and incoming ones before anything has been done with them.
unsafe extern "C" fn packet_filter(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    direction: UINT,
) -> UINT {
    let entries = installed();
    if direction == NX_IP_PACKET_OUT {
        // SAFETY: NetX Duo calls its filter with a valid packet that begins with the IP header; the entries are a static's,
        // and get themselves.
        unsafe { (*entries).outgoing.call(ip, packet, entries) }
    } else if INCOMING_AT_FILTER.load(Ordering::Relaxed) {
        // SAFETY: likewise.
        unsafe { (*entries).incoming.call(ip, packet, entries) }
    } else {
        // SAFETY: likewise.
        unsafe { pass_filtered::<NX_IP_PACKET_IN>(ip, packet, entries) }
    }
}

/// A packet at the filter that the agent does not look at.
///
/// # Safety
/// NetX Duo called its filter, in its direction `DIRECTION`.
#[inline(never)]
unsafe extern "C" fn pass_filtered<const DIRECTION: UINT>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    _: *const Entries,
) -> UINT {
    let before = locked(|section| HOOKS.get(section).filter_before(ip));
    // SAFETY: NetX Duo called its filter.
    unsafe { filter(before, ip, packet, DIRECTION) }
}

/// Passes a packet on to the filter before ours.
///
/// # Safety
/// NetX Duo called its filter with these arguments.
#[inline(always)]
unsafe fn filter(
    before: Option<Filter>,
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    direction: UINT,
) -> UINT {
    match before {
        // SAFETY: the filter before us gets what NetX Duo gave us.
        Some(before) => unsafe { before(ip, packet, direction) },
        None => NX_SUCCESS,
    }
}

/// A packet for a transport protocol.
///
/// # Safety
/// NetX Duo called a receive function with these arguments.
#[inline(always)]
unsafe fn receive<const RECEIVER: usize>(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    let entries = installed();
    if INCOMING_AT_FILTER.load(Ordering::Relaxed) {
        // SAFETY: NetX Duo calls its receive functions with a valid packet whose IP header is in front of its data.
        unsafe { pass_received::<RECEIVER>(ip, packet, entries) };
    } else {
        // SAFETY: likewise; the entries are a static's, and get themselves.
        unsafe { ((*entries).received[RECEIVER])(ip, packet, entries) };
    }
}

/// A packet at a receive function that the agent does not look at.
///
/// # Safety
/// NetX Duo called a receive function.
#[inline(never)]
unsafe extern "C" fn pass_received<const RECEIVER: usize>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    _: *const Entries,
) {
    let before = locked(|section| HOOKS.get(section).receiver_before(ip, RECEIVER));
    // SAFETY: NetX Duo called its receive function.
    unsafe { deliver(before, ip, packet) };
}

/// Passes a packet on to the receive function before ours.
///
/// # Safety
/// NetX Duo called a receive function with these arguments.
#[inline(always)]
unsafe fn deliver(before: Option<Receive>, ip: *mut NX_IP, packet: *mut NX_PACKET) {
    match before {
        // SAFETY: the function before us gets what NetX Duo gave us.
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
    unsafe { receive::<{ Receiver::Tcp as usize }>(ip, packet) }
}

unsafe extern "C" fn udp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive::<{ Receiver::Udp as usize }>(ip, packet) }
}

unsafe extern "C" fn icmp_packet_receive(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive::<{ Receiver::Icmp as usize }>(ip, packet) }
}

unsafe extern "C" fn icmpv6_packet_process(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    // SAFETY: NetX Duo called.
    unsafe { receive::<{ Receiver::IcmpV6 as usize }>(ip, packet) }
}

/// A packet at the filter that does not claim to be IPv6, in NetX Duo's direction `DIRECTION`.
///
/// The usual packets take the short way; the others are read in a function of their own, so that the short way does not
/// pay for its variables.
///
/// # Safety
/// `entries` points to a `Callable<T>`, and NetX Duo called its filter with the rest.
unsafe extern "C" fn filtered_v4<T: Instance, const DIRECTION: UINT>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
) -> UINT {
    // Reading a usual packet takes a few steps, whatever is in it, so it may be done with interrupts off: that leaves
    // nothing to be kept from before.
    let mut section = Section::enter();
    // SAFETY: the packet is valid and begins with its IP header.
    let Some(observation) = (unsafe { packet::filtered_usual_v4(packet) }) else {
        drop(section);
        // SAFETY: as for this function.
        return unsafe { filtered_unusual::<T, DIRECTION>(ip, packet, entries) };
    };
    // SAFETY: it does, and the packet is valid.
    let (instance, direction) = unsafe {
        (
            Callable::<T>::instance(entries),
            direction_v4::<DIRECTION>(packet, &observation),
        )
    };
    instance.observe_v4(&mut section, direction, &observation);
    let before = HOOKS.get(&mut section).filter_before(ip);
    drop(section);
    // SAFETY: NetX Duo called its filter.
    unsafe { filter(before, ip, packet, DIRECTION) }
}

/// A packet at the filter that claims to be IPv6; see [`filtered_v4`].
///
/// # Safety
/// As there.
#[inline(never)]
unsafe extern "C" fn filtered_v6<T: Instance, const DIRECTION: UINT>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
) -> UINT {
    let mut section = Section::enter();
    // SAFETY: the packet is valid and begins with its IP header.
    let Some(observation) = (unsafe { packet::filtered_usual_v6(packet) }) else {
        drop(section);
        // SAFETY: as for this function.
        return unsafe { filtered_unusual::<T, DIRECTION>(ip, packet, entries) };
    };
    // SAFETY: it does.
    let instance = unsafe { Callable::<T>::instance(entries) };
    let direction = direction_v6::<DIRECTION>(&observation);
    instance.observe_v6(&mut section, direction, &observation);
    let before = HOOKS.get(&mut section).filter_before(ip);
    drop(section);
    // SAFETY: NetX Duo called its filter.
    unsafe { filter(before, ip, packet, DIRECTION) }
}

/// [`filtered_v4`] and [`filtered_v6`] for all other packets.
///
/// # Safety
/// As there.
#[inline(never)]
unsafe extern "C" fn filtered_unusual<T: Instance, const DIRECTION: UINT>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
) -> UINT {
    // SAFETY: it does, and the packet is valid and begins with its IP header.
    let (instance, seen) = unsafe { (Callable::<T>::instance(entries), packet::filtered(packet)) };
    // SAFETY: the packet is valid.
    let mut section = unsafe { observe_any::<T, DIRECTION>(instance, packet, seen) };
    let before = HOOKS.get(&mut section).filter_before(ip);
    drop(section);
    // SAFETY: NetX Duo called its filter.
    unsafe { filter(before, ip, packet, DIRECTION) }
}

/// A packet at the receive function of a transport protocol; the usual IPv4 packets take the short way.
///
/// # Safety
/// `entries` points to a `Callable<T>`, and NetX Duo called a receive function with the rest.
unsafe extern "C" fn received<T: Instance, const RECEIVER: usize>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
) {
    let protocol = RECEIVERS[RECEIVER].protocol();
    let mut section = Section::enter();
    // SAFETY: the packet is valid, and its IP header in front of its data.
    let Some(observation) = (unsafe { packet::received_usual_v4(protocol, packet) }) else {
        // SAFETY: as for this function.
        return unsafe { received_v6::<T, RECEIVER>(ip, packet, entries, section) };
    };
    // SAFETY: it does, and the packet is valid.
    let (instance, direction) = unsafe {
        (
            Callable::<T>::instance(entries),
            direction_v4::<NX_IP_PACKET_IN>(packet, &observation),
        )
    };
    instance.observe_v4(&mut section, direction, &observation);
    let before = HOOKS.get(&mut section).receiver_before(ip, RECEIVER);
    drop(section);
    // SAFETY: NetX Duo called its receive function.
    unsafe { deliver(before, ip, packet) };
}

/// [`received`] for the usual IPv6 packets.
///
/// # Safety
/// As there.
#[inline(never)]
unsafe extern "C" fn received_v6<T: Instance, const RECEIVER: usize>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
    mut section: Section,
) {
    let protocol = RECEIVERS[RECEIVER].protocol();
    // SAFETY: the packet is valid, and its IP header in front of its data.
    let Some(observation) = (unsafe { packet::received_usual_v6(protocol, packet) }) else {
        drop(section);
        // SAFETY: as for this function.
        return unsafe { received_unusual::<T, RECEIVER>(ip, packet, entries) };
    };
    // SAFETY: it does.
    let instance = unsafe { Callable::<T>::instance(entries) };
    let direction = direction_v6::<NX_IP_PACKET_IN>(&observation);
    instance.observe_v6(&mut section, direction, &observation);
    let before = HOOKS.get(&mut section).receiver_before(ip, RECEIVER);
    drop(section);
    // SAFETY: NetX Duo called its receive function.
    unsafe { deliver(before, ip, packet) };
}

/// [`received`] for all other packets.
///
/// # Safety
/// As there.
#[inline(never)]
unsafe extern "C" fn received_unusual<T: Instance, const RECEIVER: usize>(
    ip: *mut NX_IP,
    packet: *mut NX_PACKET,
    entries: *const Entries,
) {
    let protocol = RECEIVERS[RECEIVER].protocol();
    // SAFETY: it does, and the packet is valid, its IP header in front of its data.
    let (instance, seen) = unsafe {
        (
            Callable::<T>::instance(entries),
            packet::received(protocol, packet),
        )
    };
    // SAFETY: the packet is valid.
    let mut section = unsafe { observe_any::<T, NX_IP_PACKET_IN>(instance, packet, seen) };
    let before = HOOKS.get(&mut section).receiver_before(ip, RECEIVER);
    drop(section);
    // SAFETY: NetX Duo called its receive function.
    unsafe { deliver(before, ip, packet) };
}

/// Tells an instance what was seen. Returns with interrupts off.
///
/// # Safety
/// `packet` is valid.
unsafe fn observe_any<T: Instance, const DIRECTION: UINT>(
    instance: &T,
    packet: *const NX_PACKET,
    seen: Result<Packet, Rejection>,
) -> Section {
    match seen {
        Ok(Packet::V4(observation)) => {
            // SAFETY: the packet is valid.
            let direction = unsafe { direction_v4::<DIRECTION>(packet, &observation) };
            let mut section = Section::enter();
            instance.observe_v4(&mut section, direction, &observation);
            section
        }
        Ok(Packet::V6(observation)) => {
            let mut section = Section::enter();
            let direction = direction_v6::<DIRECTION>(&observation);
            instance.observe_v6(&mut section, direction, &observation);
            section
        }
        Err(reason) => {
            let mut section = Section::enter();
            instance.reject(&mut section, reason);
            section
        }
    }
}

/// The direction of an IPv4 packet.
///
/// # Safety
/// `packet` is valid, and goes in NetX Duo's direction `DIRECTION`.
#[inline(always)]
unsafe fn direction_v4<const DIRECTION: UINT>(
    packet: *const NX_PACKET,
    observation: &Observation<Ipv4Addr>,
) -> Direction {
    if DIRECTION == NX_IP_PACKET_OUT {
        return Direction::Out;
    }
    // SAFETY: the packet is valid, and came in.
    unsafe { packet::incoming_v4(packet, observation.destination) }
}

/// The direction of an IPv6 packet in NetX Duo's direction `DIRECTION`.
#[inline(always)]
fn direction_v6<const DIRECTION: UINT>(observation: &Observation<Ipv6Addr>) -> Direction {
    if DIRECTION == NX_IP_PACKET_OUT {
        return Direction::Out;
    }
    packet::incoming_v6(observation.destination)
}

/// # Safety
/// `entries` points to a `Callable<T>`.
unsafe fn tick<T: Instance>(entries: *const Entries) {
    // SAFETY: it does.
    unsafe { Callable::<T>::instance(entries) }.tick();
}
