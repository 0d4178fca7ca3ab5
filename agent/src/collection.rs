//! From what is due to the events of one message, or of several.

use defender_message::encode::{Encoder, Full, size};
use defender_message::flow::{EventStamp, Header, SystemInformation};

use super::flow::{Cursor, Flow, FlowSource};
use super::schedule::Schedule;
use super::settings::{Collector, Settings};
use super::{Entropy, EntropyUnavailable, Environment, MAX_SYSTEM_INFORMATION, VERSION};

/// What was due at one moment and is not in a message yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Collection {
    /// In the order of the message: by priority group.
    parts: [Part; Collector::COUNT],
    /// How far network activity has come.
    cursor: Cursor,
    /// Since when network activity has been counted, in seconds of uptime.
    covered_since: u64,
    /// It says so although it is due for the first time.
    late: bool,
}

#[derive(Clone, Copy, Debug)]
struct Part {
    collector: Collector,
    /// Since when it is due, in seconds of uptime; `None` when it is not, or is in a message.
    due_since: Option<u64>,
}

/// What became of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Built {
    /// Bytes of the message; 0 when nothing was to be said.
    pub length: usize,
    /// Flows in it.
    pub flows: u64,
    /// Nothing is left for a further message.
    pub complete: bool,
}

impl Collection {
    /// Takes over what is due. Network activity has been counted since `covered_since`, longer than planned if that is `late`.
    pub fn of(
        schedule: &mut Schedule,
        settings: &Settings,
        covered_since: u64,
        late: bool,
    ) -> Self {
        let mut order = Collector::ALL;
        order
            .sort_unstable_by_key(|&collector| (settings.collector_priority(collector), collector));
        let parts = order.map(|collector| Part {
            collector,
            due_since: schedule.take_due(collector),
        });
        Self {
            parts,
            cursor: Cursor::START,
            covered_since,
            late,
        }
    }

    /// Whether network activity is in it, and none of it is in a message.
    pub fn begins_network(&self) -> bool {
        self.cursor == Cursor::START
            && self.parts.iter().any(|part| {
                part.collector == Collector::NetworkActivity && part.due_since.is_some()
            })
    }

    /// Builds a message of as much as fits into `buffer`, at `uptime` and the Unix time `time`.
    ///
    /// # Errors
    /// Without random bytes for the ids of the events; then nothing has been taken from the flow table.
    pub fn build<F: FlowSource, E: Entropy>(
        &mut self,
        buffer: &mut [u8],
        uptime: u64,
        time: u32,
        environment: &mut Environment<'_, F, E>,
    ) -> Result<Built, EntropyUnavailable> {
        let settings = environment.settings;
        let mut ids = [[0; 16]; Collector::COUNT];
        for (id, part) in ids.iter_mut().zip(&self.parts) {
            if part.due_since.is_some() {
                environment.entropy.fill(id)?;
                make_uuid(id);
            }
        }
        let mut built = Built {
            length: 0,
            flows: 0,
            complete: true,
        };
        let header = Header {
            security_module_id: settings.security_module_id(),
            security_module_version: VERSION,
            timezone: 0,
        };
        // `Agent::BUFFER_SUFFICES` rules the error out.
        let Ok(mut encoder) = Encoder::new(buffer, &header) else {
            return Ok(built);
        };
        for (part, id) in self.parts.iter_mut().zip(ids) {
            let Some(due_since) = part.due_since else {
                continue;
            };
            let configured = settings.interval_seconds(settings.collector_priority(part.collector));
            let mut stamp = EventStamp {
                id,
                time,
                collection_interval: configured,
            };
            let added = match part.collector {
                Collector::NetworkActivity => {
                    if self.late || uptime > due_since {
                        let covered = uptime.saturating_sub(self.covered_since);
                        let covered = u32::try_from(covered).unwrap_or(u32::MAX);
                        stamp.collection_interval = configured.max(covered);
                    }
                    let first = self.cursor == Cursor::START;
                    let or_empty = first && settings.send_empty_events();
                    let flows = &mut *environment.flows;
                    let taken = &mut built.flows;
                    add_flows(
                        &mut encoder,
                        &stamp,
                        flows,
                        &mut self.cursor,
                        or_empty,
                        taken,
                    )
                }
                Collector::SystemInformation => {
                    encoder.system_information(&stamp, &within_limits(&environment.system))
                }
                Collector::Heartbeat => encoder.heartbeat(&stamp),
            };
            if added.is_err() {
                built.complete = false;
                break;
            }
            part.due_since = None;
        }
        if !encoder.is_empty() {
            built.length = encoder.finish();
        }
        Ok(built)
    }
}

/// Adds an event with the flows behind `cursor`, and their number to `taken`; without any there is no event, unless
/// `or_empty`. [`Full`] when some may be left in the table.
fn add_flows(
    encoder: &mut Encoder<'_>,
    stamp: &EventStamp,
    flows: &mut impl FlowSource,
    cursor: &mut Cursor,
    or_empty: bool,
    taken: &mut u64,
) -> Result<(), Full> {
    // A flow is taken out of the table only when there is room for any flow.
    let needed = size::MAX_EMPTY_EVENT + size::MAX_FLOW_V6.max(size::MAX_FLOW_V4);
    if encoder.free() < needed {
        return Err(Full {
            needed: encoder.len() + needed,
            available: encoder.len() + encoder.free(),
        });
    }
    let mut next = flows.take(cursor);
    if next.is_none() && !or_empty {
        return Ok(());
    }
    let mut event = encoder.network_activity(stamp)?;
    while let Some(flow) = next {
        match flow {
            Flow::V4(flow) => event.push_v4(&flow)?,
            Flow::V6(flow) => event.push_v6(&flow)?,
        }
        *taken += 1;
        if !(event.has_room_for_v4() && event.has_room_for_v6()) {
            return Err(Full {
                needed: event.message_len() + size::MAX_FLOW_V6,
                available: event.message_len() + event.free(),
            });
        }
        next = flows.take(cursor);
    }
    Ok(())
}

/// The texts that are short enough to fit any message.
fn within_limits<'a>(system: &SystemInformation<'a>) -> SystemInformation<'a> {
    let limit = |text: &'a str| {
        if text.len() <= MAX_SYSTEM_INFORMATION {
            text
        } else {
            ""
        }
    };
    SystemInformation {
        os_info: limit(system.os_info),
        kernel_info: limit(system.kernel_info),
        hw_info: limit(system.hw_info),
    }
}

/// Marks random bytes as a UUID of version 4 (RFC 9562).
fn make_uuid(bytes: &mut [u8; 16]) {
    bytes[6] = (bytes[6] & 0x0F) | 0x40;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
}
