/* The original agent's configuration, in place of those that come with it. The names are the agent's; see its documentation
   of `asc_config.h`, the file that it leaves to the platform.

   What the agent only reads while it runs is a variable here, so that it can be set before the agent is enabled. The sizes of
   its memory, and what it compiles in or leaves out, stay as it ships. */

#ifndef __ASC_CONFIG_H__
#define __ASC_CONFIG_H__

#include "nx_api.h"
#include "numbers.h"

/* What it is called. The version that it reports, SECURITY_MODULE_VERSION_MAJOR, _MINOR and _PATCH, comes with the command
   line: it is that of the tree. */
#define ASC_SECURITY_MODULE_ID                                    (defender_original_numbers.defender_original_security_module_id)

/* Seconds. */
#define ASC_FIRST_COLLECTION_INTERVAL                             (defender_original_numbers.defender_original_first_collection)
#define ASC_HIGH_PRIORITY_INTERVAL                                (defender_original_numbers.defender_original_high_interval)
#define ASC_MEDIUM_PRIORITY_INTERVAL                              (defender_original_numbers.defender_original_medium_interval)
#define ASC_LOW_PRIORITY_INTERVAL                                 (defender_original_numbers.defender_original_low_interval)
#define ASC_SECURITY_MODULE_PENDING_TIME                          (defender_original_numbers.defender_original_pending_time)
#define ASC_SECURITY_MODULE_SEND_MESSAGE_RETRY_TIME               (defender_original_numbers.defender_original_retry_time)

/* Sizes of arrays. */
#define ASC_SECURITY_MODULE_MAX_HUB_DEVICES                       64
#define ASC_COLLECTOR_NETWORK_ACTIVITY_MAX_IPV4_OBJECTS_IN_CACHE  64
#ifdef NX_DISABLE_IPV6
#define ASC_COLLECTOR_NETWORK_ACTIVITY_MAX_IPV6_OBJECTS_IN_CACHE  0
#else
#define ASC_COLLECTOR_NETWORK_ACTIVITY_MAX_IPV6_OBJECTS_IN_CACHE  64
#endif

/* What is compiled in. */
#define ASC_COMPONENT_SECURITY_MODULE
#define ASC_COLLECTOR_HEARTBEAT_ENABLED
#define ASC_COLLECTOR_NETWORK_ACTIVITY_ENABLED
#define ASC_COLLECTOR_NETWORK_ACTIVITY_CAPTURE_UNICAST_ONLY
#define ASC_COLLECTOR_SYSTEM_INFORMATION_ENABLED
#define ASC_COLLECTOR_PROCESS_IN_CACHE                            0
#define ASC_DYNAMIC_COLLECTORS_MAX                                0
#define ASC_DYNAMIC_COMPONENTS_MAX                                0
#define ASC_EXTRA_COMPONENTS_COUNT                                0
#define ASC_EXTRA_COLLECTORS_COUNT                                0

/* Its own two subscribers, and ours, which follows its state. */
#define ASC_NOTIFIERS_OBJECT_POOL_ENTRIES                         3

/* Its event loop runs on the cloud helper's periodic event. */
#define ASC_BEST_EFFORT_EVENT_LOOP
#define ASC_BE_TIMERS_OBJECT_POOL_ENTRIES                         2

/* FlatBuffers, in memory of its own. */
#define ASC_SERIALIZER_USE_CUSTOM_ALLOCATOR
#define ASC_EMITTER_PAGE_CACHE_SIZE                               1
#define FLATCC_USE_GENERIC_ALIGNED_ALLOC
#define FLATCC_ASSERT                                             NX_ASSERT

#endif /* __ASC_CONFIG_H__ */
