//! Attacks: a file each, and a line in the table.
//!
//! Each looks at the flows of one event, classified, and at what the device's windows remember, and reports findings. Whether anybody is
//! told is not its business. A rule or a list that looks at flows does the same, and has a line here, too.

mod active_connections;
mod address_sweep;
mod disallowed_peer;
mod dns_tunnel;
mod flood;
mod flow_table_overflow;
mod host_scan;
mod icmp_tunnel;
mod look;
mod password_guessing;
mod port_scan;
mod scanned_by_peer;
mod suspicious_address;

pub(crate) use self::look::Look;
use crate::roles::Facts;

/// What looks at flows.
type Attack = fn(&mut Look<'_>);

/// Everything that does, in the order in which it reports, and the facts of which it needs one.
const TABLE: [(Facts, Attack); 13] = [
    (Facts::TRIED, port_scan::look),
    (Facts::TRIED, host_scan::look),
    (
        Facts::PING_IN_VAIN.with(Facts::AGGREGATE),
        address_sweep::look,
    ),
    (Facts::SESSION, password_guessing::look),
    (Facts::WAS_TRIED, scanned_by_peer::look),
    (Facts::NAMES, dns_tunnel::look),
    (Facts::ICMP, icmp_tunnel::look),
    (Facts::FAILED, flood::connections),
    (Facts::ONE_WAY, flood::datagrams),
    (Facts::AGGREGATE, flow_table_overflow::look),
    (Facts::HOST, suspicious_address::look),
    (Facts::HOST, disallowed_peer::look),
    (Facts::ALWAYS, active_connections::look),
];

/// Looks at one event's flows with everything that there is.
pub(crate) fn look(look: &mut Look<'_>) {
    if look.facts.has(Facts::ANSWERS) && !look.distinct.is_empty() {
        look.take_back_what_answered();
    }
    for (needed, attack) in TABLE {
        if look.facts.has(needed) {
            attack(look);
        }
    }
}
