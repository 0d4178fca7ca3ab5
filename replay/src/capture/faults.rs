//! What of a capture cannot be read, and what had to be mended.

use std::fmt;

use crate::link::UnknownLinkType;

/// Something that is wrong with a capture. Displayed, it continues a sentence that begins with the capture's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It ends within a packet.
    #[error("is cut: it ends within a packet")]
    Cut,
    /// What follows is no packet. The rest cannot be read.
    #[error("is damaged at byte {offset}: no valid block or packet begins there")]
    Damaged {
        /// Where, in bytes from the beginning of what is unpacked.
        offset: u64,
    },
    /// It could not be read, or unpacked, to its end.
    #[error("cannot be read beyond byte {offset}: {error}")]
    Unreadable {
        /// Where, in bytes from the beginning of what is unpacked.
        offset: u64,
        /// Why not.
        error: String,
    },
    /// A packet's lengths contradict each other, or those of its block.
    #[error("has a packet whose lengths cannot be, at byte {offset}")]
    Lengths {
        /// Where, in bytes from the beginning of what is unpacked.
        offset: u64,
    },
    /// A packet is of a link layer that cannot be read.
    #[error(transparent)]
    LinkType(#[from] UnknownLinkType),
    /// A packet is from an interface that was never described.
    #[error("has a packet from interface {0}, which the capture does not describe")]
    UnknownInterface(u32),
    /// A packet's time cannot be.
    #[error("has a packet whose time is not between the years 1970 and 9999")]
    Time,
}

impl Fault {
    /// Whether nothing behind it can be read.
    pub fn ends_the_capture(&self) -> bool {
        matches!(
            self,
            Self::Cut | Self::Damaged { .. } | Self::Unreadable { .. }
        )
    }
}

/// How many different faults are kept; a capture may have as many as packets.
const KINDS: usize = 16;

/// All that is wrong with a capture: what was left out, how often, and what was mended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first of each kind, and how many packets it took.
    kinds: Vec<(Fault, u64)>,
    skipped: u64,
    lengths_filled_in: u64,
}

impl Faults {
    /// Packets that were left out.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// IPv4 and IPv6 packets that state no length, because the network card was to cut them: they count with the frame's.
    pub fn lengths_filled_in(&self) -> u64 {
        self.lengths_filled_in
    }

    /// The first fault.
    pub fn first(&self) -> Option<&Fault> {
        self.kinds.first().map(|(fault, _)| fault)
    }

    /// Whether everything could be read.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// A sentence for each kind of fault, which begins with the capture's `name`, and one for what was mended.
    pub fn sentences(&self, name: &dyn fmt::Display) -> Vec<String> {
        let mut sentences: Vec<_> = self
            .kinds
            .iter()
            .map(|(fault, packets)| match packets {
                _ if fault.ends_the_capture() => {
                    format!("{name} {fault}; what follows is left out")
                }
                1 => format!("{name} {fault}; left out"),
                packets => format!(
                    "{name} {fault}; {} like it left out",
                    Count(*packets, "packet")
                ),
            })
            .collect();
        if self.lengths_filled_in > 0 {
            sentences.push(format!(
                "{name} has {} without a length (segmentation offload); the frame's length counts",
                Count(self.lengths_filled_in, "IP packet")
            ));
        }
        sentences
    }

    pub(super) fn add(&mut self, fault: Fault) {
        self.skipped += 1;
        let same_kind = |(other, _): &&mut (Fault, u64)| match (other, &fault) {
            (Fault::Lengths { .. }, Fault::Lengths { .. }) => true,
            (other, fault) => *other == *fault,
        };
        if let Some((_, packets)) = self.kinds.iter_mut().find(same_kind) {
            *packets += 1;
        } else if self.kinds.len() < KINDS || fault.ends_the_capture() {
            self.kinds.push((fault, 1));
        }
    }

    pub(super) fn fill_in_length(&mut self) {
        self.lengths_filled_in += 1;
    }
}

/// A number of things: `1 packet`, `8 packets`.
pub(crate) struct Count<'a>(pub u64, pub &'a str);

impl fmt::Display for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.0, self.1)
    }
}
