//! Which agent runs.

/// The agents that can be enabled, one at a time.
///
/// The original agent is C and ships with NetX Duo 6.1.2 to 6.3.0, under licence terms of its own. With the feature
/// `original-agent` it is compiled from the NetX Duo tree in use. It is as it is, in its version 3.5.4: what it cannot do
/// returns [`Error::Unsupported`](crate::Error::Unsupported), and what it does in its own way stays so.
///
/// | what | this library's | the original |
/// | --- | --- | --- |
/// | intervals of the priority groups | at once | from the collector's next collection on |
/// | collectors on and off | at once | from the next collection on |
/// | pending time, retry time, security module id | at once | at once |
/// | first collection and its jitter | when it is enabled | when it is enabled |
/// | entropy hook | event ids, jitter, the flow table | jitter, and where its event ids begin |
/// | Unix time hook | yes | no: the `AzureIot`'s |
/// | a collector in another priority group | at once | no |
/// | protocols left out | at once | no |
/// | incoming multicast and broadcast | left out or counted, at once | what NetX Duo delivers is counted |
/// | empty network activity events | at once | no |
/// | limit of hub devices | at once | no: 64 |
/// | flows kept apart | by its storage, and limited at once | no: 64 of IPv4 and 64 of IPv6; further ones are lost |
/// | what takes more than 4,000 bytes | several messages, or larger ones by its storage | one message |
/// | `state()`, `settings()` | yes | yes |
/// | `statistics()`, `outlook()` | yes | no |
/// | hooks on every `NX_IP`, also on later ones | yes | yes |
/// | flows of the time without a hub | reported when there is one again | lost |
///
/// "At once" is within a second, and with the next packet for what concerns packets. Whichever it is, its packet hooks are this
/// library's: they are chained with those of others, and put back when it is disabled. That mends what the original does to
/// hooks, and what came of it: after it was suspended it goes on reporting network activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Implementation {
    /// This library's.
    #[default]
    Rust,
    /// The original, in C.
    #[cfg(feature = "original-agent")]
    Original,
}
