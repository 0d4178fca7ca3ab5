/* UDP sockets. The host port has no transport protocols above the receive functions: every service here says
   NX_NOT_SUPPORTED, so that programs for the real stack build. Included by nx_api.h. */

#ifndef NX_UDP_H
#define NX_UDP_H

#ifdef __cplusplus
extern "C" {
#endif

/** A UDP socket, which never exists. */
typedef struct NX_UDP_SOCKET_STRUCT
{
    ULONG nx_udp_socket_id;
} NX_UDP_SOCKET;

UINT _nx_udp_socket_create(NX_IP *ip_ptr, NX_UDP_SOCKET *socket_ptr, CHAR *name, ULONG type_of_service, ULONG fragment,
                           UINT time_to_live, ULONG queue_maximum);
UINT _nxe_udp_socket_create(NX_IP *ip_ptr, NX_UDP_SOCKET *socket_ptr, CHAR *name, ULONG type_of_service, ULONG fragment,
                            UINT time_to_live, ULONG queue_maximum, UINT udp_socket_size);
UINT _nx_udp_socket_delete(NX_UDP_SOCKET *socket_ptr);
UINT _nxe_udp_socket_delete(NX_UDP_SOCKET *socket_ptr);
UINT _nx_udp_socket_bind(NX_UDP_SOCKET *socket_ptr, UINT port, ULONG wait_option);
UINT _nxe_udp_socket_bind(NX_UDP_SOCKET *socket_ptr, UINT port, ULONG wait_option);
UINT _nx_udp_socket_unbind(NX_UDP_SOCKET *socket_ptr);
UINT _nxe_udp_socket_unbind(NX_UDP_SOCKET *socket_ptr);
UINT _nx_udp_socket_port_get(NX_UDP_SOCKET *socket_ptr, UINT *port_ptr);
UINT _nxe_udp_socket_port_get(NX_UDP_SOCKET *socket_ptr, UINT *port_ptr);
UINT _nx_udp_socket_receive(NX_UDP_SOCKET *socket_ptr, NX_PACKET **packet_ptr, ULONG wait_option);
UINT _nxe_udp_socket_receive(NX_UDP_SOCKET *socket_ptr, NX_PACKET **packet_ptr, ULONG wait_option);
UINT _nxd_udp_socket_send(NX_UDP_SOCKET *socket_ptr, NX_PACKET *packet_ptr, NXD_ADDRESS *ip_address, UINT port);
UINT _nxde_udp_socket_send(NX_UDP_SOCKET *socket_ptr, NX_PACKET **packet_ptr, NXD_ADDRESS *ip_address, UINT port);
UINT _nxd_udp_source_extract(NX_PACKET *packet_ptr, NXD_ADDRESS *ip_address, UINT *port);
UINT _nxde_udp_source_extract(NX_PACKET *packet_ptr, NXD_ADDRESS *ip_address, UINT *port);

#ifdef NX_DISABLE_ERROR_CHECKING
#define nx_udp_socket_create            _nx_udp_socket_create
#define nx_udp_socket_delete            _nx_udp_socket_delete
#define nx_udp_socket_bind              _nx_udp_socket_bind
#define nx_udp_socket_unbind            _nx_udp_socket_unbind
#define nx_udp_socket_port_get          _nx_udp_socket_port_get
#define nx_udp_socket_receive           _nx_udp_socket_receive
#define nxd_udp_socket_send             _nxd_udp_socket_send
#define nxd_udp_source_extract          _nxd_udp_source_extract
#else
#define nx_udp_socket_create(i, s, n, t, f, l, q) \
    _nxe_udp_socket_create((i), (s), (n), (t), (f), (l), (q), (UINT)sizeof(NX_UDP_SOCKET))
#define nx_udp_socket_delete            _nxe_udp_socket_delete
#define nx_udp_socket_bind              _nxe_udp_socket_bind
#define nx_udp_socket_unbind            _nxe_udp_socket_unbind
#define nx_udp_socket_port_get          _nxe_udp_socket_port_get
#define nx_udp_socket_receive           _nxe_udp_socket_receive
#define nxd_udp_socket_send(s, p, i, t) _nxde_udp_socket_send((s), &(p), (i), (t))
#define nxd_udp_source_extract          _nxde_udp_source_extract
#endif

#ifdef __cplusplus
}
#endif

#endif
