/* The SNTP client, of which the host port has the types: nobody there knows the time. */

#ifndef NXD_SNTP_CLIENT_H
#define NXD_SNTP_CLIENT_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"

#define NX_SNTP_CLIENT_NOT_STARTED 0xD0B

/** A time as NTP has it: seconds since 1900, and 2^-32 of one. */
typedef struct NX_SNTP_TIME_STRUCT
{
    ULONG seconds;
    ULONG fraction;
} NX_SNTP_TIME;

/** What a server says. */
typedef struct NX_SNTP_TIME_MESSAGE_STRUCT
{
    NX_SNTP_TIME transmit_time;
} NX_SNTP_TIME_MESSAGE;

/** An SNTP client. */
typedef struct NX_SNTP_CLIENT_STRUCT
{
    ULONG nx_sntp_client_id;
} NX_SNTP_CLIENT;

/* NX_NOT_SUPPORTED on the host port, each of them. */
UINT _nx_sntp_client_create(NX_SNTP_CLIENT *client_ptr, NX_IP *ip_ptr, UINT iface_index, NX_PACKET_POOL *packet_pool_ptr,
                            UINT (*leap_second_handler)(NX_SNTP_CLIENT *client_ptr, UINT indicator),
                            UINT (*kiss_of_death_handler)(NX_SNTP_CLIENT *client_ptr, UINT code),
                            VOID (*random_number_generator)(NX_SNTP_CLIENT *client_ptr, ULONG *rand));
UINT _nxe_sntp_client_create(NX_SNTP_CLIENT *client_ptr, NX_IP *ip_ptr, UINT iface_index, NX_PACKET_POOL *packet_pool_ptr,
                             UINT (*leap_second_handler)(NX_SNTP_CLIENT *client_ptr, UINT indicator),
                             UINT (*kiss_of_death_handler)(NX_SNTP_CLIENT *client_ptr, UINT code),
                             VOID (*random_number_generator)(NX_SNTP_CLIENT *client_ptr, ULONG *rand));
UINT _nx_sntp_client_delete(NX_SNTP_CLIENT *client_ptr);
UINT _nxe_sntp_client_delete(NX_SNTP_CLIENT *client_ptr);
UINT _nxd_sntp_client_initialize_unicast(NX_SNTP_CLIENT *client_ptr, NXD_ADDRESS *unicast_time_server);
UINT _nxde_sntp_client_initialize_unicast(NX_SNTP_CLIENT *client_ptr, NXD_ADDRESS *unicast_time_server);
UINT _nx_sntp_client_run_unicast(NX_SNTP_CLIENT *client_ptr);
UINT _nxe_sntp_client_run_unicast(NX_SNTP_CLIENT *client_ptr);
UINT _nx_sntp_client_stop(NX_SNTP_CLIENT *client_ptr);
UINT _nxe_sntp_client_stop(NX_SNTP_CLIENT *client_ptr);
UINT _nx_sntp_client_set_time_update_notify(NX_SNTP_CLIENT *client_ptr,
                                            VOID (*time_update_cb)(NX_SNTP_TIME_MESSAGE *time_update_ptr,
                                                                   NX_SNTP_TIME *local_time));
UINT _nxe_sntp_client_set_time_update_notify(NX_SNTP_CLIENT *client_ptr,
                                             VOID (*time_update_cb)(NX_SNTP_TIME_MESSAGE *time_update_ptr,
                                                                    NX_SNTP_TIME *local_time));

#ifdef NX_SNTP_DISABLE_ERROR_CHECKING
#define nx_sntp_client_create                 _nx_sntp_client_create
#define nx_sntp_client_delete                 _nx_sntp_client_delete
#define nxd_sntp_client_initialize_unicast    _nxd_sntp_client_initialize_unicast
#define nx_sntp_client_run_unicast            _nx_sntp_client_run_unicast
#define nx_sntp_client_stop                   _nx_sntp_client_stop
#define nx_sntp_client_set_time_update_notify _nx_sntp_client_set_time_update_notify
#else
#define nx_sntp_client_create                 _nxe_sntp_client_create
#define nx_sntp_client_delete                 _nxe_sntp_client_delete
#define nxd_sntp_client_initialize_unicast    _nxde_sntp_client_initialize_unicast
#define nx_sntp_client_run_unicast            _nxe_sntp_client_run_unicast
#define nx_sntp_client_stop                   _nxe_sntp_client_stop
#define nx_sntp_client_set_time_update_notify _nxe_sntp_client_set_time_update_notify
#endif

#ifdef __cplusplus
}
#endif

#endif
