//! What the host port has beyond NetX Duo: packets without a network and IoT Hub connections without a hub. Only on
//! targets with the host port.

#[doc(inline)]
pub use crate::bindings_host::{
    NX_HOST_HUB_TRANSPORT, nx_host_hub_client_connection_set, nx_host_hub_client_transport_set,
    nx_host_packet_build, nx_host_packet_inject,
};
