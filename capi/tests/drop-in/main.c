/* A program that does not enable an agent: NetX Duo, as it is, enables the agent with nx_azure_iot_create and disables it
   with nx_azure_iot_delete. In between it must have counted what was sent, and told a hub. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "nx_azure_iot.h"
#include "nx_azure_iot_ciphersuites.h"
#include "nx_azure_iot_hub_client.h"
#include "nxd_dns.h"
#include "threadx_defender.h"

#define SECONDS(count) ((count)*TX_TIMER_TICKS_PER_SECOND)
#define DATAGRAMS 5

static TX_THREAD thread;
static ULONG thread_stack[4096];
static NX_PACKET_POOL pool;
static ULONG pool_memory[16384];
static NX_IP ip;
static ULONG ip_stack[4096];
static NX_UDP_SOCKET socket;
static NX_DNS dns;
static NX_AZURE_IOT azure;
static ULONG azure_stack[16384];
static NX_AZURE_IOT_HUB_CLIENT hub;
static NX_SECURE_X509_CERT hub_ca;
static UCHAR hub_metadata[NX_AZURE_IOT_TLS_METADATA_BUFFER_SIZE];
static volatile UINT sent_messages;

/* NetX Duo's driver for IP instances of one process. */
VOID _nx_ram_network_driver(NX_IP_DRIVER *request);

static void must(const char *what, UINT status)
{
    if (status == NX_SUCCESS)
        return;
    printf("%s: 0x%x\n", what, status);
    exit(1);
}

/* What NX_RAND of nx_user.h is. */
int board_random(void)
{
    int number = 0;

    if (getrandom(&number, sizeof number, 0) != sizeof number)
        exit(1);
    return number;
}

static UINT unix_time(ULONG *now)
{
    *now = 1795000000 + tx_time_get() / TX_TIMER_TICKS_PER_SECOND;
    return NX_SUCCESS;
}

UINT __wrap_nx_azure_iot_hub_client_telemetry_message_create(NX_AZURE_IOT_HUB_CLIENT *client, NX_PACKET **packet, UINT wait)
{
    (void)client;
    return nx_packet_allocate(&pool, packet, 64, wait);
}

UINT __wrap_nx_azure_iot_hub_client_telemetry_property_add(NX_PACKET *packet, UCHAR *name, USHORT name_length, UCHAR *value,
                                                           USHORT value_length, UINT wait)
{
    (void)packet;
    (void)name;
    (void)name_length;
    (void)value;
    (void)value_length;
    (void)wait;
    return NX_AZURE_IOT_SUCCESS;
}

UINT __wrap_nx_azure_iot_hub_client_telemetry_send(NX_AZURE_IOT_HUB_CLIENT *client, NX_PACKET *packet, UCHAR *data, UINT size, UINT wait)
{
    (void)client;
    (void)data;
    (void)size;
    (void)wait;
    sent_messages++;
    return nx_packet_release(packet);
}

/* Otherwise a minute and more. */
static void report_soon(void)
{
    THREADX_DEFENDER_SETTINGS settings = {.size = sizeof settings};

    must("settings", threadx_defender_settings_get(&settings));
    settings.interval_high = 2;
    settings.first_collection = 2;
    settings.first_collection_jitter = 0;
    must("settings", threadx_defender_settings_set(&settings));
}

static void create(void)
{
    UINT state;

    nx_system_initialize();
    must("pool", nx_packet_pool_create(&pool, "pool", 1536, pool_memory, sizeof pool_memory));
    must("IP", nx_ip_create(&ip, "ip", IP_ADDRESS(10, 0, 0, 2), IP_ADDRESS(255, 255, 255, 0), &pool, _nx_ram_network_driver, ip_stack,
                            sizeof ip_stack, 1));
    must("UDP", nx_udp_enable(&ip));
    must("socket", nx_udp_socket_create(&ip, &socket, "socket", NX_IP_NORMAL, NX_FRAGMENT_OKAY, 64, 5));
    must("bind", nx_udp_socket_bind(&socket, 5000, NX_NO_WAIT));
    nx_secure_tls_initialize();
    must("DNS", nx_dns_create(&dns, &ip, (UCHAR *)"dns"));
    must("azure", nx_azure_iot_create(&azure, (UCHAR *)"azure", &ip, &pool, &dns, azure_stack, sizeof azure_stack, 4, unix_time));
    must("state", threadx_defender_state_get(&state));
    must("NetX Duo has not enabled the agent", state == THREADX_DEFENDER_STATE_NOT_INITIALIZED);
    printf("NetX Duo has enabled the agent\n");
    must("hub client",
         nx_azure_iot_hub_client_initialize(&hub, &azure, (UCHAR *)"hub.example", 11, (UCHAR *)"device", 6, (UCHAR *)"", 0,
                                            _nx_azure_iot_tls_supported_crypto, _nx_azure_iot_tls_supported_crypto_size,
                                            _nx_azure_iot_tls_ciphersuite_map, _nx_azure_iot_tls_ciphersuite_map_size, hub_metadata,
                                            sizeof hub_metadata, &hub_ca));
    hub.nx_azure_iot_hub_client_state = NX_AZURE_IOT_HUB_CLIENT_STATUS_CONNECTED;
}

/* To everybody, which needs no answer to a question for an address. */
static void datagram_send(void)
{
    NX_PACKET *packet;

    must("packet", nx_packet_allocate(&pool, &packet, NX_UDP_PACKET, SECONDS(1)));
    must("data", nx_packet_data_append(packet, "hello", 5, &pool, SECONDS(1)));
    must("datagram", nx_udp_socket_send(&socket, packet, IP_ADDRESS(10, 0, 0, 255), 6000));
}

static VOID begin(ULONG input)
{
    THREADX_DEFENDER_STATISTICS statistics = {.size = sizeof statistics};
    UINT state, waited;

    (void)input;
    report_soon();
    create();
    for (UINT count = 0; count < DATAGRAMS; count++)
        datagram_send();
    must("statistics", threadx_defender_statistics_get(&statistics));
    printf("%u packets counted\n", (UINT)statistics.packets_counted);
    must("not every datagram is counted", statistics.packets_counted < DATAGRAMS);
    for (waited = 0; sent_messages == 0 && waited < 30; waited++)
        tx_thread_sleep(SECONDS(1));
    printf("%u messages sent after %u s\n", sent_messages, waited);
    must("nothing is sent", sent_messages == 0);
    must("statistics", threadx_defender_statistics_get(&statistics));
    must("no flow is reported", statistics.flows_reported == 0);

    hub.nx_azure_iot_hub_client_state = NX_AZURE_IOT_HUB_CLIENT_STATUS_NOT_CONNECTED;
    must("hub client", nx_azure_iot_hub_client_deinitialize(&hub));
    must("delete", nx_azure_iot_delete(&azure));
    must("state", threadx_defender_state_get(&state));
    must("NetX Duo has not disabled the agent", state != THREADX_DEFENDER_STATE_NOT_INITIALIZED);
    printf("NetX Duo has disabled the agent\n");
    exit(0);
}

VOID tx_application_define(VOID *unused_memory)
{
    (void)unused_memory;
    must("thread", tx_thread_create(&thread, "main", begin, 0, thread_stack, sizeof thread_stack, 10, 10, TX_NO_TIME_SLICE, TX_AUTO_START));
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    tx_kernel_enter();
}
