#include "clock.h"

#include "nxd_sntp_client.h"

/* From 1900, where NTP begins to count, to 1970. */
#define UNTIL_1970 2208988800u

/* Unix time when the device started; 0 as long as it is not known. */
static volatile ULONG started;

static ULONG uptime(void)
{
    return tx_time_get() / TX_TIMER_TICKS_PER_SECOND;
}

UINT clock_ask(NX_IP *ip, ULONG server)
{
    static NX_SNTP_CLIENT client;
    ULONG seconds, fraction;
    UINT is_known = NX_FALSE;

    UINT status = nx_sntp_client_create(&client, ip, 0, ip->nx_ip_default_packet_pool, NX_NULL, NX_NULL, NX_NULL);
    if (status != NX_SUCCESS)
        return status;
    status = nx_sntp_client_initialize_unicast(&client, server);
    if (status == NX_SUCCESS)
        status = nx_sntp_client_run_unicast(&client);
    for (UINT tries = 0; status == NX_SUCCESS && !is_known && tries < 20; tries++)
    {
        tx_thread_sleep(TX_TIMER_TICKS_PER_SECOND / 4);
        status = nx_sntp_client_receiving_updates(&client, &is_known);
    }
    if (status == NX_SUCCESS)
        status = is_known ? nx_sntp_client_get_local_time(&client, &seconds, &fraction, NX_NULL) : NX_SNTP_TIMED_OUT_ON_SERVER;
    if (status == NX_SUCCESS)
        started = seconds - UNTIL_1970 - uptime();
    nx_sntp_client_stop(&client);
    nx_sntp_client_delete(&client);
    return status;
}

UINT clock_unix_time(ULONG *unix_time)
{
    if (started == 0)
        return NX_NOT_SUCCESSFUL;
    *unix_time = started + uptime();
    return NX_SUCCESS;
}
