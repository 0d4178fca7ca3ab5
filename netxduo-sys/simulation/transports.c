/* Which hub clients have a transport in place of a network. */

#include "simulation.h"

#define MAX_TRANSPORTS 64

static NETXDUO_SYS_TRANSPORT transports[MAX_TRANSPORTS];

/* The entry of a client, or a free one for null; with interrupts disabled. */
static NETXDUO_SYS_TRANSPORT *find(const NX_AZURE_IOT_HUB_CLIENT *client)
{
    UINT i;

    for (i = 0; i < MAX_TRANSPORTS; i++)
    {
        if (transports[i].client == client)
        {
            return &transports[i];
        }
    }
    return NX_NULL;
}

UINT netxduo_sys_transport_of(const NX_AZURE_IOT_HUB_CLIENT *client, NETXDUO_SYS_TRANSPORT *transport)
{
    const NETXDUO_SYS_TRANSPORT *entry;
    TX_INTERRUPT_SAVE_AREA

    if (client == NX_NULL)
    {
        return NX_FALSE;
    }
    TX_DISABLE
    entry = find(client);
    if (entry != NX_NULL)
    {
        *transport = *entry;
    }
    TX_RESTORE
    return entry != NX_NULL;
}

UINT netxduo_sys_transport_of_mqtt(const NXD_MQTT_CLIENT *mqtt, NETXDUO_SYS_TRANSPORT *transport)
{
    UINT found = NX_FALSE;
    UINT i;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    for (i = 0; (i < MAX_TRANSPORTS) && !found; i++)
    {
        if ((transports[i].client != NX_NULL) &&
            (&transports[i].client->nx_azure_iot_hub_client_resource.resource_mqtt == mqtt))
        {
            *transport = transports[i];
            found = NX_TRUE;
        }
    }
    TX_RESTORE
    return found;
}

UINT netxduo_sys_transport_put(const NETXDUO_SYS_TRANSPORT *transport)
{
    NETXDUO_SYS_TRANSPORT *entry;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    entry = find(transport->client);
    if (entry == NX_NULL)
    {
        entry = find(NX_NULL);
    }
    if (entry != NX_NULL)
    {
        *entry = *transport;
    }
    TX_RESTORE
    return entry != NX_NULL;
}

VOID netxduo_sys_transport_remove(const NX_AZURE_IOT_HUB_CLIENT *client)
{
    NETXDUO_SYS_TRANSPORT *entry = NX_NULL;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    if (client != NX_NULL)
    {
        entry = find(client);
    }
    if (entry != NX_NULL)
    {
        entry->client = NX_NULL;
    }
    TX_RESTORE
}
