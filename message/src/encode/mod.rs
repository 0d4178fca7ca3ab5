//! The encoder: writes a security message into a buffer of the caller's, without heap, recursion or panic.
//!
//! A FlatBuffer's references point forward, so a message is written backward from the end of the buffer: what is
//! referred to first, the root last. [`Encoder::finish`] then moves it to the buffer's front. Nothing but the message
//! is ever kept in the buffer: the tables that a vector will list are chained through a field of their own that is
//! free until the vector is written (see `chain`), so [`len`](Encoder::len) is exact at any time.

mod activity;
mod backward;
mod chain;
mod layout;
pub mod size;
mod vtable;

pub use activity::NetworkActivityEncoder;

use crate::flow::{EventStamp, Header, SystemInformation};
use backward::{Backward, Position};
use chain::Chain;
use core::borrow::BorrowMut;
use layout::{MESSAGE, PAYLOAD, message_mask};
use size::{EVENT_SIZE, align4, root_size, string_size, vector_size};
use thiserror::Error;
#[doc(hidden)]
pub use vtable::Vtables;

/// The buffer cannot hold a message with this header, not even one without events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a message with this header needs {needed} bytes and the buffer has {available}: use a larger buffer"
)]
pub struct BufferTooSmall {
    /// Bytes that the message without events needs.
    pub needed: usize,
    /// Bytes of the buffer.
    pub available: usize,
}

/// What was to be added does not fit. The message stays valid and as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the message would grow to {needed} bytes and its buffer has {available}: finish it and start another"
)]
pub struct Full {
    /// Bytes that the finished message would have with the addition.
    pub needed: usize,
    /// Bytes of the buffer.
    pub available: usize,
}

/// Which member of the schema's `Payload` union an event carries.
#[derive(Debug, Clone, Copy)]
enum PayloadKind {
    NetworkActivity = 1,
    SystemInformation = 2,
    Heartbeat = 4,
}

/// Encodes one security message into a buffer.
///
/// Events are listed in the order in which they are added, and equal calls give equal bytes. May be used in any
/// context; it neither blocks nor allocates.
///
/// ```
/// use defender_message::Encoder;
/// use defender_message::flow::{EventStamp, Header, version};
///
/// let header = Header {
///     security_module_id: "defender-iot-micro-agent",
///     security_module_version: version(3, 5, 4),
///     timezone: 0,
/// };
/// let mut buffer = [0; 256];
/// let mut encoder = Encoder::new(&mut buffer, &header)?;
/// encoder.heartbeat(&EventStamp { id: [7; 16], time: 1_760_000_000, collection_interval: 60 })?;
/// let length = encoder.finish();
/// let message = &buffer[..length];
/// # assert_eq!(message.len() % 4, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `V` is where it remembers what it has described: within itself.
#[derive(Debug)]
pub struct Encoder<'b, V = Vtables> {
    out: Backward<'b>,
    vtables: V,
    events: Chain,
    module_id: Position,
    module_version: u32,
    timezone: i8,
    /// Bytes of the root without events.
    root: usize,
}

impl<'b> Encoder<'b> {
    /// Starts a message in `buffer`.
    ///
    /// Of a buffer of more than 2 GiB, which no offset of the format could span, only the first 2 GiB are used.
    ///
    /// # Errors
    /// [`BufferTooSmall`] when not even a message without events fits; see [`size::buffer_for`].
    pub fn new(buffer: &'b mut [u8], header: &Header<'_>) -> Result<Self, BufferTooSmall> {
        let out = Backward::new(buffer);
        let needed = size::header_size(header.security_module_id.len())
            .saturating_add(root_size(header.timezone));
        if needed > out.capacity() {
            let available = out.capacity();
            return Err(BufferTooSmall { needed, available });
        }
        Ok(Self::in_sufficient(out, header, Vtables::NONE))
    }
}

impl<'b, V: BorrowMut<Vtables>> Encoder<'b, V> {
    /// The same as [`new`](Encoder::new) for a buffer that is known to suffice, with `vtables` elsewhere: where the message is made,
    /// without the copy that a `Result` would take. With another buffer every addition fails.
    #[doc(hidden)]
    pub fn in_known(buffer: &'b mut [u8], header: &Header<'_>, vtables: V) -> Self {
        Self::in_sufficient(Backward::new(buffer), header, vtables)
    }

    #[inline(always)]
    fn in_sufficient(mut out: Backward<'b>, header: &Header<'_>, mut vtables: V) -> Self {
        vtables.borrow_mut().begin(&mut out, header.timezone);
        let module_id = out.string(header.security_module_id);
        Self {
            out,
            vtables,
            events: Chain::EMPTY,
            module_id,
            module_version: header.security_module_version,
            timezone: header.timezone,
            root: root_size(header.timezone),
        }
    }

    /// Adds a network activity event and gives access to its flows.
    ///
    /// # Errors
    /// [`Full`] when not even an event without flows fits.
    #[inline(always)]
    pub fn network_activity<'e>(
        &'e mut self,
        stamp: &'e EventStamp,
    ) -> Result<NetworkActivityEncoder<'e, 'b, V>, Full> {
        NetworkActivityEncoder::start(self, stamp)
    }

    /// Adds a system information event.
    ///
    /// # Errors
    /// [`Full`] when it does not fit.
    pub fn system_information(
        &mut self,
        stamp: &EventStamp,
        information: &SystemInformation<'_>,
    ) -> Result<(), Full> {
        let texts = [
            information.os_info,
            information.kernel_info,
            information.hw_info,
        ];
        let (mut end, mut present) = (self.out.used(), 0);
        for (index, text) in texts.iter().enumerate() {
            if !text.is_empty() {
                end = end.saturating_add(string_size(text.len()));
                present |= 1 << index;
            }
        }
        self.reserve(self.size_with_event(end, present))?;

        let mut positions = [Position::NONE; 3];
        for (position, text) in positions.iter_mut().zip(texts) {
            if !text.is_empty() {
                *position = self.out.string(text);
            }
        }
        self.event(stamp, PayloadKind::SystemInformation, positions);
        Ok(())
    }

    /// Adds a heartbeat event.
    ///
    /// # Errors
    /// [`Full`] when it does not fit.
    pub fn heartbeat(&mut self, stamp: &EventStamp) -> Result<(), Full> {
        self.reserve(self.size_with_event(self.out.used(), 0))?;
        self.event(stamp, PayloadKind::Heartbeat, [Position::NONE; 3]);
        Ok(())
    }

    /// The size in bytes that the message has if it is finished now. Exact, and always a multiple of 4.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.used() + self.root + 4 * self.events.len()
    }

    /// Whether the message has no events.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.len() == 0
    }

    /// Bytes of the buffer that the message, finished now, would leave unused.
    #[must_use]
    pub fn free(&self) -> usize {
        self.out.capacity().saturating_sub(self.len())
    }

    /// Completes the message and returns its size in bytes; it stands at the front of the buffer.
    ///
    /// What is behind it in the buffer is unspecified.
    #[must_use = "the size says which part of the buffer is the message"]
    pub fn finish(mut self) -> usize {
        self.complete();
        self.out.move_to_front()
    }

    /// The same without moving the encoder, which is not to be used afterwards, and with the message at the end of the buffer, whose
    /// length is a multiple of 4.
    #[doc(hidden)]
    pub fn complete(&mut self) -> usize {
        let Self { out, timezone, .. } = self;
        let vtables = self.vtables.borrow_mut();
        let events = self.events.write_vector(out, vtables.event);
        let values = [
            self.module_id.0,
            self.module_version,
            events.0,
            u32::from(timezone.cast_unsigned()),
        ];
        let mask = message_mask(*timezone);
        let size = self.root - vector_size(0) - 4;
        let root = out.table(&MESSAGE, mask, size, &values);
        out.set_vtable(root, vtables.message);
        out.root(root);
        out.used()
    }

    /// The size of the message if, at `used` bytes, an event came whose payload has the references of `mask`, and the end.
    #[inline(never)]
    fn size_with_event(&self, used: usize, mask: usize) -> usize {
        let (payload, mut event) = PAYLOAD.sizes(mask);
        if self.vtables.borrow().payloads[mask & 7].is_some() {
            event = 0;
        }
        used.saturating_add(payload + align4(event + EVENT_SIZE))
            .saturating_add(self.root + 4 * self.events.len() + 4)
    }

    /// Fails unless a finished message of `needed` bytes fits.
    fn reserve(&self, needed: usize) -> Result<(), Full> {
        let available = self.out.capacity();
        if needed > available {
            return Err(Full { needed, available });
        }
        Ok(())
    }

    /// Writes an event and its payload, which consists of these references. The room has been reserved.
    #[inline(never)]
    fn event(&mut self, stamp: &EventStamp, kind: PayloadKind, references: [Position; 3]) {
        let out = &mut self.out;
        let references = references.map(|position| position.0);
        let (mask, size) = PAYLOAD.present(&references);
        let payload = out.table(&PAYLOAD, mask, size, &references);
        // The vtable comes here because the event's table ends with a single byte, behind which it needs little padding.
        let known = &mut self.vtables.borrow_mut().payloads[mask & 7];
        let vtable = vtable::get(known, out, &PAYLOAD, mask);
        out.set_vtable(payload, vtable);
        let event = out.room(EVENT_SIZE);
        out.put(event, self.events.push(event));
        out.bytes(event.behind(4), &stamp.id);
        out.put(event.behind(20), stamp.time);
        out.put(event.behind(24), stamp.collection_interval);
        out.put(event.behind(28), event.behind(28).reference(payload));
        out.put(event.behind(32), kind as u32);
    }
}
