/* IP instances: creating, deleting, and switching protocols on. */

#include <string.h>
#include "check.h"
#include "internal.h"

NX_IP *_nx_ip_created_ptr;
ULONG  _nx_ip_created_count;

/* What an interface can send at once when its driver does not say. */
#define DEFAULT_MTU 1500

VOID _nx_system_initialize(VOID)
{
    /* All state begins in its right value. */
}

VOID _nx_host_ask_driver(NX_IP *ip, NX_INTERFACE *interface, UINT command)
{
    NX_IP_DRIVER request;

    (void)memset(&request, 0, sizeof(request));
    request.nx_ip_driver_command = command;
    request.nx_ip_driver_ptr = ip;
    request.nx_ip_driver_interface = interface;
    interface->nx_interface_link_driver_entry(&request);
}

/* Set an interface up, and its link. */
static VOID open_interface(NX_IP *ip, NX_INTERFACE *interface, CHAR *name, ULONG ip_address, ULONG network_mask,
                           VOID (*driver)(NX_IP_DRIVER *))
{
    interface->nx_interface_name = name;
    interface->nx_interface_ip_address = ip_address;
    interface->nx_interface_ip_network_mask = network_mask;
    interface->nx_interface_ip_network = ip_address & network_mask;
    interface->nx_interface_link_driver_entry = driver;
    interface->nx_interface_valid = NX_TRUE;
    _nx_host_ask_driver(ip, interface, NX_LINK_INTERFACE_ATTACH);
    _nx_host_ask_driver(ip, interface, NX_LINK_INITIALIZE);
    if (interface->nx_interface_ip_mtu_size == 0)
    {
        interface->nx_interface_ip_mtu_size = DEFAULT_MTU;
    }
    _nx_host_ask_driver(ip, interface, NX_LINK_ENABLE);
}

/* Where received packets end: nothing is above the IP layer. In nx_ipv4_packet_receive and nx_ipv6_packet_receive it only
   says that the version is enabled; receive.c does what upstream does there. */
static VOID sink(NX_IP *ip_ptr, NX_PACKET *packet_ptr)
{
    (void)ip_ptr;
    (void)_nx_packet_release(packet_ptr);
}

UINT _nx_ip_create(NX_IP *ip_ptr, CHAR *name, ULONG ip_address, ULONG network_mask, NX_PACKET_POOL *default_pool,
                   VOID (*ip_link_driver)(NX_IP_DRIVER *), VOID *memory_ptr, ULONG memory_size, UINT priority)
{
    UINT status;
    UINT i;
    TX_INTERRUPT_SAVE_AREA

    (void)memory_ptr;
    (void)memory_size;
    (void)priority;
    (void)memset(ip_ptr, 0, sizeof(*ip_ptr));
    ip_ptr->nx_ip_name = name;
    ip_ptr->nx_ip_default_packet_pool = default_pool;
    ip_ptr->nx_ipv4_packet_receive = sink;
    for (i = 0; i < NX_MAX_PHYSICAL_INTERFACES; i++)
    {
        ip_ptr->nx_ip_interface[i].nx_interface_index = (UCHAR)i;
    }
    for (i = 0; i < NX_MAX_IPV6_ADDRESSES; i++)
    {
        ip_ptr->nx_ipv6_address[i].nxd_ipv6_address_index = (UCHAR)i;
    }
    status = tx_mutex_create(&ip_ptr->nx_ip_protection, name, TX_NO_INHERIT);
    if (status != TX_SUCCESS)
    {
        return status;
    }
    open_interface(ip_ptr, &ip_ptr->nx_ip_interface[0], (CHAR *)"PRI", ip_address, network_mask, ip_link_driver);
    ip_ptr->nx_ip_initialize_done = NX_TRUE;

    TX_DISABLE
    if (_nx_ip_created_ptr == NX_NULL)
    {
        /* A list of one, which the lines below leave as it is. */
        _nx_ip_created_ptr = ip_ptr;
        ip_ptr->nx_ip_created_previous = ip_ptr;
    }
    ip_ptr->nx_ip_created_next = _nx_ip_created_ptr;
    ip_ptr->nx_ip_created_previous = _nx_ip_created_ptr->nx_ip_created_previous;
    ip_ptr->nx_ip_created_previous->nx_ip_created_next = ip_ptr;
    _nx_ip_created_ptr->nx_ip_created_previous = ip_ptr;
    _nx_ip_created_count++;
    ip_ptr->nx_ip_id = NX_IP_ID;
    TX_RESTORE
    return NX_SUCCESS;
}

/* Classes A to C, or none yet. */
static UINT is_host_address(ULONG address)
{
    return address < 0xE0000000U;
}

static UINT already_created(const NX_IP *ip)
{
    const NX_IP *other;
    UINT         found = NX_FALSE;
    ULONG        i;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    for (i = 0, other = _nx_ip_created_ptr; i < _nx_ip_created_count; i++, other = other->nx_ip_created_next)
    {
        found |= (other == ip);
    }
    TX_RESTORE
    return found;
}

UINT _nxe_ip_create(NX_IP *ip_ptr, CHAR *name, ULONG ip_address, ULONG network_mask, NX_PACKET_POOL *default_pool,
                    VOID (*ip_link_driver)(NX_IP_DRIVER *), VOID *memory_ptr, ULONG memory_size, UINT priority,
                    UINT ip_control_block_size)
{
    if ((ip_ptr == NX_NULL) || (ip_control_block_size != sizeof(NX_IP)) || (default_pool == NX_NULL) ||
        (default_pool->nx_packet_pool_id != NX_PACKET_POOL_ID) || (ip_link_driver == NX_NULL) ||
        (memory_ptr == NX_NULL) || already_created(ip_ptr))
    {
        return NX_PTR_ERROR;
    }
    if (memory_size < TX_MINIMUM_STACK)
    {
        return NX_SIZE_ERROR;
    }
    if (priority >= TX_MAX_PRIORITIES)
    {
        return NX_OPTION_ERROR;
    }
    if (!is_host_address(ip_address))
    {
        return NX_IP_ADDRESS_ERROR;
    }
    if (check_is_initialization_or_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_ip_create(ip_ptr, name, ip_address, network_mask, default_pool, ip_link_driver, memory_ptr, memory_size,
                         priority);
}

UINT _nx_ip_delete(NX_IP *ip_ptr)
{
    UINT i;
    TX_INTERRUPT_SAVE_AREA

    for (i = 0; i < NX_MAX_PHYSICAL_INTERFACES; i++)
    {
        NX_INTERFACE *interface = &ip_ptr->nx_ip_interface[i];

        if (interface->nx_interface_valid)
        {
            _nx_host_ask_driver(ip_ptr, interface, NX_LINK_DISABLE);
            _nx_host_ask_driver(ip_ptr, interface, NX_LINK_UNINITIALIZE);
        }
    }
    TX_DISABLE
    ip_ptr->nx_ip_created_next->nx_ip_created_previous = ip_ptr->nx_ip_created_previous;
    ip_ptr->nx_ip_created_previous->nx_ip_created_next = ip_ptr->nx_ip_created_next;
    if (_nx_ip_created_ptr == ip_ptr)
    {
        _nx_ip_created_ptr = ip_ptr->nx_ip_created_next;
    }
    if (--_nx_ip_created_count == 0)
    {
        _nx_ip_created_ptr = NX_NULL;
    }
    ip_ptr->nx_ip_id = 0;
    TX_RESTORE
    return tx_mutex_delete(&ip_ptr->nx_ip_protection);
}

UINT _nxe_ip_delete(NX_IP *ip_ptr)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_ip_delete(ip_ptr);
}

UINT _nx_ip_interface_attach(NX_IP *ip_ptr, CHAR *interface_name, ULONG ip_address, ULONG network_mask,
                             VOID (*ip_link_driver)(NX_IP_DRIVER *))
{
    UINT status = NX_NO_MORE_ENTRIES;
    UINT i;

    (void)tx_mutex_get(&ip_ptr->nx_ip_protection, TX_WAIT_FOREVER);
    for (i = 0; i < NX_MAX_PHYSICAL_INTERFACES; i++)
    {
        if (!ip_ptr->nx_ip_interface[i].nx_interface_valid)
        {
            open_interface(ip_ptr, &ip_ptr->nx_ip_interface[i], interface_name, ip_address, network_mask,
                           ip_link_driver);
            status = NX_SUCCESS;
            break;
        }
    }
    (void)tx_mutex_put(&ip_ptr->nx_ip_protection);
    return status;
}

UINT _nxe_ip_interface_attach(NX_IP *ip_ptr, CHAR *interface_name, ULONG ip_address, ULONG network_mask,
                              VOID (*ip_link_driver)(NX_IP_DRIVER *))
{
    if ((check_ip(ip_ptr) != NX_SUCCESS) || (interface_name == NX_NULL) || (ip_link_driver == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if (!is_host_address(ip_address))
    {
        return NX_IP_ADDRESS_ERROR;
    }
    if (check_is_initialization_or_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_ip_interface_attach(ip_ptr, interface_name, ip_address, network_mask, ip_link_driver);
}

/* What takes the packets of a protocol is looked at and exchanged by other threads, too: by whoever hooks it, with the lock, and by
   packets on their way, without. */
static VOID receive(VOID (**place)(NX_IP *, NX_PACKET *))
{
    VOID (*receiver)(NX_IP *, NX_PACKET *) = sink;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    __atomic_store(place, &receiver, __ATOMIC_RELEASE);
    TX_RESTORE
}

static UINT receives(VOID (**place)(NX_IP *, NX_PACKET *))
{
    UINT enabled;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    enabled = *place != NX_NULL;
    TX_RESTORE
    return enabled;
}

UINT _nx_tcp_enable(NX_IP *ip_ptr)
{
    receive(&ip_ptr->nx_ip_tcp_packet_receive);
    return NX_SUCCESS;
}

UINT _nx_udp_enable(NX_IP *ip_ptr)
{
    receive(&ip_ptr->nx_ip_udp_packet_receive);
    return NX_SUCCESS;
}

UINT _nx_icmp_enable(NX_IP *ip_ptr)
{
    receive(&ip_ptr->nx_ip_icmp_packet_receive);
    return NX_SUCCESS;
}

UINT _nxd_icmp_enable(NX_IP *ip_ptr)
{
    receive(&ip_ptr->nx_ip_icmp_packet_receive);
    receive(&ip_ptr->nx_ip_icmpv6_packet_process);
    return NX_SUCCESS;
}

UINT _nxd_ipv6_enable(NX_IP *ip_ptr)
{
    if (receives(&ip_ptr->nx_ipv6_packet_receive))
    {
        return NX_ALREADY_ENABLED;
    }
    receive(&ip_ptr->nx_ipv6_packet_receive);
    return NX_SUCCESS;
}

UINT _nxe_tcp_enable(NX_IP *ip_ptr)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    if (receives(&ip_ptr->nx_ip_tcp_packet_receive))
    {
        return NX_ALREADY_ENABLED;
    }
    return (check_is_no_interrupt() == NX_SUCCESS) ? _nx_tcp_enable(ip_ptr) : NX_CALLER_ERROR;
}

UINT _nxe_udp_enable(NX_IP *ip_ptr)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    if (receives(&ip_ptr->nx_ip_udp_packet_receive))
    {
        return NX_ALREADY_ENABLED;
    }
    return (check_is_no_interrupt() == NX_SUCCESS) ? _nx_udp_enable(ip_ptr) : NX_CALLER_ERROR;
}

UINT _nxe_icmp_enable(NX_IP *ip_ptr)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    if (receives(&ip_ptr->nx_ip_icmp_packet_receive))
    {
        return NX_ALREADY_ENABLED;
    }
    return (check_is_initialization_or_thread() == NX_SUCCESS) ? _nx_icmp_enable(ip_ptr) : NX_CALLER_ERROR;
}

UINT _nxde_icmp_enable(NX_IP *ip_ptr)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    return (check_is_initialization_or_thread() == NX_SUCCESS) ? _nxd_icmp_enable(ip_ptr) : NX_CALLER_ERROR;
}

UINT _nxde_ipv6_enable(NX_IP *ip_ptr)
{
    if (check_ip(ip_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    return (check_is_initialization_or_thread() == NX_SUCCESS) ? _nxd_ipv6_enable(ip_ptr) : NX_CALLER_ERROR;
}
