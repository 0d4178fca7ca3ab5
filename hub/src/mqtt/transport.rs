//! The connection below MQTT: TCP, with TLS where the URL asks for it, and a limit on what comes in.

use std::{io, sync::Arc};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::{
    HubUrl, handshake,
    limit::{Cuts, Limited},
};

/// What MQTT goes over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for S {}

/// Connects to a hub.
pub(super) async fn connect(
    url: HubUrl,
    tls: Option<Arc<ClientConfig>>,
    cuts: Cuts,
) -> io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect((url.host(), url.port())).await?;
    // Messages are small and waited for: do not hold them back.
    stream.set_nodelay(true)?;
    cuts.clear();
    let Some(config) = tls else {
        return Ok(Box::new(Limited::new(stream, cuts)));
    };
    let name = ServerName::try_from(url.host())
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let stream = TlsConnector::from(config)
        .connect(name, stream)
        .await
        .map_err(handshake::closed_instead)?;
    Ok(Box::new(Limited::new(stream, cuts)))
}
