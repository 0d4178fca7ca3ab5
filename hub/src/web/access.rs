//! Who may use the API.
//!
//! On loopback that is who is on this machine, and no page of the web in their browser: such a page may send requests to
//! loopback, but with a `Host` that leads there by a trick, or an `Origin` of its own. Elsewhere it is who shows the token.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq;

use super::{Api, problem::Problem};

/// Who may use the API.
#[derive(Clone)]
pub(crate) struct Access {
    /// It listens on loopback alone.
    pub is_loopback: bool,
    /// What a client must show.
    pub token: Option<String>,
}

pub(super) async fn check(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    // Whether it is alive may be asked by anybody who gets this far.
    let is_public = request.uri().path() == "/healthz";
    let refused = api.access.refuses(request.headers(), is_public);
    let mut response = match refused {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl Access {
    fn refuses(&self, headers: &HeaderMap, is_public: bool) -> Option<Problem> {
        if self.is_loopback {
            let host = text(headers, header::HOST).unwrap_or_default();
            if !is_of_loopback(host) {
                return Some(Problem::new(
                    StatusCode::FORBIDDEN,
                    "the Host of the request is not this machine's own: use http://127.0.0.1",
                ));
            }
            if headers.contains_key(header::ORIGIN) {
                let origin = text(headers, header::ORIGIN).unwrap_or_default();
                let own = ["http://", "https://"].map(|scheme| format!("{scheme}{host}"));
                if !own.iter().any(|own| own.eq_ignore_ascii_case(origin)) {
                    return Some(Problem::new(
                        StatusCode::FORBIDDEN,
                        "the request comes from a page of somebody else",
                    ));
                }
            }
        }
        let token = self.token.as_ref().filter(|_| !is_public)?;
        let shown = text(headers, header::AUTHORIZATION).unwrap_or_default();
        let shown = shown.strip_prefix("Bearer ").unwrap_or_default();
        match bool::from(shown.as_bytes().ct_eq(token.as_bytes())) {
            true => None,
            false => Some(Problem::new(
                StatusCode::UNAUTHORIZED,
                "show the token: `Authorization: Bearer …`",
            )),
        }
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a `Host` is this machine's own.
pub(super) fn is_of_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        let all = all
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        all.collect()
    }

    #[test]
    fn pages_of_others_do_not_reach_loopback() {
        let access = Access {
            is_loopback: true,
            token: None,
        };
        let passes = |all: &[_]| access.refuses(&headers(all), false).is_none();
        for host in [
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost",
            "127.1.2.3",
        ] {
            assert!(passes(&[("host", host)]), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8080",
            "192.0.2.1:8080",
            "127.0.0.1.evil.example",
        ] {
            assert!(!passes(&[("host", host)]), "{host}");
        }
        let host = ("host", "localhost:8080");
        assert!(passes(&[host, ("origin", "http://localhost:8080")]));
        for origin in [
            "null",
            "http://evil.example",
            "http://localhost:8081",
            "http://localhost:80801",
        ] {
            assert!(!passes(&[host, ("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn elsewhere_the_token_must_be_shown() {
        let access = Access {
            is_loopback: false,
            token: Some("hush".into()),
        };
        let passes = |value: &str| {
            let headers = headers(&[("host", "hub.example"), ("authorization", value)]);
            access.refuses(&headers, false).is_none()
        };
        assert!(passes("Bearer hush"));
        for wrong in ["", "hush", "Bearer hus", "Bearer hushh", "Basic hush"] {
            assert!(!passes(wrong), "{wrong}");
        }
        assert!(access.refuses(&HeaderMap::new(), false).is_some());
        assert!(access.refuses(&HeaderMap::new(), true).is_none());
    }
}
