/* threadx-defender under the name of the original agent's header, which NetX Duo up to 6.3.0 includes: with this folder in front of
   NetX Duo's own in the include path, nx_azure_iot.c enables and disables this agent. License: MIT OR Apache-2.0. */

#ifndef NX_AZURE_IOT_SECURITY_MODULE_H
#define NX_AZURE_IOT_SECURITY_MODULE_H

#include "threadx_defender.h"

#endif
