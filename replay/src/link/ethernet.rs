//! Ethernet, what its types say, and LLC.

use etherparse::{ArpPacketSlice, EtherType, MacsecHeaderSlice, SingleVlanHeaderSlice, ether_type};

use super::{Payload, be16, be32, ip_behind, mac, point_to_point};
use crate::packet::{Arp, Link};

/// Types up to this are lengths, of IEEE 802.3.
const LARGEST_LENGTH: u16 = 1500;

const PPPOE_SESSION: u16 = 0x8864;
const MPLS: [u16; 2] = [0x8847, 0x8848];
/// What some switches stack their tags with.
const OLD_VLANS: [u16; 2] = [0x9200, 0x9300];

/// Ethernet at `at`, with `tag` bytes of a switch's own between addresses and type.
pub fn open(frame: &[u8], at: usize, tag: usize, link: &mut Link) -> Option<Payload> {
    link.destination = mac(frame, at);
    link.source = mac(frame, at + 6);
    by_type(frame, at + 14 + tag, be16(frame, at + 12 + tag)?)
}

/// What follows an EtherType, from `at` on.
pub fn by_type(frame: &[u8], mut at: usize, kind: u16) -> Option<Payload> {
    let mut kind = EtherType(kind);
    loop {
        match kind {
            ether_type::IPV4 | ether_type::IPV6 => return Some(Payload::Ip(at)),
            ether_type::ARP => return Some(Payload::Arp(at)),
            ether_type::VLAN_TAGGED_FRAME
            | ether_type::PROVIDER_BRIDGING
            | ether_type::VLAN_DOUBLE_TAGGED_FRAME => {
                let tag = SingleVlanHeaderSlice::from_slice(frame.get(at..)?).ok()?;
                kind = tag.ether_type();
                at += 4;
            }
            EtherType(old) if OLD_VLANS.contains(&old) => {
                kind = EtherType(be16(frame, at + 2)?);
                at += 4;
            }
            ether_type::MACSEC => {
                let header = MacsecHeaderSlice::from_slice(frame.get(at..)?).ok()?;
                // What is encrypted says no type.
                let Some(inner) = header.next_ether_type() else {
                    return Some(Payload::Other);
                };
                kind = inner;
                at += header.header_len();
            }
            EtherType(PPPOE_SESSION) => return point_to_point::pppoe(frame, at),
            EtherType(label) if MPLS.contains(&label) => return mpls(frame, at),
            EtherType(0..=LARGEST_LENGTH) => return llc(frame, at),
            _ => return Some(Payload::Other),
        }
    }
}

/// IEEE 802.2, with SNAP or for IP itself.
pub fn llc(frame: &[u8], at: usize) -> Option<Payload> {
    match *frame.get(at..)?.first_chunk::<3>()? {
        [0xaa, 0xaa, 0x03] => {
            let organization = *frame.get(at + 3..)?.first_chunk::<3>()?;
            // That of Ethernet, and of bridges that pass Ethernet on.
            let kind = be16(frame, at + 6)?;
            if matches!(organization, [0, 0, 0] | [0, 0, 0xf8]) {
                by_snap_type(frame, at + 8, kind)
            } else {
                Some(Payload::Other)
            }
        }
        [0x06, 0x06, 0x03] => ip_behind(frame, at + 3),
        [0xfe, 0xfe, 0x03] => point_to_point::by_network_layer(frame, at + 3),
        _ => Some(Payload::Other),
    }
}

/// What follows a type of SNAP. No further LLC or tag does: frames within frames without end are no accident.
pub fn by_snap_type(frame: &[u8], at: usize, kind: u16) -> Option<Payload> {
    match EtherType(kind) {
        ether_type::IPV4 | ether_type::IPV6 => Some(Payload::Ip(at)),
        ether_type::ARP => Some(Payload::Arp(at)),
        ether_type::VLAN_TAGGED_FRAME => {
            let inner = be16(frame, at + 2)?;
            let is_ip = [ether_type::IPV4, ether_type::IPV6].contains(&EtherType(inner));
            Some(if is_ip {
                Payload::Ip(at + 4)
            } else {
                Payload::Other
            })
        }
        EtherType(PPPOE_SESSION) => point_to_point::pppoe(frame, at),
        EtherType(label) if MPLS.contains(&label) => mpls(frame, at),
        _ => Some(Payload::Other),
    }
}

/// A stack of labels, and IP behind them, if its first bits say so.
pub fn mpls(frame: &[u8], mut at: usize) -> Option<Payload> {
    const BOTTOM: u32 = 0x100;
    while be32(frame, at)? & BOTTOM == 0 {
        at += 4;
    }
    ip_behind(frame, at + 4)
}

/// Who asks or answers.
pub fn arp(packet: &[u8]) -> Option<Arp> {
    let packet = ArpPacketSlice::from_slice(packet).ok()?;
    if packet.proto_addr_type() != ether_type::IPV4 {
        return None;
    }
    let address = |bytes: &[u8]| <[u8; 4]>::try_from(bytes).ok().map(Into::into);
    Some(Arp {
        sender: address(packet.sender_protocol_addr())?,
        target: address(packet.target_protocol_addr())?,
        hardware: packet.sender_hw_addr().try_into().ok()?,
    })
}
