//! What a port number says about who offers a service.

use defender_message::flow::Flow;

/// The first port that systems give to those who open connections: Linux begins here, IANA and most others later.
const EPHEMERAL: u16 = 32_768;

/// Ports above the well-known ones at which services are so common that they are as good as well-known.
const USUAL: [u16; 46] = [
    1194, 1433, 1521, 1723, 1883, 1900, 2049, 2323, 3306, 3389, 3478, 3702, 4840, 5000, 5001, 5060,
    5061, 5222, 5228, 5353, 5354, 5355, 5432, 5555, 5671, 5672, 5683, 5684, 5900, 6379, 6667, 7547,
    8000, 8008, 8009, 8080, 8081, 8086, 8123, 8443, 8883, 8888, 9000, 9100, 20_000, 44_818,
];

/// A bit for each port that is well-known, or as good as that.
static WELL_KNOWN: [u64; 1024] = {
    let mut ports = [0; 1024];
    let mut port = 0;
    while port < 1024 / 64 {
        ports[port] = u64::MAX;
        port += 1;
    }
    let mut at = 0;
    while at < USUAL.len() {
        let port = USUAL[at] as usize;
        ports[port / 64] |= 1 << (port % 64);
        at += 1;
    }
    ports
};

/// How likely a port is a service's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    WellKnown,
    Registered,
    Ephemeral,
}

impl Rank {
    #[inline(always)]
    pub fn of(port: u16) -> Self {
        let word = WELL_KNOWN[usize::from(port / 64)];
        let is_well_known = word >> (port % 64) & 1 != 0;
        match (is_well_known, port < EPHEMERAL) {
            (true, _) => Self::WellKnown,
            (false, true) => Self::Registered,
            (false, false) => Self::Ephemeral,
        }
    }
}

/// Those of a flow's two ports.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranks {
    pub local: Rank,
    pub remote: Rank,
}

impl Ranks {
    #[inline]
    pub fn of<A>(flow: &Flow<A>) -> Self {
        Self {
            local: Rank::of(flow.local_port),
            remote: Rank::of(flow.remote_port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_rank_by_how_likely_they_are_a_service() {
        for (port, rank) in [
            (22, Rank::WellKnown),
            (8883, Rank::WellKnown),
            (44_818, Rank::WellKnown),
            (4662, Rank::Registered),
            (32_767, Rank::Registered),
            (32_768, Rank::Ephemeral),
            (65_535, Rank::Ephemeral),
        ] {
            assert_eq!(Rank::of(port), rank, "{port}");
        }
    }
}
