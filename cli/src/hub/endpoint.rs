//! A hub, and all that is needed to connect to it.

use std::{fmt, path::Path, sync::Arc};

use rumqttc::{MqttOptions, TlsConfiguration, Transport};
use rustls::ClientConfig;

use super::{
    HubUrl, KEEP_ALIVE, MAX_PACKET,
    tls::{self, TrustError},
};

/// Where a hub is, and whom to trust there.
#[derive(Clone, Debug)]
pub struct Endpoint {
    url: HubUrl,
    /// What TLS needs to know, for hubs that speak it.
    tls: Option<Arc<ClientConfig>>,
}

impl Endpoint {
    /// A hub of which the certificate leads to one in the PEM file `ca`, or to one that the system trusts.
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
    pub fn loopback(port: u16) -> Self {
        Self {
            url: HubUrl::loopback(port),
            tls: None,
        }
    }

    /// What a client with this name needs.
    pub(super) fn options(&self, client_id: &str) -> MqttOptions {
        let url = &self.url;
        let mut options = MqttOptions::new(client_id, url.host(), url.port());
        options.set_keep_alive(KEEP_ALIVE);
        options.set_max_packet_size(MAX_PACKET, MAX_PACKET);
        if let Some((user, password)) = url.credentials() {
            options.set_credentials(user, password);
        }
        if let Some(config) = &self.tls {
            let config = TlsConfiguration::Rustls(Arc::clone(config));
            options.set_transport(Transport::tls_with_config(config));
        }
        options
    }
}

/// Where it is, without credentials, which have no place in messages.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}
