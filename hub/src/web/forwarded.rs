//! What a proxy says of the client for which it asks: `Forwarded` (RFC 7239), or `X-Forwarded-…`.
//!
//! It is believed of an address that the configuration names, and of no other. Of several entries the last one is the nearest proxy's own.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

/// What a proxy says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Forwarded {
    /// `https`, if the client came so.
    pub scheme: Option<String>,
    /// The client.
    pub client: Option<IpAddr>,
    /// The host that it asked for.
    pub host: Option<String>,
}

impl Forwarded {
    /// What headers say.
    pub fn of(headers: &HeaderMap) -> Self {
        let standard = last(headers, header::FORWARDED.as_str());
        let mut said = Self::default();
        for pair in standard.unwrap_or_default().split(';') {
            let Some((name, value)) = pair.trim().split_once('=') else {
                continue;
            };
            let value = value.trim_matches('"');
            match name.to_ascii_lowercase().as_str() {
                "proto" => said.scheme = Some(value.to_ascii_lowercase()),
                "for" => said.client = address(value),
                "host" => said.host = Some(value.to_owned()),
                _ => {}
            }
        }
        let scheme = last(headers, "x-forwarded-proto").map(|value| value.to_ascii_lowercase());
        // Two that differ say nothing.
        said.scheme = match (said.scheme, scheme) {
            (Some(one), Some(other)) if one != other => None,
            (one, other) => one.or(other),
        };
        let client = last(headers, "x-forwarded-for").and_then(address);
        said.client = said.client.or(client);
        let host = last(headers, "x-forwarded-host").map(str::to_owned);
        said.host = said.host.or(host);
        said
    }

    /// Whether headers say anything at all.
    pub fn is_there(headers: &HeaderMap) -> bool {
        let names = ["forwarded", "x-forwarded-proto", "x-forwarded-for"];
        names.iter().any(|name| headers.contains_key(*name))
    }
}

/// The last entry of a header, which may be there several times.
fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).iter().next_back()?;
    value.to_str().ok()?.rsplit(',').next().map(str::trim)
}

/// An address, with or without port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().ok().map(|it| it.ip());
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(all: &[(&'static str, &str)]) -> Forwarded {
        let all = all
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let mut headers = HeaderMap::new();
        all.for_each(|(name, value): (header::HeaderName, header::HeaderValue)| {
            headers.append(name, value);
        });
        Forwarded::of(&headers)
    }

    #[test]
    fn the_nearest_proxy_is_the_one_that_is_believed() {
        let said = of(&[(
            "forwarded",
            "for=198.51.100.1;proto=http, for=\"[2001:db8::7]:4711\";Proto=HTTPS;host=hub.example",
        )]);
        assert_eq!(said.scheme.as_deref(), Some("https"));
        assert_eq!(said.client, "2001:db8::7".parse().ok());
        assert_eq!(said.host.as_deref(), Some("hub.example"));
        let said = of(&[
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-for", "203.0.113.9, 198.51.100.4"),
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-host", "hub.example:8443"),
        ]);
        assert_eq!(said.scheme.as_deref(), Some("https"));
        assert_eq!(said.client, "198.51.100.4".parse().ok());
        assert_eq!(said.host.as_deref(), Some("hub.example:8443"));
    }

    #[test]
    fn what_contradicts_itself_or_is_no_address_says_nothing() {
        let said = of(&[("forwarded", "proto=https"), ("x-forwarded-proto", "http")]);
        assert_eq!(said.scheme, None);
        for wrong in ["unknown", "_hidden", "", "1.2.3", "[::1"] {
            let said = of(&[("x-forwarded-for", wrong)]);
            assert!(said.client.is_none() || wrong == "[::1", "{wrong}");
        }
        assert_eq!(of(&[]), Forwarded::default());
    }
}
