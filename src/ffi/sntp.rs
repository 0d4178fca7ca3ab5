//! The SNTP client, and the clock that it sets.

use core::net::IpAddr;

use netxduo_sys::{
    NX_SNTP_CLIENT, NX_SNTP_CLIENT_NOT_STARTED, NX_SNTP_TIME, NX_SNTP_TIME_MESSAGE,
    nx_sntp_client_create, nx_sntp_client_delete, nx_sntp_client_run_unicast,
    nx_sntp_client_set_time_update_notify, nx_sntp_client_stop, nxd_sntp_client_initialize_unicast,
};

use super::address::to_c;
use super::arguments::{Service, within};
use super::handle::{Handle, Object};
use super::kernel::Uptime;
use super::lock::{Locked, locked};
use super::net::{Instance, MAX_PAYLOAD};
use super::pinned::Pinned;
use super::pool::Pool;
use crate::error::{Api, Error, check};

/// A request behind headers of IPv6 and UDP, the link's, and 4 bytes of alignment.
const MIN_PAYLOAD: usize = 128;

/// From 1900, where NTP begins to count, to 1970. After 2036 NTP's seconds begin anew, and so does the difference: good until 2106.
const UNTIL_1970: u32 = 2_208_988_800;

/// NetX Duo's client signals through a variable of its own, so there is one in a program.
static RUNS: Locked<bool> = Locked::new(false);

/// C tells of an update without context, so there is one clock in a program.
static CLOCK: Locked<Clock> = Locked::new(Clock {
    uptime: Uptime::new(),
    last: None,
});

struct Clock {
    uptime: Uptime,
    /// Unix time at an uptime, both in seconds.
    last: Option<(u32, u64)>,
}

impl Clock {
    fn set(&mut self, unix_time: u32) {
        self.last = Some((unix_time, self.uptime.seconds()));
    }

    fn now(&mut self) -> Option<u32> {
        let uptime = self.uptime.seconds();
        self.last
            .map(|(unix_time, at)| unix_time.wrapping_add((uptime - at) as u32))
    }
}

/// Unix time in seconds, once a server has told it. From everywhere, and at least every 2^32 ticks.
pub(crate) fn unix_time() -> Option<u32> {
    locked(|section| CLOCK.get(section).now())
}

pub(crate) struct SntpRoom(Pinned<NX_SNTP_CLIENT>);

/// A client that runs.
pub(crate) struct Client {
    sntp: Handle<NX_SNTP_CLIENT, 2>,
    server: IpAddr,
}

impl SntpRoom {
    pub const fn new() -> Self {
        Self(Pinned::new())
    }

    /// Creates a client on the first interface, which asks at once. Threads only.
    pub fn start(
        &'static self,
        ip: &Instance,
        pool: &Pool,
        server: IpAddr,
    ) -> Result<Client, Error> {
        Service(Api::NetXDuo, "nxd_sntp_client_initialize_unicast").require_peer(server, false)?;
        within(
            "the pool's payload",
            pool.payload(),
            MIN_PAYLOAD,
            MAX_PAYLOAD,
        )?;
        let room = self.0.take("SNTP client")?;
        if RUNS.replace(true) {
            self.0.release();
            return Err(Error::SntpRuns);
        }
        // SAFETY: the room is ours, static and not in use; instance and pool stay as long as the result.
        let status = unsafe {
            nx_sntp_client_create(room, ip.pointer(), 0, pool.pointer(), None, None, None)
        };
        check(Api::NetXDuo, "nx_sntp_client_create", status).inspect_err(|_| {
            RUNS.store(false);
            self.0.release();
        })?;
        let uses = [ip.hold(), pool.hold()];
        // From here on dropping it deletes the client again.
        // SAFETY: the client exists in the room, which is ours.
        let sntp = unsafe { Handle::owning(room, self.0.occupancy(), uses) };
        // SAFETY: the client exists, and the function may be called on its thread.
        let status = unsafe { nx_sntp_client_set_time_update_notify(room, Some(updated)) };
        check(
            Api::NetXDuo,
            "nx_sntp_client_set_time_update_notify",
            status,
        )?;
        let client = Client { sntp, server };
        client.run()?;
        Ok(client)
    }
}

impl Client {
    /// Asks anew, as if it had not yet: by itself C waits for an hour after a question that nobody answered. Threads only.
    pub fn ask_again(&self) -> Result<(), Error> {
        // SAFETY: the client exists.
        let status = unsafe { nx_sntp_client_stop(self.sntp.pointer()) };
        if status != NX_SNTP_CLIENT_NOT_STARTED {
            check(Api::NetXDuo, "nx_sntp_client_stop", status)?;
        }
        self.run()
    }

    fn run(&self) -> Result<(), Error> {
        let mut server = to_c(self.server);
        // SAFETY: the client exists; the address is copied.
        let status =
            unsafe { nxd_sntp_client_initialize_unicast(self.sntp.pointer(), &raw mut server) };
        check(Api::NetXDuo, "nxd_sntp_client_initialize_unicast", status)?;
        // SAFETY: the client exists.
        let status = unsafe { nx_sntp_client_run_unicast(self.sntp.pointer()) };
        check(Api::NetXDuo, "nx_sntp_client_run_unicast", status)
    }
}

impl Object for NX_SNTP_CLIENT {
    unsafe fn delete(this: *mut Self) -> bool {
        // Stopped first, so that its thread is not in the middle of something.
        // SAFETY: the caller says so.
        let deleted = unsafe {
            nx_sntp_client_stop(this);
            nx_sntp_client_delete(this) == 0
        };
        if deleted {
            RUNS.store(false);
        }
        deleted
    }
}

/// The client has heard from its server.
unsafe extern "C" fn updated(_: *mut NX_SNTP_TIME_MESSAGE, time: *mut NX_SNTP_TIME) {
    if time.is_null() {
        return;
    }
    // SAFETY: C gives the time that it has set, under its own lock.
    let seconds = unsafe { (*time).seconds };
    locked(|section| CLOCK.get(section).set(seconds.wrapping_sub(UNTIL_1970)));
}
