//! Packets of UDP flows of the device `10.0.0.2`, `fd00::2`.

use core::net::{Ipv4Addr, Ipv6Addr};

use netxduo_sys::NX_PACKET;

/// A flow, and how its packets are.
#[derive(Clone, Copy)]
pub struct Flow {
    pub v6: bool,
    pub local_port: u16,
    pub remote_port: u16,
    pub remote: u16,
    pub payload: usize,
    /// Extension headers of an IPv6 packet.
    pub extensions: usize,
}

/// One flow of each IP version.
pub const V4: Flow = Flow {
    v6: false,
    local_port: 5000,
    remote_port: 53,
    remote: 1,
    payload: 64,
    extensions: 0,
};
pub const V6: Flow = Flow { v6: true, ..V4 };

/// The device's addresses.
pub const DEVICE_V4: [u8; 4] = Ipv4Addr::new(10, 0, 0, 2).octets();
pub const DEVICE_V6: [u8; 16] = Ipv6Addr::new(0xFD00, 0, 0, 0, 0, 0, 0, 2).octets();

const UDP: u8 = 17;
const DESTINATION_OPTIONS: u8 = 60;

impl Flow {
    /// The same flow with another local port.
    pub fn port(self, local_port: u16) -> Self {
        Self { local_port, ..self }
    }

    /// A packet that the device sends, as the filter gets it.
    pub fn outgoing(self) -> *mut NX_PACKET {
        let (bytes, length, _) = self.bytes(true);
        stand_in::packet(&bytes[..length], None)
    }

    /// A packet for the device, as the filter gets it.
    pub fn incoming(self) -> *mut NX_PACKET {
        let (bytes, length, _) = self.bytes(false);
        stand_in::packet(&bytes[..length], None)
    }

    /// A packet for the device, as a receive function gets it.
    pub fn received(self) -> *mut NX_PACKET {
        let (bytes, length, transport) = self.bytes(false);
        stand_in::packet(&bytes[..length], Some(transport))
    }

    /// The address of the other end.
    pub fn peer_v4(self) -> [u8; 4] {
        let [high, low] = self.remote.to_be_bytes();
        [10, 1, high, low]
    }

    /// The same for IPv6.
    pub fn peer_v6(self) -> [u8; 16] {
        Ipv6Addr::new(0xFD00, 0, 0, 0, 0, 0, 1, self.remote).octets()
    }

    /// The packet, its length, and where its UDP header begins.
    fn bytes(self, out: bool) -> ([u8; 320], usize, usize) {
        let mut b = [0; 320];
        let header = if self.v6 { 40 } else { 20 };
        let transport = header + 8 * self.extensions;
        let length = transport + 8 + self.payload;
        if self.v6 {
            b[0] = 0x60;
            b[4..6].copy_from_slice(&((length - 40) as u16).to_be_bytes());
            b[6] = if self.extensions > 0 {
                DESTINATION_OPTIONS
            } else {
                UDP
            };
            b[7] = 64;
            let (device, peer) = (DEVICE_V6, self.peer_v6());
            let (source, destination) = if out { (device, peer) } else { (peer, device) };
            b[8..24].copy_from_slice(&source);
            b[24..40].copy_from_slice(&destination);
            for index in 0..self.extensions {
                let last = index + 1 == self.extensions;
                let at = 40 + 8 * index;
                b[at] = if last { UDP } else { DESTINATION_OPTIONS };
                // One option: padding of four bytes.
                b[at + 2..at + 4].copy_from_slice(&[1, 4]);
            }
        } else {
            b[0] = 0x45;
            b[2..4].copy_from_slice(&(length as u16).to_be_bytes());
            b[8] = 64;
            b[9] = UDP;
            let (device, peer) = (DEVICE_V4, self.peer_v4());
            let (source, destination) = if out { (device, peer) } else { (peer, device) };
            b[12..16].copy_from_slice(&source);
            b[16..20].copy_from_slice(&destination);
        }
        let ports = if out {
            [self.local_port, self.remote_port]
        } else {
            [self.remote_port, self.local_port]
        };
        b[transport..transport + 2].copy_from_slice(&ports[0].to_be_bytes());
        b[transport + 2..transport + 4].copy_from_slice(&ports[1].to_be_bytes());
        b[transport + 4..transport + 6].copy_from_slice(&((8 + self.payload) as u16).to_be_bytes());
        (b, length, transport)
    }
}
