//! What is to come.

/// What is to come, as the last poll left it: for those who let time pass in jumps, or sleep until then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Outlook {
    /// Seconds from the last poll until something is to be done again, unless the settings change.
    pub seconds: u32,
    /// While no hub comes, nothing is to be done but to look for one: the seconds between two looks. Those on which no hub is
    /// there may be left out.
    pub look: Option<u32>,
    /// While the hub refuses its message, nothing is to be done but to give it out again: the seconds between two tries. Those
    /// that are refused change nothing but [`retries`](super::MessageStatistics::retries), and may be left out.
    pub retry: Option<u32>,
    /// Something that was taken out of the flow table has not been taken by a hub yet.
    pub unsent: bool,
}

impl Outlook {
    /// Of an agent that has not been polled: it is to be, at once.
    pub const fn new() -> Self {
        Self {
            seconds: 0,
            look: None,
            retry: None,
            unsent: false,
        }
    }
}
