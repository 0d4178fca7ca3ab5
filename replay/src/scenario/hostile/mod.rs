//! Traffic of devices that are attacked or that attack. Each begins with some normal time, and goes on behaving normally beside.

pub(super) mod address_sweep;
pub(super) mod beacon;
pub(super) mod exfiltration;
pub(super) mod floods;
pub(super) mod guessing;
pub(super) mod mining_pool;
pub(super) mod new_peer;
pub(super) mod scans;
pub(super) mod telnet_bot;
pub(super) mod tunnels;
