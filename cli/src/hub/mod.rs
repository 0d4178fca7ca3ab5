//! The hub over MQTT: of crate `defender-hub`.

pub use defender_hub::mqtt::{
    DeviceId, Endpoint, HubError, HubUrl, MAX_MESSAGE, Publisher, PublisherOptions, Sender,
    Session, Subscription, SubscriptionOptions, TrustError, Update,
};
