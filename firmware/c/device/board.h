/* What belongs to the board: QEMU's mps2-an385 and mps2-an386, a Cortex-M3 and an M4F at 25 MHz. */

#ifndef BOARD_H
#define BOARD_H

/* Where the Ethernet controller's registers are, and its interrupt. */
#define BOARD_ETHERNET_ADDRESS 0x40200000u
#define BOARD_ETHERNET_INTERRUPT 13

/* Lets the Ethernet controller interrupt, below the tick. */
void board_ethernet_interrupt_enable(void);

/* A random number from 0 on, as rand() gives them. The boards of QEMU have no source of them: these are the same after every start but for
   what the time of packets adds, which is nothing for a product. */
int board_random(void);

/* Ends QEMU: all went well. */
_Noreturn void board_end(void);

/* Ends QEMU, after a fault. A device would restart. */
_Noreturn void board_stop(void);

#endif
