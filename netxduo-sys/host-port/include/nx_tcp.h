/* TCP sockets. The host port has no transport protocols above the receive functions: every service here says
   NX_NOT_SUPPORTED, so that programs for the real stack build. Included by nx_api.h. */

#ifndef NX_TCP_H
#define NX_TCP_H

#ifdef __cplusplus
extern "C" {
#endif

/** A TCP socket, which never exists. */
typedef struct NX_TCP_SOCKET_STRUCT
{
    ULONG nx_tcp_socket_id;
} NX_TCP_SOCKET;

UINT _nx_tcp_socket_create(NX_IP *ip_ptr, NX_TCP_SOCKET *socket_ptr, CHAR *name, ULONG type_of_service, ULONG fragment,
                           UINT time_to_live, ULONG window_size, VOID (*tcp_urgent_data_callback)(NX_TCP_SOCKET *),
                           VOID (*tcp_disconnect_callback)(NX_TCP_SOCKET *));
UINT _nxe_tcp_socket_create(NX_IP *ip_ptr, NX_TCP_SOCKET *socket_ptr, CHAR *name, ULONG type_of_service, ULONG fragment,
                            UINT time_to_live, ULONG window_size, VOID (*tcp_urgent_data_callback)(NX_TCP_SOCKET *),
                            VOID (*tcp_disconnect_callback)(NX_TCP_SOCKET *), UINT tcp_socket_size);
UINT _nx_tcp_socket_delete(NX_TCP_SOCKET *socket_ptr);
UINT _nxe_tcp_socket_delete(NX_TCP_SOCKET *socket_ptr);
UINT _nx_tcp_socket_disconnect(NX_TCP_SOCKET *socket_ptr, ULONG wait_option);
UINT _nxe_tcp_socket_disconnect(NX_TCP_SOCKET *socket_ptr, ULONG wait_option);
UINT _nx_tcp_socket_mss_get(NX_TCP_SOCKET *socket_ptr, ULONG *mss);
UINT _nxe_tcp_socket_mss_get(NX_TCP_SOCKET *socket_ptr, ULONG *mss);
UINT _nx_tcp_socket_receive(NX_TCP_SOCKET *socket_ptr, NX_PACKET **packet_ptr, ULONG wait_option);
UINT _nxe_tcp_socket_receive(NX_TCP_SOCKET *socket_ptr, NX_PACKET **packet_ptr, ULONG wait_option);
UINT _nx_tcp_socket_send(NX_TCP_SOCKET *socket_ptr, NX_PACKET *packet_ptr, ULONG wait_option);
UINT _nxe_tcp_socket_send(NX_TCP_SOCKET *socket_ptr, NX_PACKET **packet_ptr_ptr, ULONG wait_option);
UINT _nx_tcp_client_socket_bind(NX_TCP_SOCKET *socket_ptr, UINT port, ULONG wait_option);
UINT _nxe_tcp_client_socket_bind(NX_TCP_SOCKET *socket_ptr, UINT port, ULONG wait_option);
UINT _nx_tcp_client_socket_unbind(NX_TCP_SOCKET *socket_ptr);
UINT _nxe_tcp_client_socket_unbind(NX_TCP_SOCKET *socket_ptr);
UINT _nxd_tcp_client_socket_connect(NX_TCP_SOCKET *socket_ptr, NXD_ADDRESS *server_ip, UINT server_port,
                                    ULONG wait_option);
UINT _nxde_tcp_client_socket_connect(NX_TCP_SOCKET *socket_ptr, NXD_ADDRESS *server_ip, UINT server_port,
                                     ULONG wait_option);
UINT _nx_tcp_server_socket_listen(NX_IP *ip_ptr, UINT port, NX_TCP_SOCKET *socket_ptr, UINT listen_queue_size,
                                  VOID (*tcp_listen_callback)(NX_TCP_SOCKET *socket_ptr, UINT port));
UINT _nxe_tcp_server_socket_listen(NX_IP *ip_ptr, UINT port, NX_TCP_SOCKET *socket_ptr, UINT listen_queue_size,
                                   VOID (*tcp_listen_callback)(NX_TCP_SOCKET *socket_ptr, UINT port));
UINT _nx_tcp_server_socket_accept(NX_TCP_SOCKET *socket_ptr, ULONG wait_option);
UINT _nxe_tcp_server_socket_accept(NX_TCP_SOCKET *socket_ptr, ULONG wait_option);
UINT _nx_tcp_server_socket_unaccept(NX_TCP_SOCKET *socket_ptr);
UINT _nxe_tcp_server_socket_unaccept(NX_TCP_SOCKET *socket_ptr);
UINT _nx_tcp_server_socket_relisten(NX_IP *ip_ptr, UINT port, NX_TCP_SOCKET *socket_ptr);
UINT _nxe_tcp_server_socket_relisten(NX_IP *ip_ptr, UINT port, NX_TCP_SOCKET *socket_ptr);
UINT _nx_tcp_server_socket_unlisten(NX_IP *ip_ptr, UINT port);
UINT _nxe_tcp_server_socket_unlisten(NX_IP *ip_ptr, UINT port);
UINT _nxd_tcp_socket_peer_info_get(NX_TCP_SOCKET *socket_ptr, NXD_ADDRESS *peer_ip_address, ULONG *peer_port);
UINT _nxde_tcp_socket_peer_info_get(NX_TCP_SOCKET *socket_ptr, NXD_ADDRESS *peer_ip_address, ULONG *peer_port);

#ifdef NX_DISABLE_ERROR_CHECKING
#define nx_tcp_socket_create            _nx_tcp_socket_create
#define nx_tcp_socket_delete            _nx_tcp_socket_delete
#define nx_tcp_socket_disconnect        _nx_tcp_socket_disconnect
#define nx_tcp_socket_mss_get           _nx_tcp_socket_mss_get
#define nx_tcp_socket_receive           _nx_tcp_socket_receive
#define nx_tcp_socket_send              _nx_tcp_socket_send
#define nx_tcp_client_socket_bind       _nx_tcp_client_socket_bind
#define nx_tcp_client_socket_unbind     _nx_tcp_client_socket_unbind
#define nxd_tcp_client_socket_connect   _nxd_tcp_client_socket_connect
#define nx_tcp_server_socket_listen     _nx_tcp_server_socket_listen
#define nx_tcp_server_socket_accept     _nx_tcp_server_socket_accept
#define nx_tcp_server_socket_unaccept   _nx_tcp_server_socket_unaccept
#define nx_tcp_server_socket_relisten   _nx_tcp_server_socket_relisten
#define nx_tcp_server_socket_unlisten   _nx_tcp_server_socket_unlisten
#define nxd_tcp_socket_peer_info_get    _nxd_tcp_socket_peer_info_get
#else
#define nx_tcp_socket_create(i, s, n, t, f, l, w, u, d) \
    _nxe_tcp_socket_create((i), (s), (n), (t), (f), (l), (w), (u), (d), (UINT)sizeof(NX_TCP_SOCKET))
#define nx_tcp_socket_delete            _nxe_tcp_socket_delete
#define nx_tcp_socket_disconnect        _nxe_tcp_socket_disconnect
#define nx_tcp_socket_mss_get           _nxe_tcp_socket_mss_get
#define nx_tcp_socket_receive           _nxe_tcp_socket_receive
#define nx_tcp_socket_send(s, p, t)     _nxe_tcp_socket_send((s), &(p), (t))
#define nx_tcp_client_socket_bind       _nxe_tcp_client_socket_bind
#define nx_tcp_client_socket_unbind     _nxe_tcp_client_socket_unbind
#define nxd_tcp_client_socket_connect   _nxde_tcp_client_socket_connect
#define nx_tcp_server_socket_listen     _nxe_tcp_server_socket_listen
#define nx_tcp_server_socket_accept     _nxe_tcp_server_socket_accept
#define nx_tcp_server_socket_unaccept   _nxe_tcp_server_socket_unaccept
#define nx_tcp_server_socket_relisten   _nxe_tcp_server_socket_relisten
#define nx_tcp_server_socket_unlisten   _nxe_tcp_server_socket_unlisten
#define nxd_tcp_socket_peer_info_get    _nxde_tcp_socket_peer_info_get
#endif

#ifdef __cplusplus
}
#endif

#endif
