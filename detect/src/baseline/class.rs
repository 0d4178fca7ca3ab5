//! Classes of traffic: protocol, direction, near or far, service.

use core::fmt;
use core::str::FromStr;

use defender_message::flow::Protocol;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::alert::Side;
use crate::network::is_local;
use crate::roles::{PeerKind, Traffic};

/// The first port of those that are nobody's: whoever uses one today uses another one tomorrow, so that they are one class.
pub(crate) const FIRST_EPHEMERAL: u16 = 32_768;

/// Who opens a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The device.
    Out,
    /// A peer.
    In,
}

/// Where the peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In a private or link-local network.
    Local,
    /// Anywhere else.
    Internet,
}

/// The port of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Port {
    /// None: ICMP has no ports.
    None,
    /// This one.
    Number(u16),
    /// Any of those above 32,767.
    Ephemeral,
    /// Any at all, as a MUD file may say.
    Any,
}

/// A class of traffic. As text: `TCP 8883 out to the Internet`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// The protocol.
    pub protocol: Protocol,
    /// The port of the service.
    pub port: Port,
    /// Who opens it.
    pub direction: Direction,
    /// Where the peer is.
    pub scope: Scope,
}

impl Class {
    /// The class of a flow with a host; `None` when it is not known who opened it, and for what somebody tries at the device in vain.
    #[inline]
    pub(crate) fn of(traffic: &Traffic<'_>) -> Option<Self> {
        if traffic.peer != PeerKind::Host {
            return None;
        }
        let scope = match is_local(traffic.flow.remote_address) {
            true => Scope::Local,
            false => Scope::Internet,
        };
        let (port, direction) = match (traffic.flow.protocol, traffic.service) {
            // What only comes in is nothing that the device does.
            (Protocol::Icmp, _) if traffic.flow.bytes_out == 0 => return None,
            (Protocol::Icmp, _) => (Port::None, Direction::Out),
            (_, Some(service)) => {
                let port = Port::of(service.port);
                match service.at {
                    Side::Peer => (port, Direction::Out),
                    Side::Device if traffic.failed => return None,
                    Side::Device => (port, Direction::In),
                }
            }
            (_, None) => return None,
        };
        Some(Self {
            protocol: traffic.flow.protocol,
            port,
            direction,
            scope,
        })
    }

    /// The class that has this one and all others of the same, but for the port.
    pub(crate) fn of_any_port(self) -> Self {
        Self {
            port: Port::Any,
            ..self
        }
    }

    /// A number of its own.
    #[inline]
    pub(crate) fn number(self) -> u32 {
        let port = match self.port {
            Port::None => 0,
            Port::Number(port) => u32::from(port),
            Port::Ephemeral => 1 << 16,
            Port::Any => 2 << 16,
        };
        (self.protocol as u32) << 24
            | (self.direction as u32) << 21
            | (self.scope as u32) << 20
            | port
    }
}

impl Port {
    /// The port of a class with this service.
    #[must_use]
    pub fn of(port: u16) -> Self {
        match port {
            FIRST_EPHEMERAL.. => Self::Ephemeral,
            port => Self::Number(port),
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = self.protocol.name();
        match self.port {
            Port::None => return write!(f, "{protocol} {}", Way(Direction::Out, self.scope)),
            Port::Number(port) => write!(f, "{protocol} {port}")?,
            Port::Ephemeral => write!(f, "{protocol} ephemeral")?,
            Port::Any => write!(f, "{protocol} any")?,
        }
        write!(f, " {}", Way(self.direction, self.scope))
    }
}

/// Direction and scope in words.
pub(crate) struct Way(pub Direction, pub Scope);

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.0, self.1) {
            (Direction::Out, Scope::Local) => "out to the local network",
            (Direction::Out, Scope::Internet) => "out to the Internet",
            (Direction::In, Scope::Local) => "in from the local network",
            (Direction::In, Scope::Internet) => "in from the Internet",
        })
    }
}

/// A text that is no class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no class of traffic; one is written as in `TCP 8883 out to the Internet`")]
pub struct ClassError(String);

impl FromStr for Class {
    type Err = ClassError;

    fn from_str(text: &str) -> Result<Self, ClassError> {
        parse(text).ok_or_else(|| ClassError(text.chars().take(80).collect()))
    }
}

fn parse(text: &str) -> Option<Class> {
    let lower = text.trim().to_ascii_lowercase();
    let (protocol, rest) = lower.split_once(' ')?;
    let protocol = match protocol {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "icmp" => Protocol::Icmp,
        _ => return None,
    };
    let (port, rest) = match protocol {
        Protocol::Icmp => (Port::None, rest),
        _ => {
            let (port, rest) = rest.split_once(' ')?;
            let port = match port {
                "ephemeral" => Port::Ephemeral,
                "any" => Port::Any,
                number => Port::of(number.parse().ok()?),
            };
            (port, rest)
        }
    };
    let (direction, scope) = match rest {
        "out to the local network" => (Direction::Out, Scope::Local),
        "out to the internet" => (Direction::Out, Scope::Internet),
        "in from the local network" => (Direction::In, Scope::Local),
        "in from the internet" => (Direction::In, Scope::Internet),
        _ => return None,
    };
    Some(Class {
        protocol,
        port,
        direction,
        scope,
    })
}

/// As text where people read it, as a number in states.
impl Serialize for Class {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(self),
            false => serializer.serialize_u32(self.number()),
        }
    }
}

impl<'de> Deserialize<'de> for Class {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return text.parse().map_err(de::Error::custom);
        }
        let number = u32::deserialize(deserializer)?;
        let protocols = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp];
        let protocol = protocols.into_iter().find(|it| *it as u32 == number >> 24);
        let class = protocol.map(|protocol| Self {
            protocol,
            direction: match number >> 21 & 1 {
                0 => Direction::Out,
                _ => Direction::In,
            },
            scope: match number >> 20 & 1 {
                0 => Scope::Local,
                _ => Scope::Internet,
            },
            port: match (protocol, number >> 16 & 3) {
                (Protocol::Icmp, _) => Port::None,
                (_, 0) => Port::Number((number & 0xffff) as u16),
                (_, 1) => Port::Ephemeral,
                _ => Port::Any,
            },
        });
        // What would be written otherwise was not written so.
        class
            .filter(|class| class.number() == number)
            .ok_or_else(|| de::Error::custom(format_args!("{number} is no class of traffic")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_become_text_and_numbers_and_back() {
        let ports = [
            Port::Number(0),
            Port::Number(32_767),
            Port::Ephemeral,
            Port::Any,
        ];
        let mut numbers = Vec::new();
        for protocol in [Protocol::Tcp, Protocol::Udp, Protocol::Icmp] {
            for direction in [Direction::Out, Direction::In] {
                for scope in [Scope::Local, Scope::Internet] {
                    for port in ports {
                        let (port, direction) = match protocol {
                            Protocol::Icmp => (Port::None, Direction::Out),
                            _ => (port, direction),
                        };
                        let class = Class {
                            protocol,
                            port,
                            direction,
                            scope,
                        };
                        assert_eq!(class.to_string().parse(), Ok(class));
                        let bytes = postcard::to_stdvec(&class).unwrap();
                        assert_eq!(postcard::from_bytes::<Class>(&bytes).unwrap(), class);
                        numbers.push((class.number(), class));
                    }
                }
            }
        }
        numbers.sort();
        numbers.dedup();
        let count = numbers.len();
        numbers.dedup_by_key(|(number, _)| *number);
        assert_eq!((numbers.len(), count), (34, 34));
    }

    #[test]
    fn what_is_no_class_is_refused_with_an_example() {
        for text in [
            "",
            "TCP",
            "TCP 443",
            "SCTP 80 out to the Internet",
            "TCP 99999 out to the Internet",
            "ICMP 7 out to the Internet",
        ] {
            let error = text.parse::<Class>().unwrap_err().to_string();
            assert!(error.contains("TCP 8883 out to the Internet"), "{error}");
        }
        assert!(postcard::from_bytes::<Class>(&[0xff, 0xff, 0xff, 0xff, 0x0f]).is_err());
    }
}
