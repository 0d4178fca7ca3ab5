//! The only place where this library meets C: thin, and the only one with `unsafe`.
//!
//! | file | what it wraps |
//! | --- | --- |
//! | `lock` | the kernel's interrupt lockout, and data behind it |
//! | `mutex` | a ThreadX mutex |
//! | `late` | a value that comes later, and is all zero until then |
//! | `pinned` | memory for control blocks that C keeps pointers to |
//! | `entry`, `kernel`, `thread` | kernel entry, the caller's context, threads |
//! | `pool`, `net`, `driver` | packet pools, IP instances, and network drivers in Rust |
//! | `udp`, `tcp`, `dns`, `dhcp`, `sntp`, `socket`, `received`, `address` | what applications do on the network |
//! | `tap` | TAP interfaces of Linux |
//! | `azure`, `client`, `tls` | the middleware's instance, hub clients, and their TLS |
//! | `hooks`, `packet` | packets on their way through NetX Duo |
//! | `original` | the original agent |
//! | `cloud`, `hub`, `instance`, `telemetry` | the cloud helper's events, the hub clients, the instance that has both, messages |
//! | `arguments` | what is checked before C gets it |
//! | `handle` | objects of C's that are deleted when they are dropped |
//! | `user` | functions of the user's, whose panics end there |
//! | `host` | what only simulations have |
//!
//! C enters Rust in `hooks`, `cloud`, `thread`, `entry`, `driver`, `azure`, `client`, `sntp` and `host`, each time in an `extern "C"` function
//! that ends the program rather than unwind into C. What the user wrote is called through `user`, where panics end.
//!
//! # Who checks what
//!
//! "If told to": C checks unless it was compiled with `TX_DISABLE_ERROR_CHECKING` or `NX_DISABLE_ERROR_CHECKING`. What is in the last
//! column is checked here, in `arguments` and where the call is, whatever C does.
//!
//! | call | argument | C checks | so here |
//! | --- | --- | --- | --- |
//! | all creating calls | that the control block is free | if told to | `Pinned::take`: storage is static, and zeroed |
//! | all deleting calls | that nobody uses it; the caller | partly; if told to | `Handle` |
//! | all | the calling context | if told to | `require_thread`, `require_context` |
//! | `tx_thread_create`, `nx_ip_create`, `nx_azure_iot_create` | priority, stack | if told to | `Service::require_thread` |
//! | `nx_packet_pool_create` | payload and size | if told to, and overflows | a packet fits the storage, with header and alignment |
//! | `nx_ip_create` | address | if told to | class A, B or C, or none |
//! | | payload of the pool | never | 128 bytes at least |
//! | | MTU of the driver | never | 68 bytes at least |
//! | `nx_ip_gateway_address_set` | address | that it is in a network; if told to that it is one | not unspecified |
//! | `nxd_ipv6_address_set` | address; prefix length | if told to; never | unicast; at most 128 |
//! | `nxd_ipv6_default_router_add` | address | that it is on the link; if told to the version | unicast |
//! | `nx_dhcp_create` | payload of the pool | when it sends | 592 bytes at least |
//! | `nx_sntp_client_create` | payload of the pool | for IPv4 | 128 bytes at least |
//! | `nxd_sntp_client_initialize_unicast` | address | never | unicast |
//! | `nxd_udp_socket_send`, `nxd_icmp_ping` | peer; length | if told to; never | not unspecified; fits an IP packet |
//! | `nxd_tcp_client_socket_connect` | peer | if told to | not unspecified, no group |
//! | `nx_tcp_server_socket_listen` | port | if told to | not 0 |
//! | `nx_tcp_socket_send` | length | never | cut into segments |
//! | `nxd_dns_host_by_name_get` | name | never | 1 to 253 bytes, without zero |
//! | `nx_azure_iot_create` | payload of the pool | never | 256 bytes at least |
//! | `nx_azure_iot_hub_client_initialize` | texts; metadata | null only; never | lengths; the tables' need |
//! | `nx_azure_iot_hub_client_symmetric_key_set` | key | when it connects | Base64 |
//! | `nx_secure_x509_certificate_initialize` | DER | yes | 1 to 65,535 bytes |
//! | `nx_azure_iot_hub_client_telemetry_send` | payload; properties | never | 32 bits; 1 to 65,535 bytes |
//! | `_nx_ip_packet_deferred_receive` | frame | headers, later | type, station, at most 65,575 bytes of packet |

mod address;
mod arguments;
pub(crate) mod azure;
pub(crate) mod client;
pub(crate) mod cloud;
#[cfg(dhcp)]
pub(crate) mod dhcp;
pub(crate) mod dns;
pub(crate) mod driver;
pub(crate) mod entropy;
#[cfg(feature = "application-define")]
pub(crate) mod entry;
mod handle;
pub(crate) mod hooks;
#[cfg(simulation)]
pub(crate) mod host;
pub(crate) mod hub;
pub(crate) mod instance;
pub(crate) mod kernel;
pub(crate) mod late;
pub(crate) mod lock;
mod mutex;
pub(crate) mod net;
#[cfg(feature = "original-agent")]
pub(crate) mod original;
mod packet;
pub(crate) mod pinned;
pub(crate) mod pool;
pub(crate) mod received;
#[cfg(sntp)]
pub(crate) mod sntp;
pub(crate) mod socket;
#[cfg(all(feature = "std", target_os = "linux"))]
pub(crate) mod tap;
pub(crate) mod tcp;
mod telemetry;
pub(crate) mod thread;
pub(crate) mod tls;
pub(crate) mod udp;
pub(crate) mod user;
pub(crate) mod versions;
