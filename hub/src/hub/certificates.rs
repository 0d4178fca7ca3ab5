//! Certificates that are read again while the hub runs.

use std::sync::Arc;

use rustls::ServerConfig;
use tokio::sync::watch;

use super::StartError;
use crate::notice::Notices;

type Read = Box<dyn Fn() -> Result<Arc<ServerConfig>, StartError> + Send + Sync>;

/// The certificate of a listener, and how it is read.
pub(super) struct Certificate {
    /// Whose it is.
    of: &'static str,
    read: Read,
    current: watch::Sender<Arc<ServerConfig>>,
}

impl Certificate {
    /// Reads it for the first time.
    pub fn read(
        of: &'static str,
        read: impl Fn() -> Result<Arc<ServerConfig>, StartError> + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        let current = watch::Sender::new(read()?);
        let read = Box::new(read);
        Ok(Self { of, read, current })
    }

    /// What a listener looks at whenever a connection comes.
    pub fn current(&self) -> watch::Receiver<Arc<ServerConfig>> {
        self.current.subscribe()
    }

    /// Reads it again, for connections that come from here on. One that is of no use stays out, which is told.
    pub fn renew(&self, notices: &Notices) {
        let of = self.of;
        match (self.read)() {
            Ok(config) => {
                self.current.send_replace(config);
                notices.info(format_args!("the certificate of {of} was read again"));
            }
            Err(error) => notices.trouble(format_args!(
                "{error}\nthe certificate of {of} stays as it was"
            )),
        }
    }
}
