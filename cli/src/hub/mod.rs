//! The hub over MQTT, which is crate `defender-hub`, and a broker within this program for demonstrations.

mod broker;

pub use broker::{Broker, BrokerError};
pub use defender_hub::mqtt::{
    DeviceId, Endpoint, HubError, HubUrl, MAX_MESSAGE, Publisher, PublisherOptions, Sender,
    Session, Subscription, SubscriptionOptions, TrustError, Update,
};
