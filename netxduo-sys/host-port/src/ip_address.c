/* The addresses of an IP instance and the multicast groups it has joined. */

#include <string.h>
#include "check.h"
#include "internal.h"

static UINT is_valid_interface(const NX_IP *ip, UINT index)
{
    return (index < NX_MAX_PHYSICAL_INTERFACES) && ip->nx_ip_interface[index].nx_interface_valid;
}

UINT _nx_ip_address_get(NX_IP *ip_ptr, ULONG *ip_address, ULONG *network_mask)
{
    (void)tx_mutex_get(&ip_ptr->nx_ip_protection, TX_WAIT_FOREVER);
    *ip_address = ip_ptr->nx_ip_interface[0].nx_interface_ip_address;
    *network_mask = ip_ptr->nx_ip_interface[0].nx_interface_ip_network_mask;
    (void)tx_mutex_put(&ip_ptr->nx_ip_protection);
    return NX_SUCCESS;
}

UINT _nxe_ip_address_get(NX_IP *ip_ptr, ULONG *ip_address, ULONG *network_mask)
{
    if ((check_ip(ip_ptr) != NX_SUCCESS) || (ip_address == NX_NULL) || (network_mask == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if (check_is_initialization_or_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_ip_address_get(ip_ptr, ip_address, network_mask);
}

UINT _nx_ip_address_set(NX_IP *ip_ptr, ULONG ip_address, ULONG network_mask)
{
    NX_INTERFACE *interface = &ip_ptr->nx_ip_interface[0];

    (void)tx_mutex_get(&ip_ptr->nx_ip_protection, TX_WAIT_FOREVER);
    interface->nx_interface_ip_address = ip_address;
    interface->nx_interface_ip_network_mask = network_mask;
    interface->nx_interface_ip_network = ip_address & network_mask;
    (void)tx_mutex_put(&ip_ptr->nx_ip_protection);
    return NX_SUCCESS;
}

UINT _nxe_ip_address_set(NX_IP *ip_ptr, ULONG ip_address, ULONG network_mask)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    if (ip_address >= 0xE0000000U)
    {
        return NX_IP_ADDRESS_ERROR;
    }
    if (check_is_initialization_or_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_ip_address_set(ip_ptr, ip_address, network_mask);
}

UINT _nx_ip_gateway_address_set(NX_IP *ip_ptr, ULONG ip_address)
{
    UINT status = NX_IP_ADDRESS_ERROR;
    UINT i;

    (void)tx_mutex_get(&ip_ptr->nx_ip_protection, TX_WAIT_FOREVER);
    for (i = 0; i < NX_MAX_PHYSICAL_INTERFACES; i++)
    {
        const NX_INTERFACE *interface = &ip_ptr->nx_ip_interface[i];

        if (interface->nx_interface_valid &&
            ((ip_address & interface->nx_interface_ip_network_mask) == interface->nx_interface_ip_network))
        {
            ip_ptr->nx_ip_gateway_address = ip_address;
            status = NX_SUCCESS;
        }
    }
    (void)tx_mutex_put(&ip_ptr->nx_ip_protection);
    return status;
}

UINT _nxe_ip_gateway_address_set(NX_IP *ip_ptr, ULONG ip_address)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    if (ip_address == 0)
    {
        return NX_IP_ADDRESS_ERROR;
    }
    if (check_is_initialization_or_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_ip_gateway_address_set(ip_ptr, ip_address);
}

/* The link-local address that follows from an interface's physical one. */
static VOID link_local_address(const NX_INTERFACE *interface, ULONG address[4])
{
    ULONG msw = interface->nx_interface_physical_address_msw;
    ULONG lsw = interface->nx_interface_physical_address_lsw;

    address[0] = 0xFE800000U;
    address[1] = 0;
    address[2] = (((msw << 16) | (lsw >> 16)) & 0xFFFFFF00U) ^ 0x02000000U;
    address[2] |= 0xFFU;
    address[3] = 0xFE000000U | (lsw & 0x00FFFFFFU);
}

UINT _nxd_ipv6_address_set(NX_IP *ip_ptr, UINT interface_index, NXD_ADDRESS *ip_address, ULONG prefix_length,
                           UINT *address_index)
{
    NX_INTERFACE     *interface = &ip_ptr->nx_ip_interface[interface_index];
    NXD_IPV6_ADDRESS *free_entry = NX_NULL;
    UINT              status = NX_SUCCESS;
    ULONG             words[4];
    UINT              i;

    if (ip_address == NX_NULL)
    {
        link_local_address(interface, words);
        prefix_length = 10;
    }
    else
    {
        (void)memcpy(words, ip_address->nxd_ip_address.v6, sizeof(words));
    }
    (void)tx_mutex_get(&ip_ptr->nx_ip_protection, TX_WAIT_FOREVER);
    for (i = NX_MAX_IPV6_ADDRESSES; i > 0; i--)
    {
        NXD_IPV6_ADDRESS *entry = &ip_ptr->nx_ipv6_address[i - 1];

        if (!entry->nxd_ipv6_address_valid)
        {
            free_entry = entry;
        }
        else if (memcmp(entry->nxd_ipv6_address, words, sizeof(words)) == 0)
        {
            status = NX_DUPLICATED_ENTRY;
        }
    }
    if ((status == NX_SUCCESS) && (free_entry == NX_NULL))
    {
        status = NX_NO_MORE_ENTRIES;
    }
    if (status == NX_SUCCESS)
    {
        NXD_IPV6_ADDRESS **link = &interface->nxd_interface_ipv6_address_list_head;

        (void)memcpy(free_entry->nxd_ipv6_address, words, sizeof(words));
        free_entry->nxd_ipv6_address_type = NX_IP_VERSION_V6;
        free_entry->nxd_ipv6_address_state = NX_IPV6_ADDR_STATE_VALID;
        free_entry->nxd_ipv6_address_prefix_length = (UCHAR)prefix_length;
        free_entry->nxd_ipv6_address_attached = interface;
        free_entry->nxd_ipv6_address_next = NX_NULL;
        free_entry->nxd_ipv6_address_valid = NX_TRUE;
        while (*link != NX_NULL)
        {
            link = &(*link)->nxd_ipv6_address_next;
        }
        *link = free_entry;
        if (address_index != NX_NULL)
        {
            *address_index = free_entry->nxd_ipv6_address_index;
        }
    }
    (void)tx_mutex_put(&ip_ptr->nx_ip_protection);
    return status;
}

static UINT is_multicast_v6(const ULONG address[4])
{
    return (address[0] & 0xFF000000U) == 0xFF000000U;
}

UINT _nxde_ipv6_address_set(NX_IP *ip_ptr, UINT interface_index, NXD_ADDRESS *ip_address, ULONG prefix_length,
                            UINT *address_index)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    if (!is_valid_interface(ip_ptr, interface_index))
    {
        return NX_INVALID_INTERFACE;
    }
    if ((ip_address != NX_NULL) &&
        ((ip_address->nxd_ip_version != NX_IP_VERSION_V6) || is_multicast_v6(ip_address->nxd_ip_address.v6)))
    {
        return NX_IP_ADDRESS_ERROR;
    }
    if (check_is_initialization_or_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nxd_ipv6_address_set(ip_ptr, interface_index, ip_address, prefix_length, address_index);
}

/* Whether the first bits of two addresses are the same. */
static UINT is_same_network(const ULONG a[4], const ULONG b[4], UINT bits)
{
    UINT i;

    for (i = 0; (i < 4) && (bits > 0); i++)
    {
        UINT  here = (bits < 32) ? bits : 32;
        ULONG mask = (ULONG)(0xFFFFFFFFU << (32 - here));

        if (((a[i] ^ b[i]) & mask) != 0)
        {
            return NX_FALSE;
        }
        bits -= here;
    }
    return NX_TRUE;
}

/* A link-local router is always on the link; another one is when it is in a network of the interface. */
UINT _nxd_ipv6_default_router_add(NX_IP *ip_ptr, NXD_ADDRESS *router_addr, ULONG router_lifetime, UINT interface_index)
{
    const ULONG            *router = router_addr->nxd_ip_address.v6;
    const NXD_IPV6_ADDRESS *address;
    UINT                    status = NX_IP_ADDRESS_ERROR;

    (void)router_lifetime;
    if (is_multicast_v6(router) || ((router[0] | router[1] | router[2] | router[3]) == 0))
    {
        return status;
    }
    if ((router[0] & 0xFFC00000U) == 0xFE800000U)
    {
        return NX_SUCCESS;
    }
    (void)tx_mutex_get(&ip_ptr->nx_ip_protection, TX_WAIT_FOREVER);
    for (address = ip_ptr->nx_ip_interface[interface_index].nxd_interface_ipv6_address_list_head; address != NX_NULL;
         address = address->nxd_ipv6_address_next)
    {
        if (is_same_network(router, address->nxd_ipv6_address, address->nxd_ipv6_address_prefix_length))
        {
            status = NX_SUCCESS;
        }
    }
    (void)tx_mutex_put(&ip_ptr->nx_ip_protection);
    return status;
}

UINT _nxde_ipv6_default_router_add(NX_IP *ip_ptr, NXD_ADDRESS *router_addr, ULONG router_lifetime, UINT interface_index)
{
    if ((check_ip(ip_ptr) != NX_SUCCESS) || (router_addr == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if (router_addr->nxd_ip_version != NX_IP_VERSION_V6)
    {
        return NX_INVALID_PARAMETERS;
    }
    if (!is_valid_interface(ip_ptr, interface_index))
    {
        return NX_INVALID_INTERFACE;
    }
    if (check_is_initialization_or_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nxd_ipv6_default_router_add(ip_ptr, router_addr, router_lifetime, interface_index);
}

UINT _nx_ipv4_multicast_interface_join(NX_IP *ip_ptr, ULONG group_address, UINT interface_index)
{
    NX_INTERFACE            *interface = &ip_ptr->nx_ip_interface[interface_index];
    NX_IPV4_MULTICAST_ENTRY *use = NX_NULL;
    UINT                     i;

    (void)tx_mutex_get(&ip_ptr->nx_ip_protection, TX_WAIT_FOREVER);
    for (i = NX_MAX_MULTICAST_GROUPS; i > 0; i--)
    {
        NX_IPV4_MULTICAST_ENTRY *entry = &ip_ptr->nx_ipv4_multicast_entry[i - 1];

        if ((entry->nx_ipv4_multicast_join_list == group_address) &&
            (entry->nx_ipv4_multicast_join_interface_list == interface))
        {
            use = entry;
            break;
        }
        if (entry->nx_ipv4_multicast_join_count == 0)
        {
            use = entry;
        }
    }
    if (use != NX_NULL)
    {
        use->nx_ipv4_multicast_join_interface_list = interface;
        use->nx_ipv4_multicast_join_list = group_address;
        use->nx_ipv4_multicast_join_count++;
    }
    (void)tx_mutex_put(&ip_ptr->nx_ip_protection);
    return (use != NX_NULL) ? NX_SUCCESS : NX_NO_MORE_ENTRIES;
}

UINT _nxe_ipv4_multicast_interface_join(NX_IP *ip_ptr, ULONG group_address, UINT interface_index)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    if ((group_address & 0xF0000000U) != 0xE0000000U)
    {
        return NX_IP_ADDRESS_ERROR;
    }
    if (!is_valid_interface(ip_ptr, interface_index))
    {
        return NX_INVALID_INTERFACE;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_ipv4_multicast_interface_join(ip_ptr, group_address, interface_index);
}

UINT _nxd_ipv6_multicast_interface_join(NX_IP *ip_ptr, NXD_ADDRESS *group_address, UINT interface_index)
{
    NX_INTERFACE            *interface = &ip_ptr->nx_ip_interface[interface_index];
    const ULONG             *group = group_address->nxd_ip_address.v6;
    NX_IPV6_MULTICAST_ENTRY *use = NX_NULL;
    UINT                     i;

    (void)tx_mutex_get(&ip_ptr->nx_ip_protection, TX_WAIT_FOREVER);
    for (i = NX_MAX_MULTICAST_GROUPS; i > 0; i--)
    {
        NX_IPV6_MULTICAST_ENTRY *entry = &ip_ptr->nx_ipv6_multicast_entry[i - 1];

        if ((entry->nx_ip_mld_join_interface_list == interface) &&
            (memcmp(entry->nx_ip_mld_join_list, group, sizeof(entry->nx_ip_mld_join_list)) == 0))
        {
            use = entry;
            break;
        }
        if (entry->nx_ip_mld_join_count == 0)
        {
            use = entry;
        }
    }
    if (use != NX_NULL)
    {
        use->nx_ip_mld_join_interface_list = interface;
        (void)memcpy(use->nx_ip_mld_join_list, group, sizeof(use->nx_ip_mld_join_list));
        use->nx_ip_mld_join_count++;
    }
    (void)tx_mutex_put(&ip_ptr->nx_ip_protection);
    return (use != NX_NULL) ? NX_SUCCESS : NX_NO_MORE_ENTRIES;
}

UINT _nxde_ipv6_multicast_interface_join(NX_IP *ip_ptr, NXD_ADDRESS *group_address, UINT interface_index)
{
    if ((check_ip(ip_ptr) != NX_SUCCESS) || (group_address == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if ((group_address->nxd_ip_version != NX_IP_VERSION_V6) || !is_multicast_v6(group_address->nxd_ip_address.v6))
    {
        return NX_IP_ADDRESS_ERROR;
    }
    if (!is_valid_interface(ip_ptr, interface_index))
    {
        return NX_INVALID_INTERFACE;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nxd_ipv6_multicast_interface_join(ip_ptr, group_address, interface_index);
}
