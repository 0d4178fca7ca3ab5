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

/// Everything that looks at flows, in the order in which it reports.
const TABLE: [fn(&mut Look<'_>); 12] = [
    port_scan::look,
    host_scan::look,
    address_sweep::look,
    password_guessing::look,
    scanned_by_peer::look,
    dns_tunnel::look,
    icmp_tunnel::look,
    flood::look,
    flow_table_overflow::look,
    suspicious_address::look,
    disallowed_peer::look,
    active_connections::look,
];

/// Looks at one event's flows with everything that there is.
pub(crate) fn look(look: &mut Look<'_>) {
    look.take_back_what_answered();
    for attack in TABLE {
        attack(look);
    }
}
