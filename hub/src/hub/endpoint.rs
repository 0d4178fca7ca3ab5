//! The hub's own MQTT endpoint, from its addresses to a server.

use std::{net::SocketAddr, path::Path, sync::Arc};

use rustls::ServerConfig;
use tokio::{net::TcpListener, sync::watch};

use super::{StartError, bind, certificates::Certificate};
use crate::{
    config::{HubConfig, Mqtts},
    endpoint::{Limits, Server, Unenrolled, tls},
    identity::{Directory, KeyFiles, StoreDirectory},
    intake::Intake,
    notice::Notices,
    store::Store,
};

/// Addresses that are taken. Nobody is served there yet.
pub(super) struct Doors {
    plain: Option<(TcpListener, Unenrolled)>,
    tls: Option<(TcpListener, watch::Receiver<Arc<ServerConfig>>)>,
    /// That of `tls`.
    pub certificate: Option<Certificate>,
}

impl Doors {
    /// Takes the addresses, so that it is known early whether they can be had. `folder` is the hub's.
    pub async fn bind(config: &HubConfig, folder: &Path) -> Result<Self, StartError> {
        let listen = &config.listen;
        let plain = match listen.mqtt {
            None => None,
            Some(address) if !address.ip().is_loopback() => {
                return Err(StartError::OpenMqtt(address));
            }
            Some(address) => {
                let unenrolled = match listen.unenrolled {
                    true => Unenrolled::Admitted,
                    false => Unenrolled::Refused,
                };
                Some((bind(address, "mqtt").await?, unenrolled))
            }
        };
        let (tls, certificate) = match listen.mqtts {
            None => (None, None),
            Some(address) => {
                let (section, folder) = (config.mqtts.clone(), folder.to_owned());
                let certificate =
                    Certificate::read("mqtts", move || server_config(&section, &folder))?;
                let listener = bind(address, "mqtts").await?;
                (Some((listener, certificate.current())), Some(certificate))
            }
        };
        Ok(Self {
            plain,
            tls,
            certificate,
        })
    }

    /// Serves whoever is enrolled in the store.
    pub fn open(
        self,
        config: &HubConfig,
        store: &Store,
        folder: &Path,
        intake: Intake,
        notices: &Notices,
    ) -> Result<Endpoint, StartError> {
        let sealing = KeyFiles::of(folder).sealing_key()?;
        let directory = StoreDirectory::of(store.clone())?;
        if let Err(error) = directory.opens_with(&sealing) {
            notices.trouble(error);
        }
        let mut limits = Limits::default();
        limits.connections = config.limits.connections;
        let directory: Arc<dyn Directory> = Arc::new(directory);
        let mut server = Server::new(directory, sealing, intake, limits);
        let address = |listener: &TcpListener| listener.local_addr().map_err(StartError::Listen);
        let plain = self.plain.as_ref();
        let plain = plain.map(|(listener, _)| address(listener)).transpose()?;
        let tls = self.tls.as_ref();
        let tls = tls.map(|(listener, _)| address(listener)).transpose()?;
        if let Some((listener, unenrolled)) = self.plain {
            server.serve(listener, unenrolled);
        }
        if let Some((listener, certificate)) = self.tls {
            server.serve_tls(listener, certificate);
        }
        Ok(Endpoint { server, plain, tls })
    }
}

/// The endpoint, and where it listens.
pub(super) struct Endpoint {
    pub server: Server,
    pub plain: Option<SocketAddr>,
    pub tls: Option<SocketAddr>,
}

/// The certificate of the configuration, or the one that was made.
fn server_config(section: &Mqtts, folder: &Path) -> Result<Arc<ServerConfig>, StartError> {
    Ok(match (&section.certificate, &section.key) {
        (Some(certificate), Some(key)) => tls::server_config(certificate, key)?,
        (None, None) => {
            let files = KeyFiles::of(folder);
            tls::server_config(&files.certificate(), &files.key())?
        }
        _ => return Err(StartError::HalfCertificate("mqtts")),
    })
}
