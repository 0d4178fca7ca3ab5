/* What the bindings are made of. */
#include "tx_api.h"
#include "tx_initialize.h"
#include "tx_thread.h"
#include "tx_timer.h"

/* Upstream's headers of the other objects; the host port has what it has of them in tx_api.h. */
#ifdef THREADX_SYS_UPSTREAM
#include "tx_block_pool.h"
#include "tx_byte_pool.h"
#include "tx_event_flags.h"
#include "tx_mutex.h"
#include "tx_queue.h"
#include "tx_semaphore.h"
#include "tx_trace.h"
#include "threadx_sys_shim.h"
#endif

/* What the host port and the simulation kit have beyond ThreadX. */
#ifdef THREADX_SYS_HOST
#include "tx_host.h"
#endif
