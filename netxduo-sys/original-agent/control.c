/* Enables, runs and disables the original agent. */

#include "internal.h"
#include "asc_security_core/collector_collection.h"
#include "asc_security_core/components_manager.h"
#include "asc_security_core/core.h"
#include "asc_security_core/utils/notifier.h"
#include "nx_azure_iot_security_module.h"

DEFENDER_ORIGINAL_NUMBERS defender_original_numbers = {"defender-iot-micro-agent", 30, 10, 30, 60, 300, 3};

/* What it registered for the cloud helper to call. */
static VOID (*process)(VOID *, ULONG, ULONG);
static VOID *process_context;

static volatile UINT state;

/* The collectors that are to run. */
static UINT wanted[DEFENDER_ORIGINAL_COLLECTORS];

/* The preemption threshold that the thread had which is in the agent's code. */
static UINT threshold;

UINT defender_original_enter(VOID)
{
    return tx_thread_preemption_change(tx_thread_identify(), 0, &threshold);
}

VOID defender_original_leave(VOID)
{
    UINT ours;

    (void)tx_thread_preemption_change(tx_thread_identify(), threshold, &ours);
}

static int component_of(UINT collector)
{
    switch (collector)
    {
    case DEFENDER_ORIGINAL_NETWORK_ACTIVITY:
        return NetworkActivity;
    case DEFENDER_ORIGINAL_SYSTEM_INFORMATION:
        return SystemInformation;
    default:
        return Heartbeat;
    }
}

/* Start and stop collectors as they are wanted. The agent does so itself when it is suspended and active again, and then with
   all of them. */
static UINT collectors_apply(VOID)
{
    component_id_t core = components_manager_get_id(CollectorsCore);
    UINT           status = NX_AZURE_IOT_SUCCESS;
    UINT           collector;

    if (state == DEFENDER_ORIGINAL_SUSPENDED)
    {
        return status;
    }
    for (collector = 0; collector < DEFENDER_ORIGINAL_COLLECTORS; collector++)
    {
        component_id_t id = components_manager_get_id(component_of(collector));
        UINT           runs = components_manager_get_info(id)->state == COMPONENT_RUNNING;
        asc_result_t   result = ASC_RESULT_OK;

        if (wanted[collector] && !runs)
        {
            result = components_manager_start(id, core);
        }
        else if (!wanted[collector] && runs)
        {
            result = components_manager_stop(id, core, true, true);
        }
        if (result != ASC_RESULT_OK)
        {
            status = NX_AZURE_IOT_FAILURE;
        }
    }
    return status;
}

static void state_changed(notifier_t *notifier, int message, void *payload)
{
    (void)notifier;
    (void)payload;
    switch (message)
    {
    case NOTIFY_SECURITY_MODULE_CONNECTED:
        state = DEFENDER_ORIGINAL_ACTIVE;
        break;
    case NOTIFY_SECURITY_MODULE_PENDING:
        state = DEFENDER_ORIGINAL_PENDING;
        break;
    case NOTIFY_SECURITY_MODULE_SUSPENDED:
        state = DEFENDER_ORIGINAL_SUSPENDED;
        break;
    default:
        break;
    }
}

static notifier_t follower = {state_changed};

UINT defender_original_enable(NX_AZURE_IOT *azure_iot_ptr, ULONG64 seed)
{
    UINT collector;
    UINT status;

    if (azure_iot_ptr == NX_NULL)
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    status = defender_original_enter();
    if (status != TX_SUCCESS)
    {
        return status;
    }
    for (collector = 0; collector < DEFENDER_ORIGINAL_COLLECTORS; collector++)
    {
        wanted[collector] = NX_TRUE;
    }
    defender_original_seed(seed);
    defender_original_packets_prepare();
    state = DEFENDER_ORIGINAL_PENDING;
    /* Before it is enabled, so that nothing is missed. */
    if (notifier_subscribe(NOTIFY_TOPIC_SECURITY_MODULE_STATE, &follower) == ASC_RESULT_OK)
    {
        status = nx_azure_iot_security_module_enable(azure_iot_ptr);
        if (status != NX_AZURE_IOT_SUCCESS)
        {
            (void)notifier_unsubscribe(NOTIFY_TOPIC_SECURITY_MODULE_STATE, &follower);
        }
    }
    else
    {
        status = NX_AZURE_IOT_FAILURE;
    }
    if (status != NX_AZURE_IOT_SUCCESS)
    {
        state = DEFENDER_ORIGINAL_NOT_INITIALIZED;
    }
    defender_original_leave();
    return status;
}

UINT defender_original_disable(VOID)
{
    UINT status;

    status = defender_original_enter();
    if (status != TX_SUCCESS)
    {
        return status;
    }
    (void)notifier_unsubscribe(NOTIFY_TOPIC_SECURITY_MODULE_STATE, &follower);
    status = nx_azure_iot_security_module_disable(NX_NULL);
    state = DEFENDER_ORIGINAL_NOT_INITIALIZED;
    defender_original_leave();
    return status;
}

UINT defender_original_second(VOID)
{
    UINT status;

    status = defender_original_enter();
    if (status != TX_SUCCESS)
    {
        return status;
    }
    if (process != NX_NULL)
    {
        process(process_context, NX_CLOUD_COMMON_PERIODIC_EVENT, 0);
        status = collectors_apply();
    }
    defender_original_leave();
    return status;
}

UINT defender_original_collector_set(UINT collector, UINT enabled)
{
    UINT status;

    if (collector >= DEFENDER_ORIGINAL_COLLECTORS)
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    status = defender_original_enter();
    if (status != TX_SUCCESS)
    {
        return status;
    }
    wanted[collector] = enabled;
    status = collectors_apply();
    defender_original_leave();
    return status;
}

/* An interval on its way to its collector. */
struct interval
{
    int           component;
    unsigned long seconds;
};

static void interval_change(collector_t *collector, void *context)
{
    const struct interval *interval = context;

    if ((int)collector->internal.type == interval->component)
    {
        collector->internal.interval = interval->seconds;
    }
}

UINT defender_original_interval_set(UINT collector, ULONG seconds)
{
    struct interval interval;
    UINT            status;

    if (collector >= DEFENDER_ORIGINAL_COLLECTORS)
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    interval.component = component_of(collector);
    interval.seconds = seconds;
    status = defender_original_enter();
    if (status != TX_SUCCESS)
    {
        return status;
    }
    collector_collection_foreach(core_get_collector_collection(), interval_change, &interval);
    defender_original_leave();
    return NX_AZURE_IOT_SUCCESS;
}

UINT defender_original_state(VOID)
{
    return state;
}

UINT defender_original_module_register(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr, const CHAR *module_name, ULONG events,
                                       VOID (*function)(VOID *, ULONG, ULONG), VOID *context)
{
    (void)cloud_ptr;
    (void)module_ptr;
    (void)module_name;
    (void)events;
    process = function;
    process_context = context;
    return NX_SUCCESS;
}

UINT defender_original_module_deregister(NX_CLOUD *cloud_ptr, NX_CLOUD_MODULE *module_ptr)
{
    (void)cloud_ptr;
    (void)module_ptr;
    process = NX_NULL;
    return NX_SUCCESS;
}
