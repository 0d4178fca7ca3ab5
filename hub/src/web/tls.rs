//! TLS of the API.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc, watch},
    time,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// How long a handshake may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Handshakes that go on at once.
const AT_ONCE: usize = 64;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}", path = .path.display())]
pub struct CertificateError {
    path: PathBuf,
    reason: String,
}

/// What TLS needs to know: a certificate with those that lead to its issuer, and its key, in PEM.
pub(crate) fn server_config(
    certificate: &Path,
    key: &Path,
) -> Result<Arc<ServerConfig>, CertificateError> {
    let fault = |path: &Path, reason: String| CertificateError {
        path: path.into(),
        reason,
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| fault(certificate, format!("no certificate can be read: {error}")))?;
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| fault(key, format!("no key can be read: {error}")))?;
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, secret)
        })
        .map(Arc::new)
        .map_err(|error| fault(certificate, error.to_string()))
}

/// Connections whose handshake is done. One that stalls holds up no other.
pub(crate) struct TlsListener {
    address: SocketAddr,
    accepted: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    /// Each connection gets the certificate that there is when it comes.
    pub fn new(
        listener: TcpListener,
        certificate: watch::Receiver<Arc<ServerConfig>>,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, accepted) = mpsc::channel(AT_ONCE);
        tokio::spawn(accept(listener, certificate, sender));
        Ok(Self { address, accepted })
    }
}

async fn accept(
    listener: TcpListener,
    certificate: watch::Receiver<Arc<ServerConfig>>,
    sender: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let free = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = sender.closed() => return,
        };
        let Ok((stream, peer)) = accepted else {
            // No descriptors are left, or the peer has gone already.
            time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let acceptor = TlsAcceptor::from(Arc::clone(&certificate.borrow()));
        let sender = sender.clone();
        tokio::spawn(async move {
            if let Ok(Ok(stream)) = time::timeout(WITHIN, acceptor.accept(stream)).await {
                let _ = sender.send((stream, peer)).await;
            }
            drop(permit);
        });
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.accepted.recv().await {
            Some(accepted) => accepted,
            // Its task ended, which it does with this alone.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}
