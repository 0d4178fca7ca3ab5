//! The hub over MQTT, and the endpoint within this program for demonstrations: both of crate `defender-hub`.

pub use defender_hub::{
    endpoint::{LocalError, LocalServer},
    mqtt::{
        DeviceId, Endpoint, HubError, HubUrl, MAX_MESSAGE, Publisher, PublisherOptions, Sender,
        Session, Subscription, SubscriptionOptions, TrustError, Update,
    },
};
