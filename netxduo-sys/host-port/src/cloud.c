/* The cloud helper. */

#include <stddef.h>
#include <string.h>
#include "check.h"
#include "nx_cloud.h"

/* The object that a member is part of. A thread's and a timer's ULONG cannot carry a pointer on a 64-bit machine, so its
   functions find the helper through their own control block. */
#define CLOUD_OF(member_ptr, member) ((NX_CLOUD *)(VOID *)((UCHAR *)(member_ptr)-offsetof(NX_CLOUD, member)))

/* Call a module that one of the events is for. With the mutex held, which is released for the call. */
static VOID call(NX_CLOUD *cloud, NX_CLOUD_MODULE *module, ULONG events)
{
    VOID (*process)(VOID *, ULONG, ULONG) = module->nx_cloud_module_process;
    VOID  *context = module->nx_cloud_module_context;
    ULONG  own_events;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    own_events = module->nx_cloud_module_own_events;
    module->nx_cloud_module_own_events = 0;
    TX_RESTORE
    (void)tx_mutex_put(&cloud->nx_cloud_mutex);
    process(context, events, own_events);
    (void)tx_mutex_get(&cloud->nx_cloud_mutex, TX_WAIT_FOREVER);
}

static VOID thread_entry(ULONG unused)
{
    NX_CLOUD *cloud = CLOUD_OF(tx_thread_identify(), nx_cloud_thread);

    (void)unused;
    for (;;)
    {
        ULONG            events;
        NX_CLOUD_MODULE *module;

        if (tx_event_flags_get(&cloud->nx_cloud_events, NX_CLOUD_ALL_EVENTS, TX_OR_CLEAR, &events, TX_WAIT_FOREVER) !=
            TX_SUCCESS)
        {
            return;
        }
        (void)tx_mutex_get(&cloud->nx_cloud_mutex, TX_WAIT_FOREVER);
        for (module = cloud->nx_cloud_modules_list_header; module != NX_NULL; module = cloud->nx_cloud_host_next_module)
        {
            ULONG its_events = events & module->nx_cloud_module_registered_events;

            /* The module may be gone when its call is over; deregistering keeps this up to date. */
            cloud->nx_cloud_host_next_module = module->nx_cloud_module_next;
            if (its_events != 0)
            {
                call(cloud, module, its_events);
            }
        }
        (void)tx_mutex_put(&cloud->nx_cloud_mutex);
    }
}

static VOID periodic_timer_entry(ULONG unused)
{
    NX_CLOUD *cloud = CLOUD_OF(tx_host_timer_expiring(), nx_cloud_periodic_timer);

    (void)unused;
    (void)tx_event_flags_set(&cloud->nx_cloud_events, NX_CLOUD_COMMON_PERIODIC_EVENT, TX_OR);
}

UINT _nx_cloud_create(NX_CLOUD *cloud_ptr, const CHAR *cloud_name, VOID *memory_ptr, ULONG memory_size,
                      UINT priority)
{
    CHAR *name = (CHAR *)cloud_name;
    UINT  status;

    (void)memset(cloud_ptr, 0, sizeof(*cloud_ptr));
    cloud_ptr->nx_cloud_name = cloud_name;
    status = tx_mutex_create(&cloud_ptr->nx_cloud_mutex, name, TX_NO_INHERIT);
    if (status != TX_SUCCESS)
    {
        return status;
    }
    status = tx_event_flags_create(&cloud_ptr->nx_cloud_events, name);
    if (status != TX_SUCCESS)
    {
        (void)tx_mutex_delete(&cloud_ptr->nx_cloud_mutex);
        return status;
    }
    status = tx_timer_create(&cloud_ptr->nx_cloud_periodic_timer, name, periodic_timer_entry, 0, NX_IP_PERIODIC_RATE,
                             NX_IP_PERIODIC_RATE, TX_AUTO_ACTIVATE);
    if (status == TX_SUCCESS)
    {
        status = tx_thread_create(&cloud_ptr->nx_cloud_thread, name, thread_entry, 0, memory_ptr, memory_size, priority,
                                  priority, TX_NO_TIME_SLICE, TX_AUTO_START);
        if (status != TX_SUCCESS)
        {
            (void)tx_timer_delete(&cloud_ptr->nx_cloud_periodic_timer);
        }
    }
    if (status != TX_SUCCESS)
    {
        (void)tx_event_flags_delete(&cloud_ptr->nx_cloud_events);
        (void)tx_mutex_delete(&cloud_ptr->nx_cloud_mutex);
        return status;
    }
    cloud_ptr->nx_cloud_id = NX_CLOUD_ID;
    return NX_SUCCESS;
}

UINT _nxe_cloud_create(NX_CLOUD *cloud_ptr, const CHAR *cloud_name, VOID *memory_ptr, ULONG memory_size,
                       UINT priority)
{
    if ((cloud_ptr == NX_NULL) || (memory_ptr == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if (memory_size < TX_MINIMUM_STACK)
    {
        return NX_SIZE_ERROR;
    }
    if (priority >= TX_MAX_PRIORITIES)
    {
        return NX_OPTION_ERROR;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_cloud_create(cloud_ptr, cloud_name, memory_ptr, memory_size, priority);
}

UINT _nx_cloud_delete(NX_CLOUD *cloud_ptr)
{
    ULONG modules;

    (void)tx_mutex_get(&cloud_ptr->nx_cloud_mutex, TX_WAIT_FOREVER);
    modules = cloud_ptr->nx_cloud_modules_count;
    (void)tx_mutex_put(&cloud_ptr->nx_cloud_mutex);
    if (modules != 0)
    {
        return NX_CLOUD_MODULE_BOUND;
    }
    (void)tx_timer_delete(&cloud_ptr->nx_cloud_periodic_timer);
    (void)tx_thread_terminate(&cloud_ptr->nx_cloud_thread);
    (void)tx_thread_delete(&cloud_ptr->nx_cloud_thread);
    (void)tx_mutex_delete(&cloud_ptr->nx_cloud_mutex);
    (void)tx_event_flags_delete(&cloud_ptr->nx_cloud_events);
    cloud_ptr->nx_cloud_id = 0;
    return NX_SUCCESS;
}

static UINT check_cloud(const NX_CLOUD *cloud)
{
    return ((cloud != NX_NULL) && (cloud->nx_cloud_id == NX_CLOUD_ID)) ? NX_SUCCESS : NX_PTR_ERROR;
}

UINT _nxe_cloud_delete(NX_CLOUD *cloud_ptr)
{
    if (check_cloud(cloud_ptr) != NX_SUCCESS)
    {
        return NX_PTR_ERROR;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_cloud_delete(cloud_ptr);
}

/* Where the list of modules points to a module, or to its end. With the mutex held. */
static NX_CLOUD_MODULE **find(NX_CLOUD *cloud, const NX_CLOUD_MODULE *module)
{
    NX_CLOUD_MODULE **link = &cloud->nx_cloud_modules_list_header;

    while ((*link != NX_NULL) && (*link != module))
    {
        link = &(*link)->nx_cloud_module_next;
    }
    return link;
}

UINT _nx_cloud_module_register(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr, const CHAR *module_name,
                               ULONG module_events,
                               VOID (*module_process)(VOID *module_context, ULONG common_events,
                                                      ULONG module_own_events),
                               VOID *module_context)
{
    UINT status = NX_CLOUD_MODULE_ALREADY_REGISTERED;

    (void)tx_mutex_get(&cloud_ptr->nx_cloud_mutex, TX_WAIT_FOREVER);
    if (*find(cloud_ptr, module_ptr) == NX_NULL)
    {
        module_ptr->nx_cloud_module_name = module_name;
        module_ptr->nx_cloud_module_registered_events = module_events;
        module_ptr->nx_cloud_module_own_events = 0;
        module_ptr->nx_cloud_module_process = module_process;
        module_ptr->nx_cloud_module_context = module_context;
        module_ptr->nx_cloud_ptr = cloud_ptr;
        module_ptr->nx_cloud_module_next = cloud_ptr->nx_cloud_modules_list_header;
        cloud_ptr->nx_cloud_modules_list_header = module_ptr;
        cloud_ptr->nx_cloud_modules_count++;
        status = NX_SUCCESS;
    }
    (void)tx_mutex_put(&cloud_ptr->nx_cloud_mutex);
    return status;
}

UINT _nxe_cloud_module_register(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr, const CHAR *module_name,
                                ULONG module_events,
                                VOID (*module_process)(VOID *module_context, ULONG common_events,
                                                       ULONG module_own_events),
                                VOID *module_context)
{
    if ((check_cloud(cloud_ptr) != NX_SUCCESS) || (module_ptr == NX_NULL) || (module_process == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if (module_events == 0)
    {
        return NX_CLOUD_MODULE_EVENT_INVALID;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_cloud_module_register(cloud_ptr, module_ptr, module_name, module_events, module_process, module_context);
}

UINT _nx_cloud_module_deregister(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr)
{
    NX_CLOUD_MODULE **link;
    UINT              status = NX_CLOUD_MODULE_NOT_REGISTERED;

    (void)tx_mutex_get(&cloud_ptr->nx_cloud_mutex, TX_WAIT_FOREVER);
    link = find(cloud_ptr, module_ptr);
    if (*link != NX_NULL)
    {
        *link = module_ptr->nx_cloud_module_next;
        if (cloud_ptr->nx_cloud_host_next_module == module_ptr)
        {
            cloud_ptr->nx_cloud_host_next_module = module_ptr->nx_cloud_module_next;
        }
        cloud_ptr->nx_cloud_modules_count--;
        status = NX_SUCCESS;
    }
    (void)tx_mutex_put(&cloud_ptr->nx_cloud_mutex);
    return status;
}

UINT _nxe_cloud_module_deregister(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr)
{
    if ((check_cloud(cloud_ptr) != NX_SUCCESS) || (module_ptr == NX_NULL))
    {
        return NX_PTR_ERROR;
    }
    if (check_is_thread() != NX_SUCCESS)
    {
        return NX_CALLER_ERROR;
    }
    return _nx_cloud_module_deregister(cloud_ptr, module_ptr);
}

/* The events of a module that are its alone: its function is called through them. */
static ULONG own_flags(const NX_CLOUD_MODULE *module)
{
    return module->nx_cloud_module_registered_events & ~NX_CLOUD_COMMON_PERIODIC_EVENT;
}

UINT _nx_cloud_module_event_set(NX_CLOUD_MODULE *cloud_module, ULONG module_own_event)
{
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    cloud_module->nx_cloud_module_own_events |= module_own_event;
    TX_RESTORE
    (void)tx_event_flags_set(&cloud_module->nx_cloud_ptr->nx_cloud_events, own_flags(cloud_module), TX_OR);
    return NX_SUCCESS;
}

UINT _nxe_cloud_module_event_set(NX_CLOUD_MODULE *cloud_module, ULONG module_own_event)
{
    if (cloud_module == NX_NULL)
    {
        return NX_PTR_ERROR;
    }
    if (module_own_event == 0)
    {
        return NX_CLOUD_MODULE_EVENT_INVALID;
    }
    return _nx_cloud_module_event_set(cloud_module, module_own_event);
}

UINT _nx_cloud_module_event_clear(NX_CLOUD_MODULE *cloud_module, ULONG module_own_event)
{
    ULONG left;
    TX_INTERRUPT_SAVE_AREA

    TX_DISABLE
    cloud_module->nx_cloud_module_own_events &= ~module_own_event;
    left = cloud_module->nx_cloud_module_own_events;
    TX_RESTORE
    if (left == 0)
    {
        (void)tx_event_flags_set(&cloud_module->nx_cloud_ptr->nx_cloud_events, ~own_flags(cloud_module), TX_AND);
    }
    return NX_SUCCESS;
}

UINT _nxe_cloud_module_event_clear(NX_CLOUD_MODULE *cloud_module, ULONG module_own_event)
{
    if (cloud_module == NX_NULL)
    {
        return NX_PTR_ERROR;
    }
    if (module_own_event == 0)
    {
        return NX_CLOUD_MODULE_EVENT_INVALID;
    }
    return _nx_cloud_module_event_clear(cloud_module, module_own_event);
}
