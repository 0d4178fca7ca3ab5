/* The host port's configuration of NetX Duo: what upstream spreads over nx_port.h and nx_user.h. */

#ifndef NX_PORT_H
#define NX_PORT_H

#include "tx_api.h"

/* The options of nx_user.h that the Azure IoT middleware and its users ask for. */
#ifndef NX_ENABLE_IP_PACKET_FILTER
#define NX_ENABLE_IP_PACKET_FILTER
#endif
#ifndef NX_ENABLE_EXTENDED_NOTIFY_SUPPORT
#define NX_ENABLE_EXTENDED_NOTIFY_SUPPORT
#endif
#ifndef NXD_MQTT_CLOUD_ENABLE
#define NXD_MQTT_CLOUD_ENABLE
#endif
/* Not theirs, but the control block's list of joined IPv6 groups exists only with it. */
#ifndef NX_ENABLE_IPV6_MULTICAST
#define NX_ENABLE_IPV6_MULTICAST
#endif
#define FEATURE_NX_IPV6

/* The limits. Interfaces and IPv6 addresses are chosen larger than upstream's defaults, which are 1 interface and 3 IPv6
   addresses for each interface, so that tests can have a device with several. The others are upstream's defaults. */
/** Interfaces of one IP instance. */
#define NX_MAX_PHYSICAL_INTERFACES 4
/** IPv6 addresses of one IP instance. */
#define NX_MAX_IPV6_ADDRESSES 12
/** Multicast groups that one IP instance can join, for each version of IP. */
#define NX_MAX_MULTICAST_GROUPS 7
/** Bytes kept free in front of an IP header for that of the physical layer. */
#define NX_PHYSICAL_HEADER 16
/** Bytes kept free behind a packet's data for the trailer of the physical layer. */
#define NX_PHYSICAL_TRAILER 4
/** Ticks between two periodic events of the IP instance and the cloud helper: one second. */
#define NX_IP_PERIODIC_RATE TX_TIMER_TICKS_PER_SECOND

#endif
