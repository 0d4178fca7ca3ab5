//! Packets as they go over the wire, from the IP header on.

use super::read::{IPV4_HEADER, IPV6_HEADER, Reader, Transport, number, protocol};
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
        }
        .whole(self)
    }
}

impl Reader<'_> {
    #[inline(never)]
    fn whole(&self, sample: &mut Sample) -> Result<(), Rejection> {
        let is_v6 = self.is_v6()?;
        let transport = if is_v6 {
            let second = self.word(1);
            let end = IPV6_HEADER + (second >> 16) as usize;
            if end > self.length {
                return Err(Rejection::Malformed);
            }
            self.walk_extensions((second >> 8) as u8, end)?
        } else {
            self.behind_ipv4()?
        };
        let ports = self.ports(&transport)?;
        self.fill(sample, is_v6, &transport, ports);
        Ok(())
    }

    fn behind_ipv4(&self) -> Result<Transport, Rejection> {
        let first = self.word(0);
        let header_length = ((first >> 24) & 0xF) as usize * 4;
        let total_length = (first & 0xFFFF) as usize;
        if header_length < IPV4_HEADER || total_length < header_length || total_length > self.length
        {
            return Err(Rejection::Malformed);
        }
        Ok(Transport {
            protocol: protocol((self.word(2) >> 16) as u8, number::ICMP)?,
            offset: header_length,
            bytes: total_length - header_length,
            whole: self.word(1) & 0x1FFF == 0,
        })
    }
}
