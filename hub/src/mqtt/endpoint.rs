//! A hub, and all that is needed to connect to it.

use std::{fmt, path::Path, sync::Arc};

use rustls::ClientConfig;

use super::{
    HubUrl,
    tls::{self, TrustError},
};

/// Where a hub is, and whom to trust there.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub(super) url: HubUrl,
    /// What TLS needs to know, for hubs that speak it.
    pub(super) tls: Option<Arc<ClientConfig>>,
}

impl Endpoint {
    /// A hub of which the certificate leads to one in the PEM file `ca`, or to one that the system trusts.
    ///
    /// # Errors
    /// [`TrustError`] when the file or the system has no certificates to trust, or the hub does not speak TLS.
    pub fn new(url: HubUrl, ca: Option<&Path>) -> Result<Self, TrustError> {
        let tls = match (url.is_encrypted(), ca) {
            (true, ca) => Some(tls::client_config(ca)?),
            (false, None) => None,
            (false, Some(path)) => {
                return Err(TrustError::Unused {
                    path: path.into(),
                    url: url.to_string(),
                });
            }
        };
        Ok(Self { url, tls })
    }

    /// A broker on this machine, without TLS.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self {
            url: HubUrl::loopback(port),
            tls: None,
        }
    }
}

/// Where it is, without credentials, which have no place in messages.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}
