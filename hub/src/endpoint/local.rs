//! An endpoint on this machine alone that keeps nothing: for demonstrations and tests.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, mpsc},
    thread,
};

use super::{Limits, ListenError, Server, Unenrolled};
use crate::{
    identity::{IdentityError, MemoryDirectory, SealingKey},
    intake::Intake,
};

/// An endpoint on a free port of the loopback interface, on a thread of its own. It runs until the program ends.
#[derive(Debug)]
pub struct LocalServer {
    port: u16,
}

/// Why there is no endpoint.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// The machine gives no thread.
    #[error("cannot start the MQTT endpoint: {0}")]
    Thread(#[from] io::Error),
    /// It does not listen.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// There are no random numbers.
    #[error(transparent)]
    Random(#[from] IdentityError),
    /// Its thread has ended.
    #[error("the MQTT endpoint has ended before it was ready")]
    Ended,
}

impl LocalServer {
    /// Starts the endpoint, and returns when it listens.
    ///
    /// # Errors
    /// [`LocalError`] when it does not start.
    pub fn start() -> Result<Self, LocalError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (intake, mut deliveries) = Intake::new(1024);
        let sealing = SealingKey::unkept()?;
        let directory = Arc::new(MemoryDirectory::default());
        let (ready, is_ready) = mpsc::channel();
        thread::Builder::new()
            .name("endpoint".into())
            .spawn(move || {
                runtime.block_on(async {
                    let mut server = Server::new(directory, sealing, intake, Limits::default());
                    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                    let listening = server.listen(any, Unenrolled::Admitted).await;
                    if ready.send(listening).is_err() {
                        return;
                    }
                    while let Some(delivery) = deliveries.recv().await {
                        // Watchers have it: more is not promised here.
                        if let Some(kept) = delivery.kept {
                            let _ = kept.send(());
                        }
                    }
                });
            })?;
        let address = is_ready.recv().map_err(|_| LocalError::Ended)??;
        Ok(Self {
            port: address.port(),
        })
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}
