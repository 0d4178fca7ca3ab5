//! Who may use the API and the page.
//!
//! On loopback that is who is on this machine, and no page of the web in their browser: such a page may send requests to
//! loopback, but with a `Host` that leads there by a trick, or an `Origin` of its own. Elsewhere it is a program that shows the token, or a
//! person who has logged in; over TLS, or through a proxy that the configuration names.

use std::{net::IpAddr, sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use subtle::ConstantTimeEq;

use super::{Api, caller::Caller, cookie, forwarded::Forwarded, problem::Problem};
use crate::users::UserRole;

/// What a form of a user shows.
const CSRF: &str = "x-csrf-token";

/// Who may use the API.
pub(crate) struct Access {
    /// It listens on loopback alone.
    pub is_loopback: bool,
    /// Addresses of proxies, which say who asks through them.
    pub proxies: Vec<IpAddr>,
    /// What a program must show.
    pub token: Option<String>,
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub address: IpAddr,
    /// It speaks TLS.
    pub is_tls: bool,
}

/// How a request has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    /// Who has sent it, to their own or a proxy's knowledge.
    pub client: IpAddr,
    /// Nothing need be shown.
    is_open: bool,
}

pub(super) async fn check(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let mut response = match admit(&api, &head).await {
        Ok((way, caller)) => {
            head.extensions.insert(way);
            head.extensions.insert(caller);
            next.run(Request::from_parts(head, body)).await
        }
        Err(refused) => refused,
    };
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Who asks; or what they are told who may not.
async fn admit(api: &Api, head: &Parts) -> Result<(Way, Caller), Response> {
    let (path, headers) = (head.uri.path(), &head.headers);
    let peer = head.extensions.get::<Peer>();
    let way = match peer {
        Some(peer) => api.access.way(*peer, headers),
        None => Err(Problem::new(StatusCode::FORBIDDEN, "nobody knows who asks")),
    };
    let way = way.map_err(IntoResponse::into_response)?;
    // Whether it is alive may be asked by anybody who gets this far, and where one logs in is open.
    let is_public = matches!(path, "/healthz" | "/login" | "/page.css" | "/page.js");
    if way.is_open || is_public {
        return Ok((way, Caller::Anybody));
    }
    if headers.contains_key(header::AUTHORIZATION) {
        return match api.access.is_token_shown(headers) {
            true => Ok((way, Caller::Anybody)),
            false => Err(unknown("show the token: `Authorization: Bearer …`")),
        };
    }
    match known(api, headers).await {
        Ok(Some(caller)) => match may(&caller, head) {
            Ok(()) => Ok((way, caller)),
            Err(problem) => Err(problem.into_response()),
        },
        Ok(None) if is_page(head) => {
            let to = head.uri.path_and_query().map_or("/", |to| to.as_str());
            let to = utf8_percent_encode(to, NON_ALPHANUMERIC);
            Err(Redirect::to(&format!("/login?to={to}")).into_response())
        }
        Ok(None) => Err(unknown(
            "show the token: `Authorization: Bearer …`, or log in",
        )),
        Err(problem) => Err(problem.into_response()),
    }
}

fn unknown(reason: &str) -> Response {
    let problem = Problem::new(StatusCode::UNAUTHORIZED, reason).into_response();
    ([(header::WWW_AUTHENTICATE, "Bearer")], problem).into_response()
}

/// Whether a person looks at a page.
fn is_page(head: &Parts) -> bool {
    let path = head.uri.path();
    head.method == Method::GET && path != "/metrics" && !path.starts_with("/api/")
}

/// The user whose session a cookie shows. Their password and role are those of now.
async fn known(api: &Api, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let token = cookie::of(headers, cookie::SESSION);
    let session = token.and_then(|token| api.people.sessions.find(token, Instant::now()));
    let Some(session) = session else {
        return Ok(None);
    };
    let name = session.name.clone();
    let user = api.read(move |reader| reader.user(&name)).await?;
    let user = user.filter(|user| user.password == session.password);
    Ok(user.map(|user| Caller::User {
        session,
        role: user.role,
    }))
}

/// Whether a user may do this, and means it.
fn may(caller: &Caller, head: &Parts) -> Result<(), Problem> {
    let Caller::User { session, role } = caller else {
        return Ok(());
    };
    // Logging out shows the same in its body.
    if head.method.is_safe() || head.uri.path() == "/logout" {
        return Ok(());
    }
    let shown = text(&head.headers, CSRF).unwrap_or_default();
    let forbidden = |reason: String| Problem::new(StatusCode::FORBIDDEN, reason);
    if !bool::from(shown.as_bytes().ct_eq(session.csrf.as_bytes())) {
        let reason =
            format!("what changes something shows `{CSRF}` of its page: load the page again");
        return Err(forbidden(reason));
    }
    match role {
        UserRole::Operator => Ok(()),
        UserRole::Reader => Err(forbidden(format!(
            "{} may look, and change nothing: that takes the role operator",
            session.name
        ))),
    }
}

impl Access {
    /// How a request has come, if that is a way that is allowed.
    fn way(&self, peer: Peer, headers: &HeaderMap) -> Result<Way, Problem> {
        let forbidden = |reason: &str| Err(Problem::new(StatusCode::FORBIDDEN, reason));
        let address = peer.address.to_canonical();
        let host = text(headers, header::HOST.as_str()).unwrap_or_default();
        // A program beside the proxy shows the token.
        let is_beside =
            address.is_loopback() && !Forwarded::is_there(headers) && self.is_token_shown(headers);
        let is_proxied = self.proxies.contains(&address) && !is_beside;
        let (client, host, schemes): (_, _, &[&str]) = if is_proxied {
            let said = Forwarded::of(headers);
            if said.scheme.as_deref() != Some("https") {
                return forbidden(
                    "the proxy does not say that its client came by https: it has to set X-Forwarded-Proto, or Forwarded",
                );
            }
            let host = said.host.unwrap_or_else(|| host.to_owned());
            (said.client.unwrap_or(address), host, &["https"])
        } else if self.is_loopback && (self.proxies.is_empty() || is_beside) {
            if !is_of_loopback(host) {
                return forbidden(
                    "the Host of the request is not this machine's own: use http://127.0.0.1",
                );
            }
            (address, host.to_owned(), &["http", "https"])
        } else if peer.is_tls {
            (address, host.to_owned(), &["https"])
        } else {
            return forbidden("this address takes requests of its proxy alone");
        };
        if headers.contains_key(header::ORIGIN) {
            let origin = text(headers, header::ORIGIN.as_str()).unwrap_or_default();
            let mut own = schemes.iter().map(|scheme| format!("{scheme}://{host}"));
            if !own.any(|own| own.eq_ignore_ascii_case(origin)) {
                return forbidden("the request comes from a page of somebody else");
            }
        }
        Ok(Way {
            client,
            is_open: self.is_loopback && self.proxies.is_empty() && self.token.is_none(),
        })
    }

    /// Whether only users get in.
    pub(crate) fn is_closed(&self) -> bool {
        self.token.is_none() && !(self.is_loopback && self.proxies.is_empty())
    }

    /// Whether a request shows the token.
    fn is_token_shown(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else {
            return false;
        };
        let shown = text(headers, header::AUTHORIZATION.as_str()).unwrap_or_default();
        let shown = shown.strip_prefix("Bearer ").unwrap_or_default();
        shown.as_bytes().ct_eq(token.as_bytes()).into()
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a `Host` is this machine's own.
fn is_of_loopback(host: &str) -> bool {
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

    fn access(is_loopback: bool, proxies: &[&str], token: Option<&str>) -> Access {
        Access {
            is_loopback,
            proxies: proxies.iter().map(|it| it.parse().unwrap()).collect(),
            token: token.map(str::to_owned),
        }
    }

    fn peer(address: &str, is_tls: bool) -> Peer {
        let address = address.parse().unwrap();
        Peer { address, is_tls }
    }

    #[test]
    fn pages_of_others_do_not_reach_loopback() {
        let access = access(true, &[], None);
        let way = |all: &[_]| access.way(peer("127.0.0.1", false), &headers(all));
        let passes = |all: &[_]| way(all).is_ok();
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
        // Whatever somebody says of a proxy, where there is none.
        let said = [host, ("x-forwarded-for", "198.51.100.4")];
        assert_eq!(way(&said).unwrap().client, peer("127.0.0.1", false).address);
        assert!(way(&said).unwrap().is_open);
    }

    #[test]
    fn the_token_is_shown_as_it_is() {
        let access = access(false, &[], Some("hush"));
        let is_shown = |value: &str| access.is_token_shown(&headers(&[("authorization", value)]));
        assert!(is_shown("Bearer hush"));
        for wrong in ["", "hush", "Bearer hus", "Bearer hushh", "Basic hush"] {
            assert!(!is_shown(wrong), "{wrong}");
        }
        assert!(!access.is_token_shown(&HeaderMap::new()));
    }

    #[test]
    fn elsewhere_it_is_tls_or_a_proxy_that_is_named_and_says_so() {
        let host = ("host", "hub.example");
        let tls = access(false, &[], None);
        let direct = tls.way(peer("198.51.100.4", true), &headers(&[host]));
        assert!(!direct.unwrap().is_open);
        let strange = headers(&[host, ("origin", "https://evil.example")]);
        assert!(tls.way(peer("198.51.100.4", true), &strange).is_err());
        let own = headers(&[host, ("origin", "https://hub.example")]);
        assert!(tls.way(peer("198.51.100.4", true), &own).is_ok());
        let plain = headers(&[host, ("origin", "http://hub.example")]);
        assert!(tls.way(peer("198.51.100.4", true), &plain).is_err());

        let proxied = access(false, &["10.0.0.5"], None);
        let said = [
            host,
            ("x-forwarded-proto", "https"),
            ("x-forwarded-for", "203.0.113.9"),
        ];
        let way = proxied.way(peer("10.0.0.5", false), &headers(&said));
        assert_eq!(way.unwrap().client, peer("203.0.113.9", false).address);
        // A socket of IPv6 shows IPv4 like this.
        assert!(
            proxied
                .way(peer("::ffff:10.0.0.5", false), &headers(&said))
                .is_ok()
        );
        // The same words of somebody else, and others of the proxy.
        assert!(
            proxied
                .way(peer("10.0.0.6", false), &headers(&said))
                .is_err()
        );
        for wrong in [&[host][..], &[host, ("x-forwarded-proto", "http")]] {
            assert!(
                proxied
                    .way(peer("10.0.0.5", false), &headers(wrong))
                    .is_err()
            );
        }
        // The host that the client asked for counts, not that by which the proxy asks.
        let behind = [
            ("host", "10.0.0.9:8080"),
            ("origin", "https://hub.example"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "hub.example"),
        ];
        assert!(
            proxied
                .way(peer("10.0.0.5", false), &headers(&behind))
                .is_ok()
        );
    }

    #[test]
    fn with_a_proxy_on_this_machine_loopback_is_open_no_more() {
        let access = access(true, &["127.0.0.1"], Some("hush"));
        let local = peer("127.0.0.1", false);
        let host = ("host", "127.0.0.1:8080");
        assert!(access.way(local, &headers(&[host])).is_err());
        let said = [("host", "hub.example"), ("forwarded", "proto=https")];
        assert!(!access.way(local, &headers(&said)).unwrap().is_open);
        // A program on this machine shows the token.
        let token = ("authorization", "Bearer hush");
        assert!(access.way(local, &headers(&[host, token])).is_ok());
        let wrong = ("authorization", "Bearer hash");
        assert!(access.way(local, &headers(&[host, wrong])).is_err());
    }
}
