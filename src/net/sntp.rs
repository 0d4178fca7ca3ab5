//! The time from a server.

use core::fmt;
use core::net::IpAddr;
use core::time::Duration;

use super::{Ip, PacketPool};
use crate::error::Error;
use crate::ffi::kernel::{require_thread, sleep};
use crate::ffi::sntp::{self, Client, SntpRoom};
use crate::ffi::socket::Deadline;
use crate::kernel::to_ticks;

/// A question is asked again after this time.
const PATIENCE: Duration = Duration::from_secs(4);

/// Memory for an SNTP client, 3 KB with the stack of its thread; declare it as a `static`.
pub struct SntpStorage {
    room: SntpRoom,
}

impl SntpStorage {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: SntpRoom::new(),
        }
    }
}

impl Default for SntpStorage {
    fn default() -> Self {
        Self::new()
    }
}

/// An SNTP client, which sets the program's clock and asks again every hour. There is one in a program. Dropping it on a thread deletes
/// it; elsewhere it stays. The clock goes on.
pub struct Sntp {
    client: Client,
}

impl Ip {
    /// A client that has asked a server for the time, with packets of a pool. Threads only.
    ///
    /// ```no_run
    /// # use core::net::IpAddr;
    /// # use core::time::Duration;
    /// # use threadx_defender::azure::AzureIot;
    /// # use threadx_defender::net::{Ip, PacketPool, Sntp, SntpStorage};
    /// static SNTP: SntpStorage = SntpStorage::new();
    ///
    /// # fn example(ip: &Ip, pool: &PacketPool, server: IpAddr) -> Result<Sntp, threadx_defender::Error> {
    /// let sntp = ip.sntp(&SNTP, pool, server)?;
    /// let now = sntp.wait(Duration::from_secs(30))?;
    /// // The clock is what the middleware and the agent ask; they may be there before it is set.
    /// let azure = AzureIot::builder(c"azure", Sntp::unix_time);
    /// # Ok(sntp)
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::StorageInUse`], [`Error::SntpRuns`], [`Error::OutOfRange`] when the pool's packets are too small, or
    /// [`Error::C`]: `NX_IP_ADDRESS_ERROR` (0x21) for nobody's and a group's address, `NX_NOT_SUPPORTED` (0x4B) on the host port.
    pub fn sntp(
        &self,
        storage: &'static SntpStorage,
        pool: &PacketPool,
        server: IpAddr,
    ) -> Result<Sntp, Error> {
        require_thread()?;
        let client = storage.room.start(self.instance(), pool.pool(), server)?;
        Ok(Sntp { client })
    }
}

impl Sntp {
    /// Unix time in seconds by the program's clock; `None` until a server has told it. From everywhere: it is what
    /// [`AzureIot::builder`](crate::azure::AzureIot::builder) takes, and
    /// [`DefenderBuilder::unix_time`](crate::defender::DefenderBuilder::unix_time). Good until 2106.
    pub fn unix_time() -> Option<u32> {
        sntp::unix_time()
    }

    /// Waits up to `wait` until the clock is set, and returns the time. A question that is not answered is asked again every 4 s. Threads
    /// only.
    ///
    /// # Errors
    /// [`Error::NotAThread`], or [`Error::NoAnswer`], also when the server does not know the time itself.
    pub fn wait(&self, wait: Duration) -> Result<u32, Error> {
        require_thread()?;
        let deadline = Deadline::after(to_ticks(wait));
        let mut patience = Deadline::after(to_ticks(PATIENCE));
        loop {
            if let Some(now) = Self::unix_time() {
                return Ok(now);
            }
            if deadline.remaining() == 0 {
                return Err(Error::NoAnswer {
                    of: "the time server",
                });
            }
            if patience.remaining() == 0 {
                self.client.ask_again()?;
                patience = Deadline::after(to_ticks(PATIENCE));
            }
            sleep(1)?;
        }
    }
}

impl fmt::Debug for Sntp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sntp").finish_non_exhaustive()
    }
}
