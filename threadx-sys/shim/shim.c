/* See threadx_sys_shim.h. */

#include "threadx_sys_shim.h"
#include "tx_initialize.h"
#include "tx_thread.h"

/* The variable that TX_INTERRUPT_SAVE_AREA declares has another name on every port. TX_DISABLE and TX_RESTORE know what the
   port and its configuration lock with; tx_interrupt_control does not: with BASEPRI its argument is no posture. */
#define interrupt_save   posture
#define tx_saved_posture posture

ULONG _tx_thread_system_state_get(VOID)
{
    return (ULONG)TX_THREAD_GET_SYSTEM_STATE();
}

UINT threadx_sys_interrupt_disable(VOID)
{
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    return (UINT)posture;
}

VOID threadx_sys_interrupt_restore(UINT previous_posture)
{
    TX_INTERRUPT_SAVE_AREA

    posture = previous_posture;
    TX_RESTORE
}
