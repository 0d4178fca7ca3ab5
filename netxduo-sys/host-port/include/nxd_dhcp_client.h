/* The DHCP client, of which the host port has the types: nobody there gives addresses. */

#ifndef NXD_DHCP_CLIENT_H
#define NXD_DHCP_CLIENT_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"

#define NX_DHCP_OPTION_GATEWAYS 3
#define NX_DHCP_OPTION_DNS_SVR 6
#define NX_DHCP_OPTION_NTP_SVR 42
#define NX_DHCP_NOT_BOUND 0x94
#define NX_DHCP_PARSE_ERROR 0x97
/** The least payload of the client's packets: a message of 576 bytes behind the link's header. */
#define NX_DHCP_PACKET_PAYLOAD (576 + 16)

/** A DHCP client. */
typedef struct NX_DHCP_STRUCT
{
    ULONG nx_dhcp_id;
} NX_DHCP;

/* NX_NOT_SUPPORTED on the host port, each of them. */
UINT _nx_dhcp_create(NX_DHCP *dhcp_ptr, NX_IP *ip_ptr, CHAR *name_ptr);
UINT _nxe_dhcp_create(NX_DHCP *dhcp_ptr, NX_IP *ip_ptr, CHAR *name_ptr);
UINT _nx_dhcp_delete(NX_DHCP *dhcp_ptr);
UINT _nxe_dhcp_delete(NX_DHCP *dhcp_ptr);
UINT _nx_dhcp_packet_pool_set(NX_DHCP *dhcp_ptr, NX_PACKET_POOL *packet_pool_ptr);
UINT _nxe_dhcp_packet_pool_set(NX_DHCP *dhcp_ptr, NX_PACKET_POOL *packet_pool_ptr);
UINT _nx_dhcp_start(NX_DHCP *dhcp_ptr);
UINT _nxe_dhcp_start(NX_DHCP *dhcp_ptr);
UINT _nx_dhcp_interface_server_address_get(NX_DHCP *dhcp_ptr, UINT iface_index, ULONG *server_address);
UINT _nxe_dhcp_interface_server_address_get(NX_DHCP *dhcp_ptr, UINT iface_index, ULONG *server_address);
UINT _nx_dhcp_user_option_request(NX_DHCP *dhcp_ptr, UINT option_code);
UINT _nxe_dhcp_user_option_request(NX_DHCP *dhcp_ptr, UINT option_code);
UINT _nx_dhcp_interface_user_option_retrieve(NX_DHCP *dhcp_ptr, UINT iface_index, UINT option_request, UCHAR *destination_ptr,
                                   UINT *destination_size);
UINT _nxe_dhcp_interface_user_option_retrieve(NX_DHCP *dhcp_ptr, UINT iface_index, UINT option_request, UCHAR *destination_ptr,
                                    UINT *destination_size);

#ifdef NX_DISABLE_ERROR_CHECKING
#define nx_dhcp_create               _nx_dhcp_create
#define nx_dhcp_delete               _nx_dhcp_delete
#define nx_dhcp_packet_pool_set      _nx_dhcp_packet_pool_set
#define nx_dhcp_start                _nx_dhcp_start
#define nx_dhcp_interface_server_address_get   _nx_dhcp_interface_server_address_get
#define nx_dhcp_user_option_request  _nx_dhcp_user_option_request
#define nx_dhcp_interface_user_option_retrieve _nx_dhcp_interface_user_option_retrieve
#else
#define nx_dhcp_create               _nxe_dhcp_create
#define nx_dhcp_delete               _nxe_dhcp_delete
#define nx_dhcp_packet_pool_set      _nxe_dhcp_packet_pool_set
#define nx_dhcp_start                _nxe_dhcp_start
#define nx_dhcp_interface_server_address_get   _nxe_dhcp_interface_server_address_get
#define nx_dhcp_user_option_request  _nxe_dhcp_user_option_request
#define nx_dhcp_interface_user_option_retrieve _nxe_dhcp_interface_user_option_retrieve
#endif

#ifdef __cplusplus
}
#endif

#endif
