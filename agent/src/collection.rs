//! From what is due to the events of one message, or of several.

use defender_message::encode::{Encoder, Vtables, size};
use defender_message::flow::{EventStamp, Header, SystemInformation};

use super::flow::{Cursor, Flow, FlowSource};
use super::schedule::Schedule;
use super::settings::{Collector, Settings};
use super::{Entropy, EntropyUnavailable, Environment, MAX_SYSTEM_INFORMATION, VERSION};

/// The encoder, which remembers in static storage what it has described.
pub(super) type MessageEncoder<'a> = Encoder<'a, &'a mut Vtables>;

/// What a message says about its sender.
pub(super) fn header(settings: &Settings) -> Header<'_> {
    Header {
        security_module_id: settings.security_module_id(),
        security_module_version: VERSION,
        timezone: 0,
    }
}

/// What was due at one moment and is not in a message yet. All zeros: nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Collection {
    /// There is something.
    is_open: bool,
    /// Network activity says since when it has been counted, although it is due for the first time.
    late: bool,
    /// Since when each collector is due, by the agent's clock; `None` when it is not, or is in a message.
    due_since: [Option<u32>; Collector::COUNT],
    /// How far network activity has come.
    cursor: Cursor,
    /// Since when network activity has been counted, by the agent's clock.
    covered_since: u32,
}

/// What became of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Built {
    /// Bytes of the message; 0 when nothing was to be said.
    pub length: usize,
    /// Nothing is left for a further message.
    pub complete: bool,
}

impl Collection {
    /// Nothing.
    pub const fn none() -> Self {
        Self {
            is_open: false,
            late: false,
            due_since: [None; Collector::COUNT],
            cursor: Cursor::START,
            covered_since: 0,
        }
    }

    /// Whether something is not in a message yet.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Takes over what is due. Network activity has been counted since `covered_since`, longer than planned if that is `late`.
    pub fn open(&mut self, schedule: &mut Schedule, covered_since: u32, late: bool) {
        self.is_open = true;
        self.late = late;
        self.covered_since = covered_since;
        self.cursor = Cursor::START;
        for (due_since, collector) in self.due_since.iter_mut().zip(&Collector::ALL) {
            *due_since = schedule.take_due(*collector);
        }
    }

    /// Everything is in messages.
    pub fn close(&mut self) {
        self.is_open = false;
    }

    /// Whether network activity is in it, and none of it is in a message.
    pub fn begins_network(&self) -> bool {
        self.cursor == Cursor::START
            && self.due_since[Collector::NetworkActivity as usize].is_some()
    }

    /// Builds a message of as much as fits, at `now` by the agent's clock and the Unix time `time`. Adds the number of its flows to
    /// `reported`.
    ///
    /// # Errors
    /// Without random bytes for the id of the first event; then nothing has been taken from the flow table.
    pub fn build<F: FlowSource, E: Entropy>(
        &mut self,
        mut encoder: MessageEncoder<'_>,
        now: u32,
        time: u32,
        environment: &mut Environment<'_, F, E>,
        reported: &mut u64,
    ) -> Result<Built, EntropyUnavailable> {
        let mut built = Built {
            length: 0,
            complete: true,
        };
        while let Some((collector, due_since)) = self.first_due(environment.settings) {
            let configured = environment.settings.collector_seconds(collector);
            let mut stamp = EventStamp {
                id: [0; 16],
                time,
                collection_interval: configured,
            };
            if let Err(error) = environment.entropy.fill(&mut stamp.id) {
                if encoder.is_empty() {
                    return Err(error);
                }
                // What there is goes now, and the rest when there are random bytes again.
                built.complete = false;
                break;
            }
            make_uuid(&mut stamp.id);
            let is_whole = match collector {
                Collector::NetworkActivity => {
                    if self.late || now != due_since {
                        let covered = now.wrapping_sub(self.covered_since);
                        stamp.collection_interval = configured.max(covered);
                    }
                    add_flows(
                        &mut encoder,
                        &stamp,
                        environment,
                        &mut self.cursor,
                        reported,
                    )
                }
                Collector::SystemInformation => {
                    add_system_information(&mut encoder, &stamp, environment.system)
                }
                Collector::Heartbeat => encoder.heartbeat(&stamp).is_ok(),
            };
            if !is_whole {
                built.complete = false;
                break;
            }
            self.due_since[collector as usize] = None;
        }
        if !encoder.is_empty() {
            built.length = encoder.complete();
        }
        Ok(built)
    }

    /// The collector to report next, of those that are due, and since when it has been.
    fn first_due(&self, settings: &Settings) -> Option<(Collector, u32)> {
        let mut first = None;
        let mut highest = None;
        for (due_since, collector) in self.due_since.iter().zip(Collector::ALL) {
            let priority = settings.collector_priority(collector);
            if let Some(due_since) = *due_since
                && highest.is_none_or(|highest| priority < highest)
            {
                highest = Some(priority);
                first = Some((collector, due_since));
            }
        }
        first
    }
}

/// Adds an event with the flows behind `cursor`, and their number to `taken`; without any in the whole table there is no event,
/// unless the settings want an empty one. False when some may be left in the table.
#[inline(never)]
fn add_flows<F: FlowSource, E>(
    encoder: &mut MessageEncoder<'_>,
    stamp: &EventStamp,
    environment: &mut Environment<'_, F, E>,
    cursor: &mut Cursor,
    taken: &mut u64,
) -> bool {
    let Environment {
        flows, settings, ..
    } = environment;
    let or_empty = *cursor == Cursor::START && settings.send_empty_events();
    // A flow is taken out of the table only when there is room for any flow.
    let needed = size::MAX_EMPTY_EVENT + size::MAX_FLOW_V6.max(size::MAX_FLOW_V4);
    if encoder.free() < needed {
        return false;
    }
    let mut flow = Flow::NONE;
    let mut is_there = flows.take_into(cursor, &mut flow);
    if !is_there && !or_empty {
        return true;
    }
    let Ok(mut event) = encoder.network_activity(stamp) else {
        return false;
    };
    while is_there {
        event.push_known(&flow);
        *taken += 1;
        if event.free() < needed - size::MAX_EMPTY_EVENT {
            return false;
        }
        is_there = flows.take_into(cursor, &mut flow);
    }
    true
}

/// Adds an event with the texts that are short enough to fit any message. False when it does not fit this one.
#[inline(never)]
fn add_system_information(
    encoder: &mut MessageEncoder<'_>,
    stamp: &EventStamp,
    system: &SystemInformation<'_>,
) -> bool {
    let mut system = *system;
    for text in [
        &mut system.os_info,
        &mut system.kernel_info,
        &mut system.hw_info,
    ] {
        if text.len() > MAX_SYSTEM_INFORMATION {
            *text = "";
        }
    }
    encoder.system_information(stamp, &system).is_ok()
}

/// Marks random bytes as a UUID of version 4 (RFC 9562).
fn make_uuid(bytes: &mut [u8; 16]) {
    bytes[6] = (bytes[6] & 0x0F) | 0x40;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
}
