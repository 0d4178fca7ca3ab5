//! Any MQTT broker as a source: what is published to topics of IoT Hub's form, by devices and to devices. Security messages are reports; of
//! others it matters that they were sent, as it does to the endpoint inside.
//!
//! There a topic is no identity: whoever may publish to it may speak for any device. Topics that begin with `$iothub/` name no device, and
//! say nothing here.

use std::{collections::VecDeque, mem, sync::Arc, thread, time::Duration};

use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::{
    health::Health,
    intake::{Closed, Delivery, Intake, What},
    mqtt::{Arrival, Endpoint, HubError, Subscription, SubscriptionOptions, Update},
    notice::Notices,
};

/// When it is looked at again whether something has come: soon after something has, and at last so often. What may wait for that is
/// bounded, so that a pause has a part in how much comes in a second.
const SOON: Duration = Duration::from_millis(1);
const LOOK: Duration = Duration::from_millis(10);

/// The pause after a broker could not be reached, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What the thread has.
pub(crate) struct Broker {
    pub name: String,
    pub endpoint: Endpoint,
    pub options: SubscriptionOptions,
    pub intake: Intake,
    pub health: Arc<Health>,
    pub notices: Notices,
}

/// Messages that are not known to be kept yet, in order.
type OnTheWay = VecDeque<(Arrival, oneshot::Receiver<()>)>;

impl Broker {
    /// Works until the hub stops.
    pub fn run(self) {
        let mut pause = Duration::from_millis(500);
        while !self.health.is_stopping() {
            match Subscription::open(&self.endpoint, &self.options) {
                Ok(subscription) => {
                    pause = Duration::from_millis(500);
                    self.notices
                        .info(format_args!("source {}: {}", self.name, self.endpoint));
                    for refused in subscription.refused() {
                        self.notices.trouble(format_args!(
                            "source {}: {} does not let this user read {refused}",
                            self.name, self.endpoint
                        ));
                    }
                    match self.take(subscription) {
                        Ok(()) => return,
                        Err(error) => self.complain(&error),
                    }
                }
                Err(error) => self.complain(&error),
            }
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn complain(&self, error: &HubError) {
        self.notices
            .trouble(format_args!("source {}: {error}", self.name));
    }

    /// Takes what comes, until the hub stops or the subscription does.
    fn take(&self, mut subscription: Subscription) -> Result<(), HubError> {
        let mut on_the_way = OnTheWay::new();
        let mut pause = SOON;
        loop {
            let is_kept = confirm(&subscription, &mut on_the_way);
            match subscription.try_update()? {
                Some(Update::Message(arrival)) => {
                    pause = SOON;
                    if self.put(arrival, &mut on_the_way).is_err() {
                        return Ok(());
                    }
                }
                Some(other) => self.tell(&other),
                None if self.health.is_stopping() => return Ok(()),
                None if is_kept => pause = SOON,
                None => {
                    thread::sleep(pause);
                    pause = (pause * 2).min(LOOK);
                }
            }
        }
    }

    fn put(&self, mut arrival: Arrival, on_the_way: &mut OnTheWay) -> Result<(), Closed> {
        let (told, kept) = oneshot::channel();
        // What is left of it is acknowledged; the message goes on without a copy.
        let payload = mem::take(&mut arrival.payload).into();
        let device = arrival.sender.as_ref().to_owned();
        self.intake.put_blocking(Delivery {
            received: u32::try_from(arrival.received).unwrap_or(u32::MAX),
            what: What::message(device, arrival.kind, payload),
            kept: Some(told),
        })?;
        on_the_way.push_back((arrival, kept));
        Ok(())
    }

    fn tell(&self, update: &Update) {
        let name = &self.name;
        match update {
            Update::Skipped { topic, size } => self.notices.trouble(format_args!(
                "source {name}: message of {size} bytes on {topic} skipped: a hub's largest has 262144"
            )),
            Update::Lost { failure, .. } => self
                .notices
                .trouble(format_args!("source {name}: {} {failure}", self.endpoint)),
            Update::Back { .. } => self
                .notices
                .info(format_args!("source {name}: {} is back", self.endpoint)),
            _ => {}
        }
    }
}

/// Acknowledges what is in the journal, in order; returns whether anything was. What was not kept is not acknowledged: a broker that keeps
/// the session sends it again with the next connection.
fn confirm(subscription: &Subscription, on_the_way: &mut OnTheWay) -> bool {
    let mut some = false;
    while let Some((_, kept)) = on_the_way.front_mut() {
        match kept.try_recv() {
            Err(TryRecvError::Empty) => break,
            result => {
                some = true;
                if let (Some((arrival, _)), Ok(())) = (on_the_way.pop_front(), result) {
                    subscription.acknowledge(arrival);
                }
            }
        }
    }
    some
}
