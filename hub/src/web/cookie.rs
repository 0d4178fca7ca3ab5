//! Cookies of those who log in: for this host, over TLS, out of reach for scripts and for pages of others.

use axum::http::{HeaderMap, header};

/// That of a session.
pub(super) const SESSION: &str = "__Host-defender";

/// That of a form for logging in.
pub(super) const FORM: &str = "__Host-defender-form";

/// The value of a cookie.
pub(super) fn of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter();
    let all = all.filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|value| value.split(';'));
    let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(it, _)| *it == name).map(|(_, value)| value)
}

/// What sets one.
pub(super) fn set(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict")
}

/// What takes one away.
pub(super) fn unset(name: &str) -> String {
    format!("{}; Max-Age=0", set(name, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            "a=b; __Host-defender-form=x".parse().unwrap(),
        );
        headers.append(header::COOKIE, "__Host-defender=to=ken".parse().unwrap());
        assert_eq!(of(&headers, SESSION), Some("to=ken"));
        assert_eq!(of(&headers, FORM), Some("x"));
        assert_eq!(of(&headers, "b"), None);
    }
}
