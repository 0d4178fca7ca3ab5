/* A device: it learns the time, connects to its hub, and sends telemetry; the agent watches what it does. To be copied: what belongs to the
   board is in board.c, the network in lan9118.c. */

#include <stdio.h>

#include "board.h"
#include "clock.h"
#include "identity.h"
#include "lan9118.h"
#include "nx_azure_iot.h"
#include "nx_azure_iot_ciphersuites.h"
#include "nx_azure_iot_hub_client.h"
#include "nxd_dns.h"
#include "threadx_defender.h"

/* The network of QEMU, and this machine in it. */
#define ADDRESS IP_ADDRESS(10, 0, 2, 15)
#define MASK IP_ADDRESS(255, 255, 255, 0)
#define GATEWAY IP_ADDRESS(10, 0, 2, 2)

#define PACKET_BYTES 1536
#define PACKETS 40
#define SECONDS(count) ((count)*TX_TIMER_TICKS_PER_SECOND)

/* After so many messages the device changes how the agent reports. */
#define CHANGE_AFTER 3

static TX_THREAD thread;
static ULONG thread_stack[1024];
static NX_PACKET_POOL pool;
static ULONG pool_memory[PACKETS * (PACKET_BYTES + sizeof(NX_PACKET)) / sizeof(ULONG)];
static NX_IP ip;
static ULONG ip_stack[512];
static ULONG arp_memory[256];
static NX_DNS dns;
static NX_AZURE_IOT azure;
/* The thread of the cloud helper runs TLS and the agent. */
static ULONG azure_stack[1024];
static NX_AZURE_IOT_HUB_CLIENT hub;
static NX_SECURE_X509_CERT hub_ca;
static UCHAR hub_metadata[NX_AZURE_IOT_TLS_METADATA_BUFFER_SIZE];
static volatile UINT is_connected;

/* Says what failed; a device that cannot go on stops. */
static void must(const char *what, UINT status)
{
    if (status == NX_SUCCESS)
        return;
    printf("%s: 0x%x\n", what, status);
    board_stop();
}

static void network_create(void)
{
    ULONG status;

    nx_system_initialize();
    must("pool", nx_packet_pool_create(&pool, "pool", PACKET_BYTES, pool_memory, sizeof pool_memory));
    must("IP", nx_ip_create(&ip, "ip", ADDRESS, MASK, &pool, lan9118_driver, ip_stack, sizeof ip_stack, 1));
    must("gateway", nx_ip_gateway_address_set(&ip, GATEWAY));
    must("ARP", nx_arp_enable(&ip, arp_memory, sizeof arp_memory));
    must("ICMP", nx_icmp_enable(&ip));
    must("UDP", nx_udp_enable(&ip));
    must("TCP", nx_tcp_enable(&ip));
    nx_secure_tls_initialize();
    must("DNS", nx_dns_create(&dns, &ip, (UCHAR *)"dns"));
    must("DNS pool", nx_dns_packet_pool_set(&dns, &pool));
    must("DNS server", nx_dns_server_add(&dns, GATEWAY));
    must("link", nx_ip_status_check(&ip, NX_IP_INITIALIZE_DONE, &status, SECONDS(10)));
}

static void connection_changed(NX_AZURE_IOT_HUB_CLIENT *client, UINT status)
{
    (void)client;
    is_connected = status == NX_SUCCESS;
}

static void hub_create(void)
{
    UINT state;

    must("azure", nx_azure_iot_create(&azure, (UCHAR *)"azure", &ip, &pool, &dns, azure_stack, sizeof azure_stack, 4, clock_unix_time));
    /* The agent. NetX Duo up to 6.3.0 has enabled it already, which is as good. */
    must("state", threadx_defender_state_get(&state));
    if (state != THREADX_DEFENDER_STATE_NOT_INITIALIZED)
        printf("NetX Duo has enabled the agent\n");
    must("agent", nx_azure_iot_security_module_enable(&azure));
    must("certificate",
         nx_secure_x509_certificate_initialize(&hub_ca, device_ca, sizeof device_ca, NX_NULL, 0, NX_NULL, 0, NX_SECURE_X509_KEY_TYPE_NONE));
    must("hub client",
         nx_azure_iot_hub_client_initialize(&hub, &azure, (UCHAR *)DEVICE_HUB, sizeof DEVICE_HUB - 1, (UCHAR *)DEVICE_ID, sizeof DEVICE_ID - 1,
                                            (UCHAR *)"", 0, _nx_azure_iot_tls_supported_crypto, _nx_azure_iot_tls_supported_crypto_size,
                                            _nx_azure_iot_tls_ciphersuite_map, _nx_azure_iot_tls_ciphersuite_map_size, hub_metadata,
                                            sizeof hub_metadata, &hub_ca));
    must("key", nx_azure_iot_hub_client_symmetric_key_set(&hub, (UCHAR *)DEVICE_KEY, sizeof DEVICE_KEY - 1));
    must("callback", nx_azure_iot_hub_client_connection_status_callback_set(&hub, connection_changed));
}

static void hub_connect(void)
{
    static const UCHAR hello[] = "{\"hello\":1}";
    NX_PACKET *packet;

    UINT status = nx_azure_iot_hub_client_connect(&hub, NX_TRUE, SECONDS(20));
    if (status != NX_AZURE_IOT_SUCCESS)
    {
        printf("no connection yet: 0x%x\n", status);
        nx_azure_iot_hub_client_disconnect(&hub);
        return;
    }
    printf("connected to %s\n", DEVICE_HUB);
    status = nx_azure_iot_hub_client_telemetry_message_create(&hub, &packet, SECONDS(5));
    if (status == NX_AZURE_IOT_SUCCESS)
    {
        status = nx_azure_iot_hub_client_telemetry_send(&hub, packet, hello, sizeof hello - 1, SECONDS(5));
        if (status != NX_AZURE_IOT_SUCCESS)
            nx_azure_iot_hub_client_telemetry_message_delete(packet);
    }
    printf("telemetry: 0x%x\n", status);
}

/* Tells what the agent has sent since the last time, and once changes how it reports. Returns how many messages there were. */
static uint64_t agent_tell(void)
{
    static uint64_t told;
    THREADX_DEFENDER_STATISTICS statistics = {.size = sizeof statistics};

    must("statistics", threadx_defender_statistics_get(&statistics));
    if (statistics.messages_sent == told)
        return told;
    if (told < CHANGE_AFTER && statistics.messages_sent >= CHANGE_AFTER)
    {
        must("interval", threadx_defender_interval_set(THREADX_DEFENDER_PRIORITY_HIGH, 20));
        must("collector", threadx_defender_collector_set(THREADX_DEFENDER_HEARTBEAT, 0));
        printf("the agent reports every 20 s from now on, and sends no heartbeat\n");
    }
    told = statistics.messages_sent;
    printf("the agent has sent %u messages, %u bytes; %lu packets are free\n", (unsigned)told, (unsigned)statistics.bytes_sent,
           pool.nx_packet_pool_available);
    return told;
}

/* While the device ends TLS, the hub's last record may come, on the thread of the cloud helper. NetX Duo has emptied the session's queue by then,
   and forgets that record and what it decrypted of it: two packets for good. */
static void release_last_record(NXD_MQTT_CLIENT *mqtt)
{
    NX_SECURE_TLS_SESSION *session = &mqtt->nxd_mqtt_tls_session;
    NX_PACKET **forgotten[] = {&session->nx_secure_record_queue_header, &session->nx_secure_record_decrypted_packet};

    /* That thread may not be done with it yet. */
    tx_mutex_get(mqtt->nxd_mqtt_client_mutex_ptr, TX_WAIT_FOREVER);
    for (UINT i = 0; i < 2; i++)
    {
        if (*forgotten[i] != NX_NULL)
            nx_packet_release(*forgotten[i]);
        *forgotten[i] = NX_NULL;
    }
    tx_mutex_put(mqtt->nxd_mqtt_client_mutex_ptr);
}

/* As before an update: all that was made is deleted, in the order in which one thing uses the other. */
static void take_down(void)
{
    nx_azure_iot_hub_client_disconnect(&hub);
    release_last_record(&hub.nx_azure_iot_hub_client_resource.resource_mqtt);
    must("hub client", nx_azure_iot_hub_client_deinitialize(&hub));
    must("agent", nx_azure_iot_security_module_disable(&azure));
    must("azure", nx_azure_iot_delete(&azure));
    must("DNS", nx_dns_delete(&dns));
    must("IP", nx_ip_delete(&ip));
    printf("taken down: %lu of %lu packets are back\n", pool.nx_packet_pool_available, pool.nx_packet_pool_total);
    if (pool.nx_packet_pool_available != pool.nx_packet_pool_total)
        board_stop();
    board_end();
}

static VOID begin(ULONG input)
{
    ULONG now;

    (void)input;
    network_create();
    printf("10.0.2.15 is up after %lu ms\n", tx_time_get() * 1000 / TX_TIMER_TICKS_PER_SECOND);
    hub_create();
    for (;;)
    {
        if (clock_unix_time(&now) != NX_SUCCESS)
        {
            UINT status = clock_ask(&ip, GATEWAY);
            if (status != NX_SUCCESS)
                printf("no time yet: 0x%x\n", status);
            else if (clock_unix_time(&now) == NX_SUCCESS)
                printf("the time is %lu\n", now);
        }
        else if (!is_connected)
            hub_connect();
        uint64_t messages = agent_tell();
        if (DEVICE_MESSAGES != 0 && messages >= DEVICE_MESSAGES)
            take_down();
        tx_thread_sleep(SECONDS(1));
    }
}

VOID tx_application_define(VOID *unused_memory)
{
    (void)unused_memory;
    must("thread", tx_thread_create(&thread, "main", begin, 0, thread_stack, sizeof thread_stack, 16, 16, TX_NO_TIME_SLICE, TX_AUTO_START));
}

int main(void)
{
    tx_kernel_enter();
    return 0;
}
