//! What passes the interface between host and device, seen beside both of them.

use std::{
    io::IoSliceMut,
    net::IpAddr,
    os::fd::AsRawFd,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use defender_message::flow::Protocol;
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use nix::{
    cmsg_space,
    sys::{
        socket::{
            AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockProtocol, SockType,
            recvmsg, setsockopt, socket, sockopt,
        },
        time::TimeSpec,
    },
};

use crate::{flows::FlowKey, network::DEVICE_MAC};

/// How long a frame may take from the interface to us.
const ARRIVED_WITHIN: Duration = Duration::from_secs(10);

const BUFFER: usize = 4 << 20;

/// An ICMPv6 message that NetX Duo hands to the driver by itself, past all hooks that an agent could have.
const NEIGHBOR_SOLICITATION: u8 = 135;

/// A capture that goes on as long as the program runs.
pub struct Capture {
    frames: Arc<Mutex<Vec<Frame>>>,
}

/// A frame of the device's, sent or received.
#[derive(Clone)]
pub struct Frame {
    /// When the operating system saw it, in Unix time.
    pub time: Duration,
    direction: Direction,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    In,
    Out,
}

impl Capture {
    /// Begins to capture what passes any interface of this network.
    pub fn start() -> Self {
        let socket = socket(
            AddressFamily::Packet,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC,
            SockProtocol::EthAll,
        )
        .unwrap();
        setsockopt(&socket, sockopt::RcvBufForce, &BUFFER).unwrap();
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true).unwrap();
        let frames = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&frames);
        thread::spawn(move || {
            let mut buffer = [0; 65_536];
            let mut extras = cmsg_space!(TimeSpec);
            loop {
                let mut into = [IoSliceMut::new(&mut buffer)];
                let fd = socket.as_raw_fd();
                let message =
                    recvmsg::<()>(fd, &mut into, Some(&mut extras), MsgFlags::empty()).unwrap();
                let time = message.cmsgs().unwrap().find_map(|extra| match extra {
                    ControlMessageOwned::ScmTimestampns(time) => Some(time.into()),
                    _ => None,
                });
                let length = message.bytes;
                let frame = Frame::new(time.expect("a time"), &buffer[..length]);
                shared.lock().unwrap().extend(frame);
            }
        });
        Self { frames }
    }

    /// The frames before the first one that is `wanted`, for which it waits: it may still be on its way to us.
    pub fn before(&self, wanted: impl Fn(&Frame) -> bool) -> Vec<Frame> {
        let begun = Instant::now();
        loop {
            let frames = self.frames.lock().unwrap();
            if let Some(end) = frames.iter().position(&wanted) {
                return frames[..end].to_vec();
            }
            drop(frames);
            assert!(begun.elapsed() < ARRIVED_WITHIN, "no such frame");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Frame {
    /// A frame of the device's; `None` for others, also those that the device gets as a member of a group.
    fn new(time: Duration, bytes: &[u8]) -> Option<Self> {
        let (destination, rest) = bytes.split_first_chunk()?;
        let (source, _) = rest.split_first_chunk()?;
        let direction = match (*source == DEVICE_MAC, *destination == DEVICE_MAC) {
            (true, _) => Direction::Out,
            (false, true) => Direction::In,
            (false, false) => return None,
        };
        Some(Self {
            time,
            direction,
            bytes: bytes.to_vec(),
        })
    }

    /// The flow that consists of this frame only; `None` for what belongs to none, such as ARP, or cannot be seen by an agent.
    pub fn flow(&self) -> Option<(FlowKey, (u64, u64))> {
        let packet = SlicedPacket::from_ethernet(&self.bytes).unwrap();
        let (source, destination, payload): (IpAddr, IpAddr, _) = match packet.net? {
            NetSlice::Ipv4(ip) => (
                ip.header().source_addr().into(),
                ip.header().destination_addr().into(),
                ip.payload().clone(),
            ),
            NetSlice::Ipv6(ip) => (
                ip.header().source_addr().into(),
                ip.header().destination_addr().into(),
                ip.payload().clone(),
            ),
            NetSlice::Arp(_) => return None,
        };
        assert!(!payload.fragmented, "nobody here sends as much at once");
        let (protocol, from, to) = match packet.transport? {
            TransportSlice::Tcp(tcp) => (Protocol::Tcp, tcp.source_port(), tcp.destination_port()),
            TransportSlice::Udp(udp) => (Protocol::Udp, udp.source_port(), udp.destination_port()),
            TransportSlice::Icmpv6(icmp)
                if icmp.type_u8() == NEIGHBOR_SOLICITATION && self.direction == Direction::Out =>
            {
                return None;
            }
            TransportSlice::Icmpv4(_) | TransportSlice::Icmpv6(_) => (Protocol::Icmp, 0, 0),
            TransportSlice::Igmp(_) => return None,
        };
        let (source, destination) = ((source, from).into(), (destination, to).into());
        let bytes = payload.payload.len() as u64;
        Some(match self.direction {
            Direction::Out => ((protocol, source, destination), (0, bytes)),
            Direction::In => ((protocol, destination, source), (bytes, 0)),
        })
    }

    /// Whether the device says something over TCP to a port, beyond acknowledgements.
    pub fn is_data_to(&self, port: u16) -> bool {
        let packet = SlicedPacket::from_ethernet(&self.bytes).unwrap();
        self.direction == Direction::Out
            && matches!(packet.transport, Some(TransportSlice::Tcp(tcp))
                if tcp.destination_port() == port && !tcp.payload().is_empty())
    }
}
