//! What can go wrong between Rust and the C side.

use core::fmt;

use crate::agent::SettingsError;

/// A status code of ThreadX or NetX Duo, which share small numbers with different meanings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    /// The number, as C returned it.
    pub code: u32,
    /// Whose number it is.
    pub of: Api,
}

/// A C interface with status codes of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Api {
    /// `tx_api.h`.
    ThreadX,
    /// `nx_api.h`, `nx_cloud.h`.
    NetXDuo,
    /// `nx_azure_iot.h`; codes below 0x20000 are NetX Duo's.
    AzureIot,
}

impl Status {
    /// The name in the C header and what to do, for the codes that a user of this crate may meet.
    const fn explain(self) -> Option<(&'static str, &'static str)> {
        Some(match (self.of, self.code) {
            (Api::ThreadX, 0x03) => ("TX_PTR_ERROR", "a pointer is null or in use already"),
            (Api::ThreadX, 0x05) => ("TX_SIZE_ERROR", "give the thread a larger stack"),
            (Api::ThreadX, 0x0E) => ("TX_THREAD_ERROR", "the thread exists already or not at all"),
            (Api::ThreadX, 0x0F) => (
                "TX_PRIORITY_ERROR",
                "use a priority below TX_MAX_PRIORITIES",
            ),
            (Api::ThreadX, 0x13) => ("TX_CALLER_ERROR", "call it from a thread"),
            (Api::ThreadX, 0x1C) => ("TX_MUTEX_ERROR", "the mutex exists already or not at all"),
            (Api::NetXDuo | Api::AzureIot, 0x01) => {
                ("NX_NO_PACKET", "the packet pool is empty: enlarge it")
            }
            (Api::NetXDuo | Api::AzureIot, 0x07) => {
                ("NX_PTR_ERROR", "a pointer is null or in use already")
            }
            (Api::NetXDuo | Api::AzureIot, 0x09) => {
                ("NX_SIZE_ERROR", "the memory given is too small")
            }
            (Api::NetXDuo | Api::AzureIot, 0x11) => ("NX_CALLER_ERROR", "call it from a thread"),
            (Api::NetXDuo | Api::AzureIot, 0x14) => (
                "NX_NOT_ENABLED",
                "enable the protocol on the IP instance first",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x15) => ("NX_ALREADY_ENABLED", "it is enabled already"),
            (Api::NetXDuo | Api::AzureIot, 0x21) => {
                ("NX_IP_ADDRESS_ERROR", "the address is not valid here")
            }
            (Api::AzureIot, 0x20000) => (
                "NX_AZURE_IOT_FAILURE",
                "an internal step of the middleware failed",
            ),
            (Api::AzureIot, 0x20001) => (
                "NX_AZURE_IOT_SDK_CORE_ERROR",
                "the Azure SDK refused the parameters",
            ),
            (Api::AzureIot, 0x20002) => ("NX_AZURE_IOT_INVALID_PARAMETER", "check the arguments"),
            _ => return None,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.explain() {
            Some((name, advice)) => write!(f, "{name} ({:#04x}): {advice}", self.code),
            None => write!(f, "status {:#04x}", self.code),
        }
    }
}

/// Why a call of this crate failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A C function returned an error.
    #[error("{call} failed: {status}")]
    C {
        /// The function.
        call: &'static str,
        /// What it returned.
        status: Status,
    },
    /// The call is for threads only.
    #[error(
        "called from initialization, a timer or an interrupt: call it from a ThreadX thread instead"
    )]
    NotAThread,
    /// The kernel runs already, and there is one in a program.
    #[error("the kernel was entered already: there is one kernel in a program")]
    KernelEntered,
    /// The static storage holds an object already.
    #[error("this {what} storage is in use: declare another static, or drop what it holds")]
    StorageInUse {
        /// What it stores.
        what: &'static str,
    },
    /// There is an agent already, and a device has one.
    #[error("an agent is enabled already, and a device has one: drop its guard first")]
    AlreadyEnabled,
    /// There is an Azure IoT instance already, and a device has one.
    #[error("there is an AzureIot already, and a device has one: delete it first")]
    AlreadyCreated,
    /// An IP instance needs a network driver.
    #[error("the IP instance has no network driver: give its builder one")]
    NoDriver,
    /// Unix time is unknown.
    #[error("the Unix time hook gave no time: enable the agent once the device knows the time")]
    NoUnixTime,
    /// There is no source of random bytes, or it has none.
    #[error(
        "no random bytes: give the agent an entropy hook that has some (there is no default without an operating system)"
    )]
    NoEntropy,
    /// A text that C takes is too long or holds a NUL.
    #[error("{what} has {length} bytes, but must have 1 to {max}")]
    TextLength {
        /// Which one.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The longest that is allowed.
        max: usize,
    },
    /// A setting was refused.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A packet that is longer than an IP packet can be, or empty.
    #[error("a packet of {length} bytes is no IP packet: 1 to 65,575 bytes are allowed")]
    PacketLength {
        /// Its length in bytes.
        length: usize,
    },
}

/// `Ok` for the success status, which is 0 everywhere.
pub(crate) fn check(of: Api, call: &'static str, code: u32) -> Result<(), Error> {
    if code == 0 {
        return Ok(());
    }
    let status = Status { code, of };
    Err(Error::C { call, status })
}
