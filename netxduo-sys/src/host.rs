//! What simulations have beyond NetX Duo: packets without a network and IoT Hub connections without a hub. On the host
//! port, and on upstream's port to Linux.

#[doc(inline)]
pub use crate::bindings::{
    NX_HOST_HUB_TRANSPORT, nx_host_hub_client_connection_set, nx_host_hub_client_transport_set,
    nx_host_packet_build, nx_host_packet_inject,
};
