/* A device in C, set up as a firmware would do it: ThreadX, NetX Duo, the Azure IoT middleware, a hub client, and the agent. It runs on
   the host port, for 40 seconds of its own time, which take no time here.

   README.md says how it is built. On a board the two functions of nx_host.h and tx_host.h go, and the rest stays. */

#include <stdio.h>
#include <stdlib.h>

#include "nx_azure_iot_hub_client.h"
#include "nx_host.h"
#include "threadx_defender.h"
#include "tx_host.h"

#define HUB    "hub.example"
#define DEVICE "example-device"

/* What ThreadX and NetX Duo keep pointers to is static. */
static TX_THREAD               main_thread;
static ULONG                   main_stack[4096];
static NX_PACKET_POOL          pool;
static ULONG                   pool_memory[16384];
static NX_IP                   ip;
static ULONG                   ip_stack[1024];
static NX_DNS                  dns;
static NX_AZURE_IOT            azure;
static ULONG                   azure_stack[4096];
static NX_AZURE_IOT_HUB_CLIENT hub;

/* A UDP datagram from 10.0.0.2:5000 to 192.0.2.1:53 with four bytes of data. */
static const UCHAR query[32] = {
    0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 2, 192, 0, 2, 1, /* IP */
    0x13, 0x88, 0, 53, 0, 12, 0, 0,                                      /* UDP */
    1, 2, 3, 4,
};

/* Ends the program if a call has failed. */
static void check(const char *call, UINT status)
{
    if (status != 0)
    {
        fprintf(stderr, "%s failed: status 0x%x\n", call, status);
        exit(1);
    }
}

/* A driver without a network. */
static VOID driver(NX_IP_DRIVER *request)
{
    request->nx_ip_driver_status = NX_SUCCESS;
}

/* The Unix time. A device that does not know it yet returns anything but 0, and the agent waits. */
static UINT unix_time(ULONG *seconds)
{
    *seconds = 1760000000 + tx_time_get() / TX_TIMER_TICKS_PER_SECOND;
    return NX_AZURE_IOT_SUCCESS;
}

/* The hub: on a device it is at the other end of MQTT. */
static UINT hub_connect(VOID *context, NX_AZURE_IOT_HUB_CLIENT *client)
{
    (void)context;
    (void)client;
    return NX_AZURE_IOT_SUCCESS;
}

static VOID hub_disconnect(VOID *context, NX_AZURE_IOT_HUB_CLIENT *client)
{
    (void)context;
    (void)client;
}

static UINT hub_publish(VOID *context, NX_AZURE_IOT_HUB_CLIENT *client, const UCHAR *topic, UINT topic_length,
                        const UCHAR *payload, UINT payload_length)
{
    (void)context;
    (void)client;
    (void)payload;
    printf("%lu s: a message of %u bytes to %.*s\n", (unsigned long)(tx_time_get() / TX_TIMER_TICKS_PER_SECOND),
           payload_length, (int)topic_length, (const char *)topic);
    return NX_AZURE_IOT_SUCCESS;
}

static const NX_HOST_HUB_TRANSPORT transport = {hub_connect, hub_disconnect, hub_publish};

static void create(void)
{
    nx_system_initialize();
    check("nx_packet_pool_create", nx_packet_pool_create(&pool, "pool", 1600, pool_memory, sizeof pool_memory));
    check("nx_ip_create", nx_ip_create(&ip, "ip", IP_ADDRESS(10, 0, 0, 2), 0xFFFFFF00, &pool, driver, ip_stack,
                                       sizeof ip_stack, 1));
    check("nx_udp_enable", nx_udp_enable(&ip));
    check("nx_dns_create", nx_dns_create(&dns, &ip, (UCHAR *)"dns"));
    check("nx_azure_iot_create", nx_azure_iot_create(&azure, (UCHAR *)"azure", &ip, &pool, &dns, azure_stack,
                                                     sizeof azure_stack, 4, unix_time));
    check("nx_azure_iot_hub_client_initialize",
          nx_azure_iot_hub_client_initialize(&hub, &azure, (const UCHAR *)HUB, sizeof HUB - 1, (const UCHAR *)DEVICE,
                                             sizeof DEVICE - 1, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL));
    check("nx_host_hub_client_transport_set", nx_host_hub_client_transport_set(&hub, &transport, NULL));
}

/* The agent, as it is to be. */
static void enable(void)
{
    THREADX_DEFENDER_SETTINGS settings;

    settings.size = sizeof settings;
    check("threadx_defender_settings_get", threadx_defender_settings_get(&settings));
    /* So that this example always prints the same; a fleet had better keep the random delay. */
    settings.first_collection_jitter = 0;
    check("threadx_defender_settings_set", threadx_defender_settings_set(&settings));
    check("nx_azure_iot_security_module_enable", nx_azure_iot_security_module_enable(&azure));
}

/* A second with a packet in it. */
static void second(void)
{
    check("nx_host_packet_inject", nx_host_packet_inject(&ip, NX_IP_PACKET_OUT, query, sizeof query));
    check("tx_host_clock_advance", tx_host_clock_advance(TX_TIMER_TICKS_PER_SECOND));
}

static VOID live(ULONG input)
{
    THREADX_DEFENDER_STATISTICS statistics;
    UINT                        state;
    int                         i;

    (void)input;
    tx_host_clock_manual();
    create();
    enable();
    check("nx_azure_iot_hub_client_connect", nx_azure_iot_hub_client_connect(&hub, NX_TRUE, NX_NO_WAIT));
    for (i = 0; i < 35; i++)
    {
        second();
    }

    /* Whatever is set may be changed while it runs. */
    check("threadx_defender_collector_set", threadx_defender_collector_set(THREADX_DEFENDER_HEARTBEAT, 0));
    check("threadx_defender_interval_set", threadx_defender_interval_set(THREADX_DEFENDER_PRIORITY_HIGH, 2));
    for (i = 0; i < 5; i++)
    {
        second();
    }

    statistics.size = sizeof statistics;
    check("threadx_defender_statistics_get", threadx_defender_statistics_get(&statistics));
    check("threadx_defender_state_get", threadx_defender_state_get(&state));
    printf("state %u, %llu packets counted, %llu messages sent\n", state,
           (unsigned long long)statistics.packets_counted, (unsigned long long)statistics.messages_sent);

    /* Every hook is as it was. */
    check("nx_azure_iot_security_module_disable", nx_azure_iot_security_module_disable(&azure));
    check("nx_azure_iot_hub_client_deinitialize", nx_azure_iot_hub_client_deinitialize(&hub));
    check("nx_azure_iot_delete", nx_azure_iot_delete(&azure));
    exit(0);
}

VOID tx_application_define(VOID *first_unused_memory)
{
    (void)first_unused_memory;
    check("tx_thread_create", tx_thread_create(&main_thread, "main", live, 0, main_stack, sizeof main_stack, 16, 16,
                                               TX_NO_TIME_SLICE, TX_AUTO_START));
}

int main(void)
{
    tx_kernel_enter();
    return 0;
}
