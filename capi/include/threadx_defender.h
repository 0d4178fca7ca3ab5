/* threadx-defender: the Defender-IoT micro agent for Eclipse ThreadX and NetX Duo.

   Made of the crate defender-capi by cbindgen; UPDATE_HEADER=1 cargo test -p defender-capi --test header makes it anew.
   License: MIT OR Apache-2.0.

   One agent a device. Everything may be set before it is enabled and while it runs. "From threads" means ThreadX threads, and
   neither initialization, nor timers, nor interrupts; "from everywhere" includes those. All calls return:

   NX_AZURE_IOT_SUCCESS            done
   NX_AZURE_IOT_INVALID_PARAMETER  a pointer is null, a value is out of its limits, a structure has a size that no version has, or
                                   the agent is enabled on another instance; nothing has changed
   NX_AZURE_IOT_NOT_SUPPORTED      a field is set that this version of the library does not have; nothing has changed
   NX_AZURE_IOT_WRONG_STATE        the call is for threads, and came from initialization, a timer or an interrupt
   NX_AZURE_IOT_PENDING            another thread is enabling the agent, or it was disabled in a callback and is gone within a second:
                                   try again
   NX_AZURE_IOT_NOT_ENABLED        no agent is enabled, so it has counted nothing
   NX_AZURE_IOT_FAILURE            an internal step failed: the cloud helper does not take the agent */

#ifndef THREADX_DEFENDER_H
#define THREADX_DEFENDER_H

#include <stdint.h>
#include "nx_azure_iot.h"

/**
 * The priority group high: every 10 s by default; network activity.
 */
#define THREADX_DEFENDER_PRIORITY_HIGH 0

/**
 * The priority group medium: every 30 s by default; no collector of its own.
 */
#define THREADX_DEFENDER_PRIORITY_MEDIUM 1

/**
 * The priority group low: every 60 s by default; system information and heartbeat.
 */
#define THREADX_DEFENDER_PRIORITY_LOW 2

/**
 * The collector of flows.
 */
#define THREADX_DEFENDER_NETWORK_ACTIVITY 0

/**
 * The collector of versions.
 */
#define THREADX_DEFENDER_SYSTEM_INFORMATION 1

/**
 * The collector that is a sign of life.
 */
#define THREADX_DEFENDER_HEARTBEAT 2

/**
 * TCP.
 */
#define THREADX_DEFENDER_TCP 0

/**
 * UDP.
 */
#define THREADX_DEFENDER_UDP 1

/**
 * ICMP, and ICMPv6.
 */
#define THREADX_DEFENDER_ICMP 2

/**
 * As many flows as the agent's storage has room for.
 */
#define THREADX_DEFENDER_ALL_FLOWS 4294967295

/**
 * The version of this header: 0x00MMmmpp.
 */
#define THREADX_DEFENDER_VERSION 256

/**
 * No agent is enabled.
 */
#define THREADX_DEFENDER_STATE_NOT_INITIALIZED 0

/**
 * It counts flows, and begins when the device knows the Unix time.
 */
#define THREADX_DEFENDER_STATE_WAITING_FOR_TIME 1

/**
 * It counts flows, and begins when the platform has random bytes.
 */
#define THREADX_DEFENDER_STATE_WAITING_FOR_ENTROPY 2

/**
 * It counts flows, and looks for a connected hub client.
 */
#define THREADX_DEFENDER_STATE_PENDING 3

/**
 * It counts flows, and sends.
 */
#define THREADX_DEFENDER_STATE_ACTIVE 4

/**
 * It has looked for a connected hub client for longer than the pending time. It goes on counting flows and looking.
 */
#define THREADX_DEFENDER_STATE_SUSPENDED 5

/**
 * All that is set about the agent. Times are seconds, from 1 to 2,592,000 (30 days) unless it says otherwise. Switches are 0 or 1.
 */
typedef struct {
    /**
     * The size of this structure in bytes, to be set before each call: sizeof(THREADX_DEFENDER_SETTINGS).
     */
    uint32_t size;
    /**
     * How often the collectors of the group high report.
     */
    uint32_t interval_high;
    /**
     * How often the collectors of the group medium report.
     */
    uint32_t interval_medium;
    /**
     * How often the collectors of the group low report.
     */
    uint32_t interval_low;
    /**
     * From enabling to the first collection, without jitter. Counts at the next enabling.
     */
    uint32_t first_collection;
    /**
     * The most that the first collection is put off at random: 0 to 3,600. Counts at the next enabling.
     */
    uint32_t first_collection_jitter;
    /**
     * Between two looks for a hub, and between two tries to send.
     */
    uint32_t retry_time;
    /**
     * Without a hub, until the agent is suspended.
     */
    uint32_t pending_time;
    /**
     * The most IPv4 flows that are kept apart, at least 1, or THREADX_DEFENDER_ALL_FLOWS.
     */
    uint32_t ipv4_flow_limit;
    /**
     * The most IPv6 flows that are kept apart, at least 1, or THREADX_DEFENDER_ALL_FLOWS.
     */
    uint32_t ipv6_flow_limit;
    /**
     * The most devices of hubs that one message goes to: 1 to 64.
     */
    uint32_t max_hub_devices;
    /**
     * Whether flows are reported. Off also stops counting packets.
     */
    uint8_t network_activity;
    /**
     * Whether versions are reported.
     */
    uint8_t system_information;
    /**
     * Whether a sign of life is reported.
     */
    uint8_t heartbeat;
    /**
     * The priority group of the flows, one of THREADX_DEFENDER_PRIORITY_*.
     */
    uint8_t network_activity_priority;
    /**
     * The priority group of the versions, likewise.
     */
    uint8_t system_information_priority;
    /**
     * The priority group of the sign of life, likewise.
     */
    uint8_t heartbeat_priority;
    /**
     * Whether TCP is counted.
     */
    uint8_t tcp;
    /**
     * Whether UDP is counted.
     */
    uint8_t udp;
    /**
     * Whether ICMP and ICMPv6 are counted.
     */
    uint8_t icmp;
    /**
     * Whether incoming multicast and broadcast packets are left out.
     */
    uint8_t unicast_only;
    /**
     * Whether network activity also reports when there was none.
     */
    uint8_t send_empty_events;
    /**
     * 0.
     */
    uint8_t reserved;
    /**
     * The name under which the agent reports: 1 to 64 bytes of UTF-8, used where they are for as long as they are set; null:
     * "defender-iot-micro-agent".
     */
    const char *security_module_id;
} THREADX_DEFENDER_SETTINGS;

/**
 * What the agent has counted since it was enabled.
 */
typedef struct {
    /**
     * The size of this structure in bytes, to be set before each call: sizeof(THREADX_DEFENDER_STATISTICS).
     */
    uint32_t size;
    /**
     * NX_IP instances whose packets are not seen, because there are more than can be watched: four.
     */
    uint32_t ip_instances_left_alone;
    /**
     * Packets whose bytes are reported.
     */
    uint64_t packets_counted;
    /**
     * Packets left out: neither TCP, UDP nor ICMP, or by the settings.
     */
    uint64_t packets_ignored;
    /**
     * Packets that are shorter than their headers claim, or no IP packets.
     */
    uint64_t packets_malformed;
    /**
     * Packets of a new flow that found the table full, so that another flow gave way.
     */
    uint64_t packets_without_room;
    /**
     * Flows that gave way, and are reported in an aggregate.
     */
    uint64_t flows_aggregated;
    /**
     * The bytes of those.
     */
    uint64_t bytes_aggregated;
    /**
     * Messages that a hub took.
     */
    uint64_t messages_sent;
    /**
     * The bytes of those.
     */
    uint64_t bytes_sent;
    /**
     * Tries to send a message that no hub took; it was kept and tried again.
     */
    uint64_t retries;
    /**
     * Flows in the messages that were built.
     */
    uint64_t flows_reported;
    /**
     * Times that a message was put off because the platform had no random bytes.
     */
    uint64_t entropy_failures;
    /**
     * Times that the Unix time jumped, back or ahead.
     */
    uint64_t unix_time_steps;
    /**
     * Seconds for which the Unix time stood.
     */
    uint64_t unix_time_stood;
} THREADX_DEFENDER_STATISTICS;

/**
 * The sizes with which the library was built.
 */
typedef struct {
    /**
     * The size of this structure in bytes, to be set before each call: sizeof(THREADX_DEFENDER_STORAGE).
     */
    uint32_t size;
    /**
     * The agent's memory, in bytes; it needs no other, but for the stack of the cloud helper.
     */
    uint32_t bytes;
    /**
     * IPv4 flows that are kept apart between two collections.
     */
    uint32_t ipv4_flows;
    /**
     * IPv6 flows that are kept apart between two collections.
     */
    uint32_t ipv6_flows;
    /**
     * The longest message, in bytes.
     */
    uint32_t message_bytes;
} THREADX_DEFENDER_STORAGE;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Enable the agent on a created instance of the middleware. It begins when the device knows the Unix time and has random bytes, and
 * counts flows meanwhile. Again with the same instance: nothing changes. From threads.
 *
 * @param nx_azure_iot_ptr The instance. It must not be deleted before the agent is disabled.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null, or while the agent is enabled on another instance;
 *         NX_AZURE_IOT_WRONG_STATE from initialization, a timer or an interrupt; NX_AZURE_IOT_PENDING while another thread enables it,
 *         or up to a second after it was disabled in a callback: try again; NX_AZURE_IOT_FAILURE when the cloud helper does not take it.
 */
UINT nx_azure_iot_security_module_enable(NX_AZURE_IOT *nx_azure_iot_ptr);

/**
 * Disable the agent, and put every hook back as it was. What it has counted and not sent is given up. From threads, before the instance is
 * deleted.
 *
 * @param nx_azure_iot_ptr The instance that it is enabled on; null: whichever that is.
 * @return NX_AZURE_IOT_SUCCESS, also when it is not enabled; NX_AZURE_IOT_INVALID_PARAMETER when it is enabled on another instance;
 *         NX_AZURE_IOT_WRONG_STATE from initialization, a timer or an interrupt; NX_AZURE_IOT_PENDING while another thread enables it.
 */
UINT nx_azure_iot_security_module_disable(NX_AZURE_IOT *nx_azure_iot_ptr);

/**
 * Get all that is set, whether the agent is enabled or not: the defaults, until something is. From everywhere.
 *
 * @param settings Where to; its size says how much.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null, or a size that no version has.
 */
UINT threadx_defender_settings_get(THREADX_DEFENDER_SETTINGS *settings);

/**
 * Set everything, all at once or, when anything is out of its limits, nothing. It holds for the agent that runs, packets with the next one and
 * all else within a second, and for the next agent. From everywhere.
 *
 * @param settings Best got with threadx_defender_settings_get, and changed. Of a structure of an older header, only what it has is set.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null, for a size that no version has, or for a value out of its limits;
 *         NX_AZURE_IOT_NOT_SUPPORTED when a newer header's field is set, which this library does not have.
 */
UINT threadx_defender_settings_set(const THREADX_DEFENDER_SETTINGS *settings);

/**
 * Set how often the collectors of a priority group report. From everywhere.
 *
 * @param priority One of THREADX_DEFENDER_PRIORITY_*.
 * @param seconds 1 to 2,592,000, which are 30 days.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for any other value.
 */
UINT threadx_defender_interval_set(UINT priority, ULONG seconds);

/**
 * Turn a collector on or off. From everywhere.
 *
 * @param collector THREADX_DEFENDER_NETWORK_ACTIVITY, _SYSTEM_INFORMATION or _HEARTBEAT.
 * @param enabled 1 or 0.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for any other value.
 */
UINT threadx_defender_collector_set(UINT collector, UINT enabled);

/**
 * Move a collector to another priority group. From everywhere.
 *
 * @param collector THREADX_DEFENDER_NETWORK_ACTIVITY, _SYSTEM_INFORMATION or _HEARTBEAT.
 * @param priority One of THREADX_DEFENDER_PRIORITY_*.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for any other value.
 */
UINT threadx_defender_collector_priority_set(UINT collector, UINT priority);

/**
 * Set whether packets of a protocol are counted. From everywhere.
 *
 * @param protocol THREADX_DEFENDER_TCP, _UDP or _ICMP.
 * @param enabled 1 or 0.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for any other value.
 */
UINT threadx_defender_protocol_set(UINT protocol, UINT enabled);

/**
 * Set whether incoming multicast and broadcast packets are left out. From everywhere.
 *
 * @param enabled 1 or 0.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for any other value.
 */
UINT threadx_defender_unicast_only_set(UINT enabled);

/**
 * Set where random bytes come from, for the ids of events and for what keeps the flow table from being aimed at. It holds at once, for the
 * agent that runs, too. From everywhere.
 *
 * @param entropy Fills the bytes and returns 0, or returns anything else as long as there are none. It is called on threads, and stays
 *        where it is. Null: the default, which is the operating system's, or NX_RAND of nx_user.h without one.
 * @return NX_AZURE_IOT_SUCCESS.
 */
UINT threadx_defender_entropy_set(UINT (*entropy)(UCHAR *bytes, UINT length));

/**
 * Set where the Unix time comes from. It holds at once, for the agent that runs, too. From everywhere.
 *
 * @param unix_time Stores the seconds since 1970 and returns 0, or returns anything else as long as the device does not know the time. It
 *        is called on threads, and stays where it is. Null: the default, which is the middleware's own function.
 * @return NX_AZURE_IOT_SUCCESS.
 */
UINT threadx_defender_unix_time_set(UINT (*unix_time)(ULONG *unix_time));

/**
 * Get the version of the library, to be compared with that of the header. From everywhere.
 *
 * @return As THREADX_DEFENDER_VERSION.
 */
UINT threadx_defender_version(void);

/**
 * Get what the agent is doing. From everywhere.
 *
 * @param state Where to: one of THREADX_DEFENDER_STATE_*. Later versions may have more.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null.
 */
UINT threadx_defender_state_get(UINT *state);

/**
 * Get what the agent has counted since it was enabled. From everywhere.
 *
 * @param statistics Where to; its size says how much.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null, or a size that no version has; NX_AZURE_IOT_NOT_ENABLED when no
 *         agent is enabled.
 */
UINT threadx_defender_statistics_get(THREADX_DEFENDER_STATISTICS *statistics);

/**
 * Get the sizes with which the library was built. From everywhere.
 *
 * @param storage Where to; its size says how much.
 * @return NX_AZURE_IOT_SUCCESS; NX_AZURE_IOT_INVALID_PARAMETER for null, or a size that no version has.
 */
UINT threadx_defender_storage_get(THREADX_DEFENDER_STORAGE *storage);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* THREADX_DEFENDER_H */
