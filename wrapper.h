/* What the library needs of the C side. The build compiles this file against the headers in use, so that a configuration
   that lacks something fails with its name, and not with a message about a missing field. */

#include "nx_api.h"
#include "nx_cloud.h"
#include "nx_azure_iot_hub_client.h"

#ifndef NX_ENABLE_IP_PACKET_FILTER
#error "threadx-defender: nx_user.h does not define NX_ENABLE_IP_PACKET_FILTER; without it NX_IP has no packet filter, and the agent sees no outgoing packets"
#endif

#ifndef NX_ENABLE_EXTENDED_NOTIFY_SUPPORT
#error "threadx-defender: nx_user.h does not define NX_ENABLE_EXTENDED_NOTIFY_SUPPORT, which the Azure IoT middleware needs"
#endif

#ifndef NXD_MQTT_CLOUD_ENABLE
#error "threadx-defender: nx_user.h does not define NXD_MQTT_CLOUD_ENABLE; without it MQTT does not run on the cloud helper that the agent lives on"
#endif

/* The fields that the library touches, each with the type it is used as: another type is an error here. Older
   compilers would only warn. */
#pragma GCC diagnostic error "-Wincompatible-pointer-types"
typedef UINT (*DEFENDER_PACKET_FILTER)(NX_IP *, NX_PACKET *, UINT);
typedef VOID (*DEFENDER_PACKET_RECEIVE)(NX_IP *, NX_PACKET *);

static inline VOID defender_fields(NX_IP *ip_ptr, NX_PACKET *packet_ptr, NX_PACKET_POOL *pool_ptr,
                                   NX_CLOUD *cloud_ptr, NX_AZURE_IOT *azure_ptr, NX_AZURE_IOT_RESOURCE *resource_ptr,
                                   NX_AZURE_IOT_HUB_CLIENT *client_ptr)
{
    DEFENDER_PACKET_FILTER  *filter = &ip_ptr -> nx_ip_packet_filter_extended;
    DEFENDER_PACKET_RECEIVE *receive[] = {
        &ip_ptr -> nx_ip_tcp_packet_receive,
        &ip_ptr -> nx_ip_udp_packet_receive,
        &ip_ptr -> nx_ip_icmp_packet_receive,
        &ip_ptr -> nx_ip_icmpv6_packet_process,
    };
    NX_IP     **next_ip = &ip_ptr -> nx_ip_created_next;
    UCHAR     **bytes[] = {&packet_ptr -> nx_packet_ip_header, &packet_ptr -> nx_packet_prepend_ptr,
                           &packet_ptr -> nx_packet_append_ptr};
    NX_PACKET **next_packet = &packet_ptr -> nx_packet_next;
    ULONG      *length = &packet_ptr -> nx_packet_length;
    TX_MUTEX   *protection = &ip_ptr -> nx_ip_protection;
    NX_INTERFACE    *interface_ptr = &ip_ptr -> nx_ip_interface[0];
    UCHAR           *link_up = &interface_ptr -> nx_interface_link_up;
    ULONG           *mtu = &interface_ptr -> nx_interface_ip_mtu_size;
    NXD_IPV6_ADDRESS **ipv6_address = &interface_ptr -> nxd_interface_ipv6_address_list_head;
    NX_PACKET_POOL **pool = &ip_ptr -> nx_ip_default_packet_pool;
    ULONG           *packets[] = {&pool_ptr -> nx_packet_pool_payload_size, &pool_ptr -> nx_packet_pool_available};
    TX_THREAD       *thread = &cloud_ptr -> nx_cloud_thread;
    NX_CLOUD   *cloud = &azure_ptr -> nx_azure_iot_cloud;
    TX_MUTEX  **mutex = &azure_ptr -> nx_azure_iot_mutex_ptr;
    NX_AZURE_IOT_RESOURCE **resource = &azure_ptr -> nx_azure_iot_resource_list_header;
    VOID      **data = &resource_ptr -> resource_data_ptr;
    UINT       *type = &resource_ptr -> resource_type;
    UINT       *state = &client_ptr -> nx_azure_iot_hub_client_state;
    az_span    *identity[] = {&client_ptr -> iot_hub_client_core._internal.iot_hub_hostname,
                              &client_ptr -> iot_hub_client_core._internal.device_id};

    (void)filter;
    (void)receive;
    (void)next_ip;
    (void)bytes;
    (void)next_packet;
    (void)length;
    (void)protection;
    (void)link_up;
    (void)mtu;
    (void)ipv6_address;
    (void)pool;
    (void)packets;
    (void)thread;
    (void)cloud;
    (void)mutex;
    (void)resource;
    (void)data;
    (void)type;
    (void)state;
    (void)identity;
}
