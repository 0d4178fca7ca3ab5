//! What is done about each thing that a client asks for.

use bytes::Bytes;
use defender_detect::SignalKind;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::oneshot,
};

use super::{Connection, End, JOURNAL_UNIT, Unkept};
use crate::{
    endpoint::{
        admission::Access,
        codec::{self, Packet, QoS, SubscribeReasonCode},
        conversation::{self, Step, Violation},
        outgoing::Message,
        registry::lock,
        topic::{self, Filter},
    },
    intake::What,
    mqtt::{self, MessageKind},
};

/// The longest message to a device, as in IoT Hub.
pub(in crate::endpoint) const MAX_TO_DEVICE: usize = 64 << 10;

/// The room in the journal that a step needs, if it needs any.
pub(super) fn journal_units(step: &Step) -> Option<u32> {
    match step {
        Step::Telemetry { payload, .. } => u32::try_from(payload.len() / JOURNAL_UNIT + 1).ok(),
        _ => None,
    }
}

/// What the hub sees when a device sends a message to this topic.
pub(super) fn seen(device: &str, topic: &[u8], payload: Bytes) -> What {
    let topic = std::str::from_utf8(topic).unwrap_or_default();
    let kind = match mqtt::message(topic) {
        Some((_, MessageKind::Security)) => MessageKind::Security,
        _ => MessageKind::DeviceToCloud,
    };
    What::message(device.to_owned(), kind, payload)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Tells detection that the device is there, if it is not told yet; whether it may be.
    pub(super) async fn announce(&mut self) -> bool {
        let id = &self.member.id;
        let is_new = lock(&self.seat.session).announce();
        if !is_new {
            return true;
        }
        if self.member.access == Access::Anybody && !self.hub.registry.admit_unenrolled(id) {
            return false;
        }
        let source = Some(self.origin.source);
        self.hub.signal(id, SignalKind::Connected { source }).await;
        let enrolled = self.member.enrolled.as_ref();
        if let Some(mark) = enrolled.and_then(|device| self.hub.mark(device)) {
            let marks = [mark, 0];
            self.hub.signal(id, SignalKind::Credentials { marks }).await;
        }
        self.is_announced = true;
        true
    }

    /// Does what the client asks for.
    pub(super) async fn apply(&mut self, step: Step) -> Result<(), End> {
        let id = match step {
            Step::Telemetry { topic, payload, id } => {
                return self.telemetry(topic, payload, id).await;
            }
            Step::Answer(packet) => {
                codec::write(&packet, &mut self.output);
                return Ok(());
            }
            Step::Acknowledged(id) => {
                lock(&self.seat.session).acknowledge(id);
                return Ok(());
            }
            Step::Subscribe(granted, answer) => return self.subscribe(granted, answer).await,
            Step::Unsubscribe(filters, answer) => {
                for filter in filters {
                    lock(&self.seat.session).subscribe(filter, None);
                }
                self.hub.registry.update_watcher(&self.seat.session);
                codec::write(&answer, &mut self.output);
                return Ok(());
            }
            Step::Farewell => {
                self.is_farewell = true;
                return Err(End::Gone);
            }
            Step::TwinGet { request, id } => {
                self.announced().await?;
                let document = lock(&self.hub.twins).document(&self.member.id);
                self.answer_twin(&topic::twin_answer(200, &request, None), document);
                id
            }
            Step::TwinReported { request, patch, id } => {
                self.announced().await?;
                let reported = lock(&self.hub.twins).report(&self.member.id, &patch);
                let topic = match reported {
                    Ok(version) => topic::twin_answer(204, &request, Some(version)),
                    Err(error) => topic::twin_answer(error.status(), &request, None),
                };
                self.answer_twin(&topic, Vec::new());
                if reported.is_ok() {
                    let device = &self.member.id;
                    self.hub.signal(device, SignalKind::TwinUpdate).await;
                }
                id
            }
            Step::MethodAnswer {
                request,
                status,
                payload,
                id,
            } => {
                let call = request.parse().ok();
                let call = call.map(|number| (self.member.id.clone(), number));
                let waits = call.and_then(|call| lock(&self.hub.calls).remove(&call));
                // Nobody waits for an answer that comes late.
                if let Some(waits) = waits {
                    let _ = waits.send((status, payload));
                }
                id
            }
            Step::CloudToDevice {
                device,
                properties,
                payload,
                id,
            } => {
                // There is no way to tell a publisher that this one cannot be had.
                self.hub
                    .send(&device, &properties, payload)
                    .await
                    .map_err(|_| Violation::Protocol)?;
                id
            }
        };
        if let Some(id) = id {
            codec::write(&conversation::acknowledgement(id), &mut self.output);
        }
        Ok(())
    }

    async fn announced(&mut self) -> Result<(), End> {
        match self.announce().await {
            true => Ok(()),
            // One more device that is not enrolled.
            false => Err(End::Cut),
        }
    }

    async fn telemetry(
        &mut self,
        topic: Bytes,
        payload: Bytes,
        id: Option<u16>,
    ) -> Result<(), End> {
        self.announced().await?;
        // It was taken before this step.
        let Some(room) = self.room.take() else {
            return Err(End::NotKept);
        };
        let (told, kept) = oneshot::channel();
        let what = seen(&self.member.id, &topic, payload.clone());
        if self.hub.put(what, Some(told)).await.is_err() {
            return Err(End::Stopping);
        }
        self.unkept_bytes += payload.len();
        self.unkept.push_back(Unkept {
            id,
            message: Message { topic, payload },
            kept,
            _room: room,
        });
        Ok(())
    }

    async fn subscribe(
        &mut self,
        granted: Vec<(Filter, QoS)>,
        mut answer: Packet,
    ) -> Result<(), End> {
        let is_of_device = |filter| !matches!(filter, Filter::Telemetry | Filter::ModuleTelemetry);
        let wants_all = granted.iter().any(|(filter, _)| !is_of_device(*filter));
        let is_watcher = lock(&self.seat.session).is_watcher();
        if wants_all && !is_watcher && !self.hub.registry.has_room_for_watcher() {
            if let Packet::SubAck(answer) = &mut answer {
                answer.return_codes.fill(SubscribeReasonCode::Failure);
            }
            codec::write(&answer, &mut self.output);
            return Ok(());
        }
        if granted.iter().any(|(filter, _)| is_of_device(*filter)) {
            self.announced().await?;
        }
        let is_refused = matches!(&answer, Packet::SubAck(answer)
            if answer.return_codes.contains(&SubscribeReasonCode::Failure));
        if is_refused && self.member.access == Access::Device {
            let source = Some(self.origin.source);
            let what = SignalKind::UnauthorizedOperation { source };
            self.hub.signal_refusal(&self.member.id, what).await;
        }
        for (filter, qos) in granted {
            lock(&self.seat.session).subscribe(filter, Some(qos));
        }
        self.hub.registry.update_watcher(&self.seat.session);
        codec::write(&answer, &mut self.output);
        Ok(())
    }

    fn answer_twin(&mut self, topic: &str, payload: Vec<u8>) {
        let message = Message {
            topic: topic.to_owned().into(),
            payload: payload.into(),
        };
        // Who asks without listening is not answered.
        lock(&self.seat.session).tell(Filter::TwinAnswers, message);
    }
}
