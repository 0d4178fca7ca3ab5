/* The data in packets and chains of packets. */

#include <string.h>
#include "check.h"
#include "internal.h"

static NX_PACKET *last_of(NX_PACKET *packet)
{
    return (packet->nx_packet_last != NX_NULL) ? packet->nx_packet_last : packet;
}

/* Bytes that still fit behind a packet's data. */
static ULONG room_in(const NX_PACKET *packet)
{
    return (ULONG)(packet->nx_packet_data_end - packet->nx_packet_append_ptr);
}

/* Take as many empty packets as `size` bytes need, chained. */
static UINT allocate_for(NX_PACKET_POOL *pool, ULONG size, ULONG wait_option, NX_PACKET **first)
{
    NX_PACKET **link = first;

    *first = NX_NULL;
    while (size > 0)
    {
        ULONG payload = pool->nx_packet_pool_payload_size;
        UINT  status = _nx_packet_allocate(pool, link, 0, wait_option);

        if (status != NX_SUCCESS)
        {
            *link = NX_NULL;
            (void)_nx_packet_release(*first);
            return status;
        }
        link = &(*link)->nx_packet_next;
        size -= (size < payload) ? size : payload;
    }
    return NX_SUCCESS;
}

UINT _nx_packet_data_append(NX_PACKET *packet_ptr, VOID *data_start, ULONG data_size, NX_PACKET_POOL *pool_ptr,
                            ULONG wait_option)
{
    const UCHAR *data = (const UCHAR *)data_start;
    NX_PACKET   *last = last_of(packet_ptr);
    ULONG        room = room_in(last);
    ULONG        left = data_size;
    NX_PACKET   *more;
    UINT         status;

    status = allocate_for(pool_ptr, (data_size > room) ? (data_size - room) : 0, wait_option, &more);
    if (status != NX_SUCCESS)
    {
        return status;
    }
    last->nx_packet_next = more;
    for (;;)
    {
        ULONG part = room_in(last);

        part = (left < part) ? left : part;
        (void)memcpy(last->nx_packet_append_ptr, data, part);
        last->nx_packet_append_ptr += part;
        data += part;
        left -= part;
        if (left == 0)
        {
            break;
        }
        last = last->nx_packet_next;
    }
    if (last != packet_ptr)
    {
        packet_ptr->nx_packet_last = last;
    }
    packet_ptr->nx_packet_length += data_size;
    return NX_SUCCESS;
}

/* The data pointers are where the packet has room for them. */
static UINT check_bounds(const NX_PACKET *packet)
{
    if (packet->nx_packet_prepend_ptr < packet->nx_packet_data_start)
    {
        return NX_UNDERFLOW;
    }
    return (packet->nx_packet_append_ptr > packet->nx_packet_data_end) ? NX_OVERFLOW : NX_SUCCESS;
}

static UINT check_pool(const NX_PACKET_POOL *pool)
{
    return ((pool != NX_NULL) && (pool->nx_packet_pool_id == NX_PACKET_POOL_ID)) ? NX_SUCCESS : NX_PTR_ERROR;
}

UINT _nxe_packet_data_append(NX_PACKET *packet_ptr, VOID *data_start, ULONG data_size, NX_PACKET_POOL *pool_ptr,
                             ULONG wait_option)
{
    UINT status = check_pool(pool_ptr);

    if ((status != NX_SUCCESS) || (packet_ptr == NX_NULL) || (data_start == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if (data_size == 0)
    {
        return NX_SIZE_ERROR;
    }
    status = check_bounds(packet_ptr);
    if (status != NX_SUCCESS)
    {
        return status;
    }
    if (check_may_wait(wait_option) != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_packet_data_append(packet_ptr, data_start, data_size, pool_ptr, wait_option);
}

UINT _nx_packet_data_extract_offset(NX_PACKET *packet_ptr, ULONG offset, VOID *buffer_start, ULONG buffer_length,
                                    ULONG *bytes_copied)
{
    UCHAR           *buffer = (UCHAR *)buffer_start;
    const NX_PACKET *packet = packet_ptr;
    ULONG            copied = 0;

    *bytes_copied = 0;
    if (offset >= packet_ptr->nx_packet_length)
    {
        return (offset == 0) ? NX_SUCCESS : NX_PACKET_OFFSET_ERROR;
    }
    for (; (packet != NX_NULL) && (copied < buffer_length); packet = packet->nx_packet_next)
    {
        ULONG length = nx_host_fragment_length(packet);

        if (offset >= length)
        {
            offset -= length;
        }
        else
        {
            ULONG part = length - offset;

            part = (part < (buffer_length - copied)) ? part : (buffer_length - copied);
            (void)memcpy(buffer + copied, packet->nx_packet_prepend_ptr + offset, part);
            copied += part;
            offset = 0;
        }
    }
    *bytes_copied = copied;
    return NX_SUCCESS;
}

UINT _nxe_packet_data_extract_offset(NX_PACKET *packet_ptr, ULONG offset, VOID *buffer_start, ULONG buffer_length,
                                     ULONG *bytes_copied)
{
    if ((packet_ptr == NX_NULL) || (buffer_start == NX_NULL) || (bytes_copied == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    return _nx_packet_data_extract_offset(packet_ptr, offset, buffer_start, buffer_length, bytes_copied);
}

UINT _nx_packet_data_retrieve(NX_PACKET *packet_ptr, VOID *buffer_start, ULONG *bytes_copied)
{
    *bytes_copied = 0;
    if (packet_ptr->nx_packet_length == 0)
    {
        return NX_INVALID_PACKET;
    }
    return _nx_packet_data_extract_offset(packet_ptr, 0, buffer_start, packet_ptr->nx_packet_length, bytes_copied);
}

UINT _nxe_packet_data_retrieve(NX_PACKET *packet_ptr, VOID *buffer_start, ULONG *bytes_copied)
{
    if ((packet_ptr == NX_NULL) || (buffer_start == NX_NULL) || (bytes_copied == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    return _nx_packet_data_retrieve(packet_ptr, buffer_start, bytes_copied);
}

UINT _nx_packet_copy(NX_PACKET *packet_ptr, NX_PACKET **new_packet_ptr, NX_PACKET_POOL *pool_ptr, ULONG wait_option)
{
    const UCHAR *header = packet_ptr->nx_packet_ip_header;
    ULONG        front = (ULONG)(packet_ptr->nx_packet_prepend_ptr - packet_ptr->nx_packet_data_start);
    NX_PACKET   *source;
    NX_PACKET   *copy;
    UINT         status;

    *new_packet_ptr = NX_NULL;
    if (packet_ptr->nx_packet_length == 0)
    {
        return NX_INVALID_PACKET;
    }
    status = _nx_packet_allocate(pool_ptr, &copy, 0, wait_option);
    if (status != NX_SUCCESS)
    {
        return status;
    }
    copy->nx_packet_address = packet_ptr->nx_packet_address;
    copy->nx_packet_ip_version = packet_ptr->nx_packet_ip_version;
    /* What is in front of the data goes along, because headers that were taken off may still be looked at there. */
    if (front < pool_ptr->nx_packet_pool_payload_size)
    {
        (void)memcpy(copy->nx_packet_data_start, packet_ptr->nx_packet_data_start, front);
        copy->nx_packet_prepend_ptr += front;
        copy->nx_packet_append_ptr += front;
        if ((header >= packet_ptr->nx_packet_data_start) && (header <= packet_ptr->nx_packet_append_ptr))
        {
            copy->nx_packet_ip_header = copy->nx_packet_data_start + (header - packet_ptr->nx_packet_data_start);
        }
    }
    for (source = packet_ptr; source != NX_NULL; source = source->nx_packet_next)
    {
        ULONG length = nx_host_fragment_length(source);

        if (length > 0)
        {
            status = _nx_packet_data_append(copy, source->nx_packet_prepend_ptr, length, pool_ptr, wait_option);
        }
        if (status != NX_SUCCESS)
        {
            (void)_nx_packet_release(copy);
            return status;
        }
    }
    *new_packet_ptr = copy;
    return NX_SUCCESS;
}

UINT _nxe_packet_copy(NX_PACKET *packet_ptr, NX_PACKET **new_packet_ptr, NX_PACKET_POOL *pool_ptr, ULONG wait_option)
{
    UINT status = check_pool(pool_ptr);

    if ((status != NX_SUCCESS) || (packet_ptr == NX_NULL) || (new_packet_ptr == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    status = check_bounds(packet_ptr);
    if (status != NX_SUCCESS)
    {
        return status;
    }
    if (check_may_wait(wait_option) != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_packet_copy(packet_ptr, new_packet_ptr, pool_ptr, wait_option);
}

UINT _nx_packet_length_get(NX_PACKET *packet_ptr, ULONG *length)
{
    *length = packet_ptr->nx_packet_length;
    return NX_SUCCESS;
}

UINT _nxe_packet_length_get(NX_PACKET *packet_ptr, ULONG *length)
{
    if ((packet_ptr == NX_NULL) || (check_pool(packet_ptr->nx_packet_pool_owner) != NX_SUCCESS) || (length == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    return _nx_packet_length_get(packet_ptr, length);
}
