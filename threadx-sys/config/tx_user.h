/* How ThreadX is configured unless THREADX_USER_DIR names the folder of another tx_user.h. Assembler files include it, too:
   it has macros and comments only. */

#ifndef TX_USER_H
#define TX_USER_H

/* Upstream's defaults, written down because code depends on them. */
#define TX_TIMER_TICKS_PER_SECOND 100

#endif
