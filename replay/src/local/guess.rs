//! Which host a capture was taken at.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
    net::IpAddr,
};

use super::survey::Host;

/// A hardware address with more addresses behind it is a router's.
const MOST_OF_ONE: usize = 8;

/// The addresses of the device, at most one of a version: first that by which it is known best.
///
/// A capture at a device's interface has the device in nearly every packet, and so has its only peer, or its router. Among those
/// that take part in about as many as the busiest one, the rest decides.
pub fn device(
    hosts: &[(IpAddr, &Host)],
    neighbours: &BTreeMap<[u8; 6], Vec<IpAddr>>,
) -> Vec<IpAddr> {
    let Some(most) = hosts.iter().map(|(_, host)| host.packets()).max() else {
        return Vec::new();
    };
    let any_private = hosts.iter().any(|(address, _)| is_private(*address));
    let candidates = hosts.iter().filter(|(_, host)| {
        // What the link says is worth more than numbers.
        host.sent_here > host.received_here || host.packets() * 10 >= most * 9
    });
    let score = |address: IpAddr, host: &Host| {
        let known = host.sent_here > host.received_here;
        let is_remote = host.received_here > host.sent_here;
        // Most of its packets came over no router.
        let is_near = host.sent > 0 && host.sent_whole * 2 > host.sent;
        let is_alone = host.hardware.len() == 1
            && host
                .hardware
                .iter()
                .all(|hardware| neighbours[hardware].len() <= MOST_OF_ONE);
        let is_inside = any_private && is_private(address);
        8 * i32::from(known) - 8 * i32::from(is_remote)
            + 4 * i32::from(host.is_configured)
            + 3 * i32::from(is_near)
            + 2 * i32::from(is_alone)
            + 2 * i32::from(is_inside)
            + 2 * i32::from(host.opens > host.opened)
            + i32::from(host.asks > 0)
    };
    let Some((first, host)) = candidates.max_by_key(|(address, host)| {
        // IPv4 before IPv6, and the lowest of equals, so that the answer is always the same.
        (
            score(*address, host),
            host.packets(),
            address.is_ipv4(),
            Reverse(*address),
        )
    }) else {
        return Vec::new();
    };
    let mut device = vec![*first];
    device.extend(other(*first, host, hosts, neighbours));
    device
}

/// The address of the other IP version that the device with this one has, too: one of its network card, or where cards are not
/// known, the one that takes part in most packets. Link-local ones, by which little more than neighbours is asked for, come last.
fn other(
    first: IpAddr,
    host: &Host,
    hosts: &[(IpAddr, &Host)],
    neighbours: &BTreeMap<[u8; 6], Vec<IpAddr>>,
) -> Option<IpAddr> {
    let by_card: HashSet<_> = host
        .hardware
        .iter()
        .flat_map(|hardware| &neighbours[hardware])
        .collect();
    if by_card.len() > MOST_OF_ONE {
        return None;
    }
    let is_other = |(address, other): &&(IpAddr, &Host)| {
        address.is_ipv4() != first.is_ipv4()
            && (by_card.is_empty() || by_card.contains(address))
            && other.sent_here >= other.received_here
    };
    let is_link_local =
        |address: IpAddr| matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
    let others = hosts.iter().filter(is_other);
    let best = others
        .min_by_key(|(address, host)| (is_link_local(*address), Reverse(host.packets()), *address));
    best.map(|(address, _)| *address)
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private() || address.is_link_local() || address.is_loopback()
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}
