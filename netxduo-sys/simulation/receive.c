/* The way of an incoming packet to a receive function: that of the host port, over NetX Duo's own structures. */

#include "nx_api.h"
#include "nx_ipv4.h"
#include "nx_ipv6.h"
#include "../host-port/src/receive.c"
