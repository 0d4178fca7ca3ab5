//! The middleware's instance, and the agent that comes with it.

use core::ffi::CStr;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr};

use netxduo_sys::NX_AZURE_IOT;

use crate::defender::{self, Defender, DefenderBuilder};
use crate::error::Error;
use crate::ffi::azure::{Azure, AzureRoom, UnixTime};
use crate::ffi::kernel::require_thread;
use crate::kernel::Kernel;
use crate::net::{Ip, PacketPool};

/// The most DNS servers that an [`AzureIotBuilder`] takes.
const MAX_DNS_SERVERS: usize = 4;

/// The least payload of the packets that the middleware gets, in bytes. With less room than a message's headers take it would
/// write past the end of a packet.
const MIN_PAYLOAD: usize = 256;

/// Memory for an [`AzureIot`] whose cloud helper has a stack of `STACK` bytes; declare it as a `static`.
///
/// The cloud helper runs MQTT, TLS and the agent: 4,096 bytes are the least, and 64 KB are usual with TLS on Linux.
pub struct AzureIotStorage<const STACK: usize> {
    room: AzureRoom<STACK>,
}

impl<const STACK: usize> AzureIotStorage<STACK> {
    /// Memory that is not in use.
    pub const fn new() -> Self {
        Self {
            room: AzureRoom::new(),
        }
    }
}

impl<const STACK: usize> Default for AzureIotStorage<STACK> {
    fn default() -> Self {
        Self::new()
    }
}

/// An instance of the Azure IoT middleware, and by default the agent with it.
///
/// Dropping it on a thread disables its agent and deletes the instance, unless a hub client still exists: then it stays for
/// good, as it does when it is dropped elsewhere or in a callback of the agent.
pub struct AzureIot {
    /// First, so that it goes before the instance that it is enabled on.
    defender: Option<Defender>,
    azure: Azure,
}

impl AzureIot {
    /// An instance, with the agent on it. `unix_time` gives the time in seconds since 1970, or `None` while the device does not
    /// know it; it may be called from any thread, and has no time when it panics.
    ///
    /// The agent is enabled whether the device knows the time and has random bytes or not; it begins when it has both, and
    /// [`Defender::state`] says what it waits for.
    pub fn builder(name: &'static CStr, unix_time: UnixTime) -> AzureIotBuilder {
        AzureIotBuilder {
            name,
            unix_time,
            priority: 4,
            dns_servers: [IpAddr::V4(Ipv4Addr::UNSPECIFIED); MAX_DNS_SERVERS],
            dns_server_count: 0,
            defender: Some(Defender::builder()),
        }
    }

    /// Adopts an instance that C created. Nothing is created or enabled, and dropping the result deletes nothing.
    ///
    /// # Safety
    /// `azure` points to an instance that `nx_azure_iot_create` made. It stays created and in its place for as long as the
    /// result and every hub client made with it lives, and until the agent is disabled. Before a hub client with a certificate or
    /// a trusted root is made with it, C has called `nx_secure_tls_initialize`.
    pub const unsafe fn from_raw(azure: *mut NX_AZURE_IOT) -> Self {
        Self {
            defender: None,
            // SAFETY: the caller says so.
            azure: unsafe { Azure::from_raw(azure) },
        }
    }

    /// The instance for C, for as long as this lives. C must not delete it.
    pub fn as_ptr(&self) -> *mut NX_AZURE_IOT {
        self.azure.pointer()
    }

    /// The agent that was enabled with the instance.
    pub fn defender(&self) -> Option<&Defender> {
        self.defender.as_ref()
    }

    /// Takes the agent's guard out, to keep it elsewhere or to disable the agent by dropping it.
    pub fn take_defender(&mut self) -> Option<Defender> {
        self.defender.take()
    }

    pub(crate) fn azure(&self) -> &Azure {
        &self.azure
    }
}

/// What an [`AzureIot`] is to be.
pub struct AzureIotBuilder {
    name: &'static CStr,
    unix_time: UnixTime,
    priority: u32,
    dns_servers: [IpAddr; MAX_DNS_SERVERS],
    dns_server_count: usize,
    defender: Option<DefenderBuilder>,
}

impl AzureIotBuilder {
    /// The priority of the cloud helper's thread, 4 by default.
    #[must_use]
    pub fn priority(mut self, priority: u32) -> Self {
        self.priority = priority;
        self
    }

    /// Adds a DNS server that is asked for the addresses of hubs, up to four. The pool that the instance gets needs packets with about
    /// 600 bytes of payload then, and 1,600 for TLS.
    #[must_use]
    pub fn dns_server(mut self, server: IpAddr) -> Self {
        if let Some(place) = self.dns_servers.get_mut(self.dns_server_count) {
            *place = server;
        }
        self.dns_server_count += 1;
        self
    }

    /// Enables the agent like this in place of the defaults.
    #[must_use]
    pub fn defender(mut self, defender: DefenderBuilder) -> Self {
        self.defender = Some(defender);
        self
    }

    /// Enables no agent.
    #[must_use]
    pub fn without_defender(mut self) -> Self {
        self.defender = None;
        self
    }

    /// Creates the instance, and enables the agent on it. Threads only.
    ///
    /// The first instance of a program initializes TLS, with `nx_secure_tls_initialize`: C must not do so too, nor have TLS
    /// sessions before.
    ///
    /// # Errors
    /// [`Error::NotAThread`], [`Error::TooMany`], [`Error::PayloadTooSmall`], [`Error::StorageInUse`], [`Error::AlreadyCreated`], [`Error::C`] when the middleware refuses
    /// a parameter, and those of [`DefenderBuilder::enable`]; then the instance is deleted again.
    pub fn create<const STACK: usize>(
        self,
        _kernel: Kernel,
        storage: &'static AzureIotStorage<STACK>,
        ip: &Ip,
        pool: &PacketPool,
    ) -> Result<AzureIot, Error> {
        require_thread()?;
        let count = self.dns_server_count;
        let dns_servers = self.dns_servers.get(..count).ok_or(Error::TooMany {
            what: "DNS servers",
            count,
            max: MAX_DNS_SERVERS,
        })?;
        let payload = pool.pool().payload();
        if payload < MIN_PAYLOAD {
            return Err(Error::PayloadTooSmall {
                needed: MIN_PAYLOAD,
                given: payload,
            });
        }
        let azure = storage.room.create(
            self.name,
            ip.instance(),
            pool.pool(),
            dns_servers,
            self.priority,
            self.unix_time,
        )?;
        let mut azure = AzureIot {
            defender: None,
            azure,
        };
        if let Some(builder) = self.defender {
            azure.defender = Some(builder.enable(&defender::DEFAULT_STORAGE, &azure)?);
        }
        Ok(azure)
    }
}

impl fmt::Debug for AzureIot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureIot")
            .field("defender", &self.defender)
            .finish_non_exhaustive()
    }
}
