/* How NetX Duo is configured unless NETXDUO_USER_DIR names the folder of another nx_user.h. */

#ifndef NX_USER_H
#define NX_USER_H

/* Needed by the Azure IoT middleware: TLS, MQTT on the cloud helper, notifications. */
#define NX_SECURE_ENABLE
#define NXD_MQTT_CLOUD_ENABLE
#define NX_ENABLE_EXTENDED_NOTIFY_SUPPORT

/* Keys that are agreed on with elliptic curves, and certificates with such keys: IoT Hub is giving up what is without. */
#define NX_SECURE_ENABLE_ECC_CIPHERSUITE

/* Needed by the agent: a place to see every IP packet. */
#define NX_ENABLE_IP_PACKET_FILTER

/* The clients of DNS and DHCP send from a pool that the application gives them, with nx_dns_packet_pool_set and
   nx_dhcp_packet_pool_set. Otherwise they have one inside their control blocks. */
#define NX_DNS_CLIENT_USER_CREATE_PACKET_POOL
#define NX_DHCP_CLIENT_USER_CREATE_PACKET_POOL

/* The SNTP client believes every server that knows the time; by itself only those that are one step from a clock. */
#define NX_SNTP_CLIENT_MIN_SERVER_STRATUM 15

/* Lets a driver have its received frames processed on the IP thread instead of in its interrupt. */
#define NX_DRIVER_DEFERRED_PROCESSING

/* nxd_ipv6_multicast_interface_join. */
#define NX_ENABLE_IPV6_MULTICAST

/* Ports, sequence numbers and the secrets of TLS are made of these; NetX Duo's own choice is rand(), which gives the same numbers
   after every start. On Linux this crate has it. On a microcontroller the firmware defines it, from a source of true randomness; a
   link without it fails. */
int netxduo_sys_random(void);
#define NX_RAND netxduo_sys_random

#ifdef __linux__
/* Tests attach interfaces; on a microcontroller each costs memory in every IP instance. */
#define NX_MAX_PHYSICAL_INTERFACES 4
#endif

#endif
