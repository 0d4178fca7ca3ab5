//! Connections of the API: so many, and none for longer than it needs.

use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, serve::Listener};
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore, time};

use super::{TlsListener, access::Peer};

/// Connections at a time. Others wait until one ends.
const CONNECTIONS: usize = 256;

/// How long a client may take for the head of a request, or may be silent between two.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// The longest head, in bytes.
const LONGEST_HEAD: usize = 32 << 10;

/// How long a connection may last, whatever the client does with it.
const LASTS: Duration = Duration::from_secs(5 * 60);

/// How it listens.
pub(crate) enum Listening {
    Plain(TcpListener),
    Tls(TlsListener),
}

/// Serves until `stop`, and then what has begun.
pub(crate) async fn serve(
    listener: Listening,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    match listener {
        Listening::Plain(listener) => run(listener, false, router, stop).await,
        Listening::Tls(listener) => run(listener, true, router, stop).await,
    }
    Ok(())
}

async fn run(
    mut listener: impl Listener<Addr = SocketAddr>,
    is_tls: bool,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(LONGEST_HEAD);
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, (stream, address)) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let peer = Peer {
            address: address.ip(),
            is_tls,
        };
        let routes = TowerToHyperService::new(router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            routes.call(request)
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // What a client does wrong is its own matter.
            let _ = time::timeout(LASTS, connection).await;
            drop(permit);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}
