//! Only in simulations, on the host port and on upstream's port to Linux: time under control, packets without a network, hubs without a hub.

use core::time::Duration;

use crate::agent::packet::Direction;
use crate::azure::HubClient;
use crate::error::Error;
use crate::ffi::{host, kernel};
use crate::kernel::Kernel;
use crate::net::Ip;

/// The kernel's clock, moved by hand.
///
/// Everything due on the way runs, in order: a thread that wakes up runs until it waits again before the next one is
/// woken or time goes on. So a test of an hour takes milliseconds and always gives the same.
#[derive(Debug)]
pub struct ManualClock {
    _stopped: (),
}

impl ManualClock {
    /// Stops the clock: from now on time moves only by [`advance`](Self::advance), for the whole program.
    pub fn stop(_kernel: Kernel) -> Self {
        host::clock_manual();
        Self { _stopped: () }
    }

    /// Moves time on by `time`, rounded down to ticks of 10 ms; more than 497 days are 497 days. From threads, also those of the
    /// operating system.
    ///
    /// # Errors
    /// [`Error::C`]: `TX_NOT_AVAILABLE` when another thread is moving it, `TX_CALLER_ERROR` in a timer.
    pub fn advance(&self, time: Duration) -> Result<(), Error> {
        let ticks = time.as_millis() * u128::from(kernel::TICKS_PER_SECOND) / 1000;
        host::clock_advance(u32::try_from(ticks).unwrap_or(u32::MAX))
    }

    /// Lets time pass, rounded down to ticks of 10 ms, in which nothing falls due: it shows in the kernel's time only, and what
    /// timers and threads wait for comes as much later. For those who know that nothing would happen. More than 100 days are
    /// 100 days: a counter of 32 bits is not to come around unseen. From everywhere.
    pub fn skip(&self, time: Duration) {
        const LONGEST: Duration = Duration::from_secs(100 * 24 * 60 * 60);
        let ticks = time.min(LONGEST).as_millis() * u128::from(kernel::TICKS_PER_SECOND) / 1000;
        host::clock_skip(ticks as u32);
    }

    /// Waits until every other ThreadX thread waits for something. From threads, also those of the operating system.
    pub fn settle(&self) {
        host::settle();
    }
}

impl Ip {
    /// Passes a packet through this instance and its hooks on the calling thread, as if the device sent or received it.
    /// It begins with its IP header, in network order. From everywhere.
    ///
    /// # Errors
    /// [`Error::C`] says why NetX Duo would have dropped it: `NX_INVALID_PACKET` (0x12) malformed,
    /// `NX_IP_ADDRESS_ERROR` (0x21) not for this instance, `NX_NOT_ENABLED` (0x14) no such protocol, `NX_NO_PACKET`
    /// (0x01) the pool is empty, `NX_NOT_SUCCESSFUL` (0x43) another filter refused it.
    pub fn inject(&self, direction: Direction, packet: &[u8]) -> Result<(), Error> {
        if packet.is_empty() || packet.len() > 65_575 {
            let length = packet.len();
            return Err(Error::PacketLength { length });
        }
        host::inject(self.instance(), direction == Direction::Out, packet)
    }
}

/// The hub did not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hub did not take it")]
pub struct Refused;

/// What carries a hub client's connection in place of a network.
///
/// The functions run on the thread that uses the client. The agent's messages come on the cloud helper's thread, with the
/// middleware's mutex held: `publish` must not wait there for a thread that creates, connects or drops hub clients, or drops
/// the agent's guard. It may change the agent's settings, and drop the guard itself. One that panics has refused.
pub trait HubTransport: Sync {
    /// The client connects.
    ///
    /// # Errors
    /// When there is no hub.
    fn connect(&self) -> Result<(), Refused> {
        Ok(())
    }

    /// The client disconnects.
    fn disconnect(&self) {}

    /// The client publishes a message on an MQTT topic.
    ///
    /// # Errors
    /// When the hub does not take it.
    fn publish(&self, topic: &[u8], payload: &[u8]) -> Result<(), Refused>;
}

impl HubClient {
    /// What the network does to the connection: it comes up, or breaks. From threads.
    ///
    /// # Errors
    /// [`Error::C`].
    pub fn set_connection(&self, connected: bool) -> Result<(), Error> {
        host::set_connection(self.client(), connected)
    }
}
