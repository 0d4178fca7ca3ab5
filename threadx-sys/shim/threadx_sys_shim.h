/* What is a macro in ThreadX and different on every port, as functions. The host port has functions of these names, or their
   like, itself. */

#ifndef THREADX_SYS_SHIM_H
#define THREADX_SYS_SHIM_H

#ifdef __cplusplus
extern "C" {
#endif

#include "tx_api.h"

/** The caller's context: 0 in a thread or an expiration function, a small number in an interrupt, TX_INITIALIZE_IN_PROGRESS
    during initialization. From everywhere. */
ULONG _tx_thread_system_state_get(VOID);

/** Disable interrupts and learn the posture before. From everywhere. */
UINT threadx_sys_interrupt_disable(VOID);

/** Go back to the posture that the matching disable returned. From everywhere. */
VOID threadx_sys_interrupt_restore(UINT previous_posture);

#ifdef __cplusplus
}
#endif

#endif
