//! Scenarios as capture files.

use std::{
    io::{self, Write},
    net::IpAddr,
};

use etherparse::{EtherType, Ethernet2Header};

use super::{TimedPacket, packet};

/// Writes packets as a pcap file of Ethernet frames, with times in microseconds.
///
/// The device and whoever it talks to have locally administered MAC addresses.
pub struct PcapWriter<W> {
    out: W,
    device: IpAddr,
}

const MAGIC: u32 = 0xa1b2_c3d4;
const VERSION: [u16; 2] = [2, 4];
/// The largest packet that is kept whole.
const SNAP_LENGTH: u32 = 262_144;
const ETHERNET: u32 = 1;

const DEVICE_MAC: [u8; 6] = [0x02, 0, 0, 0, 0, 0x01];
const OTHERS_MAC: [u8; 6] = [0x02, 0, 0, 0, 0, 0x02];

impl<W: Write> PcapWriter<W> {
    /// Writes the file's header. `device` is the device's own address.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(mut out: W, device: IpAddr) -> io::Result<Self> {
        out.write_all(&MAGIC.to_le_bytes())?;
        for half in VERSION {
            out.write_all(&half.to_le_bytes())?;
        }
        // Time zone and accuracy are 0 in every file.
        for word in [0, 0, SNAP_LENGTH, ETHERNET] {
            out.write_all(&word.to_le_bytes())?;
        }
        Ok(Self { out, device })
    }

    /// Writes a packet.
    ///
    /// # Errors
    /// Those of `out`, and [`io::ErrorKind::InvalidInput`] for a packet that the format cannot hold.
    pub fn write(&mut self, packet: &TimedPacket) -> io::Result<()> {
        let frame = self.ethernet(&packet.ip).to_bytes();
        let cannot = |_| io::Error::from(io::ErrorKind::InvalidInput);
        let seconds = u32::try_from(packet.time.as_secs()).map_err(cannot)?;
        let length = u32::try_from(frame.len() + packet.ip.len()).map_err(cannot)?;
        for word in [seconds, packet.time.subsec_micros(), length, length] {
            self.out.write_all(&word.to_le_bytes())?;
        }
        self.out.write_all(&frame)?;
        self.out.write_all(&packet.ip)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn ethernet(&self, ip: &[u8]) -> Ethernet2Header {
        let endpoints = packet::endpoints(ip);
        let is_from_device = endpoints.is_some_and(|(source, _)| source == self.device);
        let (source, others) = if is_from_device {
            (DEVICE_MAC, OTHERS_MAC)
        } else {
            (OTHERS_MAC, DEVICE_MAC)
        };
        Ethernet2Header {
            source,
            destination: endpoints
                .and_then(|(_, destination)| group(destination))
                .unwrap_or(others),
            ether_type: match self.device {
                IpAddr::V4(_) => EtherType::IPV4,
                IpAddr::V6(_) => EtherType::IPV6,
            },
        }
    }
}

/// The MAC address of a multicast group (RFC 1112, RFC 2464).
fn group(address: IpAddr) -> Option<[u8; 6]> {
    match address {
        IpAddr::V4(address) if address.is_multicast() => {
            let [_, b, c, d] = address.octets();
            Some([0x01, 0x00, 0x5e, b & 0x7f, c, d])
        }
        IpAddr::V6(address) if address.is_multicast() => {
            let [.., a, b, c, d] = address.octets();
            Some([0x33, 0x33, a, b, c, d])
        }
        _ => None,
    }
}
