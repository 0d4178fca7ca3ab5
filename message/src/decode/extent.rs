//! Where a message ends: nothing in its bytes says so, but the parts that it refers to do.

use super::message_generated::azure_io_tsecurity as wire;
use flatbuffers::{Follow, Table, Vector};

/// How far a verified message reaches.
pub(super) struct Extent<'a> {
    buffer: &'a [u8],
    /// The end of its last part that is known.
    pub end: usize,
    /// Whether all its parts are known. What a newer schema has may lie behind the end.
    pub is_exact: bool,
}

impl<'a> Extent<'a> {
    pub fn of(message: wire::Message<'a>) -> Self {
        let mut extent = Self {
            buffer: message._tab.buf(),
            end: 0,
            is_exact: true,
        };
        extent.table(message._tab, 4);
        extent.text(Some(message.security_module_id()));
        extent.vector(message.events());
        for event in message.events() {
            // The payload counts twice: its kind, and where it is.
            extent.table(event._tab, 5);
            extent.payload(&event);
        }
        extent
    }

    fn payload(&mut self, event: &wire::Event<'a>) {
        if let Some(activity) = event.payload_as_network_activity() {
            self.table(activity._tab, 2);
            if let Some(flows) = activity.ipv4_activity() {
                self.vector(flows);
                for flow in flows {
                    self.table(flow._tab, 2);
                    self.flow(flow.common());
                }
            }
            if let Some(flows) = activity.ipv6_activity() {
                self.vector(flows);
                for flow in flows {
                    self.table(flow._tab, 2);
                    self.flow(flow.common());
                }
            }
        } else if let Some(information) = event.payload_as_system_information() {
            self.table(information._tab, 3);
            self.text(information.os_info());
            self.text(information.kernel_info());
            self.text(information.hw_info());
        } else if let Some(heartbeat) = event.payload_as_heartbeat() {
            self.table(heartbeat._tab, 0);
        } else {
            self.is_exact = false;
        }
    }

    fn flow(&mut self, common: wire::NetworkActivityCommon<'a>) {
        self.table(common._tab, 9);
        self.text(common.executable());
        self.text(common.commandline());
    }

    /// A table of which so many fields are known.
    fn table(&mut self, table: Table<'a>, fields: usize) {
        let vtable = table.vtable();
        self.is_exact &= vtable.num_fields() <= fields;
        self.reach(table.loc() + vtable.object_inline_num_bytes());
        self.part(vtable.as_bytes());
    }

    fn vector<T: Follow<'a>>(&mut self, vector: Vector<'a, T>) {
        self.part(vector.bytes());
    }

    fn text(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.part(text.as_bytes());
            // The zero behind it.
            self.reach(self.offset(text.as_bytes()) + text.len() + 1);
        }
    }

    fn part(&mut self, part: &[u8]) {
        self.reach(self.offset(part) + part.len());
    }

    /// Where in the buffer a part of it begins.
    fn offset(&self, part: &[u8]) -> usize {
        (part.as_ptr().addr()).saturating_sub(self.buffer.as_ptr().addr())
    }

    fn reach(&mut self, end: usize) {
        // Sizes that a table claims are not verified.
        self.end = self.end.max(end.min(self.buffer.len()));
    }
}
