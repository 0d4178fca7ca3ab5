/* Included in front of every C file of NetX Duo that is compiled for Linux, behind the file of the same name and purpose for
   ThreadX. NetX Duo's port to Linux does not ask ThreadX by its macro whether an interrupt is calling, but reads and declares
   the variable itself. */

#ifndef NETXDUO_SYS_FOREIGN_H
#define NETXDUO_SYS_FOREIGN_H

/* What TX_THREAD_GET_SYSTEM_STATE() says, in a place of the caller's own. */
volatile unsigned long *netxduo_sys_system_state(void);

/* In a declaration of the variable this declares the function. */
#define _tx_thread_system_state (*netxduo_sys_system_state())

#endif
