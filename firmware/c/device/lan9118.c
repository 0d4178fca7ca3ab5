/* The controller interrupts when a frame has come. What takes long, reading the frame out of its FIFO, is done on the thread of the IP
   instance. */

#include "lan9118.h"

#include <stdint.h>

#include "board.h"
#include "nx_arp.h"
#include "nx_ip.h"
#include "nx_packet.h"

#define REGISTER(offset) (*(volatile uint32_t *)(BOARD_ETHERNET_ADDRESS + (offset)))
#define RX_DATA REGISTER(0x00)
#define TX_DATA REGISTER(0x20)
#define RX_STATUS REGISTER(0x40)
#define TX_STATUS REGISTER(0x48)
#define IRQ_CFG REGISTER(0x54)
#define INT_STS REGISTER(0x58)
#define INT_EN REGISTER(0x5C)
#define BYTE_TEST REGISTER(0x64)
#define FIFO_INT REGISTER(0x68)
#define RX_CFG REGISTER(0x6C)
#define TX_CFG REGISTER(0x70)
#define HW_CFG REGISTER(0x74)
#define RX_FIFO_INF REGISTER(0x7C)
#define TX_FIFO_INF REGISTER(0x80)
#define MAC_CSR_CMD REGISTER(0xA4)
#define MAC_CSR_DATA REGISTER(0xA8)

/* Registers of the station. */
#define MAC_CR 1
#define ADDRH 2
#define ADDRL 3
#define MAC_BUSY (1u << 31)
#define MAC_READ (1u << 30)
/* Frames of all groups, receiver and transmitter on. */
#define MAC_ON (1u << 19 | 1u << 3 | 1u << 2)

/* A frame is in the FIFO. */
#define RSFL (1u << 3)
/* The frame is faulty. */
#define RX_ERROR (1u << 15)

#define BYTE_TEST_VALUE 0x87654321u
#define HEADER 14
#define CHECKSUM 4
#define LONGEST (1514 + CHECKSUM)

#define ETHERNET_IPV4 0x0800
#define ETHERNET_ARP 0x0806
#define ETHERNET_IPV6 0x86DD

static NX_IP *instance;
static NX_INTERFACE *interface;

static void mac_write(uint32_t number, uint32_t value)
{
    MAC_CSR_DATA = value;
    MAC_CSR_CMD = MAC_BUSY | number;
    while (MAC_CSR_CMD & MAC_BUSY)
        ;
}

static uint32_t mac_read(uint32_t number)
{
    MAC_CSR_CMD = MAC_BUSY | MAC_READ | number;
    while (MAC_CSR_CMD & MAC_BUSY)
        ;
    return MAC_CSR_DATA;
}

static UINT initialize(void)
{
    if (BYTE_TEST != BYTE_TEST_VALUE)
        return NX_NOT_CREATED;
    uint32_t low = mac_read(ADDRL), high = mac_read(ADDRH);
    ULONG first = (low & 0xFF) << 8 | (low >> 8 & 0xFF);
    ULONG last = (low >> 16 & 0xFF) << 24 | (low >> 24) << 16 | (high & 0xFF) << 8 | (high >> 8 & 0xFF);
    nx_ip_interface_mtu_set(instance, interface->nx_interface_index, LONGEST - HEADER - CHECKSUM);
    nx_ip_interface_physical_address_set(instance, interface->nx_interface_index, first, last, NX_FALSE);
    nx_ip_interface_address_mapping_configure(instance, interface->nx_interface_index, NX_TRUE);
    return NX_SUCCESS;
}

static void enable(void)
{
    INT_EN = 0;
    INT_STS = UINT32_MAX;
    /* The line is on, active high, and pushed. */
    IRQ_CFG = 0x111;
    /* 5 KB of the memory are for frames to be sent, all of which are stored before. */
    HW_CFG = 5u << 16 | 1u << 20;
    RX_CFG = 0;
    FIFO_INT = 0;
    TX_CFG = 1u << 1;
    mac_write(MAC_CR, MAC_ON);
    interface->nx_interface_link_up = NX_TRUE;
    INT_EN = RSFL;
    board_ethernet_interrupt_enable();
}

static void disable(void)
{
    INT_EN = 0;
    mac_write(MAC_CR, 0);
    interface->nx_interface_link_up = NX_FALSE;
}

void lan9118_interrupt(void)
{
    /* Not again before the frames are read. */
    INT_EN = 0;
    _nx_ip_driver_deferred_processing(instance);
}

/* The words of a frame come one after the other, also where the memory of the packet changes. */
struct words
{
    uint32_t word;
    UINT bits;
};

static void send_byte(struct words *words, UCHAR byte)
{
    words->word |= (uint32_t)byte << words->bits;
    words->bits += 8;
    if (words->bits == 32)
    {
        TX_DATA = words->word;
        words->word = words->bits = 0;
    }
}

static UINT send(NX_PACKET *packet, USHORT type, ULONG high, ULONG low)
{
    ULONG length = packet->nx_packet_length + HEADER;
    if (length > LONGEST - CHECKSUM)
        return NX_INVALID_PACKET;
    if ((TX_FIFO_INF & 0xFFFF) <= length + 16)
        return NX_NO_PACKET;
    /* One buffer is first and last of the frame. */
    TX_DATA = 3u << 12 | length;
    TX_DATA = length;

    ULONG own_high = interface->nx_interface_physical_address_msw, own_low = interface->nx_interface_physical_address_lsw;
    const UCHAR header[HEADER] = {
        high >> 8, high, low >> 24, low >> 16, low >> 8, low,
        own_high >> 8, own_high, own_low >> 24, own_low >> 16, own_low >> 8, own_low,
        type >> 8, type,
    };
    struct words words = {0, 0};
    for (UINT at = 0; at < HEADER; at++)
        send_byte(&words, header[at]);
    for (NX_PACKET *part = packet; part != NX_NULL; part = part->nx_packet_next)
        for (const UCHAR *byte = part->nx_packet_prepend_ptr; byte != part->nx_packet_append_ptr; byte++)
            send_byte(&words, *byte);
    if (words.bits > 0)
        TX_DATA = words.word;
    /* How frames before have fared. */
    while (TX_FIFO_INF >> 16 & 0xFF)
        (void)TX_STATUS;
    return NX_SUCCESS;
}

static void discard(UINT words)
{
    while (words-- > 0)
        (void)RX_DATA;
}

/* Gives a frame to the protocol that it is for. */
static void deliver(NX_PACKET *packet)
{
    USHORT type = (USHORT)(packet->nx_packet_prepend_ptr[12] << 8 | packet->nx_packet_prepend_ptr[13]);

    packet->nx_packet_address.nx_packet_interface_ptr = interface;
    packet->nx_packet_prepend_ptr += HEADER;
    packet->nx_packet_length -= HEADER;
    if (type == ETHERNET_IPV4 || type == ETHERNET_IPV6)
        _nx_ip_packet_receive(instance, packet);
    else if (type == ETHERNET_ARP)
        _nx_arp_packet_receive(instance, packet);
    else
        nx_packet_release(packet);
}

static void receive(uint32_t status)
{
    UINT length = status >> 16 & 0x3FFF, words = (length + 3) / 4;
    NX_PACKET *packet;

    if (status & RX_ERROR || length < HEADER + CHECKSUM || length > LONGEST ||
        nx_packet_allocate(instance->nx_ip_default_packet_pool, &packet, NX_RECEIVE_PACKET, NX_NO_WAIT) != NX_SUCCESS)
    {
        discard(words);
        return;
    }
    /* So that the IP header, behind the one of Ethernet, is aligned. */
    packet->nx_packet_prepend_ptr += 2;
    UCHAR *to = packet->nx_packet_prepend_ptr;
    if (to + 4 * words > packet->nx_packet_data_end)
    {
        discard(words);
        nx_packet_release(packet);
        return;
    }
    for (UINT left = words; left > 0; left--, to += 4)
    {
        uint32_t word = RX_DATA;
        to[0] = (UCHAR)word;
        to[1] = (UCHAR)(word >> 8);
        to[2] = (UCHAR)(word >> 16);
        to[3] = (UCHAR)(word >> 24);
    }
    packet->nx_packet_length = length - CHECKSUM;
    packet->nx_packet_append_ptr = packet->nx_packet_prepend_ptr + packet->nx_packet_length;
    deliver(packet);
}

static void deferred(void)
{
    while (RX_FIFO_INF >> 16 & 0xFF)
        receive(RX_STATUS);
    INT_STS = RSFL;
    INT_EN = RSFL;
}

VOID lan9118_driver(NX_IP_DRIVER *request)
{
    NX_PACKET *packet = request->nx_ip_driver_packet;
    ULONG high = request->nx_ip_driver_physical_address_msw, low = request->nx_ip_driver_physical_address_lsw;

    request->nx_ip_driver_status = NX_SUCCESS;
    switch (request->nx_ip_driver_command)
    {
    case NX_LINK_INTERFACE_ATTACH:
        interface = request->nx_ip_driver_interface;
        instance = request->nx_ip_driver_ptr;
        break;
    case NX_LINK_INITIALIZE:
        request->nx_ip_driver_status = initialize();
        break;
    case NX_LINK_ENABLE:
        enable();
        break;
    case NX_LINK_DISABLE:
        disable();
        break;
    case NX_LINK_PACKET_SEND:
    case NX_LINK_PACKET_BROADCAST:
        request->nx_ip_driver_status = send(packet, packet->nx_packet_ip_version == 4 ? ETHERNET_IPV4 : ETHERNET_IPV6, high, low);
        nx_packet_transmit_release(packet);
        break;
    case NX_LINK_ARP_SEND:
    case NX_LINK_ARP_RESPONSE_SEND:
        request->nx_ip_driver_status = send(packet, ETHERNET_ARP, high, low);
        nx_packet_transmit_release(packet);
        break;
    case NX_LINK_MULTICAST_JOIN:
    case NX_LINK_MULTICAST_LEAVE:
        /* All groups are received. */
        break;
    case NX_LINK_GET_STATUS:
        *request->nx_ip_driver_return_ptr = interface->nx_interface_link_up;
        break;
    case NX_LINK_DEFERRED_PROCESSING:
        deferred();
        break;
    default:
        request->nx_ip_driver_status = NX_UNHANDLED_COMMAND;
    }
}
