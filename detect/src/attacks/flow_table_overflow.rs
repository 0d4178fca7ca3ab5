//! The agent's flow table overflowed, and not just by a few packets: something has more peers than it should.

use super::Look;
use crate::alert::{Finding, Kind, Service, Side};
use crate::policy::Subject;
use crate::roles::{PeerKind, Traffic};

pub(super) fn look(look: &mut Look<'_>) {
    let excepted = look.policy.excepts(&Subject {
        kind: Kind::FlowTableOverflow,
        device: look.device,
        group: look.group,
        peer: None,
        port: None,
        time: look.received,
    });
    if excepted {
        return;
    }
    for is_ipv6 in [false, true] {
        let version = look
            .flows
            .iter()
            .filter(|traffic| traffic.flow.local_address.is_ipv6() == is_ipv6);
        let (mut aggregates, flows): (Vec<&Traffic<'_>>, Vec<&Traffic<'_>>) =
            version.partition(|traffic| is_aggregate(traffic));
        aggregates.sort_by_key(|traffic| core::cmp::Reverse(bytes(traffic.flow)));
        let Some(largest) = aggregates.first() else {
            continue;
        };
        let lost = aggregates
            .iter()
            .map(|traffic| bytes(traffic.flow))
            .sum::<u64>();
        let packet = u64::from(look.policy.config.flow_table_overflow.bytes_per_packet);
        let beside = flows.len() as u64;
        if lost > 0 && lost / packet >= beside {
            look.findings.push(
                Finding::new(Kind::FlowTableOverflow)
                    .counted(lost, beside, look.span.interval)
                    .with_service(Some(Service {
                        protocol: largest.flow.protocol,
                        port: 0,
                        at: Side::Peer,
                    }))
                    .with_evidence(aggregates.iter().map(|traffic| *traffic.flow)),
            );
        }
    }
}

fn is_aggregate(traffic: &Traffic<'_>) -> bool {
    traffic.peer == PeerKind::Aggregate
}

fn bytes(flow: &defender_message::flow::Flow<core::net::IpAddr>) -> u64 {
    u64::from(flow.bytes_in) + u64::from(flow.bytes_out)
}
