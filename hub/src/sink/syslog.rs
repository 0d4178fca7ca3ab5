//! Syslog: RFC 5424, with CEF as the message. Over UDP a datagram each (RFC 5426), over TCP and TLS with octet counts (RFC 6587, RFC 5425).
//!
//! Syslog has no acknowledgements: of what was sent just before a receiver goes, some may be lost over TCP, and anything over UDP.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs, UdpSocket},
    sync::Arc,
    time::Duration,
};

use defender_detect::Severity;
use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

use super::{Sink, SinkError, cef, rfc3339};
use crate::store::Outgoing;

/// How long connecting and each write may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Log audit: the facility of security events that are no matter of logging in.
const FACILITY: u8 = 13;

/// Where a syslog server is, and how it is spoken to.
#[derive(Clone, Debug)]
pub(crate) enum SyslogTarget {
    /// Over UDP, which may lose anything.
    Udp(String),
    /// Over TCP.
    Tcp(String),
    /// Over TLS, with the server's name.
    Tls(String, Arc<ClientConfig>),
}

/// Tells a syslog server.
pub(crate) struct Syslog {
    target: SyslogTarget,
    /// The name of this machine, as syslog has it.
    host: String,
    open: Option<Open>,
}

enum Open {
    Udp(UdpSocket),
    Tcp(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Syslog {
    /// A server at `host:port`.
    pub fn new(target: SyslogTarget) -> Self {
        Self {
            target,
            host: host_name(),
            open: None,
        }
    }

    fn send(&mut self, messages: &[String]) -> std::io::Result<()> {
        if self.open.as_mut().is_some_and(Open::has_ended) {
            self.open = None;
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(connect(&self.target)?),
        };
        for message in messages {
            open.send(message)?;
        }
        open.flush()
    }

    fn message(&self, outgoing: &Outgoing) -> String {
        let alert = &outgoing.change.alert;
        let severity = match alert.severity {
            Severity::High => 2,
            Severity::Medium => 4,
            Severity::Low => 5,
            Severity::Informational => 6,
        };
        format!(
            "<{}>1 {} {} defender {} {} - {}",
            FACILITY * 8 + severity,
            rfc3339(alert.last_seen),
            self.host,
            std::process::id(),
            cef::name(outgoing.change.event),
            cef::line(outgoing)
        )
    }
}

impl Sink for Syslog {
    fn tell(&mut self, changes: &[Outgoing]) -> Result<(), SinkError> {
        let messages: Vec<_> = changes.iter().map(|change| self.message(change)).collect();
        self.send(&messages).map_err(|error| {
            self.open = None;
            SinkError::new(error)
        })
    }
}

impl Open {
    /// Whether the other side has gone; only a stream says so.
    fn has_ended(&mut self) -> bool {
        let stream = match self {
            Self::Udp(_) => return false,
            Self::Tcp(stream) => stream,
            Self::Tls(stream) => &mut stream.sock,
        };
        if stream.set_nonblocking(true).is_err() {
            return true;
        }
        let read = match self {
            Self::Tcp(stream) => stream.read(&mut [0; 64]),
            Self::Tls(stream) => stream.read(&mut [0; 64]),
            Self::Udp(_) => return false,
        };
        let stream = match self {
            Self::Tcp(stream) => stream,
            Self::Tls(stream) => &mut stream.sock,
            Self::Udp(_) => return false,
        };
        let is_quiet = match read {
            Ok(0) => false,
            Ok(_) => true,
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        };
        !is_quiet || stream.set_nonblocking(false).is_err()
    }

    fn send(&mut self, message: &str) -> std::io::Result<()> {
        let framed = || format!("{} {message}", message.len());
        match self {
            Self::Udp(socket) => socket.send(message.as_bytes()).map(|_| ()),
            Self::Tcp(stream) => stream.write_all(framed().as_bytes()),
            Self::Tls(stream) => stream.write_all(framed().as_bytes()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Udp(_) => Ok(()),
            Self::Tcp(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

fn connect(target: &SyslogTarget) -> std::io::Result<Open> {
    match target {
        SyslogTarget::Udp(address) => {
            let to = resolve(address)?;
            let any: SocketAddr = match to {
                SocketAddr::V4(_) => ([0; 4], 0).into(),
                SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
            };
            let socket = UdpSocket::bind(any)?;
            socket.connect(to)?;
            Ok(Open::Udp(socket))
        }
        SyslogTarget::Tcp(address) => Ok(Open::Tcp(stream(address)?)),
        SyslogTarget::Tls(address, config) => {
            let host = address
                .rsplit_once(':')
                .map_or(&**address, |(host, _)| host);
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let name = ServerName::try_from(host.to_owned())
                .map_err(|error| std::io::Error::new(ErrorKind::InvalidInput, error))?;
            let connection =
                ClientConnection::new(Arc::clone(config), name).map_err(std::io::Error::other)?;
            let mut stream = StreamOwned::new(connection, stream(address)?);
            // The handshake, so that what is wrong with it shows here.
            while stream.conn.is_handshaking() {
                stream.conn.complete_io(&mut stream.sock)?;
            }
            Ok(Open::Tls(Box::new(stream)))
        }
    }
}

fn stream(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&resolve(address)?, WITHIN)?;
    stream.set_write_timeout(Some(WITHIN))?;
    stream.set_read_timeout(Some(WITHIN))?;
    Ok(stream)
}

fn resolve(address: &str) -> std::io::Result<SocketAddr> {
    let unknown = || std::io::Error::new(ErrorKind::NotFound, format!("{address} has no address"));
    address.to_socket_addrs()?.next().ok_or_else(unknown)
}

/// The name of this machine, or `-` where it is not known or not a name.
fn host_name() -> String {
    let name = ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok())
        .unwrap_or_default();
    let name = name.trim();
    let is_name =
        !name.is_empty() && name.len() <= 255 && name.bytes().all(|byte| byte.is_ascii_graphic());
    if is_name {
        name.to_owned()
    } else {
        "-".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use defender_detect::ChangeEvent;

    use super::{super::tests::outgoing, *};

    #[test]
    fn a_message_is_of_rfc_5424() {
        let syslog = Syslog::new(SyslogTarget::Udp("127.0.0.1:514".into()));
        let message = syslog.message(&outgoing("pump", ChangeEvent::Again));
        let mut parts = message.splitn(8, ' ');
        // Log audit, warning.
        assert_eq!(parts.next(), Some("<108>1"));
        assert_eq!(parts.next(), Some("2026-11-18T11:07:40Z"));
        assert!(parts.next().is_some_and(|host| !host.is_empty()));
        assert_eq!(parts.next(), Some("defender"));
        assert!(parts.next().is_some_and(|id| id.parse::<u32>().is_ok()));
        assert_eq!(parts.next(), Some("again"));
        assert_eq!(parts.next(), Some("-"));
        assert!(parts.next().is_some_and(|cef| cef.starts_with("CEF:0|")));
    }
}
