//! Messages on their way to the journal, and that they are acknowledged when they are there.

use std::collections::VecDeque;

use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{OwnedSemaphorePermit, oneshot},
};

use super::{Connection, End, write};
use crate::endpoint::{codec, conversation, hub::Counters, outgoing::Message};

/// A message on its way to the journal.
pub(super) struct Unkept {
    pub id: Option<u16>,
    pub message: Message,
    pub kept: oneshot::Receiver<()>,
    pub _room: OwnedSemaphorePermit,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// The first message that was on its way to the journal is there, and perhaps others: they are acknowledged, in their order.
    pub(super) fn kept(&mut self, first: Result<(), oneshot::error::RecvError>) -> Result<(), End> {
        let mut kept = first.map_err(|_| oneshot::error::TryRecvError::Closed);
        loop {
            match kept {
                Ok(()) => {}
                Err(oneshot::error::TryRecvError::Empty) => return Ok(()),
                Err(oneshot::error::TryRecvError::Closed) => return Err(End::NotKept),
            }
            let Some(Unkept { id, message, .. }) = self.unkept.pop_front() else {
                return Ok(());
            };
            let size = message.payload.len();
            self.unkept_bytes -= size;
            let counters = &self.hub.counters;
            Counters::add(&counters.messages, 1);
            Counters::add(&counters.bytes, size as u64);
            self.hub.registry.show(&message);
            if let Some(id) = id {
                codec::write(&conversation::acknowledgement(id), &mut self.output);
            }
            kept = match self.unkept.front_mut() {
                Some(next) => next.kept.try_recv(),
                None => return Ok(()),
            };
        }
    }

    /// Acknowledges what is kept yet when the hub stops.
    pub(super) async fn last_words(&mut self) {
        while !self.unkept.is_empty() {
            let kept = next_kept(&mut self.unkept).await;
            if self.kept(kept).is_err() {
                break;
            }
        }
        while !self.output.is_empty() || self.is_unflushed {
            let written = write(&mut self.writer, &mut self.output, &mut self.is_unflushed);
            if written.await.is_err() {
                break;
            }
        }
    }
}

/// Waits until the first message is in the journal.
pub(super) async fn next_kept(
    unkept: &mut VecDeque<Unkept>,
) -> Result<(), oneshot::error::RecvError> {
    match unkept.front_mut() {
        Some(first) => (&mut first.kept).await,
        None => std::future::pending().await,
    }
}
