/* What upstream's tx_initialize.h offers beyond tx_api.h, as far as the host port has it. */

#ifndef TX_INITIALIZE_H
#define TX_INITIALIZE_H

/** What TX_THREAD_GET_SYSTEM_STATE() gives before the threads start. */
#define TX_INITIALIZE_IN_PROGRESS 0xF0F0F0F0U

#endif
