/* The identity of an IoT Hub client, as the Azure SDK for C lays it out. */

#ifndef AZ_IOT_HUB_CLIENT_H
#define AZ_IOT_HUB_CLIENT_H

#include <stdint.h>
#include "azure/core/az_span.h"

/** What is optional in a client's identity. */
typedef struct
{
    az_span  module_id;
    az_span  user_agent;
    az_span  model_id;
    az_span *component_names;
    int32_t  component_names_length;
} az_iot_hub_client_options;

/** The identity of a client. */
typedef struct
{
    struct
    {
        az_span                   iot_hub_hostname;
        az_span                   device_id;
        az_iot_hub_client_options options;
    } _internal;
} az_iot_hub_client;

#endif
