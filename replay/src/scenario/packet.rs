//! Single packets, whole with headers and checksums.

use std::net::{IpAddr, SocketAddr};

use etherparse::{
    IcmpEchoHeader, Icmpv4Type, Icmpv6Type, IpHeaders, IpNumber, IpSlice, Ipv4Header,
    Ipv6FlowLabel, Ipv6Header, PacketBuilder, PacketBuilderStep, TcpHeader, TcpOptionElement,
};

/// What the header of a TCP segment says beside ports.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Segment {
    pub(super) sequence: u32,
    pub(super) acknowledgment: Option<u32>,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) psh: bool,
}

/// The window that every host of a scenario has open.
const WINDOW: u16 = 64_240;

/// A TCP segment.
pub(super) fn tcp(
    from: SocketAddr,
    to: SocketAddr,
    time_to_live: u8,
    segment: Segment,
    data: &[u8],
) -> Option<Vec<u8>> {
    let mut header = TcpHeader::new(from.port(), to.port(), segment.sequence, WINDOW);
    header.syn = segment.syn;
    header.fin = segment.fin;
    header.rst = segment.rst;
    header.psh = segment.psh;
    if let Some(number) = segment.acknowledgment {
        header.ack = true;
        header.acknowledgment_number = number;
    }
    if segment.rst {
        header.window_size = 0;
    }
    if segment.syn {
        let size = TcpOptionElement::MaximumSegmentSize(maximum_segment(from.ip()) as u16);
        header.set_options(&[size]).ok()?;
    }
    let mut packet = Vec::with_capacity(60 + data.len());
    ip(from.ip(), to.ip(), time_to_live)?
        .tcp_header(header)
        .write_to_vec(&mut packet, data)
        .ok()?;
    Some(packet)
}

/// How much data one segment carries at most on Ethernet.
pub(super) const fn maximum_segment(host: IpAddr) -> usize {
    match host {
        IpAddr::V4(_) => 1460,
        IpAddr::V6(_) => 1440,
    }
}

/// A UDP datagram.
pub(super) fn udp(
    from: SocketAddr,
    to: SocketAddr,
    time_to_live: u8,
    data: &[u8],
) -> Option<Vec<u8>> {
    let mut packet = Vec::with_capacity(48 + data.len());
    ip(from.ip(), to.ip(), time_to_live)?
        .udp(from.port(), to.port())
        .write_to_vec(&mut packet, data)
        .ok()?;
    Some(packet)
}

/// Which half of a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Echo {
    Request,
    Reply,
}

/// A ping or its answer.
pub(super) fn echo(
    from: IpAddr,
    to: IpAddr,
    time_to_live: u8,
    kind: Echo,
    header: IcmpEchoHeader,
    data: &[u8],
) -> Option<Vec<u8>> {
    let mut packet = Vec::with_capacity(48 + data.len());
    let builder = ip(from, to, time_to_live)?;
    let written = match (from, kind) {
        (IpAddr::V4(_), Echo::Request) => builder
            .icmpv4(Icmpv4Type::EchoRequest(header))
            .write_to_vec(&mut packet, data),
        (IpAddr::V4(_), Echo::Reply) => builder
            .icmpv4(Icmpv4Type::EchoReply(header))
            .write_to_vec(&mut packet, data),
        (IpAddr::V6(_), Echo::Request) => builder
            .icmpv6(Icmpv6Type::EchoRequest(header))
            .write_to_vec(&mut packet, data),
        (IpAddr::V6(_), Echo::Reply) => builder
            .icmpv6(Icmpv6Type::EchoReply(header))
            .write_to_vec(&mut packet, data),
    };
    written.ok()?;
    Some(packet)
}

/// The builder fills in lengths, protocol numbers and checksums. `None` for addresses of two IP versions.
fn ip(from: IpAddr, to: IpAddr, time_to_live: u8) -> Option<PacketBuilderStep<IpHeaders>> {
    let headers = match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => IpHeaders::Ipv4(
            Ipv4Header::new(0, time_to_live, IpNumber::TCP, from.octets(), to.octets()).ok()?,
            Default::default(),
        ),
        (IpAddr::V6(from), IpAddr::V6(to)) => IpHeaders::Ipv6(
            Ipv6Header {
                traffic_class: 0,
                flow_label: Ipv6FlowLabel::ZERO,
                payload_length: 0,
                next_header: IpNumber::TCP,
                hop_limit: time_to_live,
                source: from.octets(),
                destination: to.octets(),
            },
            Default::default(),
        ),
        _ => return None,
    };
    Some(PacketBuilder::ip(headers))
}

/// Source and destination of an IP packet.
pub(super) fn endpoints(ip: &[u8]) -> Option<(IpAddr, IpAddr)> {
    let packet = IpSlice::from_slice(ip).ok()?;
    Some((packet.source_addr(), packet.destination_addr()))
}
