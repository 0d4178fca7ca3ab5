//! Network drivers written in Rust: one C function is the driver of all of them, and received frames find their way back.
//!
//! NetX Duo asks with a pointer to its `NX_IP`, which begins a [`LinkedIp`]; that names the driver. Received frames
//! come at any time and on any thread, also when the instance is being deleted: see [`Link`].

use core::hint;
use core::marker::PhantomData;
use core::mem;
use core::ptr;
use core::slice;

use netxduo_sys::{
    _nx_arp_packet_deferred_receive, _nx_ip_packet_deferred_receive, NX_FALSE, NX_INTERFACE, NX_IP,
    NX_IP_DRIVER, NX_IP_VERSION_V6, NX_LINK_ARP_RESPONSE_SEND, NX_LINK_ARP_SEND,
    NX_LINK_DEFERRED_PROCESSING, NX_LINK_DISABLE, NX_LINK_ENABLE, NX_LINK_GET_STATUS,
    NX_LINK_INITIALIZE, NX_LINK_INTERFACE_ATTACH, NX_LINK_MULTICAST_JOIN, NX_LINK_MULTICAST_LEAVE,
    NX_LINK_PACKET_BROADCAST, NX_LINK_PACKET_SEND, NX_LINK_RARP_SEND, NX_LINK_UNINITIALIZE,
    NX_NOT_SUCCESSFUL, NX_PACKET, NX_PHYSICAL_HEADER, NX_SUCCESS, NX_TRUE, NX_UNHANDLED_COMMAND,
    nx_ip_driver_deferred_processing, nx_packet_allocate, nx_packet_data_append, nx_packet_release,
    nx_packet_transmit_release,
};
use threadx_sys::{UINT, ULONG, tx_thread_relinquish};

use super::kernel::in_thread;
use super::late::Late;
use super::lock::{Locked, locked};
use super::mutex::Mutex;
use super::user;
use crate::error::Error;
use crate::net::driver::HEADER;
use crate::net::{
    Frame, FrameDropped, FrameReceiver, LinkError, LinkInfo, LinkStatistics, MacAddress,
    NetworkDriver,
};

const NO_WAIT: ULONG = 0;

const MIN_MTU: u16 = LinkInfo::MIN_MTU;

/// No IP packet is longer: the payload of IPv6, and its header.
const MAX_PACKET: usize = 65_535 + 40;

const IPV4: u16 = 0x0800;
const ARP: u16 = 0x0806;
const RARP: u16 = 0x8035;
const IPV6: u16 = 0x86DD;

/// An IP instance with a driver in Rust.
#[repr(C)]
pub(super) struct LinkedIp {
    /// First, so that a pointer to it is one to the whole.
    block: NX_IP,
    attached: Option<Attached>,
}

/// What an instance is linked with.
#[derive(Clone, Copy)]
pub(super) struct Attached {
    driver: &'static dyn NetworkDriver,
    info: LinkInfo,
    link: &'static Link,
}

impl LinkedIp {
    /// # Safety
    /// `this` points to memory for one, of which nobody else uses this part.
    pub unsafe fn set(this: *mut Self, attached: Option<Attached>) {
        // SAFETY: the caller says so; what was there needs no drop.
        unsafe { (&raw mut (*this).attached).write(attached) };
    }

    /// # Safety
    /// `ip` begins one.
    pub unsafe fn attached(ip: *mut NX_IP) -> Option<Attached> {
        // SAFETY: the caller says so; it was set before the instance was created.
        unsafe { (&raw const (*ip.cast::<Self>()).attached).read() }
    }
}

/// The way of received frames into an IP instance. Part of the instance's static storage, so it stays when the instance goes.
///
/// Before the instance goes the link is closed, and then nobody may be on the way any more: threads hold a mutex meanwhile,
/// because one may be interrupted by the very thread that closes; interrupts are counted, which matters only where they run beside
/// threads, as in the simulation.
pub(crate) struct Link {
    open: Locked<Option<Open>>,
    /// Which of the instances that came into being in this storage is the current one.
    generation: Locked<u32>,
    threads: Mutex,
    interrupts: Locked<u32>,
    deferred: Locked<Deferred>,
    last_error: Locked<Late<LinkError>>,
    statistics: Locked<LinkStatistics>,
}

/// Where frames go while the link is open.
#[derive(Clone, Copy)]
struct Open {
    generation: u32,
    ip: *mut NX_IP,
    interface: *mut NX_INTERFACE,
    mac_address: MacAddress,
}

/// The deferred work of a driver.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deferred {
    None,
    Running,
    /// It was asked for once more meanwhile.
    Again,
}

// SAFETY: the pointers are to a static, and followed only under the rules of `Link`.
unsafe impl Send for Open {}

/// See [`FrameReceiver`].
#[derive(Clone, Copy)]
pub(crate) struct Receiver {
    link: &'static Link,
    generation: u32,
}

impl Link {
    pub const fn new() -> Self {
        Self {
            open: Locked::new(None),
            generation: Locked::new(0),
            threads: Mutex::new(),
            interrupts: Locked::new(0),
            deferred: Locked::new(Deferred::None),
            last_error: Locked::new(Late::new()),
            statistics: Locked::new(LinkStatistics::NONE),
        }
    }

    /// Attaches a driver for a new instance in the storage that this link is part of. From initialization and threads; nobody
    /// else may have the storage.
    pub(super) fn attach(
        &'static self,
        driver: &'static dyn NetworkDriver,
    ) -> Result<Attached, Error> {
        self.threads.create()?;
        locked(|section| {
            *self.statistics.get(section) = LinkStatistics::NONE;
            self.last_error.get(section).clear();
        });
        let generation = locked(|section| {
            let generation = self.generation.get(section);
            *generation = generation.wrapping_add(1);
            *generation
        });
        let receiver = Receiver {
            link: self,
            generation,
        };
        let info = user::call(|| driver.attach(FrameReceiver(receiver)))
            .unwrap_or(Err(LinkError::Panicked))?;
        if info.mtu < MIN_MTU {
            detach(driver);
            return Err(LinkError::Mtu { given: info.mtu }.into());
        }
        self.deferred.store(Deferred::None);
        Ok(Attached {
            driver,
            info,
            link: self,
        })
    }

    pub fn statistics(&self) -> LinkStatistics {
        self.statistics.load()
    }

    /// Counts one more of something; the number begins anew when it overflows.
    fn count(&self, what: impl FnOnce(&mut LinkStatistics) -> &mut u32) {
        locked(|section| {
            let counter = what(self.statistics.get(section));
            *counter = counter.wrapping_add(1);
        });
    }

    /// Why the link could not be enabled.
    pub fn last_error(&self) -> Option<LinkError> {
        locked(|section| self.last_error.get(section).get().copied())
    }

    fn open(&self, open: Open) {
        self.open.store(Some(open));
    }

    /// Lets nobody in any more, and waits for those who are on the way. Threads only.
    fn close(&'static self) {
        self.open.store(None);
        // Whoever holds it is on the way, and whoever comes later finds the link closed.
        drop(self.threads.lock());
        while self.interrupts.load() > 0 {
            // SAFETY: allowed everywhere.
            unsafe { tx_thread_relinquish() };
            hint::spin_loop();
        }
    }

    /// Does `work` with the instance, which stays meanwhile. From everywhere.
    fn enter<R>(
        &'static self,
        generation: u32,
        work: impl FnOnce(Open) -> Result<R, FrameDropped>,
    ) -> Result<R, FrameDropped> {
        let enter = || {
            let open = self.open.load();
            let open = open.filter(|open| open.generation == generation);
            work(open.ok_or(FrameDropped::NotEnabled)?)
        };
        if in_thread() {
            // Without the mutex, which can fail only if it does not exist, nobody may go in.
            let Ok(_held) = self.threads.lock() else {
                return Err(FrameDropped::NotEnabled);
            };
            return enter();
        }
        locked(|section| *self.interrupts.get(section) += 1);
        let result = enter();
        locked(|section| *self.interrupts.get(section) -= 1);
        result
    }
}

impl Receiver {
    /// See [`FrameReceiver::deliver`]. The packet of `length` bytes comes in pieces.
    pub fn deliver<'a>(
        &self,
        header: &[u8; HEADER],
        length: usize,
        packet: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), FrameDropped> {
        let result = self.link.enter(self.generation, |open| {
            receive(open, header, length, packet)
        });
        self.count_frame(result)
    }

    /// See [`FrameReceiver::deliver_with`].
    pub fn deliver_with(
        &self,
        length: usize,
        fill: impl FnMut(&mut [u8]),
    ) -> Result<(), FrameDropped> {
        let result = self
            .link
            .enter(self.generation, |open| receive_with(open, length, fill));
        self.count_frame(result)
    }

    /// Counts a frame.
    fn count_frame(&self, result: Result<(), FrameDropped>) -> Result<(), FrameDropped> {
        match result {
            Ok(()) => {
                self.link.count(|statistics| &mut statistics.received);
                Ok(())
            }
            Err(reason) => self.drop_frame(reason),
        }
    }

    /// Counts a frame that is dropped.
    pub fn drop_frame(&self, reason: FrameDropped) -> Result<(), FrameDropped> {
        self.link.count(|statistics| match reason {
            FrameDropped::NotEnabled => &mut statistics.dropped_not_enabled,
            FrameDropped::TooShort => &mut statistics.dropped_too_short,
            FrameDropped::TooLong => &mut statistics.dropped_too_long,
            FrameDropped::OtherStation => &mut statistics.dropped_other_station,
            FrameDropped::UnknownProtocol(_) => &mut statistics.dropped_unknown_protocol,
            FrameDropped::NoPacket => &mut statistics.dropped_no_packet,
        });
        Err(reason)
    }

    pub fn request_deferred(&self) {
        // Without an instance there is nothing to do.
        let _ = self.link.enter(self.generation, |open| {
            // SAFETY: the instance exists.
            unsafe { nx_ip_driver_deferred_processing(open.ip) };
            Ok(())
        });
    }
}

/// What NetX Duo does with a packet.
type Receive = unsafe extern "C" fn(*mut NX_IP, *mut NX_PACKET);

/// Puts a packet into packets of the instance's pool, and hands it over.
fn receive<'a>(
    open: Open,
    header: &[u8; HEADER],
    length: usize,
    packet: impl Iterator<Item = &'a [u8]>,
) -> Result<(), FrameDropped> {
    check_length(length)?;
    let hand_over = destination(open, header)?;
    let copy = Incoming::allocate(open)?;
    for piece in packet {
        copy.append(piece)?;
    }
    copy.hand_over(hand_over);
    Ok(())
}

/// The same for a frame that `fill` writes where it is to be.
fn receive_with(
    open: Open,
    length: usize,
    mut fill: impl FnMut(&mut [u8]),
) -> Result<(), FrameDropped> {
    /// As much at a time where a packet is too small for the frame: whole words of any device.
    const PIECE: usize = 64;
    let packet_length = length.saturating_sub(HEADER);
    check_length(packet_length)?;
    let mut copy = Incoming::allocate(open)?;
    // One whose driver panics has nothing in it.
    let mut fill = |bytes: &mut [u8]| user::call(|| fill(bytes)).ok_or(FrameDropped::TooShort);
    let mut header = [0; HEADER];
    if let Some(bytes) = copy.frame(packet_length) {
        fill(bytes)?;
        header.copy_from_slice(&bytes[..HEADER]);
        copy.filled(packet_length);
    } else {
        let mut piece = [0; PIECE];
        let mut appended = Ok(());
        for begin in (0..length).step_by(PIECE) {
            let bytes = &mut piece[..PIECE.min(length - begin)];
            // To its end, also when there is no room for it: the driver has it all or nothing.
            fill(bytes)?;
            let packet = match bytes.split_first_chunk() {
                Some((first, packet)) if begin == 0 => {
                    header = *first;
                    packet
                }
                _ => bytes,
            };
            appended = appended.and_then(|()| copy.append(packet));
        }
        appended?;
    }
    copy.hand_over(destination(open, &header)?);
    Ok(())
}

fn check_length(length: usize) -> Result<(), FrameDropped> {
    match length {
        0 => Err(FrameDropped::TooShort),
        1..=MAX_PACKET => Ok(()),
        _ => Err(FrameDropped::TooLong),
    }
}

/// Who gets the packet behind a header.
fn destination(open: Open, header: &[u8; HEADER]) -> Result<Receive, FrameDropped> {
    let [a, b, c, d, e, f, _, _, _, _, _, _, type_high, type_low] = *header;
    let destination = MacAddress([a, b, c, d, e, f]);
    if destination != open.mac_address && !destination.is_group() {
        return Err(FrameDropped::OtherStation);
    }
    match u16::from_be_bytes([type_high, type_low]) {
        IPV4 | IPV6 => Ok(_nx_ip_packet_deferred_receive),
        ARP => Ok(_nx_arp_packet_deferred_receive),
        unknown => Err(FrameDropped::UnknownProtocol(unknown)),
    }
}

/// A packet that comes in; it is released unless it is handed over.
struct Incoming {
    open: Open,
    packet: *mut NX_PACKET,
}

/// The header of a frame is written in front of the packet.
const _: () = assert!(HEADER <= NX_PHYSICAL_HEADER as usize);

impl Incoming {
    /// An empty one.
    fn allocate(open: Open) -> Result<Self, FrameDropped> {
        let mut packet = ptr::null_mut();
        // SAFETY: the instance exists, and its pool with it. Room for the header of a link in front of the data keeps the IP
        // header aligned, and lets NetX Duo send the packet back as an answer.
        let status = unsafe {
            let pool = (*open.ip).nx_ip_default_packet_pool;
            nx_packet_allocate(pool, &raw mut packet, NX_PHYSICAL_HEADER, NO_WAIT)
        };
        match status {
            NX_SUCCESS => Ok(Self { open, packet }),
            _ => Err(FrameDropped::NoPacket),
        }
    }

    /// Copies bytes to its end, in further packets where they do not fit.
    fn append(&self, piece: &[u8]) -> Result<(), FrameDropped> {
        if piece.is_empty() {
            return Ok(());
        }
        let start = piece.as_ptr().cast_mut().cast();
        // A piece is no longer than the packet, whose length was checked.
        let length = piece.len() as ULONG;
        // SAFETY: the packet is ours, and the bytes are copied; the instance and its pool exist.
        let status = unsafe {
            let pool = (*self.open.ip).nx_ip_default_packet_pool;
            nx_packet_data_append(self.packet, start, length, pool, NO_WAIT)
        };
        match status {
            NX_SUCCESS => Ok(()),
            _ => Err(FrameDropped::NoPacket),
        }
    }

    /// The place of a frame with an IP packet of that length, if it fits.
    fn frame(&mut self, packet_length: usize) -> Option<&mut [u8]> {
        // SAFETY: the packet is ours. Its memory was zeroed with the pool, or is C's; the header is in the room that was asked for in front of
        // the data. Nobody else has a reference: there is one at a time, of a packet that is empty.
        unsafe {
            let start = (*self.packet).nx_packet_prepend_ptr;
            let room = (*self.packet).nx_packet_data_end.offset_from(start);
            (usize::try_from(room).is_ok_and(|room| packet_length <= room))
                .then(|| slice::from_raw_parts_mut(start.sub(HEADER), HEADER + packet_length))
        }
    }

    /// So much of the IP packet was written there.
    fn filled(&self, packet_length: usize) {
        // SAFETY: the packet is ours, and has that room.
        unsafe {
            let start = (*self.packet).nx_packet_prepend_ptr;
            (*self.packet).nx_packet_append_ptr = start.add(packet_length);
            (*self.packet).nx_packet_length = packet_length as ULONG;
        }
    }

    fn hand_over(self, receive: Receive) {
        // SAFETY: the packet is ours and has data; it becomes the instance's, which exists.
        unsafe {
            (*self.packet).nx_packet_address.nx_packet_interface_ptr = self.open.interface;
            receive(self.open.ip, self.packet);
        }
        mem::forget(self);
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // SAFETY: the packet is ours.
        unsafe { nx_packet_release(self.packet) };
    }
}

/// NetX Duo asks something of a driver.
///
/// # Safety
/// `request` is valid, and its instance begins a [`LinkedIp`].
pub(super) unsafe extern "C" fn link_driver(request: *mut NX_IP_DRIVER) {
    // SAFETY: NetX Duo calls its driver with a valid request, for the instance that it was created with, which was made in a
    // `LinkedIp`.
    let attached = unsafe { LinkedIp::attached((*request).nx_ip_driver_ptr) };
    let status = match attached {
        // SAFETY: as for this function.
        Some(attached) => unsafe { attached.process(request) },
        None => NX_NOT_SUCCESSFUL,
    };
    // SAFETY: the request is valid.
    unsafe { (*request).nx_ip_driver_status = status };
}

impl Attached {
    /// The instance is gone, or was not created.
    pub fn detach(&self) {
        detach(self.driver);
    }

    pub fn info(&self) -> LinkInfo {
        self.info
    }

    /// # Safety
    /// `request` is valid.
    unsafe fn process(self, request: *mut NX_IP_DRIVER) -> UINT {
        // SAFETY: the request is valid, and so is the interface in it.
        let (ip, interface, command) = unsafe {
            (
                (*request).nx_ip_driver_ptr,
                (*request).nx_ip_driver_interface,
                (*request).nx_ip_driver_command,
            )
        };
        match command {
            NX_LINK_INTERFACE_ATTACH | NX_LINK_UNINITIALIZE => NX_SUCCESS,
            NX_LINK_INITIALIZE => {
                let [a, b, c, d, e, f] = self.info.mac_address.0.map(ULONG::from);
                // SAFETY: the interface is valid, and its driver's to set up now.
                unsafe {
                    (*interface).nx_interface_ip_mtu_size = self.info.mtu.into();
                    (*interface).nx_interface_physical_address_msw = a << 8 | b;
                    (*interface).nx_interface_physical_address_lsw = c << 24 | d << 16 | e << 8 | f;
                    // Addresses are found by ARP.
                    (*interface).nx_interface_address_mapping_needed = NX_TRUE as _;
                }
                NX_SUCCESS
            }
            NX_LINK_ENABLE => self.enable(ip, interface),
            NX_LINK_DISABLE => {
                self.link.close();
                // SAFETY: the interface is valid; the flag is its driver's.
                unsafe { (*interface).nx_interface_link_up = NX_FALSE as _ };
                let _: Option<()> = user::call(|| self.driver.disable());
                NX_SUCCESS
            }
            NX_LINK_PACKET_SEND
            | NX_LINK_PACKET_BROADCAST
            | NX_LINK_ARP_SEND
            | NX_LINK_ARP_RESPONSE_SEND
            // SAFETY: the request is valid, and one with a packet.
            | NX_LINK_RARP_SEND => unsafe { self.send(request) },
            NX_LINK_MULTICAST_JOIN => {
                // SAFETY: the request is valid.
                let group = unsafe { address(request) };
                let _: Option<()> = user::call(|| self.driver.join_multicast(group));
                NX_SUCCESS
            }
            NX_LINK_MULTICAST_LEAVE => {
                // SAFETY: the request is valid.
                let group = unsafe { address(request) };
                let _: Option<()> = user::call(|| self.driver.leave_multicast(group));
                NX_SUCCESS
            }
            NX_LINK_GET_STATUS => {
                let up = ULONG::from(self.is_up());
                // SAFETY: requests for a value give a place for it.
                unsafe { (*request).nx_ip_driver_return_ptr.write(up) };
                NX_SUCCESS
            }
            NX_LINK_DEFERRED_PROCESSING => {
                self.process_deferred(interface);
                NX_SUCCESS
            }
            _ => NX_UNHANDLED_COMMAND,
        }
    }

    fn enable(self, ip: *mut NX_IP, interface: *mut NX_INTERFACE) -> UINT {
        let link = self.link;
        link.open(Open {
            generation: link.generation.load(),
            ip,
            interface,
            mac_address: self.info.mac_address,
        });
        match user::call(|| self.driver.enable()).unwrap_or(Err(LinkError::Panicked)) {
            Ok(()) => {
                self.look_at_link(interface);
                NX_SUCCESS
            }
            Err(error) => {
                link.close();
                locked(|section| link.last_error.get(section).set(error));
                // SAFETY: the interface is valid; the flag is its driver's.
                unsafe { (*interface).nx_interface_link_up = NX_FALSE as _ };
                NX_NOT_SUCCESSFUL
            }
        }
    }

    /// Whether the link is up. A driver that panics has none.
    fn is_up(self) -> bool {
        user::call(|| self.driver.is_up()).unwrap_or(false)
    }

    /// Does the driver's deferred work, as often as it was asked for. Where it asks for it itself, on the host port, it is done once
    /// more afterwards, and not within.
    fn process_deferred(self, interface: *mut NX_INTERFACE) {
        let next = |before, next| {
            locked(|section| {
                let deferred = self.link.deferred.get(section);
                let is = *deferred == before;
                if is {
                    *deferred = next;
                }
                is
            })
        };
        if !next(Deferred::None, Deferred::Running) {
            self.link.deferred.store(Deferred::Again);
            return;
        }
        loop {
            self.look_at_link(interface);
            let _: Option<()> = user::call(|| self.driver.deferred());
            if next(Deferred::Running, Deferred::None) {
                return;
            }
            self.link.deferred.store(Deferred::Running);
        }
    }

    /// Takes over whether the link is up. `interface` is valid.
    fn look_at_link(self, interface: *mut NX_INTERFACE) {
        let up = self.is_up();
        // SAFETY: NetX Duo gave the interface with its request; the flag is its driver's.
        unsafe { (*interface).nx_interface_link_up = up.into() };
    }

    /// # Safety
    /// `request` is valid, and one with a packet.
    unsafe fn send(self, request: *mut NX_IP_DRIVER) -> UINT {
        // SAFETY: the request is valid and has a packet.
        let (packet, command, version, length) = unsafe {
            let packet = (*request).nx_ip_driver_packet;
            (
                packet,
                (*request).nx_ip_driver_command,
                UINT::from((*packet).nx_packet_ip_version),
                (*packet).nx_packet_length as usize,
            )
        };
        let ethertype = match command {
            NX_LINK_ARP_SEND | NX_LINK_ARP_RESPONSE_SEND => ARP,
            NX_LINK_RARP_SEND => RARP,
            _ if version == NX_IP_VERSION_V6 as UINT => IPV6,
            _ => IPV4,
        };
        let mut header = [0; HEADER];
        // SAFETY: the request is valid.
        header[..6].copy_from_slice(&unsafe { address(request) }.0);
        header[6..12].copy_from_slice(&self.info.mac_address.0);
        header[12..].copy_from_slice(&ethertype.to_be_bytes());
        // SAFETY: the packet is valid, and nobody changes it until it is released below, after the last use of the frame.
        let frame = Frame::new(header, unsafe { Chain::of(packet) }, length);
        let result = match self.is_up() {
            true => user::call(|| self.driver.send(&frame)).unwrap_or(Err(LinkError::Panicked)),
            false => Err(LinkError::Down),
        };
        // SAFETY: the packet was given to the driver to release; it is as NetX Duo made it, beginning with its IP header.
        unsafe { nx_packet_transmit_release(packet) };
        match result {
            Ok(()) => {
                self.link.count(|statistics| &mut statistics.sent);
                NX_SUCCESS
            }
            Err(_) => {
                self.link.count(|statistics| &mut statistics.send_errors);
                NX_NOT_SUCCESSFUL
            }
        }
    }
}

/// The instance is gone, or was not created.
fn detach(driver: &'static dyn NetworkDriver) {
    let _: Option<()> = user::call(|| driver.detach());
}

/// The station or group that a request is about.
///
/// # Safety
/// `request` is valid.
unsafe fn address(request: *const NX_IP_DRIVER) -> MacAddress {
    // SAFETY: the request is valid.
    let (high, low) = unsafe {
        (
            (*request).nx_ip_driver_physical_address_msw as u16,
            (*request).nx_ip_driver_physical_address_lsw,
        )
    };
    let ([a, b], [c, d, e, f]) = (high.to_be_bytes(), low.to_be_bytes());
    MacAddress([a, b, c, d, e, f])
}

/// The data of a packet, buffer by buffer.
#[derive(Clone)]
pub(crate) struct Chain<'a> {
    next: *const NX_PACKET,
    _packet: PhantomData<&'a NX_PACKET>,
}

impl Chain<'_> {
    /// # Safety
    /// `packet` is valid, and so are those chained to it; nobody changes them while the result and what it gives are used.
    unsafe fn of(packet: *const NX_PACKET) -> Self {
        Self {
            next: packet,
            _packet: PhantomData,
        }
    }
}

impl<'a> Iterator for Chain<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.next.is_null() {
            return None;
        }
        // SAFETY: the packet is valid; prepend and append pointer delimit the data in its buffer.
        unsafe {
            let packet = self.next;
            self.next = (*packet).nx_packet_next;
            let start = (*packet).nx_packet_prepend_ptr;
            let length = (*packet).nx_packet_append_ptr.offset_from_unsigned(start);
            Some(slice::from_raw_parts(start, length))
        }
    }
}
