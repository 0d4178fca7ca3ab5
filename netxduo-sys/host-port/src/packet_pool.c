/* Packet pools: where packets come from and go back to. */

#include <stdint.h>
#include <string.h>
#include "check.h"
#include "internal.h"

NX_PACKET_POOL *_nx_packet_pool_created_ptr;
ULONG           _nx_packet_pool_created_count;

#define PACKET_ALIGNMENT ((ULONG)sizeof(VOID *))

/* What stands in a packet's queue link while it is nobody's member: it tells a packet in use from a free one. */
#define MARK_ALLOCATED ((NX_PACKET *)(uintptr_t)0xAAAAAAAAU)
#define MARK_FREE      ((NX_PACKET *)(uintptr_t)0xFFFFFFFFU)

static ULONG64 round_up(ULONG64 size)
{
    return ((size + PACKET_ALIGNMENT - 1) / PACKET_ALIGNMENT) * PACKET_ALIGNMENT;
}

/* A packet with its payload behind it. */
static ULONG64 packet_size(ULONG payload_size)
{
    return round_up(sizeof(NX_PACKET)) + round_up(payload_size);
}

/* Bytes at the start of memory that come before the first aligned one. */
static ULONG misalignment(const VOID *memory)
{
    return (ULONG)((PACKET_ALIGNMENT - ((uintptr_t)memory % PACKET_ALIGNMENT)) % PACKET_ALIGNMENT);
}

UINT _nx_packet_pool_create(NX_PACKET_POOL *pool_ptr, CHAR *name_ptr, ULONG payload_size, VOID *pool_start,
                            ULONG pool_size)
{
    ULONG  skip = misalignment(pool_start);
    ULONG  size = (ULONG)packet_size(payload_size);
    UCHAR *memory = (UCHAR *)pool_start + skip;
    UINT   status;
    ULONG  i;
    TX_INTERRUPT_SAVE_AREA

    (void)memset(pool_ptr, 0, sizeof(*pool_ptr));
    pool_ptr->nx_packet_pool_name = name_ptr;
    pool_ptr->nx_packet_pool_start = (CHAR *)memory;
    pool_ptr->nx_packet_pool_size = pool_size - skip;
    pool_ptr->nx_packet_pool_payload_size = (ULONG)round_up(payload_size);
    pool_ptr->nx_packet_pool_total = (pool_size - skip) / size;
    pool_ptr->nx_packet_pool_available = pool_ptr->nx_packet_pool_total;
    /* The last packet first, so that packets come out in the order of their addresses. */
    for (i = pool_ptr->nx_packet_pool_total; i > 0; i--)
    {
        NX_PACKET *packet = (NX_PACKET *)(VOID *)(memory + ((size_t)(i - 1) * size));

        (void)memset(packet, 0, sizeof(*packet));
        packet->nx_packet_pool_owner = pool_ptr;
        packet->nx_packet_data_start = (UCHAR *)packet + round_up(sizeof(NX_PACKET));
        packet->nx_packet_data_end = packet->nx_packet_data_start + round_up(payload_size);
        packet->nx_packet_union_next.nx_packet_tcp_queue_next = MARK_FREE;
        packet->nx_packet_queue_next = pool_ptr->nx_packet_pool_available_list;
        pool_ptr->nx_packet_pool_available_list = packet;
    }
    status = tx_semaphore_create(&pool_ptr->nx_packet_pool_host_packets, name_ptr, pool_ptr->nx_packet_pool_total);
    if (status != TX_SUCCESS)
    {
        return status;
    }
    TX_DISABLE
    if (_nx_packet_pool_created_ptr == NX_NULL)
    {
        /* A list of one, which the lines below leave as it is. */
        _nx_packet_pool_created_ptr = pool_ptr;
        pool_ptr->nx_packet_pool_created_previous = pool_ptr;
    }
    pool_ptr->nx_packet_pool_created_next = _nx_packet_pool_created_ptr;
    pool_ptr->nx_packet_pool_created_previous = _nx_packet_pool_created_ptr->nx_packet_pool_created_previous;
    pool_ptr->nx_packet_pool_created_previous->nx_packet_pool_created_next = pool_ptr;
    _nx_packet_pool_created_ptr->nx_packet_pool_created_previous = pool_ptr;
    _nx_packet_pool_created_count++;
    pool_ptr->nx_packet_pool_id = NX_PACKET_POOL_ID;
    TX_RESTORE
    return NX_SUCCESS;
}

/* Whether the memory for a new pool belongs to an existing one. */
static UINT overlaps_existing(const NX_PACKET_POOL *pool, const VOID *memory, ULONG size)
{
    const CHAR           *first = (const CHAR *)memory;
    const CHAR           *last = first + size - 1;
    const NX_PACKET_POOL *other;
    UINT                  overlaps = NX_FALSE;
    ULONG                 i;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    for (i = 0, other = _nx_packet_pool_created_ptr; i < _nx_packet_pool_created_count; i++)
    {
        const CHAR *other_first = other->nx_packet_pool_start;
        const CHAR *other_last = other_first + other->nx_packet_pool_size - 1;

        overlaps |= (other == pool) || ((first <= other_last) && (last >= other_first));
        other = other->nx_packet_pool_created_next;
    }
    TX_RESTORE
    return overlaps;
}

UINT _nxe_packet_pool_create(NX_PACKET_POOL *pool_ptr, CHAR *name_ptr, ULONG payload_size, VOID *pool_start,
                             ULONG pool_size, UINT pool_control_block_size)
{
    if ((pool_ptr == NX_NULL) || (pool_start == NX_NULL) || (pool_control_block_size != sizeof(NX_PACKET_POOL)))
    {
        return NX_PTR_ERROR;
    }
    if ((payload_size == 0) || (pool_size <= misalignment(pool_start)) ||
        (packet_size(payload_size) > (pool_size - misalignment(pool_start))))
    {
        return NX_SIZE_ERROR;
    }
    if (overlaps_existing(pool_ptr, pool_start, pool_size))
    {
        return NX_PTR_ERROR;
    }
    if (check_is_initialization_or_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_packet_pool_create(pool_ptr, name_ptr, payload_size, pool_start, pool_size);
}

UINT _nx_packet_pool_delete(NX_PACKET_POOL *pool_ptr)
{
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    pool_ptr->nx_packet_pool_id = 0;
    pool_ptr->nx_packet_pool_created_next->nx_packet_pool_created_previous = pool_ptr->nx_packet_pool_created_previous;
    pool_ptr->nx_packet_pool_created_previous->nx_packet_pool_created_next = pool_ptr->nx_packet_pool_created_next;
    if (_nx_packet_pool_created_ptr == pool_ptr)
    {
        _nx_packet_pool_created_ptr = pool_ptr->nx_packet_pool_created_next;
    }
    if (--_nx_packet_pool_created_count == 0)
    {
        _nx_packet_pool_created_ptr = NX_NULL;
    }
    TX_RESTORE
    return tx_semaphore_delete(&pool_ptr->nx_packet_pool_host_packets);
}

UINT _nxe_packet_pool_delete(NX_PACKET_POOL *pool_ptr)
{
    if ((pool_ptr == NX_NULL) || (pool_ptr->nx_packet_pool_id != NX_PACKET_POOL_ID))
    {
        return NX_PTR_ERROR;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_packet_pool_delete(pool_ptr);
}

/* Wait for the pool to have a packet, and claim it. */
static UINT claim(NX_PACKET_POOL *pool, ULONG wait_option)
{
    UINT status = tx_semaphore_get(&pool->nx_packet_pool_host_packets, NX_NO_WAIT);

    if (status == TX_NO_INSTANCE)
    {
        __atomic_fetch_add(&pool->nx_packet_pool_empty_requests, 1U, __ATOMIC_RELAXED);
        if (wait_option == NX_NO_WAIT)
        {
            return NX_NO_PACKET;
        }
        __atomic_fetch_add(&pool->nx_packet_pool_empty_suspensions, 1U, __ATOMIC_RELAXED);
        status = tx_semaphore_get(&pool->nx_packet_pool_host_packets, wait_option);
    }
    switch (status)
    {
    case TX_SUCCESS:
        return NX_SUCCESS;
    case TX_NO_INSTANCE:
        return NX_NO_PACKET;
    case TX_WAIT_ABORTED:
        return NX_WAIT_ABORTED;
    default:
        return NX_POOL_DELETED;
    }
}

UINT _nx_packet_allocate(NX_PACKET_POOL *pool_ptr, NX_PACKET **packet_ptr, ULONG packet_type, ULONG wait_option)
{
    NX_PACKET *packet;
    UINT       status;
    TX_INTERRUPT_SAVE_AREA

    *packet_ptr = NX_NULL;
    if (packet_type > pool_ptr->nx_packet_pool_payload_size)
    {
        return NX_INVALID_PARAMETERS;
    }
    status = claim(pool_ptr, wait_option);
    if (status != NX_SUCCESS)
    {
        return status;
    }
    TX_DISABLE
    packet = pool_ptr->nx_packet_pool_available_list;
    pool_ptr->nx_packet_pool_available_list = packet->nx_packet_queue_next;
    pool_ptr->nx_packet_pool_available--;
    TX_RESTORE
    packet->nx_packet_union_next.nx_packet_tcp_queue_next = MARK_ALLOCATED;
    packet->nx_packet_queue_next = NX_NULL;
    packet->nx_packet_next = NX_NULL;
    packet->nx_packet_last = NX_NULL;
    packet->nx_packet_length = 0;
    packet->nx_packet_option_state = 0;
    packet->nx_packet_destination_header = 0;
    packet->nx_packet_option_offset = 0;
    packet->nx_packet_ip_version = 0;
    packet->nx_packet_identical_copy = NX_FALSE;
    packet->nx_packet_ip_header_length = 0;
    packet->nx_packet_address.nx_packet_interface_ptr = NX_NULL;
    packet->nx_packet_ip_header = NX_NULL;
    packet->nx_packet_prepend_ptr = packet->nx_packet_data_start + packet_type;
    packet->nx_packet_append_ptr = packet->nx_packet_prepend_ptr;
    *packet_ptr = packet;
    return NX_SUCCESS;
}

UINT _nxe_packet_allocate(NX_PACKET_POOL *pool_ptr, NX_PACKET **packet_ptr, ULONG packet_type, ULONG wait_option)
{
    if ((pool_ptr == NX_NULL) || (pool_ptr->nx_packet_pool_id != NX_PACKET_POOL_ID) || (packet_ptr == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if ((packet_type % sizeof(ULONG)) != 0)
    {
        return NX_OPTION_ERROR;
    }
    if (check_may_wait(wait_option) != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_packet_allocate(pool_ptr, packet_ptr, packet_type, wait_option);
}

/* Give one packet back, without what is chained to it. */
static UINT release_one(NX_PACKET *packet)
{
    NX_PACKET_POOL *pool = packet->nx_packet_pool_owner;
    UINT            allocated;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    allocated = (packet->nx_packet_union_next.nx_packet_tcp_queue_next == MARK_ALLOCATED);
    if (allocated)
    {
        packet->nx_packet_union_next.nx_packet_tcp_queue_next = MARK_FREE;
        packet->nx_packet_queue_next = pool->nx_packet_pool_available_list;
        pool->nx_packet_pool_available_list = packet;
        pool->nx_packet_pool_available++;
    }
    else
    {
        pool->nx_packet_pool_invalid_releases++;
    }
    TX_RESTORE
    if (!allocated)
    {
        return NX_PTR_ERROR;
    }
    (void)tx_semaphore_put(&pool->nx_packet_pool_host_packets);
    return NX_SUCCESS;
}

UINT _nx_packet_release(NX_PACKET *packet_ptr)
{
    while (packet_ptr != NX_NULL)
    {
        NX_PACKET *next = packet_ptr->nx_packet_next;

        if (release_one(packet_ptr) != NX_SUCCESS)
        {
            return NX_PTR_ERROR;
        }
        packet_ptr = next;
    }
    return NX_SUCCESS;
}

UINT _nx_packet_transmit_release(NX_PACKET *packet_ptr)
{
    return _nx_packet_release(packet_ptr);
}

UINT _nxe_packet_release(NX_PACKET **packet_ptr_ptr)
{
    NX_PACKET *packet;
    UINT       status;

    if ((packet_ptr_ptr == NX_NULL) || (*packet_ptr_ptr == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    packet = *packet_ptr_ptr;
    if ((packet->nx_packet_pool_owner == NX_NULL) ||
        (packet->nx_packet_pool_owner->nx_packet_pool_id != NX_PACKET_POOL_ID))
    {
        return NX_PTR_ERROR;
    }
    if (packet->nx_packet_prepend_ptr < packet->nx_packet_data_start)
    {
        return NX_UNDERFLOW;
    }
    if (packet->nx_packet_append_ptr > packet->nx_packet_data_end)
    {
        return NX_OVERFLOW;
    }
    status = _nx_packet_release(packet);
    if (status == NX_SUCCESS)
    {
        *packet_ptr_ptr = NX_NULL;
    }
    return status;
}

UINT _nxe_packet_transmit_release(NX_PACKET **packet_ptr_ptr)
{
    return _nxe_packet_release(packet_ptr_ptr);
}
