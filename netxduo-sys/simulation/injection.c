/* Injected packets: those of the host port, over NetX Duo's own structures. */

#include "nx_api.h"
#include "../host-port/src/host_packet.c"
