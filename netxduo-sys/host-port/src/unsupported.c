/* What needs a stack that answers: sockets, echo requests, names, addresses from a server, time. There is none, and each service says so. */

#include "nx_api.h"
#include "nxd_dhcp_client.h"
#include "nxd_dns.h"
#include "nxd_sntp_client.h"

#ifdef __GNUC__
/* No function here looks at its arguments. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif

/* A service whose two forms have the same arguments. */
#define UNSUPPORTED(PLAIN, CHECKED, ...) \
    UINT PLAIN(__VA_ARGS__)              \
    {                                    \
        return NX_NOT_SUPPORTED;         \
    }                                    \
    UINT CHECKED(__VA_ARGS__)            \
    {                                    \
        return NX_NOT_SUPPORTED;         \
    }

UNSUPPORTED(_nxd_icmp_ping, _nxde_icmp_ping, NX_IP *ip_ptr, NXD_ADDRESS *ip_address, CHAR *data_ptr, ULONG data_size,
            NX_PACKET **response_ptr, ULONG wait_option)
UNSUPPORTED(_nxd_dns_host_by_name_get, _nxde_dns_host_by_name_get, NX_DNS *dns_ptr, UCHAR *host_name,
            NXD_ADDRESS *host_address_ptr, ULONG wait_option, UINT lookup_type)

UNSUPPORTED(_nx_dhcp_create, _nxe_dhcp_create, NX_DHCP *dhcp_ptr, NX_IP *ip_ptr, CHAR *name_ptr)
UNSUPPORTED(_nx_dhcp_delete, _nxe_dhcp_delete, NX_DHCP *dhcp_ptr)
UNSUPPORTED(_nx_dhcp_packet_pool_set, _nxe_dhcp_packet_pool_set, NX_DHCP *dhcp_ptr, NX_PACKET_POOL *packet_pool_ptr)
UNSUPPORTED(_nx_dhcp_start, _nxe_dhcp_start, NX_DHCP *dhcp_ptr)
UNSUPPORTED(_nx_dhcp_interface_server_address_get, _nxe_dhcp_interface_server_address_get, NX_DHCP *dhcp_ptr,
            UINT iface_index, ULONG *server_address)
UNSUPPORTED(_nx_dhcp_user_option_request, _nxe_dhcp_user_option_request, NX_DHCP *dhcp_ptr, UINT option_code)
UNSUPPORTED(_nx_dhcp_interface_user_option_retrieve, _nxe_dhcp_interface_user_option_retrieve, NX_DHCP *dhcp_ptr,
            UINT iface_index, UINT option_request, UCHAR *destination_ptr, UINT *destination_size)

UNSUPPORTED(_nx_sntp_client_create, _nxe_sntp_client_create, NX_SNTP_CLIENT *client_ptr, NX_IP *ip_ptr, UINT iface_index,
            NX_PACKET_POOL *packet_pool_ptr, UINT (*leap_second_handler)(NX_SNTP_CLIENT *client_ptr, UINT indicator),
            UINT (*kiss_of_death_handler)(NX_SNTP_CLIENT *client_ptr, UINT code),
            VOID (*random_number_generator)(NX_SNTP_CLIENT *client_ptr, ULONG *rand))
UNSUPPORTED(_nx_sntp_client_delete, _nxe_sntp_client_delete, NX_SNTP_CLIENT *client_ptr)
UNSUPPORTED(_nxd_sntp_client_initialize_unicast, _nxde_sntp_client_initialize_unicast, NX_SNTP_CLIENT *client_ptr,
            NXD_ADDRESS *unicast_time_server)
UNSUPPORTED(_nx_sntp_client_run_unicast, _nxe_sntp_client_run_unicast, NX_SNTP_CLIENT *client_ptr)
UNSUPPORTED(_nx_sntp_client_stop, _nxe_sntp_client_stop, NX_SNTP_CLIENT *client_ptr)
UNSUPPORTED(_nx_sntp_client_set_time_update_notify, _nxe_sntp_client_set_time_update_notify, NX_SNTP_CLIENT *client_ptr,
            VOID (*time_update_cb)(NX_SNTP_TIME_MESSAGE *time_update_ptr, NX_SNTP_TIME *local_time))

UNSUPPORTED(_nx_udp_socket_delete, _nxe_udp_socket_delete, NX_UDP_SOCKET *socket_ptr)
UNSUPPORTED(_nx_udp_socket_bind, _nxe_udp_socket_bind, NX_UDP_SOCKET *socket_ptr, UINT port, ULONG wait_option)
UNSUPPORTED(_nx_udp_socket_unbind, _nxe_udp_socket_unbind, NX_UDP_SOCKET *socket_ptr)
UNSUPPORTED(_nx_udp_socket_port_get, _nxe_udp_socket_port_get, NX_UDP_SOCKET *socket_ptr, UINT *port_ptr)
UNSUPPORTED(_nx_udp_socket_receive, _nxe_udp_socket_receive, NX_UDP_SOCKET *socket_ptr, NX_PACKET **packet_ptr,
            ULONG wait_option)
UNSUPPORTED(_nxd_udp_source_extract, _nxde_udp_source_extract, NX_PACKET *packet_ptr, NXD_ADDRESS *ip_address,
            UINT *port)

UNSUPPORTED(_nx_tcp_socket_delete, _nxe_tcp_socket_delete, NX_TCP_SOCKET *socket_ptr)
UNSUPPORTED(_nx_tcp_socket_disconnect, _nxe_tcp_socket_disconnect, NX_TCP_SOCKET *socket_ptr, ULONG wait_option)
UNSUPPORTED(_nx_tcp_socket_mss_get, _nxe_tcp_socket_mss_get, NX_TCP_SOCKET *socket_ptr, ULONG *mss)
UNSUPPORTED(_nx_tcp_socket_receive, _nxe_tcp_socket_receive, NX_TCP_SOCKET *socket_ptr, NX_PACKET **packet_ptr,
            ULONG wait_option)
UNSUPPORTED(_nx_tcp_client_socket_bind, _nxe_tcp_client_socket_bind, NX_TCP_SOCKET *socket_ptr, UINT port,
            ULONG wait_option)
UNSUPPORTED(_nx_tcp_client_socket_unbind, _nxe_tcp_client_socket_unbind, NX_TCP_SOCKET *socket_ptr)
UNSUPPORTED(_nxd_tcp_client_socket_connect, _nxde_tcp_client_socket_connect, NX_TCP_SOCKET *socket_ptr,
            NXD_ADDRESS *server_ip, UINT server_port, ULONG wait_option)
UNSUPPORTED(_nx_tcp_server_socket_listen, _nxe_tcp_server_socket_listen, NX_IP *ip_ptr, UINT port,
            NX_TCP_SOCKET *socket_ptr, UINT listen_queue_size,
            VOID (*tcp_listen_callback)(NX_TCP_SOCKET *socket_ptr, UINT port))
UNSUPPORTED(_nx_tcp_server_socket_accept, _nxe_tcp_server_socket_accept, NX_TCP_SOCKET *socket_ptr, ULONG wait_option)
UNSUPPORTED(_nx_tcp_server_socket_unaccept, _nxe_tcp_server_socket_unaccept, NX_TCP_SOCKET *socket_ptr)
UNSUPPORTED(_nx_tcp_server_socket_relisten, _nxe_tcp_server_socket_relisten, NX_IP *ip_ptr, UINT port,
            NX_TCP_SOCKET *socket_ptr)
UNSUPPORTED(_nx_tcp_server_socket_unlisten, _nxe_tcp_server_socket_unlisten, NX_IP *ip_ptr, UINT port)
UNSUPPORTED(_nxd_tcp_socket_peer_info_get, _nxde_tcp_socket_peer_info_get, NX_TCP_SOCKET *socket_ptr,
            NXD_ADDRESS *peer_ip_address, ULONG *peer_port)

/* Services whose checked form has other arguments. */
UINT _nx_udp_socket_create(NX_IP *ip_ptr, NX_UDP_SOCKET *socket_ptr, CHAR *name, ULONG type_of_service, ULONG fragment,
                           UINT time_to_live, ULONG queue_maximum)
{
    return NX_NOT_SUPPORTED;
}

UINT _nxe_udp_socket_create(NX_IP *ip_ptr, NX_UDP_SOCKET *socket_ptr, CHAR *name, ULONG type_of_service, ULONG fragment,
                            UINT time_to_live, ULONG queue_maximum, UINT udp_socket_size)
{
    return NX_NOT_SUPPORTED;
}

UINT _nxd_udp_socket_send(NX_UDP_SOCKET *socket_ptr, NX_PACKET *packet_ptr, NXD_ADDRESS *ip_address, UINT port)
{
    return NX_NOT_SUPPORTED;
}

UINT _nxde_udp_socket_send(NX_UDP_SOCKET *socket_ptr, NX_PACKET **packet_ptr, NXD_ADDRESS *ip_address, UINT port)
{
    return NX_NOT_SUPPORTED;
}

UINT _nx_tcp_socket_create(NX_IP *ip_ptr, NX_TCP_SOCKET *socket_ptr, CHAR *name, ULONG type_of_service, ULONG fragment,
                           UINT time_to_live, ULONG window_size, VOID (*tcp_urgent_data_callback)(NX_TCP_SOCKET *),
                           VOID (*tcp_disconnect_callback)(NX_TCP_SOCKET *))
{
    return NX_NOT_SUPPORTED;
}

UINT _nxe_tcp_socket_create(NX_IP *ip_ptr, NX_TCP_SOCKET *socket_ptr, CHAR *name, ULONG type_of_service, ULONG fragment,
                            UINT time_to_live, ULONG window_size, VOID (*tcp_urgent_data_callback)(NX_TCP_SOCKET *),
                            VOID (*tcp_disconnect_callback)(NX_TCP_SOCKET *), UINT tcp_socket_size)
{
    return NX_NOT_SUPPORTED;
}

UINT _nx_tcp_socket_send(NX_TCP_SOCKET *socket_ptr, NX_PACKET *packet_ptr, ULONG wait_option)
{
    return NX_NOT_SUPPORTED;
}

UINT _nxe_tcp_socket_send(NX_TCP_SOCKET *socket_ptr, NX_PACKET **packet_ptr_ptr, ULONG wait_option)
{
    return NX_NOT_SUPPORTED;
}
