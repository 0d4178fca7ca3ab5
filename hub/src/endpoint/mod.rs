//! The hub's own MQTT endpoint, which is what an IoT Hub is and no general broker: MQTT 3.1.1, a device's own topics, and
//! nothing between devices.
//!
//! | a client may | by |
//! | --- | --- |
//! | send messages, QoS 0 and 1 | publishing to `devices/{id}/messages/events/{properties}` |
//! | get messages | subscribing to `devices/{id}/messages/devicebound/#` |
//! | answer methods | subscribing to `$iothub/methods/POST/#`, publishing to `$iothub/methods/res/{status}/?$rid={request}` |
//! | have a twin | subscribing to `$iothub/twin/res/#` and `$iothub/twin/PATCH/properties/desired/#`, publishing to `$iothub/twin/GET/?$rid={request}` and `$iothub/twin/PATCH/properties/reported/?$rid={request}` |
//! | as a service, see all messages | subscribing to `devices/+/messages/events/#` |
//! | as a service, send to a device | publishing to `devices/{id}/messages/devicebound/{properties}` |
//!
//! Whoever publishes elsewhere is cut off, and a subscription to anything else fails. A will message is a message of the device.
//! Nothing is retained. A message is acknowledged when the journal has it. Messages to devices, sessions and twins are kept in
//! memory, and are gone when the hub ends.
//!
//! What to do about what is pure: who is let in, what a packet asks for, what waits for whom. `connection.rs` and
//! `server.rs` do the reading and writing.

mod admission;
mod claim;
mod codec;
mod connection;
mod control;
mod conversation;
#[doc(hidden)]
pub mod fuzz;
mod hub;
mod limits;
mod local;
mod outgoing;
mod registry;
mod server;
mod session;
mod strangers;
pub mod tls;
mod topic;
mod twin;

pub use self::{
    control::{Answer, Control, InvokeError, SendError, Statistics},
    limits::Limits,
    local::{LocalError, LocalServer},
    server::{ListenError, Server, Unenrolled},
    strangers::Stranger,
    twin::TwinError,
};
