/* How NetX Duo is configured. */

#ifndef NX_USER_H
#define NX_USER_H

/* For the Azure IoT middleware. */
#define NX_SECURE_ENABLE
#define NXD_MQTT_CLOUD_ENABLE
#define NX_ENABLE_EXTENDED_NOTIFY_SUPPORT
#define NX_SECURE_ENABLE_ECC_CIPHERSUITE
#define NX_DNS_CLIENT_USER_CREATE_PACKET_POOL

/* For the agent: a place to see every IP packet. */
#define NX_ENABLE_IP_PACKET_FILTER

/* The driver reads frames on the thread of the IP instance. */
#define NX_DRIVER_DEFERRED_PROCESSING

/* Ports, sequence numbers, the secrets of TLS and the agent's event ids are made of these. */
int board_random(void);
#define NX_RAND board_random

#endif
