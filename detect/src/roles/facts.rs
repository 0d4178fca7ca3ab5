//! What flows can be counted as. By what a report's flows have together, an attack sees at once whether there is anything for it.

use core::net::IpAddr;

use defender_message::flow::Protocol;

use super::Traffic;
use crate::alert::Side;

const DNS: u16 = 53;

/// A set of such things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts(u16);

impl Facts {
    pub const NONE: Self = Self(0);
    /// What every report has, also one without flows.
    pub const ALWAYS: Self = Self(1 << 15);
    /// What every flow with a host has.
    pub const HOST: Self = Self(1 << 14);

    /// The device tried a port of a host in vain.
    pub const TRIED: Self = Self(1);
    /// A host tried a port of the device in vain.
    pub const WAS_TRIED: Self = Self(1 << 1);
    /// The device opened a TCP connection that failed.
    pub const FAILED: Self = Self(1 << 2);
    /// A TCP connection with a service that did not fail.
    pub const SESSION: Self = Self(1 << 3);
    /// UDP with a host that sent nothing back.
    pub const ONE_WAY: Self = Self(1 << 4);
    /// Questions to a name server.
    pub const NAMES: Self = Self(1 << 5);
    /// ICMP with a host.
    pub const ICMP: Self = Self(1 << 6);
    /// ICMP to a host that did not answer, beyond the work of the network itself.
    pub const PING_IN_VAIN: Self = Self(1 << 7);
    /// Flows that the agent could not keep apart.
    pub const AGGREGATE: Self = Self(1 << 8);
    /// A port of the peer answered that was not known to.
    pub const PEER_ANSWERS: Self = Self(1 << 9);
    /// A port of the device answered that was not known to.
    pub const DEVICE_ANSWERS: Self = Self(1 << 10);

    /// Either of these.
    pub const ANSWERS: Self = Self::PEER_ANSWERS.with(Self::DEVICE_ANSWERS);

    /// What TCP and UDP with a host can be counted as that were answered, when it is known who opened it.
    #[inline(always)]
    pub(super) fn of_answered(traffic: &Traffic<'_>) -> Self {
        let is_session = traffic.flow.protocol == Protocol::Tcp && traffic.service.is_some();
        Self::HOST
            .with(Self::SESSION.when(is_session))
            .with(Self::of_names(traffic))
    }

    /// What others can be counted as.
    pub(super) fn of_unanswered(traffic: &Traffic<'_>) -> Self {
        let flow = traffic.flow;
        let tried = match traffic.opened_by {
            Some(Side::Device) => Self::TRIED,
            Some(Side::Peer) => Self::WAS_TRIED,
            None => Self::NONE,
        };
        let of_protocol = match (flow.protocol, traffic.failed) {
            (Protocol::Tcp, true) => Self::FAILED.when(traffic.is_outbound()),
            (Protocol::Tcp, false) => Self::SESSION.when(traffic.service.is_some()),
            _ => Self::ONE_WAY.when(flow.bytes_in == 0),
        };
        Self::HOST
            .with(tried.when(traffic.is_vain()))
            .with(of_protocol)
            .with(Self::of_names(traffic))
    }

    fn of_names(Traffic { flow, .. }: &Traffic<'_>) -> Self {
        Self::NAMES.when(flow.remote_port == DNS && flow.bytes_out > 0)
    }

    /// What ICMP with a host can be counted as.
    pub(super) fn of_icmp(traffic: &Traffic<'_>) -> Self {
        let is_neighbour_discovery = match traffic.flow.remote_address {
            IpAddr::V6(address) => address.is_unicast_link_local(),
            IpAddr::V4(_) => false,
        };
        let in_vain = traffic.is_outbound() && traffic.failed && !is_neighbour_discovery;
        Self::HOST
            .with(Self::ICMP)
            .with(Self::PING_IN_VAIN.when(in_vain))
    }

    /// Both together.
    #[inline]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These, if it is so.
    #[inline]
    pub const fn when(self, is_so: bool) -> Self {
        if is_so { self } else { Self::NONE }
    }

    /// Whether any of these is among them.
    #[inline]
    pub const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }
}
