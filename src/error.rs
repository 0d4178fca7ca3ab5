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
    /// `nx_azure_iot.h`; it also passes on codes of what it is built on: MQTT from 0x10000, NetX Duo below.
    AzureIot,
}

impl Status {
    /// The name in the C header and what to do, for the codes that a user of this crate may meet.
    const fn explain(self) -> Option<(&'static str, &'static str)> {
        Some(match (self.of, self.code) {
            (Api::ThreadX, 0x03) => ("TX_PTR_ERROR", "a pointer is null or in use already"),
            (Api::ThreadX, 0x04) => ("TX_WAIT_ERROR", "only a thread may wait"),
            (Api::ThreadX, 0x05) => ("TX_SIZE_ERROR", "give the thread a larger stack"),
            (Api::ThreadX, 0x0E) => ("TX_THREAD_ERROR", "the thread exists already or not at all"),
            (Api::ThreadX, 0x0F) => (
                "TX_PRIORITY_ERROR",
                "use a priority below TX_MAX_PRIORITIES",
            ),
            (Api::ThreadX, 0x13) => ("TX_CALLER_ERROR", "call it from a thread"),
            (Api::ThreadX, 0x1A) => ("TX_WAIT_ABORTED", "another thread ended the wait"),
            (Api::ThreadX, 0x1C) => ("TX_MUTEX_ERROR", "the mutex exists already or not at all"),
            (Api::ThreadX, 0x1D) => ("TX_NOT_AVAILABLE", "another thread is at it"),
            (Api::NetXDuo, 0xF0) => (
                "NX_CLOUD_MODULE_ALREADY_REGISTERED",
                "the module is on a cloud helper's list already",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x01) => {
                ("NX_NO_PACKET", "the packet pool is empty: enlarge it")
            }
            (Api::NetXDuo | Api::AzureIot, 0x07) => {
                ("NX_PTR_ERROR", "a pointer is null or in use already")
            }
            (Api::NetXDuo | Api::AzureIot, 0x09) => {
                ("NX_SIZE_ERROR", "the memory given is too small")
            }
            (Api::NetXDuo | Api::AzureIot, 0x0A) => (
                "NX_OPTION_ERROR",
                "a priority or another option is out of range",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x11) => ("NX_CALLER_ERROR", "call it from a thread"),
            (Api::NetXDuo, 0x12) => ("NX_INVALID_PACKET", "the packet is malformed"),
            (Api::NetXDuo | Api::AzureIot, 0x14) => (
                "NX_NOT_ENABLED",
                "enable the protocol on the IP instance first",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x15) => ("NX_ALREADY_ENABLED", "it is enabled already"),
            (Api::NetXDuo, 0x17) => (
                "NX_NO_MORE_ENTRIES",
                "NetX Duo's table is full: enlarge it in nx_user.h",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x21) => {
                ("NX_IP_ADDRESS_ERROR", "the address is not valid here")
            }
            (Api::NetXDuo, 0x43) => ("NX_NOT_SUCCESSFUL", "another packet filter refused it"),
            (Api::NetXDuo, 0x52) => ("NX_DUPLICATED_ENTRY", "it was added before"),
            (Api::AzureIot, 0x10002) => ("NXD_MQTT_NOT_CONNECTED", "connect the client first"),
            (Api::AzureIot, 0x20000) => (
                "NX_AZURE_IOT_FAILURE",
                "an internal step of the middleware failed",
            ),
            (Api::AzureIot, 0x20001) => (
                "NX_AZURE_IOT_SDK_CORE_ERROR",
                "the Azure SDK refused the parameters",
            ),
            (Api::AzureIot, 0x20002) => ("NX_AZURE_IOT_INVALID_PARAMETER", "check the arguments"),
            (Api::AzureIot, 0x20008) => (
                "NX_AZURE_IOT_NOT_INITIALIZED",
                "on the host port, give the client a transport",
            ),
            (Api::AzureIot, 0x2000A) => {
                ("NX_AZURE_IOT_ALREADY_CONNECTED", "the client is connected")
            }
            (Api::AzureIot, 0x2000B) => (
                "NX_AZURE_IOT_CONNECTING",
                "the client is connecting: wait for it",
            ),
            (Api::AzureIot, 0x2000C) => {
                ("NX_AZURE_IOT_DISCONNECTED", "the client is not connected")
            }
            (Api::AzureIot, 0x20013) => (
                "NX_AZURE_IOT_DELETE_ERROR",
                "a client of the instance still exists",
            ),
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
    /// There is an agent already, and a device has one. Also until the tick has ended in which an agent was disabled from
    /// within a callback of its own.
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
    /// A name of a hub client is too short or too long.
    #[error("{what} has {length} bytes, but must have {min} to {max}")]
    TextLength {
        /// Which one.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The shortest that is allowed.
        min: usize,
        /// The longest that is allowed.
        max: usize,
    },
    /// More IPv6 addresses than an IP instance is given at once.
    #[error("{count} IPv6 addresses were given, but at most {max} are taken: add the others in C")]
    TooManyAddresses {
        /// How many.
        count: usize,
        /// How many are taken.
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

#[cfg(test)]
mod tests {
    extern crate std;

    use netxduo_sys as nx;
    use std::string::ToString;
    use threadx_sys as tx;

    use super::*;

    /// The numbers in [`Status::explain`] are those of the C headers.
    #[test]
    fn a_status_is_explained_by_its_name_in_c() {
        let headers = [
            (Api::ThreadX, tx::TX_PTR_ERROR, "TX_PTR_ERROR"),
            (Api::ThreadX, tx::TX_WAIT_ERROR, "TX_WAIT_ERROR"),
            (Api::ThreadX, tx::TX_SIZE_ERROR, "TX_SIZE_ERROR"),
            (Api::ThreadX, tx::TX_THREAD_ERROR, "TX_THREAD_ERROR"),
            (Api::ThreadX, tx::TX_PRIORITY_ERROR, "TX_PRIORITY_ERROR"),
            (Api::ThreadX, tx::TX_CALLER_ERROR, "TX_CALLER_ERROR"),
            (Api::ThreadX, tx::TX_WAIT_ABORTED, "TX_WAIT_ABORTED"),
            (Api::ThreadX, tx::TX_MUTEX_ERROR, "TX_MUTEX_ERROR"),
            (Api::ThreadX, tx::TX_NOT_AVAILABLE, "TX_NOT_AVAILABLE"),
            (
                Api::NetXDuo,
                nx::NX_CLOUD_MODULE_ALREADY_REGISTERED,
                "NX_CLOUD_MODULE_ALREADY_REGISTERED",
            ),
            (Api::NetXDuo, nx::NX_NO_PACKET, "NX_NO_PACKET"),
            (Api::NetXDuo, nx::NX_PTR_ERROR, "NX_PTR_ERROR"),
            (Api::NetXDuo, nx::NX_SIZE_ERROR, "NX_SIZE_ERROR"),
            (Api::NetXDuo, nx::NX_OPTION_ERROR, "NX_OPTION_ERROR"),
            (Api::NetXDuo, nx::NX_CALLER_ERROR, "NX_CALLER_ERROR"),
            (Api::NetXDuo, nx::NX_INVALID_PACKET, "NX_INVALID_PACKET"),
            (Api::NetXDuo, nx::NX_NOT_ENABLED, "NX_NOT_ENABLED"),
            (Api::NetXDuo, nx::NX_ALREADY_ENABLED, "NX_ALREADY_ENABLED"),
            (Api::NetXDuo, nx::NX_NO_MORE_ENTRIES, "NX_NO_MORE_ENTRIES"),
            (Api::NetXDuo, nx::NX_IP_ADDRESS_ERROR, "NX_IP_ADDRESS_ERROR"),
            (Api::NetXDuo, nx::NX_NOT_SUCCESSFUL, "NX_NOT_SUCCESSFUL"),
            (Api::NetXDuo, nx::NX_DUPLICATED_ENTRY, "NX_DUPLICATED_ENTRY"),
            (
                Api::AzureIot,
                nx::NXD_MQTT_NOT_CONNECTED,
                "NXD_MQTT_NOT_CONNECTED",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_FAILURE,
                "NX_AZURE_IOT_FAILURE",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_SDK_CORE_ERROR,
                "NX_AZURE_IOT_SDK_CORE_ERROR",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_INVALID_PARAMETER,
                "NX_AZURE_IOT_INVALID_PARAMETER",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_NOT_INITIALIZED,
                "NX_AZURE_IOT_NOT_INITIALIZED",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_ALREADY_CONNECTED,
                "NX_AZURE_IOT_ALREADY_CONNECTED",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_CONNECTING,
                "NX_AZURE_IOT_CONNECTING",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_DISCONNECTED,
                "NX_AZURE_IOT_DISCONNECTED",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_DELETE_ERROR,
                "NX_AZURE_IOT_DELETE_ERROR",
            ),
        ];
        for (of, code, name) in headers {
            let text = Status { code, of }.to_string();
            assert!(text.starts_with(name), "{name} is explained as {text}");
        }
        let unknown = Status {
            code: 0x7777,
            of: Api::ThreadX,
        };
        assert_eq!(unknown.to_string(), "status 0x7777");
    }
}
