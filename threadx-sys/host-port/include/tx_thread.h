/* What upstream's tx_thread.h offers beyond tx_api.h, as far as the host port has it: the list of threads. */

#ifndef TX_THREAD_H
#define TX_THREAD_H

#ifdef __cplusplus
extern "C" {
#endif

#include "tx_api.h"

/* Circular, in order of creation. Read it with interrupts disabled. */
extern TX_THREAD *_tx_thread_created_ptr;
extern ULONG      _tx_thread_created_count;

#ifdef __cplusplus
}
#endif

#endif
