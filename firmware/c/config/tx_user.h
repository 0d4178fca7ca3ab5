/* How ThreadX is configured. Assembler includes this, too: macros and comments only. */

#ifndef TX_USER_H
#define TX_USER_H

#define TX_TIMER_TICKS_PER_SECOND 100

#endif
