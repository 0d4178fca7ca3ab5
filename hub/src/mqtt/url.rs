//! Where a hub is: `mqtt://[user[:password]@]host[:port]`, or `mqtts://` for TLS.

use std::{fmt, str::FromStr};

use percent_encoding::percent_decode_str;
use url::{Host, Url};

const PLAIN_PORT: u16 = 1883;
const TLS_PORT: u16 = 8883;

/// The address of an MQTT broker.
#[derive(Clone, PartialEq, Eq)]
pub struct HubUrl {
    host: Host,
    port: u16,
    is_encrypted: bool,
    credentials: Option<(String, String)>,
}

/// Text that is no address of a hub.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// No URL at all.
    #[error("'{text}' is no URL: {reason}; write it like mqtt://localhost:1883")]
    NoUrl {
        /// What was given.
        text: String,
        /// What the parser says.
        reason: url::ParseError,
    },
    /// A URL without a host.
    #[error("'{0}' names no host; write it like mqtt://localhost:1883")]
    NoHost(String),
    /// Another protocol.
    #[error("{0}:// is no MQTT broker; use mqtt://, or mqtts:// for TLS")]
    Scheme(String),
    /// More than an address.
    #[error("a path, query or fragment says nothing to an MQTT broker; leave '{0}' out of the URL")]
    Excess(String),
    /// A user name or password that is no text.
    #[error("user name and password must be UTF-8 when percent-decoded")]
    Credentials,
}

impl FromStr for HubUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let url: Url = text.parse().map_err(|reason| UrlError::NoUrl {
            text: text.to_owned(),
            reason,
        })?;
        let is_encrypted = match url.scheme() {
            "mqtt" | "tcp" => false,
            "mqtts" | "ssl" => true,
            // `localhost:1883` is a valid URL with the scheme `localhost`.
            _ if !text.contains("://") => return Err(UrlError::NoHost(text.to_owned())),
            other => return Err(UrlError::Scheme(other.to_owned())),
        };
        // Of URLs of schemes that it does not know, the parser leaves the host as it is.
        let host = match url.host_str() {
            None | Some("") => return Err(UrlError::NoHost(text.to_owned())),
            Some(host) => Host::parse(host).map_err(|reason| UrlError::NoUrl {
                text: text.to_owned(),
                reason,
            })?,
        };
        let excess = &url[url::Position::BeforePath..];
        if !matches!(excess, "" | "/") {
            return Err(UrlError::Excess(excess.to_owned()));
        }
        let decode = |text| match percent_decode_str(text).decode_utf8() {
            Ok(text) => Ok(text.into_owned()),
            Err(_) => Err(UrlError::Credentials),
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((decode(user)?, decode(password.unwrap_or_default())?)),
        };
        let usual_port = if is_encrypted { TLS_PORT } else { PLAIN_PORT };
        Ok(Self {
            host,
            port: url.port().unwrap_or(usual_port),
            is_encrypted,
            credentials,
        })
    }
}

impl HubUrl {
    /// A broker on this machine.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self {
            host: Host::Ipv4(std::net::Ipv4Addr::LOCALHOST),
            port,
            is_encrypted: false,
            credentials: None,
        }
    }

    /// The host as a resolver takes it: without the brackets of an IPv6 address.
    pub(super) fn host(&self) -> String {
        match &self.host {
            Host::Ipv6(address) => address.to_string(),
            other => other.to_string(),
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Whether the hub speaks TLS.
    pub(super) fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    pub(super) fn credentials(&self) -> Option<(&str, &str)> {
        self.credentials
            .as_ref()
            .map(|(user, password)| (user.as_str(), password.as_str()))
    }
}

/// Without credentials, which have no place in messages.
impl fmt::Display for HubUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_encrypted { "mqtts" } else { "mqtt" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for HubUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HubUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<HubUrl, UrlError> {
        text.parse()
    }

    #[test]
    fn hosts_ports_and_credentials_are_read() {
        let url = parse("mqtt://localhost").unwrap();
        assert_eq!((url.host().as_str(), url.port()), ("localhost", 1883));
        assert!(!url.is_encrypted());
        assert_eq!(url.credentials(), None);
        let url = parse("mqtt://user:p%40ss@[::1]:1884/").unwrap();
        assert_eq!((url.host().as_str(), url.port()), ("::1", 1884));
        assert_eq!(url.credentials(), Some(("user", "p@ss")));
        assert_eq!(url.to_string(), "mqtt://[::1]:1884");
        let url = parse("tcp://name@10.0.0.1:9").unwrap();
        assert_eq!((url.host().as_str(), url.port()), ("10.0.0.1", 9));
        assert_eq!(url.credentials(), Some(("name", "")));
        let url = parse("mqtts://hub.example").unwrap();
        assert_eq!((url.is_encrypted(), url.port()), (true, 8883));
        assert_eq!(url.to_string(), "mqtts://hub.example:8883");
        let url = parse("ssl://hub.example:443").unwrap();
        assert_eq!((url.is_encrypted(), url.port()), (true, 443));
        assert_eq!(HubUrl::loopback(7).to_string(), "mqtt://127.0.0.1:7");
    }

    #[test]
    fn what_is_no_broker_is_refused_with_advice() {
        for text in ["", "localhost", "mqtt://host:port", "mqtt://[::1"] {
            assert!(matches!(parse(text), Err(UrlError::NoUrl { .. })), "{text}");
        }
        for text in ["localhost:1883", "mqtt://", "mqtt:host"] {
            assert!(matches!(parse(text), Err(UrlError::NoHost(_))), "{text}");
        }
        for text in ["http://host", "wss://host"] {
            assert!(matches!(parse(text), Err(UrlError::Scheme(_))), "{text}");
        }
        for text in ["mqtt://host/path", "mqtt://host?x=1", "mqtt://host#x"] {
            assert!(matches!(parse(text), Err(UrlError::Excess(_))), "{text}");
        }
        assert_eq!(parse("mqtt://%ff@host"), Err(UrlError::Credentials));
    }
}
