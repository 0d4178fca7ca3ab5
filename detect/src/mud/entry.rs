//! What a MUD file lets pass.

use core::fmt;
use core::net::IpAddr;

use defender_message::flow::{Flow, Protocol};
use ipnet::IpNet;

use crate::alert::Side;
use crate::baseline::{Class, Direction, FIRST_EPHEMERAL, Port, Scope};
use crate::network::is_local;

/// Ports one by one up to so many; a longer range stands for any port in a baseline.
const MOST_PORTS: usize = 64;

/// Which way packets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the device.
    From,
    /// To the device.
    To,
}

/// Ports, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

impl Ports {
    /// All that there are.
    pub const ALL: Self = Self {
        first: 0,
        last: u16::MAX,
    };

    fn has(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }

    fn classes(self) -> Vec<Port> {
        let ports = self.first..=self.last;
        match (self.first >= FIRST_EPHEMERAL, ports.len() <= MOST_PORTS) {
            (true, _) => vec![Port::Ephemeral],
            (false, true) => ports.map(Port::of).collect(),
            (false, false) => vec![Port::Any],
        }
    }
}

/// Who is at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remote {
    /// Anybody.
    Any,
    /// A network.
    Network(IpNet),
    /// Whoever has this name: any host of the Internet, since flows carry no names.
    Name(String),
    /// The local network.
    Local,
    /// Somebody whom only the network's owner knows, such as a controller or devices of the same maker.
    Known(String),
}

impl Remote {
    fn has(&self, address: IpAddr) -> bool {
        match self {
            Self::Any | Self::Known(_) => true,
            Self::Network(net) => net.contains(&address),
            Self::Name(_) => !is_local(address),
            Self::Local => is_local(address),
        }
    }

    /// Where they are. Groups of receivers are nowhere: what is sent to them is of no class.
    fn scopes(&self) -> &'static [Scope] {
        const BOTH: &[Scope] = &[Scope::Local, Scope::Internet];
        match self {
            Self::Any | Self::Known(_) => BOTH,
            Self::Network(net) if net.prefix_len() == 0 => BOTH,
            Self::Network(net) if is_group(net.addr()) => &[],
            Self::Network(net) if is_local(net.addr()) => &[Scope::Local],
            Self::Name(_) | Self::Network(_) => &[Scope::Internet],
            Self::Local => &[Scope::Local],
        }
    }
}

fn is_group(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_multicast() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_multicast(),
    }
}

/// Something that may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its name in the file.
    pub name: String,
    /// Which way.
    pub way: Way,
    /// The protocol; any, if none is named.
    pub protocol: Option<Protocol>,
    /// Who is at the other end.
    pub remote: Remote,
    /// The device's ports, if they are named.
    pub device_ports: Option<Ports>,
    /// The other end's ports, if they are named.
    pub remote_ports: Option<Ports>,
    /// Who must have opened a TCP connection, if that is named.
    pub opened_by: Option<Side>,
}

impl Entry {
    /// Whether it lets a flow pass. Who opened the flow decides nothing where it is not known.
    pub(super) fn allows(&self, flow: &Flow<IpAddr>, opened_by: Option<Side>) -> bool {
        let is_opener = |side| opened_by.is_none_or(|opener| opener == side);
        let has_port = |ports: Option<Ports>, port| ports.is_none_or(|ports| ports.has(port));
        self.protocol
            .is_none_or(|protocol| protocol == flow.protocol)
            && self.remote.has(flow.remote_address)
            && self.opened_by.is_none_or(is_opener)
            && (flow.protocol == Protocol::Icmp
                || has_port(self.device_ports, flow.local_port)
                    && has_port(self.remote_ports, flow.remote_port))
    }

    /// The classes of traffic that it lets pass.
    pub(super) fn classes(&self) -> Vec<Class> {
        let protocols = match self.protocol {
            Some(protocol) => vec![protocol],
            None => vec![Protocol::Tcp, Protocol::Udp, Protocol::Icmp],
        };
        // The port that is named is the service's; if none is, it may be anybody's.
        let services = match (self.remote_ports, self.device_ports) {
            (Some(ports), None) => vec![(Direction::Out, ports)],
            (None, Some(ports)) => vec![(Direction::In, ports)],
            (Some(remote), Some(device)) => vec![(Direction::Out, remote), (Direction::In, device)],
            (None, None) => match self.opened_by {
                Some(Side::Device) => vec![(Direction::Out, Ports::ALL)],
                Some(Side::Peer) => vec![(Direction::In, Ports::ALL)],
                None => vec![(Direction::Out, Ports::ALL), (Direction::In, Ports::ALL)],
            },
        };
        let mut classes = Vec::new();
        for protocol in protocols {
            for scope in self.remote.scopes() {
                if protocol == Protocol::Icmp {
                    classes.push(Class {
                        protocol,
                        port: Port::None,
                        direction: Direction::Out,
                        scope: *scope,
                    });
                    continue;
                }
                for (direction, ports) in &services {
                    classes.extend(ports.classes().into_iter().map(|port| Class {
                        protocol,
                        port,
                        direction: *direction,
                        scope: *scope,
                    }));
                }
            }
        }
        classes
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = self.protocol.map_or("anything", |protocol| protocol.name());
        let preposition = match self.way {
            Way::From => "to",
            Way::To => "from",
        };
        write!(f, "{}: {protocol} {preposition} ", self.name)?;
        match &self.remote {
            Remote::Any => f.write_str("anybody")?,
            Remote::Network(net) => write!(f, "{net}")?,
            Remote::Name(name) => write!(f, "{name}")?,
            Remote::Local => f.write_str("the local network")?,
            Remote::Known(who) => write!(f, "{who}")?,
        }
        if let Some(ports) = self.remote_ports {
            write!(f, ", {} there", Shown(ports))?;
        }
        if let Some(ports) = self.device_ports {
            write!(f, ", {} of the device", Shown(ports))?;
        }
        match self.opened_by {
            Some(Side::Device) => f.write_str(", opened by the device"),
            Some(Side::Peer) => f.write_str(", opened by the other end"),
            None => Ok(()),
        }
    }
}

struct Shown(Ports);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Ports { first, last }) = self;
        match first == last {
            true => write!(f, "port {first}"),
            false => write!(f, "ports {first} to {last}"),
        }
    }
}
