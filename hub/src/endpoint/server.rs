//! Where connections come in.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout, timeout_at},
};
use tokio_rustls::TlsAcceptor;

use super::{
    Control,
    connection::{self, Origin},
    hub::{Counted, Counters, Hub},
    limits::Limits,
    registry::lock,
};
use crate::{
    identity::{Directory, SealingKey, thumbprint::Shown},
    intake::Intake,
};

/// How long to wait when the system gives no more connections.
const OUT_OF_FILES: Duration = Duration::from_millis(100);

/// How long connections may take to end when the endpoint stops.
const STOPPED_WITHIN: Duration = Duration::from_secs(10);

/// What a handshake needs to know, as it is at the moment.
type Certificate = watch::Receiver<Arc<ServerConfig>>;

/// An MQTT endpoint. It needs a runtime of tokio, and serves until it is stopped.
pub struct Server {
    hub: Arc<Hub>,
    listeners: Vec<JoinHandle<()>>,
}

/// Why the endpoint does not listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The system does not give the address.
    #[error("cannot listen on {address}: {error}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// Without TLS the endpoint is for this machine.
    #[error(
        "{0} can be reached from elsewhere: MQTT without TLS is for the loopback interface alone"
    )]
    NotLoopback(SocketAddr),
}

/// Whether devices that are not enrolled are admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unenrolled {
    /// They are, and anybody may watch: for a first try.
    Admitted,
    /// They are refused, and counted.
    Refused,
}

impl Server {
    /// An endpoint that listens nowhere yet, for the identities of a directory. What it sees goes into the intake.
    #[must_use]
    pub fn new(
        directory: Arc<dyn Directory>,
        sealing: SealingKey,
        intake: Intake,
        limits: Limits,
    ) -> Self {
        Self {
            hub: Arc::new(Hub::new(directory, sealing, intake, limits)),
            listeners: Vec::new(),
        }
    }

    /// Listens without TLS, for programs on this machine. Gives the address, with the port if that was 0.
    ///
    /// # Errors
    /// [`ListenError`] when the address is not the loopback interface's, or cannot be had.
    pub async fn listen(
        &mut self,
        address: SocketAddr,
        unenrolled: Unenrolled,
    ) -> Result<SocketAddr, ListenError> {
        if !address.ip().is_loopback() {
            return Err(ListenError::NotLoopback(address));
        }
        let listener = bind(address).await?;
        let address = local_address(&listener, address)?;
        self.serve(listener, unenrolled);
        Ok(address)
    }

    /// The same on a listener that is there, of the loopback interface.
    pub(crate) fn serve(&mut self, listener: TcpListener, unenrolled: Unenrolled) {
        self.start(listener, None, unenrolled == Unenrolled::Admitted);
    }

    /// Listens with TLS, for those who are enrolled.
    ///
    /// # Errors
    /// [`ListenError`] when the address cannot be had.
    pub async fn listen_tls(
        &mut self,
        address: SocketAddr,
        config: Arc<ServerConfig>,
    ) -> Result<SocketAddr, ListenError> {
        let listener = bind(address).await?;
        let address = local_address(&listener, address)?;
        self.serve_tls(listener, watch::Sender::new(config).subscribe());
        Ok(address)
    }

    /// The same on a listener that is there. Each connection gets the certificate that there is when it comes.
    pub(crate) fn serve_tls(&mut self, listener: TcpListener, certificate: Certificate) {
        self.start(listener, Some(certificate), false);
    }

    fn start(&mut self, listener: TcpListener, tls: Option<Certificate>, is_open: bool) {
        let door = Arc::new(Door {
            hub: Arc::clone(&self.hub),
            tls,
            is_open,
            newcomers: Mutex::default(),
        });
        self.listeners.push(tokio::spawn(accept(listener, door)));
    }

    /// What the service's side may do.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.hub))
    }

    /// Takes no more connections and messages, acknowledges what the journal gets yet, and ends.
    pub async fn stop(self) {
        self.close();
        let ended = async {
            while self.hub.counters.connections.load(Ordering::Acquire) > 0 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let _ = timeout(STOPPED_WITHIN, ended).await;
    }

    fn close(&self) {
        self.listeners.iter().for_each(JoinHandle::abort);
        self.hub.stopping.send_replace(true);
    }
}

/// One that is not stopped ends all the same.
impl Drop for Server {
    fn drop(&mut self) {
        self.close();
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| ListenError::Address { address, error })
}

fn local_address(listener: &TcpListener, address: SocketAddr) -> Result<SocketAddr, ListenError> {
    let local = listener.local_addr();
    local.map_err(|error| ListenError::Address { address, error })
}

/// A listener and what it needs to know.
struct Door {
    hub: Arc<Hub>,
    tls: Option<Certificate>,
    is_open: bool,
    /// Connections of each address that have not said who they are.
    newcomers: Mutex<HashMap<IpAddr, usize>>,
}

async fn accept(listener: TcpListener, door: Arc<Door>) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Of one connection, which is gone, or of all: then it helps to wait for others to end.
            sleep(OUT_OF_FILES).await;
            continue;
        };
        let source = peer.ip().to_canonical();
        let (Some(counted), Some(newcomer)) =
            (Counted::new(&door.hub), Newcomer::new(&door, source))
        else {
            Counters::add(&door.hub.counters.turned_away, 1);
            continue;
        };
        let door = Arc::clone(&door);
        tokio::spawn(async move {
            let _counted = counted;
            serve(door, stream, source, newcomer).await;
        });
    }
}

async fn serve(door: Arc<Door>, stream: TcpStream, source: IpAddr, newcomer: Newcomer) {
    // Messages are small and waited for.
    let _ = stream.set_nodelay(true);
    let origin = Origin {
        source,
        shown: None,
        is_open: door.is_open,
    };
    let deadline = tokio::time::Instant::now() + door.hub.limits.introduced_within;
    let Some(certificate) = &door.tls else {
        return converse(&door.hub, stream, origin, newcomer, deadline).await;
    };
    let acceptor = TlsAcceptor::from(Arc::clone(&certificate.borrow()));
    let Ok(Ok(stream)) = timeout_at(deadline, acceptor.accept(stream)).await else {
        Counters::add(&door.hub.counters.turned_away, 1);
        return;
    };
    let certificates = stream.get_ref().1.peer_certificates();
    let shown = certificates.and_then(|chain| Shown::of(chain.first()?));
    let origin = Origin { shown, ..origin };
    converse(&door.hub, stream, origin, newcomer, deadline).await;
}

async fn converse<S: AsyncRead + AsyncWrite + Send + Unpin>(
    hub: &Arc<Hub>,
    stream: S,
    origin: Origin,
    newcomer: Newcomer,
    deadline: tokio::time::Instant,
) {
    let introduced = connection::introduce(hub, stream, origin);
    match timeout_at(deadline, introduced).await {
        Ok(Some(connection)) => {
            drop(newcomer);
            connection.serve().await;
        }
        // It was told why not, or is gone.
        Ok(None) => {}
        Err(_) => Counters::add(&hub.counters.turned_away, 1),
    }
}

/// A connection that has not said who it is.
struct Newcomer {
    door: Arc<Door>,
    source: IpAddr,
}

impl Newcomer {
    /// `None` when there are too many from its address.
    fn new(door: &Arc<Door>, source: IpAddr) -> Option<Self> {
        let mut newcomers = lock(&door.newcomers);
        let count = newcomers.entry(source).or_default();
        if *count >= door.hub.limits.newcomers_of_address {
            return None;
        }
        *count += 1;
        Some(Self {
            door: Arc::clone(door),
            source,
        })
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        let mut newcomers = lock(&self.door.newcomers);
        if let Some(count) = newcomers.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                newcomers.remove(&self.source);
            }
        }
    }
}
