/* What the files of the simulation share, and what they replace in NetX Duo (see seams.txt). */

#ifndef NETXDUO_SYS_SIMULATION_H
#define NETXDUO_SYS_SIMULATION_H

#include "nx_api.h"
#include "nx_azure_iot_hub_client.h"
#include "nx_host.h"

/* receivers.c: what NetX Duo calls in place of its own. */
VOID netxduo_sys_tcp_packet_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr);
VOID netxduo_sys_udp_packet_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr);
VOID netxduo_sys_icmp_packet_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr);
VOID netxduo_sys_igmp_packet_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr);
VOID netxduo_sys_icmpv6_packet_process(NX_IP *ip_ptr, NX_PACKET *packet_ptr);
VOID netxduo_sys_send_ns(NX_IP *ip_ptr, ULONG *neighbor, INT send_slla, NXD_IPV6_ADDRESS *outgoing, INT unicast,
                         struct ND_CACHE_ENTRY_STRUCT *entry);
UINT netxduo_sys_send_rs(NX_IP *ip_ptr, UINT interface_index);

/* hub.c: likewise. */
UINT netxduo_sys_host_by_name_get(NX_DNS *dns_ptr, UCHAR *host_name, NXD_ADDRESS *address, ULONG wait_option,
                                  UINT lookup_type);
UINT netxduo_sys_secure_connect(NXD_MQTT_CLIENT *mqtt, NXD_ADDRESS *server, UINT port,
                                UINT (*tls_setup)(NXD_MQTT_CLIENT *, NX_SECURE_TLS_SESSION *, NX_SECURE_X509_CERT *,
                                                  NX_SECURE_X509_CERT *),
                                UINT keep_alive, UINT clean_session, ULONG wait_option);
UINT netxduo_sys_disconnect(NXD_MQTT_CLIENT *mqtt);
UINT netxduo_sys_tls_packet_allocate(NX_SECURE_TLS_SESSION *session, NX_PACKET_POOL *pool, NX_PACKET **packet,
                                     ULONG wait_option);
UINT netxduo_sys_publish_packet_send(NXD_MQTT_CLIENT *mqtt, NX_PACKET *packet, USHORT packet_id, UINT qos,
                                     ULONG wait_option);

/* hub.c: NetX Duo's own, which seams.txt lets step aside. */
UINT netxduo_sys_real_initialize(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, NX_AZURE_IOT *nx_azure_iot_ptr,
                                 const UCHAR *host_name, UINT host_name_length, const UCHAR *device_id,
                                 UINT device_id_length, const UCHAR *module_id, UINT module_id_length,
                                 const NX_CRYPTO_METHOD **crypto_array, UINT crypto_array_size,
                                 const NX_CRYPTO_CIPHERSUITE **cipher_map, UINT cipher_map_size, UCHAR *metadata_memory,
                                 UINT memory_size, NX_SECURE_X509_CERT *trusted_certificate);
UINT netxduo_sys_real_deinitialize(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr);
UINT netxduo_sys_real_connect(NX_AZURE_IOT_HUB_CLIENT *hub_client_ptr, UINT clean_session, UINT wait_option);

/* Of NetX Duo's MQTT client; not in its headers. */
UINT _nxd_mqtt_client_publish_packet_send(NXD_MQTT_CLIENT *client_ptr, NX_PACKET *packet_ptr, USHORT packet_id, UINT QoS,
                                          ULONG wait_option);

/* transports.c */

typedef struct NETXDUO_SYS_TRANSPORT_STRUCT
{
    NX_AZURE_IOT_HUB_CLIENT     *client;
    const NX_HOST_HUB_TRANSPORT *functions;
    VOID                        *context;
} NETXDUO_SYS_TRANSPORT;

/* The transport of a client, or of the client that an MQTT client is part of. Gives whether it has one. */
UINT netxduo_sys_transport_of(const NX_AZURE_IOT_HUB_CLIENT *client, NETXDUO_SYS_TRANSPORT *transport);
UINT netxduo_sys_transport_of_mqtt(const NXD_MQTT_CLIENT *mqtt, NETXDUO_SYS_TRANSPORT *transport);

/* Set a client's transport. Gives NX_FALSE when there is no room for it. */
UINT netxduo_sys_transport_put(const NETXDUO_SYS_TRANSPORT *transport);

/* A client is gone, or new. */
VOID netxduo_sys_transport_remove(const NX_AZURE_IOT_HUB_CLIENT *client);

#endif
