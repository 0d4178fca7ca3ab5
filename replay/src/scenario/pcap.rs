//! Scenarios as capture files.

use std::{
    io::{self, Write},
    net::IpAddr,
};

use etherparse::{EtherType, Ethernet2Header};

use super::{TimedPacket, packet, site::Site};

/// Writes packets as a pcap file of Ethernet frames, with times in microseconds.
///
/// Hosts have locally administered MAC addresses. The device and each host of its network have one of their own, all others have the
/// router's.
pub struct PcapWriter<W> {
    out: W,
    site: Site,
}

const MAGIC: u32 = 0xa1b2_c3d4;
const VERSION: [u16; 2] = [2, 4];
/// The largest packet that is kept whole.
const SNAP_LENGTH: u32 = 262_144;
const ETHERNET: u32 = 1;

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
        Ok(Self {
            out,
            site: Site::new(device, None),
        })
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
        let own = self.site.device;
        let (from, to) = packet::endpoints(ip).unwrap_or((own, own));
        Ethernet2Header {
            source: self.hardware(from),
            destination: group(to).unwrap_or_else(|| self.hardware(to)),
            ether_type: match own {
                IpAddr::V4(_) => EtherType::IPV4,
                IpAddr::V6(_) => EtherType::IPV6,
            },
        }
    }

    /// The MAC address at which a host is reached.
    fn hardware(&self, host: IpAddr) -> [u8; 6] {
        let near = match host {
            host if self.site.is_near(host) => host,
            _ => self.site.router(),
        };
        let [a, b, c, d] = match near {
            IpAddr::V4(near) => near.octets(),
            IpAddr::V6(near) => {
                let [.., a, b, c, d] = near.octets();
                [a, b, c, d]
            }
        };
        [0x02, 0, a, b, c, d]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_hardware_of_their_own_or_the_routers() {
        for (device, near, far) in [
            ("10.1.2.3", "10.1.2.9", "203.0.113.1"),
            ("fd00::3", "fd00::9", "2001:db8::1"),
        ] {
            let address = |text: &str| text.parse::<IpAddr>().unwrap();
            let writer = PcapWriter::new(Vec::new(), address(device)).unwrap();
            let [device, near, far] =
                [device, near, far].map(|host| writer.hardware(address(host)));
            assert!(device != near && near != far && far != device);
            assert_eq!(far, writer.hardware(writer.site.router()));
        }
        assert_eq!(
            group("224.0.0.251".parse().unwrap()),
            Some([0x01, 0x00, 0x5e, 0, 0, 251])
        );
        assert_eq!(
            group("ff02::fb".parse().unwrap()),
            Some([0x33, 0x33, 0, 0, 0, 0xfb])
        );
    }
}
