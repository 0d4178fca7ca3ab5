//! What a security message says, as plain values without heap: flows, the message's header, the stamp of an event.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An enum without fields whose list of variants, `ALL`, cannot miss one: `variant as usize` is its place there, and an array
/// of `ALL.len()` elements has one for each.
#[doc(hidden)]
#[macro_export]
macro_rules! enumeration {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $($(#[$of_variant:meta])* $variant:ident,)*
        }
        $(#[$of_all:meta])*
        ALL
    ) => {
        $(#[$attribute])*
        pub enum $name {
            $($(#[$of_variant])* $variant,)*
        }

        impl $name {
            $(#[$of_all])*
            pub const ALL: [Self; [$(stringify!($variant)),*].len()] = [$(Self::$variant),*];
        }
    };
}

enumeration! {
    /// A transport protocol that network activity is reported for.
    ///
    /// The discriminants are the values on the wire. ICMPv6 counts as [`Icmp`](Protocol::Icmp).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
    #[cfg_attr(feature = "serde", serde(rename_all = "UPPERCASE"))]
    #[repr(u8)]
    pub enum Protocol {
        /// Transmission Control Protocol, the schema's default value.
        Tcp,
        /// User Datagram Protocol.
        Udp,
        /// Internet Control Message Protocol, of either IP version. Has ports 0.
        Icmp,
    }
    /// Every protocol, in the order of the values on the wire.
    ALL
}

impl Protocol {
    /// The protocol's usual short name, `"TCP"`, `"UDP"` or `"ICMP"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Icmp => "ICMP",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The traffic between two endpoints over one collection interval, seen from the device.
///
/// `A` is the address type: [`Ipv4Addr`], [`Ipv6Addr`], or [`IpAddr`] where both versions stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Flow<A> {
    /// The transport protocol.
    pub protocol: Protocol,
    /// The device's own address.
    pub local_address: A,
    /// The device's own port in host byte order; 0 for ICMP.
    pub local_port: u16,
    /// The peer's address.
    pub remote_address: A,
    /// The peer's port in host byte order; 0 for ICMP.
    pub remote_port: u16,
    /// Bytes received: IP payload, transport header included, IP header and extension headers not.
    pub bytes_in: u32,
    /// Bytes sent, counted like [`bytes_in`](Self::bytes_in).
    pub bytes_out: u32,
}

/// A flow over IPv4.
pub type FlowV4 = Flow<Ipv4Addr>;
/// A flow over IPv6.
pub type FlowV6 = Flow<Ipv6Addr>;

impl<A> Flow<A> {
    /// The same flow between other addresses, which may be of another type.
    #[must_use]
    pub fn with_addresses<B>(&self, local_address: B, remote_address: B) -> Flow<B> {
        Flow {
            protocol: self.protocol,
            local_address,
            local_port: self.local_port,
            remote_address,
            remote_port: self.remote_port,
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
        }
    }
}

impl From<FlowV4> for Flow<IpAddr> {
    fn from(flow: FlowV4) -> Self {
        flow.with_addresses(flow.local_address.into(), flow.remote_address.into())
    }
}

impl From<FlowV6> for Flow<IpAddr> {
    fn from(flow: FlowV6) -> Self {
        flow.with_addresses(flow.local_address.into(), flow.remote_address.into())
    }
}

/// A flow of either IP version, as words: what a flow table keeps, and the encoder writes, without a look at addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedFlow {
    /// The transport protocol.
    pub protocol: Protocol,
    /// Whether it is a flow over IPv6.
    pub is_v6: bool,
    /// The device's own address and the peer's, with their bytes in memory as they go over the wire. One over IPv4 has two words.
    pub addresses: [u32; 8],
    /// The device's own port in the upper half, the peer's in the lower one.
    pub ports: u32,
    /// Bytes received and sent, see [`Flow`].
    pub bytes: [u32; 2],
}

impl PackedFlow {
    /// Nothing.
    pub const NONE: Self = Self {
        protocol: Protocol::Tcp,
        is_v6: false,
        addresses: [0; 8],
        ports: 0,
        bytes: [0; 2],
    };

    /// The words of its two addresses.
    #[must_use]
    pub fn addresses(&self) -> &[u32] {
        self.addresses.split_at(if self.is_v6 { 8 } else { 2 }).0
    }

    fn of<A>(flow: &Flow<A>, is_v6: bool, octets: &[u8]) -> Self {
        let mut addresses = [0; 8];
        for (word, octets) in addresses.iter_mut().zip(octets.as_chunks().0) {
            *word = u32::from_ne_bytes(*octets);
        }
        Self {
            protocol: flow.protocol,
            is_v6,
            addresses,
            ports: u32::from(flow.local_port) << 16 | u32::from(flow.remote_port),
            bytes: [flow.bytes_in, flow.bytes_out],
        }
    }
}

impl From<&FlowV4> for PackedFlow {
    fn from(flow: &FlowV4) -> Self {
        let octets = [flow.local_address.octets(), flow.remote_address.octets()];
        Self::of(flow, false, octets.as_flattened())
    }
}

impl From<&FlowV6> for PackedFlow {
    fn from(flow: &FlowV6) -> Self {
        let octets = [flow.local_address.octets(), flow.remote_address.octets()];
        Self::of(flow, true, octets.as_flattened())
    }
}

impl From<PackedFlow> for Flow<IpAddr> {
    fn from(flow: PackedFlow) -> Self {
        let octets = flow.addresses.map(u32::to_ne_bytes);
        let address = |at: usize| -> IpAddr {
            if flow.is_v6 {
                let mut address = [0; 16];
                let octets = octets.as_flattened().iter().skip(16 * at);
                for (to, octet) in address.iter_mut().zip(octets) {
                    *to = *octet;
                }
                address.into()
            } else {
                octets[at].into()
            }
        };
        let [bytes_in, bytes_out] = flow.bytes;
        Self {
            protocol: flow.protocol,
            local_address: address(0),
            local_port: (flow.ports >> 16) as u16,
            remote_address: address(1),
            remote_port: flow.ports as u16,
            bytes_in,
            bytes_out,
        }
    }
}

/// What a message says about its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header<'a> {
    /// Name of the security module; the micro agent's is `"defender-iot-micro-agent"`.
    pub security_module_id: &'a str,
    /// Version of the security module, packed by [`version`].
    pub security_module_version: u32,
    /// The device's offset from UTC in hours; 0 is left out of the message.
    pub timezone: i8,
}

/// Packs a version the way [`Header::security_module_version`] carries it: `major << 24 | minor << 16 | patch`.
#[must_use]
pub const fn version(major: u8, minor: u8, patch: u16) -> u32 {
    // Widening casts: `From` is not usable in a const fn.
    (major as u32) << 24 | (minor as u32) << 16 | patch as u32
}

/// What every event carries beside its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventStamp {
    /// The event's UUID, most significant byte first. Should be random (version 4).
    pub id: [u8; 16],
    /// When the event was collected, in seconds of Unix time.
    pub time: u32,
    /// The span of time that the event covers, in seconds.
    pub collection_interval: u32,
}

/// What the device runs on. An empty string is left out of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SystemInformation<'a> {
    /// Name and version of the operating system.
    pub os_info: &'a str,
    /// Name and version of the kernel.
    pub kernel_info: &'a str,
    /// The hardware.
    pub hw_info: &'a str,
}

/// The properties of the IoT Hub message that carries a security message: name and value, percent-encoded already,
/// in the order in which they are to be added.
///
/// `mti` says schema 2.3, encoding 1 (FlatBuffers), source 0 (this RTOS), type 0 (raw events); `%24.ifid` is what the
/// hub routes security messages by.
pub const PROPERTIES: [(&str, &str); 2] = [
    ("mti", "2.3-1-0-0"),
    ("%24.ifid", "urn%3Aazureiot%3ASecurity%3ASecurityAgent%3A1"),
];

/// The order in which flows are reported: IP version, protocol by name, local address and port, remote address and port;
/// addresses by value. Byte counts do not matter.
#[must_use]
pub fn report_order(a: &Flow<IpAddr>, b: &Flow<IpAddr>) -> core::cmp::Ordering {
    let key = |flow: &Flow<IpAddr>| {
        (
            flow.local_address.is_ipv6(),
            flow.protocol.name(),
            flow.local_address,
            flow.local_port,
            flow.remote_address,
            flow.remote_port,
        )
    };
    key(a).cmp(&key(b))
}
