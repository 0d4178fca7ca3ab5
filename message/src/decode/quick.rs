//! The quick way from bytes to the owned message: for what devices send, a few times as fast as verifying all and reading then.
//!
//! It is no second opinion. Whatever it does not know, or finds wrong, it leaves to the way that verifies, which says what that is; so it
//! needs no errors. And what it reads, that way would read alike.

use super::{Event, EventId, Payload, SecurityMessage};
use crate::flow::{Flow, Protocol};
use core::net::IpAddr;

/// What a table adds at most to the sum of all parts, beside its vtable: its fields, and what leads to them.
const TABLE: usize = 96;

/// The message, if it is one of the usual kind.
pub(super) fn decode(bytes: &[u8], most: Limits) -> Option<SecurityMessage> {
    let mut reader = Reader { bytes, left: most };
    let root = reader.reference(0)?;
    let message = reader.table(root)?;
    let id = reader.text(message.field(0)?)?.to_owned();
    let events = reader.vector(message.field(3)?)?;
    Some(SecurityMessage {
        security_module_id: id,
        security_module_version: reader.number(message.field(1))?,
        timezone: i8::from_le_bytes([reader.byte(message.field(2))?]),
        events: events
            .map(|at| {
                let at = reader.reference(at)?;
                reader.event(at)
            })
            .collect::<Option<_>>()?,
    })
}

/// How much may be read, so that a message cannot refer to its parts again and again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub tables: usize,
    /// Bytes of all parts, each counted as often as it is referred to.
    pub size: usize,
}

struct Reader<'a> {
    bytes: &'a [u8],
    left: Limits,
}

/// A table, and where its fields are.
#[derive(Clone, Copy)]
struct Table<'a> {
    at: usize,
    vtable: &'a [u8],
}

impl Table<'_> {
    /// Where a field is, if it is there.
    #[inline(always)]
    fn field(&self, id: usize) -> Option<usize> {
        let slot = 4 + 2 * id;
        let offset = self.vtable.get(slot..slot + 2)?;
        match u16::from_le_bytes([offset[0], offset[1]]) {
            0 => None,
            offset => Some(self.at + usize::from(offset)),
        }
    }
}

impl<'a> Reader<'a> {
    fn event(&mut self, at: usize) -> Option<Event> {
        let event = self.table(at)?;
        let payload = self.reference(event.field(4)?)?;
        Some(Event {
            id: EventId(self.array(event.field(0)?)?),
            time: self.number(event.field(1))?,
            collection_interval: self.number(event.field(2))?,
            payload: match self.byte(event.field(3))? {
                1 => self.activity(payload)?,
                2 => self.information(payload)?,
                4 => {
                    self.table(payload)?;
                    Payload::Heartbeat
                }
                _ => return None,
            },
        })
    }

    fn activity(&mut self, at: usize) -> Option<Payload> {
        let activity = self.table(at)?;
        let mut flows = Vec::new();
        for id in [0, 1] {
            let Some(field) = activity.field(id) else {
                continue;
            };
            let tables = self.vector(field)?;
            flows.reserve(tables.len());
            for at in tables {
                let flow = self.table(self.reference(at)?)?;
                let addresses = flow.field(0)?;
                let (local, remote) = match id {
                    0 => (
                        IpAddr::from(self.array::<4>(addresses)?),
                        IpAddr::from(self.array::<4>(addresses + 4)?),
                    ),
                    _ => (
                        IpAddr::from(self.array::<16>(addresses)?),
                        IpAddr::from(self.array::<16>(addresses + 16)?),
                    ),
                };
                let common = self.reference(flow.field(1)?)?;
                flows.push(self.flow(common, local, remote)?);
            }
        }
        Some(Payload::NetworkActivity { flows })
    }

    fn flow(&mut self, at: usize, local: IpAddr, remote: IpAddr) -> Option<Flow<IpAddr>> {
        let common = self.table(at)?;
        // What other platforms say about the process.
        if (5..9).any(|id| common.field(id).is_some()) {
            return None;
        }
        Some(Flow {
            protocol: match self.byte(common.field(4))? {
                0 => Protocol::Tcp,
                1 => Protocol::Udp,
                2 => Protocol::Icmp,
                _ => return None,
            },
            local_address: local,
            local_port: self.port(common.field(0))?,
            remote_address: remote,
            remote_port: self.port(common.field(1))?,
            bytes_in: self.number(common.field(2))?,
            bytes_out: self.number(common.field(3))?,
        })
    }

    fn information(&mut self, at: usize) -> Option<Payload> {
        let information = self.table(at)?;
        let mut text = |id| match information.field(id) {
            Some(field) => self.text(field).map(str::to_owned),
            None => Some(String::new()),
        };
        Some(Payload::SystemInformation {
            os_info: text(0)?,
            kernel_info: text(1)?,
            hw_info: text(2)?,
        })
    }

    #[inline(always)]
    fn table(&mut self, at: usize) -> Option<Table<'a>> {
        let back = i64::from(i32::from_le_bytes(self.aligned(at)?));
        let vtable = usize::try_from(i64::try_from(at).ok()? - back).ok()?;
        let length = usize::from(u16::from_le_bytes(self.aligned(vtable)?));
        if length % 2 != 0 {
            return None;
        }
        self.left.tables = self.left.tables.checked_sub(1)?;
        self.spend(TABLE + length)?;
        let vtable = self.bytes.get(vtable..vtable.checked_add(length)?)?;
        Some(Table { at, vtable })
    }

    /// Where the elements of the vector of references are that a field refers to.
    fn vector(&mut self, field: usize) -> Option<impl ExactSizeIterator<Item = usize> + use<>> {
        let at = self.reference(field)?;
        let length = usize::try_from(u32::from_le_bytes(self.aligned(at)?)).ok()?;
        let size = length.checked_mul(4)?;
        self.spend(size.checked_add(4)?)?;
        let start = at + 4;
        self.bytes.get(start..start.checked_add(size)?)?;
        Some((0..length).map(move |index| start + 4 * index))
    }

    fn text(&mut self, field: usize) -> Option<&'a str> {
        let at = self.reference(field)?;
        let length = usize::try_from(u32::from_le_bytes(self.aligned(at)?)).ok()?;
        self.spend(length.checked_add(4)?)?;
        let start = at + 4;
        let end = start.checked_add(length)?;
        let text = core::str::from_utf8(self.bytes.get(start..end)?).ok()?;
        (self.bytes.get(end) == Some(&0)).then_some(text)
    }

    /// Where the reference at `at` leads.
    #[inline(always)]
    fn reference(&self, at: usize) -> Option<usize> {
        let offset = u32::from_le_bytes(self.aligned(at)?);
        at.checked_add(usize::try_from(offset).ok()?)
    }

    /// A number; 0 when its field is not there.
    #[inline(always)]
    fn number(&self, field: Option<usize>) -> Option<u32> {
        field.map_or(Some(0), |at| Some(u32::from_le_bytes(self.aligned(at)?)))
    }

    #[inline(always)]
    fn port(&self, field: Option<usize>) -> Option<u16> {
        field.map_or(Some(0), |at| Some(u16::from_le_bytes(self.aligned(at)?)))
    }

    #[inline(always)]
    fn byte(&self, field: Option<usize>) -> Option<u8> {
        field.map_or(Some(0), |at| self.bytes.get(at).copied())
    }

    #[inline(always)]
    fn aligned<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        match at % N {
            0 => self.array(at),
            _ => None,
        }
    }

    #[inline(always)]
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    #[inline(always)]
    fn spend(&mut self, size: usize) -> Option<()> {
        self.left.size = self.left.size.checked_sub(size)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire;
    use super::*;
    use crate::decode::Payload;
    use proptest::prelude::*;

    fn message() -> impl Strategy<Value = SecurityMessage> {
        let address = || prop_oneof![Just([0_u8; 16]), any::<[u8; 16]>()];
        let number = || prop_oneof![Just(0), Just(u32::MAX), any::<u32>()];
        let flow = (
            any::<bool>(),
            0..3_usize,
            address(),
            address(),
            number(),
            number(),
            number(),
        )
            .prop_map(
                |(v4, protocol, local, remote, ports, bytes_in, bytes_out)| {
                    let address = |bytes: [u8; 16]| match v4 {
                        true => IpAddr::from([bytes[0], bytes[1], bytes[2], bytes[3]]),
                        false => IpAddr::from(bytes),
                    };
                    Flow {
                        protocol: [Protocol::Tcp, Protocol::Udp, Protocol::Icmp][protocol],
                        local_address: address(local),
                        local_port: ports as u16,
                        remote_address: address(remote),
                        remote_port: (ports >> 16) as u16,
                        bytes_in,
                        bytes_out,
                    }
                },
            );
        let payload = prop_oneof![
            prop::collection::vec(flow, 0..8).prop_map(|flows| Payload::NetworkActivity { flows }),
            Just(Payload::Heartbeat),
            ("[a-z]{0,4}", "ü{0,2}").prop_map(|(os_info, hw_info)| Payload::SystemInformation {
                os_info,
                kernel_info: String::new(),
                hw_info,
            }),
        ];
        let event = (any::<[u8; 16]>(), number(), number(), payload).prop_map(
            |(id, time, collection_interval, payload)| Event {
                id: EventId(id),
                time,
                collection_interval,
                payload,
            },
        );
        (
            "[a-z]{0,9}",
            any::<u32>(),
            any::<i8>(),
            prop::collection::vec(event, 0..4),
        )
            .prop_map(|(id, version, timezone, events)| SecurityMessage {
                timezone,
                events,
                ..SecurityMessage::new(id, version)
            })
    }

    fn quick(bytes: &[u8]) -> Option<SecurityMessage> {
        decode(bytes, wire::limits(bytes))
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: if cfg!(miri) { 4 } else { 512 },
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn what_devices_send_is_read_the_quick_way(message in message()) {
            let bytes = message.to_bytes().unwrap();
            prop_assert_eq!(quick(&bytes).map(Ok), Some(wire::thorough(&bytes)));
        }

        #[test]
        fn whatever_is_read_the_quick_way_is_read_alike_by_the_way_that_verifies(
            message in message(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            end in any::<prop::sample::Index>(),
        ) {
            let mut bytes = message.to_bytes().unwrap();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            for bytes in [&bytes[..], &bytes[..end.index(bytes.len())]] {
                if let Some(message) = quick(bytes) {
                    prop_assert_eq!(Ok(message), wire::thorough(bytes));
                }
            }
        }
    }

    #[test]
    fn every_byte_of_a_message_may_be_any_other() {
        let mut message = SecurityMessage::new("module", 7);
        let flow = |address: IpAddr| Flow {
            protocol: Protocol::Udp,
            local_address: address,
            local_port: 1,
            remote_address: address,
            remote_port: 2,
            bytes_in: 3,
            bytes_out: 4,
        };
        let flows = vec![
            flow(IpAddr::from([10, 0, 0, 1])),
            flow(IpAddr::from([7; 16])),
        ];
        message.events.push(Event {
            id: EventId([9; 16]),
            time: 5,
            collection_interval: 6,
            payload: Payload::NetworkActivity { flows },
        });
        let mut bytes = message.to_bytes().unwrap();
        let step = if cfg!(miri) { 97 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            let right = bytes[at];
            for byte in (0..=u8::MAX).step_by(step) {
                bytes[at] = byte;
                if let Some(message) = quick(&bytes) {
                    assert_eq!(Ok(message), wire::thorough(&bytes), "byte {at} is {byte}");
                }
            }
            bytes[at] = right;
        }
    }
}
