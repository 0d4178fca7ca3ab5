/* The original agent's numbers, which `asc_config.h` turns from constants into variables. */

#ifndef DEFENDER_ORIGINAL_NUMBERS_H
#define DEFENDER_ORIGINAL_NUMBERS_H

#include "tx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Times are seconds. */
typedef struct DEFENDER_ORIGINAL_NUMBERS_STRUCT
{
    /** The name under which the agent reports, terminated. Read with every message. */
    const char *defender_original_security_module_id;

    /** Read when the agent is enabled. */
    ULONG defender_original_first_collection;
    ULONG defender_original_high_interval;
    ULONG defender_original_medium_interval;
    ULONG defender_original_low_interval;

    /** Read whenever they are needed. */
    ULONG defender_original_pending_time;
    ULONG defender_original_retry_time;
} DEFENDER_ORIGINAL_NUMBERS;

/** Only written while no function of `original.h` runs. */
extern DEFENDER_ORIGINAL_NUMBERS defender_original_numbers;

#ifdef __cplusplus
}
#endif

#endif
