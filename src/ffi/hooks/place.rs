//! One `NX_IP` instance: putting the agent's hooks in, and what was there before back.

use core::ptr;

use netxduo_sys::{NX_IP, NX_PACKET};
use threadx_sys::UINT;

use super::filter::packet_filter;
use super::receive;
use crate::agent::Protocol;

pub(super) type Filter = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET, UINT) -> UINT;
pub(super) type Receive = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET);

/// The receive functions that are hooked.
pub(super) const RECEIVERS: [Receiver; 4] = [
    Receiver::Tcp,
    Receiver::Udp,
    Receiver::Icmp,
    Receiver::IcmpV6,
];

#[derive(Clone, Copy)]
pub(super) enum Receiver {
    Tcp,
    Udp,
    Icmp,
    IcmpV6,
}

impl Receiver {
    /// What its packets count as.
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Tcp => Protocol::Tcp,
            Self::Udp => Protocol::Udp,
            Self::Icmp | Self::IcmpV6 => Protocol::Icmp,
        }
    }

    /// Our function for it.
    fn hook(self) -> Receive {
        match self {
            Self::Tcp => receive::tcp_packet_receive,
            Self::Udp => receive::udp_packet_receive,
            Self::Icmp => receive::icmp_packet_receive,
            Self::IcmpV6 => receive::icmpv6_packet_process,
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
pub(super) struct Hooked {
    /// Null: the entry is free.
    pub ip: *mut NX_IP,
    pub filter: Hook<Filter>,
    pub receivers: [Hook<Receive>; RECEIVERS.len()],
}

/// One function pointer of an IP instance.
#[derive(Clone, Copy)]
pub(super) struct Hook<F> {
    /// What was there before.
    pub before: Option<F>,
    /// Ours was put there.
    placed: bool,
}

impl<F> Hook<F> {
    const FREE: Self = Self {
        before: None,
        placed: false,
    };
}

impl Hooked {
    pub const FREE: Self = Self {
        ip: ptr::null_mut(),
        filter: Hook::FREE,
        receivers: [Hook::FREE; RECEIVERS.len()],
    };

    /// Places the hooks that are not in place.
    ///
    /// # Safety
    /// The entry's IP instance is valid, and interrupts are off.
    pub unsafe fn place(&mut self) {
        // SAFETY: the instance is valid; the field is its, and interrupts are off.
        unsafe {
            let field = &raw mut (*self.ip).nx_ip_packet_filter_extended;
            self.filter.place(field, packet_filter, true);
        }
        for (hook, receiver) in self.receivers.iter_mut().zip(RECEIVERS) {
            // A protocol without receive function is not enabled: a hook there would make NetX Duo believe it is.
            // SAFETY: likewise.
            unsafe { hook.place(receiver.field(self.ip), receiver.hook(), false) };
        }
    }

    /// Puts back what was there before. Where somebody has put a function of their own on top, it stays. The entry stays
    /// until the instance is deleted: packets may be on their way through our hooks, and find there what comes next.
    ///
    /// # Safety
    /// The entry's IP instance is valid, and interrupts are off.
    pub unsafe fn restore(&mut self) {
        // SAFETY: the instance is valid; the field is its, and interrupts are off.
        unsafe {
            let field = &raw mut (*self.ip).nx_ip_packet_filter_extended;
            self.filter.restore(field, packet_filter);
        }
        for (hook, receiver) in self.receivers.iter_mut().zip(RECEIVERS) {
            // SAFETY: likewise.
            unsafe { hook.restore(receiver.field(self.ip), receiver.hook()) };
        }
    }
}

/// A function of C's that can be told from another one.
pub(super) trait Function: Copy {
    fn address(self) -> usize;
}

impl Function for Filter {
    fn address(self) -> usize {
        self as usize
    }
}

impl Function for Receive {
    fn address(self) -> usize {
        self as usize
    }
}

fn is_same<F: Function>(one: Option<F>, other: Option<F>) -> bool {
    one.map(F::address) == other.map(F::address)
}

impl<F: Function> Hook<F> {
    /// # Safety
    /// `field` is that of an IP instance, and interrupts are off.
    unsafe fn place(&mut self, field: *mut Option<F>, ours: F, where_empty: bool) {
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
    unsafe fn restore(&mut self, field: *mut Option<F>, ours: F) {
        // SAFETY: the field is valid. Volatile, because C reads and writes it on other threads.
        let found = unsafe { field.read_volatile() };
        if is_same(found, Some(ours)) {
            // SAFETY: as above.
            unsafe { field.write_volatile(self.before) };
            self.placed = false;
        }
    }
}
