/* The middleware's instance and its list of clients. */

#include "internal.h"

/* Upstream does the provisioning client's work here. The host port has none, but the module is on the list all the same,
   so that users find the helper as they would find it there. */
static VOID process(VOID *context, ULONG common_events, ULONG own_events)
{
    (void)context;
    (void)common_events;
    (void)own_events;
}

UINT nx_azure_iot_create(NX_AZURE_IOT *nx_azure_iot_ptr, const UCHAR *name_ptr, NX_IP *ip_ptr,
                         NX_PACKET_POOL *pool_ptr, NX_DNS *dns_ptr, VOID *stack_memory_ptr, UINT stack_memory_size,
                         UINT priority, UINT (*unix_time_callback)(ULONG *unix_time))
{
    NX_CLOUD *cloud;
    UINT      status;

    if ((nx_azure_iot_ptr == NX_NULL) || (ip_ptr == NX_NULL) || (pool_ptr == NX_NULL) || (dns_ptr == NX_NULL))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    nx_azure_iot_ptr->nx_azure_iot_name = name_ptr;
    nx_azure_iot_ptr->nx_azure_iot_ip_ptr = ip_ptr;
    nx_azure_iot_ptr->nx_azure_iot_pool_ptr = pool_ptr;
    nx_azure_iot_ptr->nx_azure_iot_dns_ptr = dns_ptr;
    nx_azure_iot_ptr->nx_azure_iot_resource_list_header = NX_NULL;
    nx_azure_iot_ptr->nx_azure_iot_unix_time_get = unix_time_callback;

    cloud = &nx_azure_iot_ptr->nx_azure_iot_cloud;
    status = nx_cloud_create(cloud, (const CHAR *)name_ptr, stack_memory_ptr, stack_memory_size, priority);
    if (status != NX_SUCCESS)
    {
        return status;
    }
    nx_azure_iot_ptr->nx_azure_iot_mutex_ptr = &cloud->nx_cloud_mutex;
    status = nx_cloud_module_register(cloud, &nx_azure_iot_ptr->nx_azure_iot_cloud_module, "Azure SDK",
                                      NX_CLOUD_MODULE_AZURE_SDK_EVENT | NX_CLOUD_COMMON_PERIODIC_EVENT, process,
                                      nx_azure_iot_ptr);
    if (status != NX_SUCCESS)
    {
        (void)nx_cloud_delete(cloud);
    }
    return status;
}

UINT nx_azure_iot_delete(NX_AZURE_IOT *nx_azure_iot_ptr)
{
    NX_CLOUD *cloud;

    if (nx_azure_iot_ptr == NX_NULL)
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    if (nx_azure_iot_ptr->nx_azure_iot_resource_list_header != NX_NULL)
    {
        return NX_AZURE_IOT_DELETE_ERROR;
    }
    cloud = &nx_azure_iot_ptr->nx_azure_iot_cloud;
    (void)nx_cloud_module_deregister(cloud, &nx_azure_iot_ptr->nx_azure_iot_cloud_module);
    return nx_cloud_delete(cloud);
}

UINT nx_azure_iot_unix_time_get(NX_AZURE_IOT *nx_azure_iot_ptr, ULONG *unix_time)
{
    if ((nx_azure_iot_ptr == NX_NULL) || (nx_azure_iot_ptr->nx_azure_iot_unix_time_get == NX_NULL) ||
        (unix_time == NX_NULL))
    {
        return NX_AZURE_IOT_INVALID_PARAMETER;
    }
    return nx_azure_iot_ptr->nx_azure_iot_unix_time_get(unix_time);
}

VOID _nx_host_resource_add(NX_AZURE_IOT *azure_iot, NX_AZURE_IOT_RESOURCE *resource)
{
    resource->resource_next = azure_iot->nx_azure_iot_resource_list_header;
    azure_iot->nx_azure_iot_resource_list_header = resource;
}

UINT _nx_host_resource_remove(NX_AZURE_IOT *azure_iot, NX_AZURE_IOT_RESOURCE *resource)
{
    NX_AZURE_IOT_RESOURCE **link = &azure_iot->nx_azure_iot_resource_list_header;

    while (*link != NX_NULL)
    {
        if (*link == resource)
        {
            *link = resource->resource_next;
            return NX_AZURE_IOT_SUCCESS;
        }
        link = &(*link)->resource_next;
    }
    return NX_AZURE_IOT_NOT_FOUND;
}
