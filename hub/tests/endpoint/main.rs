//! The hub's own MQTT endpoint, over sockets: what it acknowledges, whom it lets in, and whom it bears.

mod admission;
mod client;
mod hostile;
mod hub;
mod openssl;
mod sessions;
mod telemetry;
mod tls;
mod topics;
