//! Link layers: finds the IP packet in a captured frame.

use etherparse::{EtherType, Ethernet2Slice, SingleVlanSlice, ether_type};

/// A link layer that can be read, by its number in the [registry of link types].
///
/// [registry of link types]: https://www.tcpdump.org/linktypes.html
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// BSD loopback: the address family in the byte order of the capturing machine.
    Null,
    /// OpenBSD loopback: the address family in network byte order.
    Loop,
    /// Ethernet II, with any number of VLAN tags.
    Ethernet,
    /// An IP packet without anything before it.
    Raw,
    /// Linux "cooked" capture, version 1.
    LinuxSll,
    /// Linux "cooked" capture, version 2.
    LinuxSll2,
}

/// A link type that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "has link type {0}, which is not supported; supported are Ethernet (1), raw IP (101, 228, 229), \
     loopback (0, 108) and Linux cooked captures (113, 276)"
)]
pub struct UnknownLinkType(pub u32);

impl TryFrom<u32> for LinkType {
    type Error = UnknownLinkType;

    fn try_from(number: u32) -> Result<Self, UnknownLinkType> {
        match number {
            0 => Ok(Self::Null),
            1 => Ok(Self::Ethernet),
            // 12 and 14 are what BSDs call raw IP among themselves; some tools write them to files.
            12 | 14 | 101 | 228 | 229 => Ok(Self::Raw),
            108 => Ok(Self::Loop),
            113 => Ok(Self::LinuxSll),
            276 => Ok(Self::LinuxSll2),
            other => Err(UnknownLinkType(other)),
        }
    }
}

impl LinkType {
    /// The IPv4 or IPv6 packet that `frame` carries, with whatever padding follows it; `None` when the frame
    /// carries something else (ARP, say) or ends within its link header.
    ///
    /// The packet itself is not looked at: broken ones are for the agent to judge.
    pub fn ip_packet(self, frame: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Ethernet => {
                let ethernet = Ethernet2Slice::from_slice_without_fcs(frame).ok()?;
                ethernet_payload(ethernet.ether_type(), ethernet.payload_slice())
            }
            Self::Raw => Some(frame),
            Self::Null => {
                let (family, packet) = frame.split_first_chunk()?;
                // Families are small numbers, so the byte order shows.
                let family = u32::from_le_bytes(*family).min(u32::from_be_bytes(*family));
                is_ip_family(family).then_some(packet)
            }
            Self::Loop => {
                let (family, packet) = frame.split_first_chunk()?;
                is_ip_family(u32::from_be_bytes(*family)).then_some(packet)
            }
            // Read by hand, because etherparse knows no cooked loopback or tunnel interfaces.
            Self::LinuxSll => cooked_payload(frame, 14, 16),
            Self::LinuxSll2 => cooked_payload(frame, 0, 20),
        }
    }
}

/// What follows the header of a Linux cooked capture that has its EtherType at `kind_at` and ends at `header`.
fn cooked_payload(frame: &[u8], kind_at: usize, header: usize) -> Option<&[u8]> {
    let payload = frame.get(header..)?;
    let (kind, _) = frame.get(kind_at..)?.split_first_chunk()?;
    ethernet_payload(EtherType(u16::from_be_bytes(*kind)), payload)
}

/// What follows an EtherType, when it is IP in the end; VLAN tags are skipped, however many there are.
fn ethernet_payload(mut kind: EtherType, mut payload: &[u8]) -> Option<&[u8]> {
    loop {
        match kind {
            ether_type::IPV4 | ether_type::IPV6 => return Some(payload),
            ether_type::VLAN_TAGGED_FRAME
            | ether_type::PROVIDER_BRIDGING
            | ether_type::VLAN_DOUBLE_TAGGED_FRAME => {
                let tag = SingleVlanSlice::from_slice(payload).ok()?;
                kind = tag.ether_type();
                payload = tag.payload_slice();
            }
            _ => return None,
        }
    }
}

/// Whether an address family number of any BSD, macOS or Linux is IPv4 or IPv6.
fn is_ip_family(family: u32) -> bool {
    const IPV4: u32 = 2;
    // Linux, NetBSD and OpenBSD, FreeBSD, macOS.
    const IPV6: [u32; 4] = [10, 24, 28, 30];
    family == IPV4 || IPV6.contains(&family)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: &[u8] = &[0x45, 0, 0, 20, 1, 2, 3, 4];

    fn frame(header: &[u8]) -> Vec<u8> {
        [header, PACKET].concat()
    }

    fn ethernet(types: &[u8]) -> Vec<u8> {
        frame(&[&[0x02; 12], types].concat())
    }

    #[test]
    fn ethernet_with_any_number_of_vlan_tags_carries_ip() {
        for types in [
            &[0x08, 0x00][..],
            &[0x86, 0xdd],
            &[0x81, 0x00, 0x00, 0x05, 0x08, 0x00],
            &[0x88, 0xa8, 0x00, 0x05, 0x81, 0x00, 0x20, 0x06, 0x86, 0xdd],
            &[0x91, 0x00, 0x00, 0x05, 0x81, 0x00, 0x20, 0x06, 0x08, 0x00],
        ] {
            let frame = ethernet(types);
            assert_eq!(
                LinkType::Ethernet.ip_packet(&frame),
                Some(PACKET),
                "{types:x?}"
            );
        }
    }

    #[test]
    fn what_is_not_ip_or_ends_in_its_header_carries_nothing() {
        let arp = ethernet(&[0x08, 0x06]);
        assert_eq!(LinkType::Ethernet.ip_packet(&arp), None);
        let tagged = ethernet(&[0x81, 0x00, 0x00, 0x05, 0x08, 0x00]);
        for length in 0..18 {
            assert_eq!(LinkType::Ethernet.ip_packet(&tagged[..length]), None);
        }
        assert_eq!(
            LinkType::Ethernet.ip_packet(&tagged[..18]),
            Some(&[] as &[u8])
        );
        for link in [LinkType::Null, LinkType::Loop, LinkType::LinuxSll2] {
            assert_eq!(link.ip_packet(&[0, 0]), None);
        }
        assert_eq!(LinkType::LinuxSll.ip_packet(&[0; 15]), None);
    }

    #[test]
    fn loopback_families_of_either_byte_order_are_known() {
        for family in [2, 24, 28, 30] {
            assert_eq!(
                LinkType::Null.ip_packet(&frame(&[family, 0, 0, 0])),
                Some(PACKET)
            );
            assert_eq!(
                LinkType::Null.ip_packet(&frame(&[0, 0, 0, family])),
                Some(PACKET)
            );
            assert_eq!(
                LinkType::Loop.ip_packet(&frame(&[0, 0, 0, family])),
                Some(PACKET)
            );
        }
        assert_eq!(LinkType::Loop.ip_packet(&frame(&[2, 0, 0, 0])), None);
        assert_eq!(LinkType::Null.ip_packet(&frame(&[7, 0, 0, 0])), None);
    }

    #[test]
    fn linux_cooked_captures_of_both_versions_are_read() {
        // Packet type, ARPHRD_ETHER, address length, address (8), protocol.
        let mut sll = vec![0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0x86, 0xdd];
        assert_eq!(LinkType::LinuxSll.ip_packet(&frame(&sll)), Some(PACKET));
        // A tunnel interface, ARPHRD_NONE.
        sll[2..4].copy_from_slice(&[0xff, 0xfe]);
        assert_eq!(LinkType::LinuxSll.ip_packet(&frame(&sll)), Some(PACKET));
        sll[14..].copy_from_slice(&[0x08, 0x06]);
        assert_eq!(LinkType::LinuxSll.ip_packet(&frame(&sll)), None);

        // Protocol, reserved, interface index, ARPHRD, packet type, address length, address (8).
        let mut sll2 = vec![
            0x08, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0,
        ];
        assert_eq!(LinkType::LinuxSll2.ip_packet(&frame(&sll2)), Some(PACKET));
        sll2[1] = 6;
        assert_eq!(LinkType::LinuxSll2.ip_packet(&frame(&sll2)), None);
    }

    #[test]
    fn raw_ip_is_the_packet_itself() {
        for number in [12, 14, 101, 228, 229] {
            let link = LinkType::try_from(number).unwrap();
            assert_eq!(link.ip_packet(PACKET), Some(PACKET));
        }
    }

    #[test]
    fn an_unknown_link_type_is_named() {
        let error = LinkType::try_from(105).unwrap_err();
        assert!(error.to_string().contains("105"), "{error}");
    }
}
