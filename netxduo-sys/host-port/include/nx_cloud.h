/* The cloud helper: one thread that runs the periodic and event-driven work of modules. */

#ifndef NX_CLOUD_H
#define NX_CLOUD_H

#ifdef __cplusplus
extern "C" {
#endif

#include "nx_api.h"

/** In `nx_cloud_id` of a created cloud helper. */
#define NX_CLOUD_ID 0x434C4F44

#define NX_CLOUD_MODULE_ALREADY_REGISTERED 0xF0
#define NX_CLOUD_MODULE_NOT_REGISTERED 0xF1
#define NX_CLOUD_MODULE_BOUND 0xF2
#define NX_CLOUD_MODULE_EVENT_INVALID 0xF3

#define NX_CLOUD_ALL_EVENTS 0xFFFFFFFFU
/** Comes once a second. */
#define NX_CLOUD_COMMON_PERIODIC_EVENT 0x00000001U
#define NX_CLOUD_COMMON_ALL_EVENT 0x00000001U
#define NX_CLOUD_MODULE_MQTT_EVENT 0x00010000U
#define NX_CLOUD_MODULE_AZURE_SDK_EVENT 0x00020000U
#define NX_CLOUD_MODULE_AZURE_ADU_EVENT 0x00040000U
#define NX_CLOUD_MODULE_AZURE_ISM_EVENT 0x00080000U

struct NX_CLOUD_STRUCT;

/** A module of a cloud helper. */
typedef struct NX_CLOUD_MODULE_STRUCT
{
    const CHAR                    *nx_cloud_module_name;
    ULONG                          nx_cloud_module_registered_events;
    ULONG                          nx_cloud_module_own_events;
    VOID                         (*nx_cloud_module_process)(VOID *module_context, ULONG common_events,
                                                            ULONG module_own_events);
    VOID                          *nx_cloud_module_context;
    struct NX_CLOUD_MODULE_STRUCT *nx_cloud_module_next;
    struct NX_CLOUD_STRUCT        *nx_cloud_ptr;
} NX_CLOUD_MODULE;

/** A cloud helper. */
typedef struct NX_CLOUD_STRUCT
{
    ULONG                nx_cloud_id;
    const CHAR          *nx_cloud_name;
    TX_THREAD            nx_cloud_thread;
    TX_EVENT_FLAGS_GROUP nx_cloud_events;
    TX_MUTEX             nx_cloud_mutex;
    TX_TIMER             nx_cloud_periodic_timer;
    NX_CLOUD_MODULE     *nx_cloud_modules_list_header;
    ULONG                nx_cloud_modules_count;
    NX_CLOUD_MODULE     *nx_cloud_host_next_module; /* The module to look at after the one that is being called. */
} NX_CLOUD;

UINT _nx_cloud_create(NX_CLOUD *cloud_ptr, const CHAR *cloud_name, VOID *memory_ptr, ULONG memory_size,
                      UINT priority);
/** Create a cloud helper and start its thread. From threads. Errors: NX_PTR_ERROR, NX_SIZE_ERROR, NX_OPTION_ERROR,
    NX_CALLER_ERROR, or what ThreadX says. */
UINT _nxe_cloud_create(NX_CLOUD *cloud_ptr, const CHAR *cloud_name, VOID *memory_ptr, ULONG memory_size,
                       UINT priority);
UINT _nx_cloud_delete(NX_CLOUD *cloud_ptr);
/** Delete a cloud helper that has no modules. From threads. Errors: NX_CLOUD_MODULE_BOUND, NX_PTR_ERROR,
    NX_CALLER_ERROR. */
UINT _nxe_cloud_delete(NX_CLOUD *cloud_ptr);
UINT _nx_cloud_module_register(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr, const CHAR *module_name,
                               ULONG module_events,
                               VOID (*module_process)(VOID *module_context, ULONG common_events,
                                                      ULONG module_own_events),
                               VOID *module_context);
/** Add a module, in front of the others. Its function is called on the helper's thread, without the helper's mutex,
    when one of `module_events` happens: with those that happened, and with the module's own events. From threads.
    Errors: NX_CLOUD_MODULE_ALREADY_REGISTERED, NX_CLOUD_MODULE_EVENT_INVALID, NX_PTR_ERROR, NX_CALLER_ERROR. */
UINT _nxe_cloud_module_register(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr, const CHAR *module_name,
                                ULONG module_events,
                                VOID (*module_process)(VOID *module_context, ULONG common_events,
                                                       ULONG module_own_events),
                                VOID *module_context);
UINT _nx_cloud_module_deregister(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr);
/** Take a module off the list. As in NetX Duo a call of its function may still be running on the helper's thread when
    this returns to another thread. From threads. Errors: NX_CLOUD_MODULE_NOT_REGISTERED, NX_PTR_ERROR,
    NX_CALLER_ERROR. */
UINT _nxe_cloud_module_deregister(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr);
UINT _nx_cloud_module_event_set(NX_CLOUD_MODULE *cloud_module, ULONG module_own_event);
/** Add own events of a module and have its function called. From everywhere. Errors: NX_CLOUD_MODULE_EVENT_INVALID,
    NX_PTR_ERROR. */
UINT _nxe_cloud_module_event_set(NX_CLOUD_MODULE *cloud_module, ULONG module_own_event);
UINT _nx_cloud_module_event_clear(NX_CLOUD_MODULE *cloud_module, ULONG module_own_event);
/** Take own events of a module back. From everywhere. Errors: NX_CLOUD_MODULE_EVENT_INVALID, NX_PTR_ERROR. */
UINT _nxe_cloud_module_event_clear(NX_CLOUD_MODULE *cloud_module, ULONG module_own_event);

#ifdef NX_DISABLE_ERROR_CHECKING
#define nx_cloud_create             _nx_cloud_create
#define nx_cloud_delete             _nx_cloud_delete
#define nx_cloud_module_register    _nx_cloud_module_register
#define nx_cloud_module_deregister  _nx_cloud_module_deregister
#define nx_cloud_module_event_set   _nx_cloud_module_event_set
#define nx_cloud_module_event_clear _nx_cloud_module_event_clear
#else
#define nx_cloud_create             _nxe_cloud_create
#define nx_cloud_delete             _nxe_cloud_delete
#define nx_cloud_module_register    _nxe_cloud_module_register
#define nx_cloud_module_deregister  _nxe_cloud_module_deregister
#define nx_cloud_module_event_set   _nxe_cloud_module_event_set
#define nx_cloud_module_event_clear _nxe_cloud_module_event_clear
#endif

#ifdef __cplusplus
}
#endif

#endif
