//! Who a client says it is, and how it wants to prove it: what CONNECT means.

use bytes::Bytes;

use super::codec::{Connect, ConnectAuth, ConnectReturnCode};
use crate::mqtt::DeviceId;

/// What a client says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// The client id.
    pub client: String,
    /// Who it wants to be: the device or service that its user name says or, without one, its client id.
    pub identity: String,
    /// The hub's name, as in `{hub}/{device}/?api-version=…`.
    pub host: Option<String>,
    /// How it proves that.
    pub proof: Proof,
    /// Whether what was kept for it is to be forgotten, now and when it leaves.
    pub is_clean: bool,
    /// Seconds within which it says something; 0 when it does not care.
    pub keep_alive: u16,
    /// A message to send when it goes without a farewell: topic and payload.
    pub will: Option<(String, Bytes)>,
}

/// What a client proves itself with, beside the certificate that TLS knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proof {
    Nothing,
    /// A shared access signature.
    Token(String),
    Password(Bytes),
}

/// What CONNECT says, or with which code it is refused before anything is looked up.
pub(super) fn claim(connect: Connect) -> Result<Claim, ConnectReturnCode> {
    let client = connect.client_id;
    if client.parse::<DeviceId>().is_err() {
        return Err(ConnectReturnCode::BadClientId);
    }
    let (user, password) = match connect.auth {
        ConnectAuth::None => (None, None),
        ConnectAuth::Username { username } => (Some(username), None),
        ConnectAuth::UsernamePassword { username, password } => (Some(username), Some(password)),
    };
    let (host, identity) = match user.as_deref() {
        None | Some("") => (None, client.clone()),
        Some(user) => names(user).ok_or(ConnectReturnCode::BadUserNamePassword)?,
    };
    let proof = match password {
        None => Proof::Nothing,
        Some(password) if password.starts_with(b"SharedAccessSignature ") => {
            let text = String::from_utf8(password.into());
            Proof::Token(text.map_err(|_| ConnectReturnCode::BadUserNamePassword)?)
        }
        Some(password) => Proof::Password(password),
    };
    Ok(Claim {
        client,
        identity,
        host,
        proof,
        is_clean: connect.clean_session,
        keep_alive: connect.keep_alive,
        will: connect.last_will.map(|will| (will.topic, will.message)),
    })
}

/// The hub and the device of a user name: `{hub}/{device}/?api-version=…`, the same without the query, or a name alone.
fn names(user: &str) -> Option<(Option<String>, String)> {
    let (host, rest) = match user.split_once('/') {
        None => (None, user),
        Some((host, rest)) => (Some(host), rest),
    };
    let (device, query) = match rest.split_once('/') {
        None => (rest, ""),
        Some((device, query)) => (device, query),
    };
    let is_query = query.is_empty() || query.starts_with('?') || query.starts_with("api-version=");
    let is_named = host != Some("") && device.parse::<DeviceId>().is_ok();
    (is_query && is_named).then(|| (host.map(str::to_owned), device.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        client: &str,
        user: Option<&str>,
        password: Option<&str>,
    ) -> Result<Claim, ConnectReturnCode> {
        let mut connect = Connect::new(client);
        connect.auth = match (user, password) {
            (Some(user), Some(password)) => ConnectAuth::UsernamePassword {
                username: user.into(),
                password: Bytes::copy_from_slice(password.as_bytes()),
            },
            (Some(user), None) => ConnectAuth::Username {
                username: user.into(),
            },
            _ => ConnectAuth::None,
        };
        claim(connect)
    }

    #[test]
    fn user_names_are_those_of_iot_hub_clients() {
        let token = "SharedAccessSignature sr=x";
        for user in [
            // The middleware's, and older ones.
            "hub.example/a/?api-version=2020-09-30&DeviceClientType=azsdk-c%2F1.5.0",
            "hub.example/a/api-version=2016-11-14",
            "hub.example/a/",
            "hub.example/a",
        ] {
            let claim = of("a", Some(user), Some(token)).unwrap();
            assert_eq!(claim.identity, "a", "{user}");
            assert_eq!(claim.host.as_deref(), Some("hub.example"));
            assert_eq!(claim.proof, Proof::Token(token.into()));
        }
        let claim = of("watcher-1", Some("audit"), Some("secret")).unwrap();
        assert_eq!(
            (claim.client.as_str(), claim.identity.as_str()),
            ("watcher-1", "audit")
        );
        assert_eq!(claim.proof, Proof::Password("secret".into()));
        let claim = of("a", None, None).unwrap();
        assert_eq!(
            (claim.identity.as_str(), claim.proof),
            ("a", Proof::Nothing)
        );
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for client in ["", "a/b", "+", "a#", &"x".repeat(129)] {
            assert_eq!(of(client, None, None), Err(ConnectReturnCode::BadClientId));
        }
        for user in ["hub//", "/a", "hub/a/m/?api-version=1", "hub/a/x", "hub/+/"] {
            let refused = of("a", Some(user), None);
            assert_eq!(
                refused,
                Err(ConnectReturnCode::BadUserNamePassword),
                "{user}"
            );
        }
    }
}
