/* Cutting packets: the host port's. */

#include "../host-port/src/packet_trim.c"
