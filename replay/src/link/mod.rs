//! Link layers: finds the IP packet in a captured frame.

mod cooked;
mod ethernet;
mod point_to_point;
mod wireless;

use crate::packet::Link;

/// A link layer that can be read, by its number in the [registry of link types].
///
/// [registry of link types]: https://www.tcpdump.org/linktypes.html
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkType(Layer);

/// How a frame begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    /// Ethernet, with so many bytes before it and so many behind its addresses.
    Ethernet { before: usize, tag: usize },
    /// An IP packet without anything before it.
    Raw,
    /// So many bytes, of which nothing is needed, and then IP.
    IpBehind(usize),
    /// So many bytes that end with an EtherType.
    TypeBehind(usize),
    /// So many bytes, and then LLC (IEEE 802.2).
    LlcBehind(usize),
    /// BSD loopback: the address family in the byte order of the capturing machine.
    Null,
    /// OpenBSD loopback: the address family in network byte order.
    Loop,
    /// Linux "cooked" capture, version 1.
    Sll,
    /// Linux "cooked" capture, version 2.
    Sll2,
    /// OpenBSD's firewall log.
    Pflog,
    /// Linux' firewall log.
    Nflog,
    /// Apple's: says the link layer behind it.
    Pktap,
    /// PPP.
    Ppp,
    /// PPP in HDLC frames, or Cisco HDLC.
    PppHdlc,
    /// PPP over Ethernet, without the Ethernet.
    Pppoe,
    /// Cisco HDLC.
    CiscoHdlc,
    /// Frame relay.
    FrameRelay,
    /// Bytes for the direction, and then another layer: PPP, Cisco HDLC, frame relay.
    WithDirection(u16),
    /// MPLS.
    Mpls,
    /// IEEE 802.5.
    TokenRing,
    /// IEEE 802.11.
    Wifi,
    /// IEEE 802.11 behind a header that says its length.
    Radiotap,
    /// The same, older.
    Prism,
    /// The same, younger than the second and as dead.
    Avs,
    /// Says the link layer behind it.
    Ppi,
}

/// A link type that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "has packets of link type {0}, which is not supported; capture IP from an interface of another kind (Ethernet, Wi-Fi, PPP, \
     loopback, \"any\" and raw IP are)"
)]
pub struct UnknownLinkType(pub u32);

impl TryFrom<u32> for LinkType {
    type Error = UnknownLinkType;

    fn try_from(number: u32) -> Result<Self, UnknownLinkType> {
        let ethernet = |before, tag| Layer::Ethernet { before, tag };
        Ok(Self(match number {
            0 => Layer::Null,
            1 => ethernet(0, 0),
            6 => Layer::TokenRing,
            8 => Layer::IpBehind(16),
            9 => Layer::Ppp,
            10 => Layer::LlcBehind(13),
            11 | 100 => Layer::LlcBehind(0),
            // 12 and 14 are what BSDs call raw IP among themselves; some tools write them to files.
            12 | 14 | 101 | 228 | 229 => Layer::Raw,
            50 => Layer::PppHdlc,
            51 => Layer::Pppoe,
            104 => Layer::CiscoHdlc,
            105 => Layer::Wifi,
            107 => Layer::FrameRelay,
            108 => Layer::Loop,
            109 => Layer::IpBehind(12),
            113 => Layer::Sll,
            117 => Layer::Pflog,
            119 => Layer::Prism,
            122 => Layer::LlcBehind(16),
            127 => Layer::Radiotap,
            138 => Layer::TypeBehind(18),
            // What Apple's tools write for want of a number of their own.
            149 | 258 => Layer::Pktap,
            163 => Layer::Avs,
            192 => Layer::Ppi,
            204 => Layer::WithDirection(9),
            205 => Layer::WithDirection(104),
            206 => Layer::WithDirection(107),
            219 => Layer::Mpls,
            226 => Layer::IpBehind(24),
            239 => Layer::Nflog,
            // A tap's own header; the second has the preamble, too, as 274 has.
            240 => ethernet(4, 0),
            241 => ethernet(12, 0),
            242 => Layer::IpBehind(44),
            274 => ethernet(8, 0),
            276 => Layer::Sll2,
            281 | 284 => ethernet(0, 4),
            282 => ethernet(4, 0),
            285 => ethernet(0, 8),
            other => return Err(UnknownLinkType(other)),
        }))
    }
}

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// An IPv4 or IPv6 packet, from this offset on, with whatever padding follows it. The packet itself is not looked at: broken
    /// ones are for the agent to judge.
    Ip(usize),
    /// ARP, from this offset on.
    Arp(usize),
    /// Something else, or nothing that could be told.
    Other,
}

/// Layers within layers: more are no accident.
const MOST_LAYERS: usize = 4;

impl LinkType {
    /// What `frame` carries, and what its link header says.
    pub fn open(self, frame: &[u8]) -> (Payload, Link) {
        let mut link = Link::UNKNOWN;
        let payload = self.0.open(frame, 0, &mut link, MOST_LAYERS);
        let payload = payload.unwrap_or(Payload::Other);
        if let Payload::Arp(offset) = payload {
            link.arp = frame.get(offset..).and_then(ethernet::arp);
        }
        (payload, link)
    }
}

impl Layer {
    /// What the header of this layer at offset `at` leads to; `None` when it is cut.
    fn open(self, frame: &[u8], at: usize, link: &mut Link, depth: usize) -> Option<Payload> {
        let depth = depth.checked_sub(1)?;
        match self {
            Self::Ethernet { before, tag } => ethernet::open(frame, at + before, tag, link),
            Self::Raw => Some(Payload::Ip(at)),
            Self::IpBehind(header) => ip_behind(frame, at + header),
            Self::TypeBehind(header) => {
                let kind = be16(frame, at + header - 2)?;
                ethernet::by_type(frame, at + header, kind)
            }
            Self::LlcBehind(header) => ethernet::llc(frame, at + header),
            Self::Null => {
                let family = *frame.get(at..)?.first_chunk()?;
                // Families are small numbers, so the byte order shows.
                let family = u32::from_le_bytes(family).min(u32::from_be_bytes(family));
                Some(by_family(family, at + 4))
            }
            Self::Loop => Some(by_family(be32(frame, at)?, at + 4)),
            Self::Sll => cooked::sll(frame, at, link),
            Self::Sll2 => cooked::sll2(frame, at, link),
            Self::Pflog => cooked::pflog(frame, at),
            Self::Nflog => cooked::nflog(frame, at),
            Self::Pktap => {
                let (header, number) = (le32(frame, at)?, le32(frame, at + 8)?);
                behind(frame, at, header, number, link, depth)
            }
            Self::Ppp => point_to_point::ppp(frame, at),
            Self::PppHdlc => point_to_point::ppp_hdlc(frame, at),
            Self::Pppoe => point_to_point::pppoe(frame, at),
            Self::CiscoHdlc => point_to_point::cisco_hdlc(frame, at),
            Self::FrameRelay => point_to_point::frame_relay(frame, at),
            Self::WithDirection(number) => {
                link.sent_here = Some(*frame.get(at)? != 0);
                behind(frame, at, 1, number.into(), link, depth)
            }
            Self::Mpls => ethernet::mpls(frame, at),
            Self::TokenRing => wireless::token_ring(frame, at, link),
            Self::Wifi => wireless::wifi(frame, at, false, link),
            Self::Radiotap => wireless::radiotap(frame, at, link),
            Self::Prism => wireless::prism(frame, at, link),
            Self::Avs => wireless::avs(frame, at, link),
            Self::Ppi => {
                let (header, number) = (le16(frame, at + 2)?, le32(frame, at + 4)?);
                behind(frame, at, header.into(), number, link, depth)
            }
        }
    }
}

/// What the layer of this number leads to, which begins `header` bytes behind `at`.
fn behind(
    frame: &[u8],
    at: usize,
    header: u32,
    number: u32,
    link: &mut Link,
    depth: usize,
) -> Option<Payload> {
    let layer = LinkType::try_from(number).ok()?.0;
    let at = at.checked_add(usize::try_from(header).ok()?)?;
    // A layer behind the frame's end is none.
    frame.get(at..)?;
    layer.open(frame, at, link, depth)
}

/// IP that has nothing before it that says so.
fn ip_behind(frame: &[u8], at: usize) -> Option<Payload> {
    let is_ip = matches!(frame.get(at)? >> 4, 4 | 6);
    Some(if is_ip {
        Payload::Ip(at)
    } else {
        Payload::Other
    })
}

/// What an address family of any BSD, macOS, Linux or VxWorks says.
fn by_family(family: u32, at: usize) -> Payload {
    const IPV4: u32 = 2;
    // Linux, NetBSD and OpenBSD, FreeBSD, macOS.
    const IPV6: [u32; 4] = [10, 24, 28, 30];
    if family == IPV4 || IPV6.contains(&family) {
        Payload::Ip(at)
    } else {
        Payload::Other
    }
}

fn be16(frame: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*frame.get(at..)?.first_chunk()?))
}

fn be32(frame: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*frame.get(at..)?.first_chunk()?))
}

fn le16(frame: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*frame.get(at..)?.first_chunk()?))
}

fn le32(frame: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*frame.get(at..)?.first_chunk()?))
}

/// A hardware address.
fn mac(frame: &[u8], at: usize) -> Option<[u8; 6]> {
    frame.get(at..)?.first_chunk().copied()
}
