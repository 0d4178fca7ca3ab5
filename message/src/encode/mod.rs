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
use layout::{EVENT, MESSAGE, message_mask};
use size::{align4, root_size, string_size};
use thiserror::Error;
use vtable::Vtables;

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
#[derive(Debug)]
pub struct Encoder<'b> {
    out: Backward<'b>,
    vtables: Vtables,
    events: Chain,
    module_id: Position,
    module_version: u32,
    timezone: i8,
}

impl<'b> Encoder<'b> {
    /// Starts a message in `buffer`.
    ///
    /// Of a buffer of more than 2 GiB, which no offset of the format could span, only the first 2 GiB are used.
    ///
    /// # Errors
    /// [`BufferTooSmall`] when not even a message without events fits; see [`size::buffer_for`].
    pub fn new(buffer: &'b mut [u8], header: &Header<'_>) -> Result<Self, BufferTooSmall> {
        let mut out = Backward::new(buffer);
        let needed = size::header_size(header.security_module_id.len())
            .saturating_add(root_size(0, header.timezone));
        if needed > out.capacity() {
            let available = out.capacity();
            return Err(BufferTooSmall { needed, available });
        }
        let vtables = Vtables::new(&mut out, header.timezone);
        let module_id = out.string(header.security_module_id);
        Ok(Self {
            out,
            vtables,
            events: Chain::default(),
            module_id,
            module_version: header.security_module_version,
            timezone: header.timezone,
        })
    }

    /// Adds a network activity event and gives access to its flows.
    ///
    /// # Errors
    /// [`Full`] when not even an event without flows fits.
    pub fn network_activity(
        &mut self,
        stamp: &EventStamp,
    ) -> Result<NetworkActivityEncoder<'_, 'b>, Full> {
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
        let present = texts.map(|text| !text.is_empty());
        let strings = texts
            .iter()
            .filter(|text| !text.is_empty())
            .fold(0_usize, |sum, text| {
                sum.saturating_add(string_size(text.len()))
            });
        let end = self.out.used().saturating_add(strings);
        self.reserve(self.size_with_event(end, presence(present)))?;

        let positions = texts.map(|text| (!text.is_empty()).then(|| self.out.string(text)));
        self.event(stamp, PayloadKind::SystemInformation, positions);
        Ok(())
    }

    /// Adds a heartbeat event.
    ///
    /// # Errors
    /// [`Full`] when it does not fit.
    pub fn heartbeat(&mut self, stamp: &EventStamp) -> Result<(), Full> {
        self.reserve(self.size_with_event(self.out.used(), 0))?;
        self.event(stamp, PayloadKind::Heartbeat, [None; 3]);
        Ok(())
    }

    /// The size in bytes that the message has if it is finished now. Exact, and always a multiple of 4.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.used() + root_size(self.events.len(), self.timezone)
    }

    /// Whether the message has no events.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.len() == 0
    }

    /// Bytes of the buffer that the message, finished now, would leave unused.
    #[must_use]
    pub fn free(&self) -> usize {
        self.out.capacity() - self.len()
    }

    /// Completes the message and returns its size in bytes; it stands at the front of the buffer.
    ///
    /// What is behind it in the buffer is unspecified.
    #[must_use = "the size says which part of the buffer is the message"]
    pub fn finish(mut self) -> usize {
        let events = self
            .events
            .write_vector(&mut self.out, self.vtables.event());
        let size = MESSAGE.table_size(message_mask(self.timezone));
        let root = self.out.table(size, |table| {
            table.reference(self.module_id);
            table.u32(self.module_version);
            table.reference(events);
            if self.timezone != 0 {
                table.u8(self.timezone.cast_unsigned());
            }
        });
        self.out.set_vtable(root, self.vtables.message());
        self.out.reference(root);
        self.out.move_to_front()
    }

    /// The size of the message if, at `used` bytes, an event came whose payload has the references of `mask`, and the end.
    fn size_with_event(&self, used: usize, mask: usize) -> usize {
        let payload = &self.vtables.payload;
        let event = payload.new_vtable_size(mask) + EVENT.max_table_size();
        used.saturating_add(payload.table_size(mask) + align4(event))
            .saturating_add(root_size(self.events.len() + 1, self.timezone))
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
    fn event(&mut self, stamp: &EventStamp, kind: PayloadKind, references: [Option<Position>; 3]) {
        let mask = presence(references.map(|reference| reference.is_some()));
        let size = self.vtables.payload.table_size(mask);
        let payload = self.out.table(size, |table| {
            for reference in references.into_iter().flatten() {
                table.reference(reference);
            }
        });
        // The vtable comes here because the event's table ends with a single byte, behind which it needs little padding.
        let vtable = self.vtables.payload.get(&mut self.out, mask);
        self.out.set_vtable(payload, vtable);
        let event = self.out.table(EVENT.max_table_size(), |table| {
            table.bytes(&stamp.id);
            table.u32(stamp.time);
            table.u32(stamp.collection_interval);
            table.reference(payload);
            table.u8(kind as u8);
        });
        self.events.push(&mut self.out, event);
    }
}

/// The mask of a payload in which these references are present.
const fn presence([first, second, third]: [bool; 3]) -> usize {
    first as usize | (second as usize) << 1 | (third as usize) << 2
}
