//! Packets as they go over the wire, from the IP header on.

use super::read::Reader;
use super::{HeaderOrder, Packet, Rejection, Sample};

/// Reads a packet of `length` bytes of which `head` is the beginning, from the IP header on.
///
/// `head` may be shorter than the packet (a chain of buffers), as long as it holds the headers. Bytes behind
/// the length that the IP header claims (Ethernet padding) do not count.
///
/// # Errors
/// [`Rejection`] says why the packet makes no flow.
pub fn parse<O: HeaderOrder>(head: &[u8], length: usize) -> Result<Packet, Rejection> {
    let mut sample = Sample::NONE;
    sample.parse::<O>(head, length)?;
    Ok(sample.packet())
}

impl Sample {
    /// [`parse`] for a flow table, as if the packet were sent: see [`turn`](Self::turn).
    ///
    /// # Errors
    /// [`Rejection`] says why the packet makes no flow.
    #[inline(always)]
    pub fn parse<O: HeaderOrder>(&mut self, head: &[u8], length: usize) -> Result<(), Rejection> {
        Reader {
            head,
            length,
            is_host: O::IS_HOST,
            taken: None,
        }
        .read(self)
    }
}
