/* What the bindings are made of. */
#include "nx_api.h"
#include "nx_ip.h"
#include "nx_arp.h"
#include "nx_packet.h"
#include "nx_cloud.h"
#include "nx_azure_iot.h"
#include "nx_azure_iot_hub_client.h"

/* The tables of TLS, which upstream keeps with its samples. */
#include "nx_azure_iot_ciphersuites.h"

/* Addresses from a server and time, which a tree may be without. */
#ifndef NETXDUO_SYS_NO_DHCP
#include "nxd_dhcp_client.h"
#endif
#ifndef NETXDUO_SYS_NO_SNTP
/* By its own name for it the client would be checked where nothing else is. */
#ifdef NX_DISABLE_ERROR_CHECKING
#define NX_SNTP_DISABLE_ERROR_CHECKING
#endif
#include "nxd_sntp_client.h"
#endif

/* The rest of upstream's headers; the host port has what it has of them in the ones above. */
#ifdef NETXDUO_SYS_UPSTREAM
#include "nx_icmp.h"
#include "nx_icmpv4.h"
#include "nx_icmpv6.h"
#include "nx_igmp.h"
#include "nx_ipv4.h"
#include "nx_ipv6.h"
#include "nx_nd_cache.h"
#include "nx_system.h"
#include "nx_tcp.h"
#include "nx_udp.h"
#include "nx_secure_tls_api.h"
#include "nx_secure_x509.h"
#include "nxd_dns.h"
#include "nxd_mqtt_client.h"
#include "nx_azure_iot_hub_client_properties.h"
#include "nx_azure_iot_json_reader.h"
#include "nx_azure_iot_json_writer.h"
#include "nx_azure_iot_provisioning_client.h"
#endif

/* What the host port and the simulation kit have beyond NetX Duo. */
#ifdef NETXDUO_SYS_HOST
#include "nx_host.h"
#endif
