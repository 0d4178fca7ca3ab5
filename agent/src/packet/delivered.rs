//! Packets that a stack has taken apart already.

use defender_message::flow::Protocol;

use super::read::Reader;
use super::{HeaderOrder, Packet, Rejection, Sample};

/// A packet that a stack has taken apart already, as NetX Duo does for the receive functions of its transport protocols.
#[derive(Clone, Copy, Debug)]
pub struct Delivered<'a> {
    /// What the stack took it for.
    pub protocol: Protocol,
    /// Everything from the IP header to the transport header. IPv4 options may have been removed, so the length that the
    /// IP header claims is not looked at.
    pub headers: &'a [u8],
    /// The beginning of the transport header; no more bytes than there are of it.
    pub transport: &'a [u8],
    /// Bytes from the transport header on, in all.
    pub length: usize,
}

/// Reads a packet that a stack has taken apart already.
///
/// # Errors
/// [`Rejection`] says why the packet makes no flow.
pub fn parse_delivered<O: HeaderOrder>(packet: Delivered<'_>) -> Result<Packet, Rejection> {
    let mut sample = Sample::NONE;
    sample.parse_delivered::<O>(&packet)?;
    Ok(sample.packet())
}

impl Sample {
    /// [`parse_delivered`] for a flow table, as if the packet were sent: see [`turn`](Self::turn).
    ///
    /// # Errors
    /// [`Rejection`] says why the packet makes no flow.
    #[inline(always)]
    pub fn parse_delivered<O: HeaderOrder>(
        &mut self,
        packet: &Delivered<'_>,
    ) -> Result<(), Rejection> {
        let Delivered {
            protocol,
            headers,
            transport,
            length,
        } = *packet;
        // All headers are there, or they are malformed.
        Reader {
            head: headers,
            length: headers.len(),
            is_host: O::IS_HOST,
            taken: Some((protocol, transport, length)),
        }
        .read(self)
    }
}
