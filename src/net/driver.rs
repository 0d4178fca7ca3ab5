//! Network drivers written in Rust.

use core::fmt;

use crate::ffi::driver::{self, Chain};
use crate::ffi::lock::{Locked, locked};

/// The bytes in front of the IP packet: two addresses and a type.
pub(crate) const HEADER: usize = 14;

/// The address of an Ethernet station, or of a group of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// All stations.
    pub const BROADCAST: Self = Self([0xFF; 6]);

    /// Whether it stands for a group of stations, as the broadcast address does.
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 != 0
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for MacAddress {
    fn format(&self, f: defmt::Formatter<'_>) {
        let [a, b, c, d, e, g] = self.0;
        defmt::write!(
            f,
            "{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}",
            a,
            b,
            c,
            d,
            e,
            g
        );
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a driver says about its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct LinkInfo {
    /// The station's own address.
    pub mac_address: MacAddress,
    /// The longest IP packet that the link carries, in bytes.
    pub mtu: u16,
}

impl LinkInfo {
    /// The least MTU that IPv4 works with, in bytes.
    pub const MIN_MTU: u16 = 68;

    /// An Ethernet with IP packets of up to 1,500 bytes.
    pub const fn ethernet(mac_address: MacAddress) -> Self {
        Self {
            mac_address,
            mtu: 1500,
        }
    }

    /// With IP packets of up to `mtu` bytes: [`MIN_MTU`](Self::MIN_MTU) at least, and 1,280 for IPv6.
    #[must_use]
    pub const fn with_mtu(mut self, mtu: u16) -> Self {
        self.mtu = mtu;
        self
    }
}

/// Why a driver could not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LinkError {
    /// The driver is at work for another IP instance.
    #[error(
        "the driver serves another IP instance: drop that one first, or declare another driver"
    )]
    InUse,
    /// The link is down.
    #[error("the link is down")]
    Down,
    /// The link carries too short packets.
    #[error(
        "the link's MTU is {given} bytes, but IPv4 needs {min} at least, and IPv6 1,280",
        min = LinkInfo::MIN_MTU
    )]
    Mtu {
        /// What the driver said.
        given: u16,
    },
    /// The driver has panicked, as the panic hook has told.
    #[error("the network driver has panicked")]
    Panicked,
    /// The frame is longer than the driver can send.
    #[error("a frame of {length} bytes is longer than the link carries")]
    FrameLength {
        /// Its length in bytes, with the Ethernet header.
        length: usize,
    },
    /// The TAP interface could not be opened.
    #[cfg(all(feature = "std", target_os = "linux"))]
    #[error(transparent)]
    Tap(#[from] super::tap::TapError),
    /// What drivers outside of this crate have to say.
    #[error("{what} (code {code})")]
    Hardware {
        /// What failed, and what to do.
        what: &'static str,
        /// A number that the driver explains.
        code: i32,
    },
}

/// A link driver for Ethernet.
///
/// [`IpBuilder::network_driver`](super::IpBuilder::network_driver) takes it. It is a `static`, so state that changes is behind
/// something `Sync`: atomics, or [`ReceiverSlot`] for the receiver. A driver serves one IP instance at a time.
///
/// Unless stated otherwise the functions are called by NetX Duo on any of its threads, with the IP instance locked: they must
/// neither block for long nor call functions of that instance. What they drop of that instance and of its sockets stays; the agent
/// may be asked, changed and disabled. One that panics has failed: with the feature `std` that is counted or returned as
/// [`LinkError::Panicked`], and without it is for the program's panic handler.
///
/// ```no_run
/// use threadx_defender::net::{Frame, FrameReceiver, LinkError, LinkInfo, MacAddress, NetworkDriver, ReceiverSlot};
///
/// /// Sends everything back to where it came from.
/// struct Mirror {
///     receiver: ReceiverSlot,
/// }
///
/// impl NetworkDriver for Mirror {
///     fn attach(&'static self, receiver: FrameReceiver) -> Result<LinkInfo, LinkError> {
///         self.receiver.occupy(receiver)?;
///         Ok(LinkInfo::ethernet(MacAddress([0x02, 0, 0, 0, 0, 1])))
///     }
///
///     fn send(&self, frame: &Frame<'_>) -> Result<(), LinkError> {
///         let receiver = self.receiver.get().ok_or(LinkError::Down)?;
///         // What is dropped is counted by the receiver.
///         let _ = receiver.forward(frame);
///         Ok(())
///     }
///
///     fn detach(&self) {
///         self.receiver.clear();
///     }
/// }
///
/// static MIRROR: Mirror = Mirror { receiver: ReceiverSlot::new() };
/// ```
pub trait NetworkDriver: Sync {
    /// The driver is to serve an IP instance, whose frames go to `receiver`. Called by
    /// [`IpBuilder::create`](super::IpBuilder::create) on its thread, before the instance exists.
    ///
    /// # Errors
    /// [`LinkError::InUse`], or why there is no link; then the instance is not created.
    fn attach(&'static self, receiver: FrameReceiver) -> Result<LinkInfo, LinkError>;

    /// Frames may come and go from now on.
    ///
    /// # Errors
    /// When the link cannot be brought up; [`Ip::wait_until_ready`](super::Ip::wait_until_ready) gives the reason to the user.
    fn enable(&self) -> Result<(), LinkError> {
        Ok(())
    }

    /// Sends a frame. What is needed of it later has to be copied.
    ///
    /// # Errors
    /// When it is not sent; it is counted, and lost, as on any network.
    fn send(&self, frame: &Frame<'_>) -> Result<(), LinkError>;

    /// No frames are wanted any more. Those that come nevertheless are dropped.
    fn disable(&self) {}

    /// The instance is deleted, or was not created after all: the driver may serve another one. Called on the thread that drops
    /// the [`Ip`](super::Ip).
    fn detach(&self) {}

    /// Whether the link is up. From everywhere; after a change the driver calls [`FrameReceiver::link_changed`].
    fn is_up(&self) -> bool {
        true
    }

    /// Frames to a group of stations are wanted. Drivers that receive all of them have nothing to do.
    fn join_multicast(&self, group: MacAddress) {
        let _ = group;
    }

    /// Frames to a group of stations are not wanted any more.
    fn leave_multicast(&self, group: MacAddress) {
        let _ = group;
    }

    /// What [`FrameReceiver::request_deferred`] asked for: work that takes too long for an interrupt, such as taking frames out
    /// of a device. On the thread of the IP instance; on the host port, which has none, on the thread that asked.
    fn deferred(&self) {}
}

/// A frame to be sent: the Ethernet header, and the packet in one or more pieces.
pub struct Frame<'a> {
    header: [u8; HEADER],
    packet: Chain<'a>,
    length: usize,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(header: [u8; HEADER], packet: Chain<'a>, packet_length: usize) -> Self {
        Self {
            header,
            packet,
            length: HEADER + packet_length,
        }
    }

    /// Its length in bytes, with the Ethernet header and without a checksum. It may be less than the 60 bytes that are the least
    /// on a wire.
    #[expect(clippy::len_without_is_empty, reason = "no frame is empty")]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whom it is for.
    pub fn destination(&self) -> MacAddress {
        let [a, b, c, d, e, f, ..] = self.header;
        MacAddress([a, b, c, d, e, f])
    }

    /// The Ethernet header, and then the pieces of the packet.
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> {
        core::iter::once(self.header.as_slice()).chain(self.packet.clone())
    }

    /// Copies it to the beginning of `buffer`; `None`: it does not fit.
    pub fn copy_to<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let copy = buffer.get_mut(..self.length)?;
        let mut rest = &mut *copy;
        for slice in self.slices() {
            let (place, behind) = rest.split_at_mut_checked(slice.len())?;
            place.copy_from_slice(slice);
            rest = behind;
        }
        Some(copy)
    }
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("destination", &self.destination())
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// Why a received frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FrameDropped {
    /// The IP instance is not there yet, or any more, or its link is not enabled.
    #[error("the link is not enabled")]
    NotEnabled,
    /// The frame has no packet in it.
    #[error("the frame is too short")]
    TooShort,
    /// The frame is longer than any IP packet.
    #[error("the frame is longer than any IP packet")]
    TooLong,
    /// The frame is for another station.
    #[error("the frame is for another station")]
    OtherStation,
    /// The type in the Ethernet header is none of IPv4, IPv6 and ARP.
    #[error("no such protocol: {0:#06x}")]
    UnknownProtocol(u16),
    /// The instance's packet pool has too few packets.
    #[error("the packet pool is empty: enlarge it")]
    NoPacket,
}

/// The way of received frames into an IP instance. It can be copied, and does no harm when the instance is gone.
#[derive(Clone, Copy)]
pub struct FrameReceiver(pub(crate) driver::Receiver);

impl FrameReceiver {
    /// Delivers a frame, which begins with its Ethernet header and has no checksum at its end. It is copied into packets of the
    /// instance's pool and processed on the instance's thread; on the host port, which has none, at once.
    ///
    /// From everywhere: interrupts, threads, and, in the simulation, threads of the operating system, which count as interrupts.
    /// Those must have all signals blocked: ThreadX' port to Linux needs them. With that port, but without this crate's
    /// simulation, they have to call `_tx_thread_context_save` before and `_tx_thread_context_restore` afterwards.
    ///
    /// # Errors
    /// When it is dropped; [`Ip::link_statistics`](super::Ip::link_statistics) counts these.
    pub fn deliver(&self, frame: &[u8]) -> Result<(), FrameDropped> {
        match frame.split_first_chunk() {
            Some((header, packet)) => {
                self.0
                    .deliver(header, packet.len(), core::iter::once(packet))
            }
            None => self.0.drop_frame(FrameDropped::TooShort),
        }
    }

    /// Delivers a frame of `length` bytes that is still in a device: `fill` writes it to where it is to be, which is in one piece where the
    /// instance's packets are large enough, and else in several, one after the other, all but the last of which are a multiple of
    /// four bytes. It is called for all of the frame or not at all; what it was not called for is still in the device. From everywhere, as
    /// [`deliver`](Self::deliver).
    ///
    /// # Errors
    /// When it is dropped; one whose `fill` panics is too short.
    pub fn deliver_with(
        &self,
        length: usize,
        fill: impl FnMut(&mut [u8]),
    ) -> Result<(), FrameDropped> {
        self.0.deliver_with(length, fill)
    }

    /// Delivers a frame that another instance sends, copied once. From everywhere, as [`deliver`](Self::deliver).
    ///
    /// # Errors
    /// When it is dropped.
    pub fn forward(&self, frame: &Frame<'_>) -> Result<(), FrameDropped> {
        let packet_length = frame.length - HEADER;
        self.0
            .deliver(&frame.header, packet_length, frame.packet.clone())
    }

    /// Asks for [`NetworkDriver::deferred`]. From everywhere, as [`deliver`](Self::deliver).
    pub fn request_deferred(&self) {
        self.0.request_deferred();
    }

    /// The link went up or down: the instance asks [`NetworkDriver::is_up`]. From everywhere, as [`deliver`](Self::deliver).
    pub fn link_changed(&self) {
        // Its link state is looked at with every deferred processing.
        self.0.request_deferred();
    }
}

impl fmt::Debug for FrameReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameReceiver").finish_non_exhaustive()
    }
}

/// A place for a driver's [`FrameReceiver`], in a `static` and without heap. From everywhere.
pub struct ReceiverSlot(Locked<Option<FrameReceiver>>);

impl ReceiverSlot {
    /// An empty place.
    pub const fn new() -> Self {
        Self(Locked::new(None))
    }

    /// Puts a receiver into the empty place.
    ///
    /// # Errors
    /// [`LinkError::InUse`] when it is not empty.
    pub fn occupy(&self, receiver: FrameReceiver) -> Result<(), LinkError> {
        locked(|section| match self.0.get(section) {
            Some(_) => Err(LinkError::InUse),
            empty => {
                *empty = Some(receiver);
                Ok(())
            }
        })
    }

    /// The receiver.
    pub fn get(&self) -> Option<FrameReceiver> {
        self.0.load()
    }

    /// Empties the place.
    pub fn clear(&self) {
        locked(|section| *self.0.get(section) = None);
    }
}

impl Default for ReceiverSlot {
    fn default() -> Self {
        Self::new()
    }
}

/// What a link has carried since its instance was created, in frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct LinkStatistics {
    /// Given to the driver, which took them.
    pub sent: u32,
    /// Refused by the driver, or by this library because the link was down.
    pub send_errors: u32,
    /// Handed over to the instance.
    pub received: u32,
    /// Dropped because the link was not enabled.
    pub dropped_not_enabled: u32,
    /// Dropped because there was no packet in them.
    pub dropped_too_short: u32,
    /// Dropped because they were longer than any IP packet.
    pub dropped_too_long: u32,
    /// Dropped because they were for other stations.
    pub dropped_other_station: u32,
    /// Dropped because of an unknown protocol.
    pub dropped_unknown_protocol: u32,
    /// Dropped because the packet pool was empty.
    pub dropped_no_packet: u32,
}

impl LinkStatistics {
    /// Nothing was carried yet. `default` cannot be called for a static.
    pub(crate) const NONE: Self = Self {
        sent: 0,
        send_errors: 0,
        received: 0,
        dropped_not_enabled: 0,
        dropped_too_short: 0,
        dropped_too_long: 0,
        dropped_other_station: 0,
        dropped_unknown_protocol: 0,
        dropped_no_packet: 0,
    };
}
