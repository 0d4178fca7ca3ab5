//! How a connection begins: who the client says it is, and whether it is let in.

use std::{net::IpAddr, sync::Arc};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::{Connection, LAST_WORDS};
use crate::{
    endpoint::{
        admission::Access,
        claim,
        codec::{self, ConnAck, ConnectReturnCode, Malformed, Packet},
        hub::{Counters, Hub},
    },
    identity::thumbprint::Shown,
};

/// What is known of a connection before it says anything.
#[derive(Debug, Clone)]
pub(in crate::endpoint) struct Origin {
    pub source: IpAddr,
    /// The certificate that the client has shown.
    pub shown: Option<Shown>,
    /// Whether those who are not enrolled are let in here.
    pub is_open: bool,
}

/// Reads who a client says it is, and lets it in or not. `None`: it was not, and was told so.
pub(in crate::endpoint) async fn introduce<S: AsyncRead + AsyncWrite + Unpin>(
    hub: &Arc<Hub>,
    mut stream: S,
    origin: Origin,
) -> Option<Connection<S>> {
    let mut input = BytesMut::new();
    let connect = loop {
        match codec::read(&mut input, codec::MAX_CONNECT) {
            Ok(Some(Packet::Connect(connect))) => break connect,
            Ok(None) => {
                input.reserve(1 << 10);
                if stream.read_buf(&mut input).await.ok()? == 0 {
                    return None;
                }
            }
            Err(Malformed::Version) => {
                hub.count_refusal("version");
                refuse(&mut stream, ConnectReturnCode::RefusedProtocolVersion).await;
                return None;
            }
            Ok(Some(_)) | Err(Malformed::Packet) => {
                Counters::add(&hub.counters.violations, 1);
                return None;
            }
        }
    };
    let claim = match claim::claim(connect) {
        Ok(claim) => claim,
        Err(code) => {
            hub.count_refusal("name");
            refuse(&mut stream, code).await;
            return None;
        }
    };
    let (claim, decided) = hub.admit(claim, origin.shown, origin.is_open).await;
    let member = match decided {
        Ok(member) => member,
        Err(refused) => {
            hub.refused(&claim, refused, origin.source).await;
            refuse(&mut stream, refused.code).await;
            return None;
        }
    };
    let is_service = member.access == Access::Service;
    let key = match is_service {
        true => format!("{}/{}", member.id, claim.client),
        false => member.id.clone(),
    };
    let Some(seat) = hub.registry.enter(key, is_service, claim.is_clean) else {
        Counters::add(&hub.counters.turned_away, 1);
        refuse(&mut stream, ConnectReturnCode::ServiceUnavailable).await;
        return None;
    };
    Counters::add(&hub.counters.accepted, 1);
    Some(Connection::new(
        Arc::clone(hub),
        origin,
        member,
        claim,
        seat,
        stream,
        input,
    ))
}

async fn refuse<S: AsyncWrite + Unpin>(stream: &mut S, code: ConnectReturnCode) {
    let mut output = BytesMut::new();
    codec::write(&Packet::ConnAck(ConnAck::new(code, false)), &mut output);
    let told = async {
        stream.write_all(&output).await?;
        stream.flush().await?;
        stream.shutdown().await
    };
    let _ = timeout(LAST_WORDS, told).await;
}
