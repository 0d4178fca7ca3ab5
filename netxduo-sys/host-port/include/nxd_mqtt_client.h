/* The statuses of the MQTT client, through which the IoT Hub client talks upstream. The host port has no MQTT; it uses
   the statuses. */

#ifndef NXD_MQTT_CLIENT_H
#define NXD_MQTT_CLIENT_H

#include "nx_api.h"

#define NXD_MQTT_SUCCESS 0x0
#define NXD_MQTT_ALREADY_CONNECTED 0x10001
/** There is no connection to send on. */
#define NXD_MQTT_NOT_CONNECTED 0x10002
#define NXD_MQTT_CONNECT_FAILURE 0x10005
#define NXD_MQTT_PACKET_POOL_FAILURE 0x10006
/** The connection broke while sending. */
#define NXD_MQTT_COMMUNICATION_FAILURE 0x10007
#define NXD_MQTT_ERROR_SERVER_UNAVAILABLE 0x10083
#define NXD_MQTT_ERROR_NOT_AUTHORIZED 0x10085

#endif
