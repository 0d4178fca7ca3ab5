/* What the bindings are made of. */
#include "nx_api.h"
#include "nx_ip.h"
#include "nx_packet.h"
#include "nx_cloud.h"
#include "nx_azure_iot.h"
#include "nx_azure_iot_hub_client.h"
#include "nx_host.h"
