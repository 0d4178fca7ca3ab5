//! What can go wrong between Rust and the C side.

use core::fmt;

use crate::agent::SettingsError;
use crate::net::LinkError;

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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Api {
    /// `tx_api.h`.
    ThreadX,
    /// `nx_api.h`, `nx_cloud.h`, `nxd_dns.h`, `nx_secure_x509.h`.
    NetXDuo,
    /// `nx_azure_iot.h`; it also passes on codes of what it is built on: MQTT from 0x10000, NetX Duo below.
    AzureIot,
}

#[cfg(feature = "defmt")]
impl defmt::Format for Status {
    /// The number alone: the table of names would be in flash.
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "status {:#04x} of {}", self.code, self.of);
    }
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
            (Api::NetXDuo, 0x23) => (
                "NX_PORT_UNAVAILABLE",
                "another socket has the port: drop that one, or choose another",
            ),
            (Api::NetXDuo, 0x29) => (
                "NX_NO_RESPONSE",
                "nobody answered in time: look at address, network mask and gateway",
            ),
            (Api::NetXDuo, 0x34) => ("NX_DUPLICATE_LISTEN", "another socket listens on the port"),
            (Api::NetXDuo, 0x37) => ("NX_IN_PROGRESS", "it is not finished yet: wait longer"),
            (Api::NetXDuo, 0x38) => (
                "NX_NOT_CONNECTED",
                "there is no connection, or the peer refused it",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x4B) => (
                "NX_NOT_SUPPORTED",
                "it is not built in; the host port has no TCP/IP stack at all: build with ThreadX and NetX Duo for that",
            ),
            (Api::NetXDuo | Api::AzureIot, 0xA2) => {
                ("NX_DNS_TIMEOUT", "the DNS server did not answer")
            }
            (Api::NetXDuo | Api::AzureIot, 0xA3) => {
                ("NX_DNS_QUERY_FAILED", "no DNS server knows the host name")
            }
            (Api::NetXDuo, 0xA8) => (
                "NX_DNS_PARAM_ERROR",
                "the pool's packets are too small: give them 1,600 bytes",
            ),
            (Api::AzureIot, 0xAB) => (
                "NX_DNS_EMPTY_DNS_SERVER_LIST",
                "give the AzureIot builder a DNS server",
            ),
            (Api::NetXDuo, 0x18A) => (
                "NX_SECURE_PKCS1_INVALID_PRIVATE_KEY",
                "the private key is not in DER, or of another type",
            ),
            (Api::NetXDuo, 0x1A2) => (
                "NX_SECURE_X509_INVALID_CERTIFICATE",
                "the certificate is not in DER: convert it from PEM",
            ),
            (Api::NetXDuo, 0x46) => ("NX_INVALID_PORT", "use a port from 1 to 65535"),
            (Api::NetXDuo, 0x43) => ("NX_NOT_SUCCESSFUL", "another packet filter refused it"),
            (Api::NetXDuo, 0x52) => ("NX_DUPLICATED_ENTRY", "it was added before"),
            (Api::NetXDuo | Api::AzureIot, 0x107) => (
                "NX_SECURE_TLS_HANDSHAKE_FAILURE",
                "hub and client found no way to speak to each other: look at the hub's log and cipher suites",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x111) => (
                "NX_SECURE_TLS_ALLOCATE_PACKET_FAILED",
                "the packet pool is empty: enlarge it",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x114) => (
                "NX_SECURE_TLS_ALERT_RECEIVED",
                "the hub ended the handshake: its log says why",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x11B) => (
                "NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND",
                "the hub's certificate goes back to no root that the client trusts",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x135) => (
                "NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL",
                "a record of the hub is longer than the buffer for it: enlarge NX_AZURE_IOT_TLS_PACKET_BUFFER_SIZE in nx_user.h",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x13F) => (
                "NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE",
                "give the hub client's storage more bytes",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x193) => (
                "NX_SECURE_X509_CERTIFICATE_EXPIRED",
                "the hub's certificate is not valid any more, or the device's time is wrong",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x194) => (
                "NX_SECURE_X509_CERTIFICATE_NOT_YET_VALID",
                "the hub's certificate is not valid yet, or the device's time is wrong",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x195) => (
                "NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH",
                "the hub's certificate is for another host name",
            ),
            (Api::NetXDuo | Api::AzureIot, 0x1A6) => (
                "NX_SECURE_X509_ISSUER_CERTIFICATE_NOT_FOUND",
                "the hub's certificate goes back to no root that the client trusts",
            ),
            (Api::AzureIot, 0x10001) => ("NXD_MQTT_ALREADY_CONNECTED", "the client is connected"),
            (Api::AzureIot, 0x10002) => ("NXD_MQTT_NOT_CONNECTED", "connect the client first"),
            (Api::AzureIot, 0x10005) => (
                "NXD_MQTT_CONNECT_FAILURE",
                "nobody listens on port 8883 of the hub, or TLS failed: look at address, route and certificates",
            ),
            (Api::AzureIot, 0x10006) => (
                "NXD_MQTT_PACKET_POOL_FAILURE",
                "the packet pool is empty: enlarge it",
            ),
            (Api::AzureIot, 0x10007) => (
                "NXD_MQTT_COMMUNICATION_FAILURE",
                "the hub closed the connection, or answered something else: its log says why",
            ),
            (Api::AzureIot, 0x10008) => (
                "NXD_MQTT_SERVER_MESSAGE_FAILURE",
                "the hub sent what is no answer to the client",
            ),
            (Api::AzureIot, 0x10011) => (
                "NXD_MQTT_CONNECTING",
                "the client is connecting: wait for it",
            ),
            (Api::AzureIot, 0x10081) => (
                "NXD_MQTT_ERROR_UNACCEPTABLE_PROTOCOL",
                "the hub does not speak MQTT 3.1.1",
            ),
            (Api::AzureIot, 0x10082) => (
                "NXD_MQTT_ERROR_IDENTIFYIER_REJECTED",
                "the hub does not take the device id",
            ),
            (Api::AzureIot, 0x10083) => (
                "NXD_MQTT_ERROR_SERVER_UNAVAILABLE",
                "the hub has no room for one more: connect later",
            ),
            (Api::AzureIot, 0x10084) => (
                "NXD_MQTT_ERROR_BAD_USERNAME_PASSWORD",
                "the hub does not know the device, or its key is another",
            ),
            (Api::AzureIot, 0x10085) => (
                "NXD_MQTT_ERROR_NOT_AUTHORIZED",
                "the device is not enrolled, or its token is wrong: look at key and time",
            ),
            (Api::AzureIot, 0x20000) => (
                "NX_AZURE_IOT_FAILURE",
                "an internal step of the middleware failed",
            ),
            (Api::AzureIot, 0x20001) => (
                "NX_AZURE_IOT_SDK_CORE_ERROR",
                "the Azure SDK refused the parameters",
            ),
            (Api::AzureIot, 0x20002) => ("NX_AZURE_IOT_INVALID_PARAMETER", "check the arguments"),
            (Api::AzureIot, 0x20003) => (
                "NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE",
                "the hub client's storage, or a packet, is too small",
            ),
            (Api::AzureIot, 0x20005) => (
                "NX_AZURE_IOT_NO_PACKET",
                "the packet pool is empty: enlarge it",
            ),
            (Api::AzureIot, 0x20008) => (
                "NX_AZURE_IOT_NOT_INITIALIZED",
                "the client lacks a root certificate, a key, or, on the host port, a transport",
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
            (Api::AzureIot, 0x20011) => (
                "NX_AZURE_IOT_NO_AVAILABLE_CIPHER",
                "no cipher suite is left that both can do",
            ),
            (Api::AzureIot, 0x20012) => (
                "NX_AZURE_IOT_WRONG_STATE",
                "the client is in a state that does not allow it",
            ),
            (Api::AzureIot, 0x20015) => (
                "NX_AZURE_IOT_THROTTLED",
                "the hub wants fewer messages: wait",
            ),
            (Api::AzureIot, 0x20017) => (
                "NX_AZURE_IOT_SAS_TOKEN_EXPIRED",
                "connect again, for a new token",
            ),
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
    /// There is an agent already, and a device has one. Also for up to a second after one was disabled in a callback, or while an
    /// IP instance was in use.
    #[error("an agent is enabled already, and a device has one: drop its guard first")]
    AlreadyEnabled,
    /// There is an Azure IoT instance already, and a device has one.
    #[error("there is an AzureIot already, and a device has one: delete it first")]
    AlreadyCreated,
    /// An IP instance needs a network driver.
    #[error("the IP instance has no network driver: give its builder one")]
    NoDriver,
    /// Unix time is unknown, which the original agent does not wait for.
    #[error(
        "the Unix time hook gave no time: enable the original agent once the device knows the time"
    )]
    NoUnixTime,
    /// There is no source of random bytes, or it has none, which the original agent does not wait for.
    #[error(
        "no random bytes: give the original agent an entropy hook that has some (see `default_entropy`)"
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
    /// A number that C cannot work with.
    #[error("{what} has or is {given}, but must be {min} to {max}")]
    OutOfRange {
        /// Which one: "the prefix length".
        what: &'static str,
        /// The number; bytes where it is a length.
        given: usize,
        /// The least that is allowed.
        min: usize,
        /// The most that is allowed.
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
    /// More of something than there is room for.
    #[error("{count} {what} were given, but at most {max} are taken")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many are taken.
        max: usize,
    },
    /// A text with a zero in it, where C would end it.
    #[error("{what} has a zero byte in it: leave it out")]
    NulInText {
        /// Which one.
        what: &'static str,
    },
    /// A network driver has no link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// An IP instance did not get ready in time.
    #[error(
        "the link is not up, or the IPv6 addresses are still being checked: wait longer, or look at the link"
    )]
    NotReady,
    /// A server has not answered in time.
    #[error("{of} has not answered: wait longer, or look at the link and whether there is one")]
    NoAnswer {
        /// Who: "the time server".
        of: &'static str,
    },
    /// There is an SNTP client already.
    #[error("an SNTP client runs already, and NetX Duo has room for one: drop it first")]
    SntpRuns,
    /// The TCP socket is connected or listens already.
    #[error(
        "the TCP socket is connected or listens already: disconnect it first, or make it stop listening"
    )]
    SocketInUse,
    /// The TCP socket does not wait for connections.
    #[error(
        "the TCP socket does not listen: give it a port first, and disconnect it from the last peer"
    )]
    NotListening,
    /// A host has no address of the version that was asked for.
    #[error("the host has no address of this version of IP")]
    NoSuchAddress,
    /// A hub client has nothing to recognize a hub by.
    #[error("the hub client trusts nobody: give its builder the root certificate of the hub")]
    NoTrustedRoot,
    /// A symmetric key that is not in Base64.
    #[error("the symmetric key is not Base64: use it as IoT Hub shows it")]
    SymmetricKey,
    /// A packet pool's packets are too small for what they are to carry.
    #[error(
        "the pool's packets hold {given} bytes, but the Azure IoT middleware needs {needed} at least, and 1,600 for TLS"
    )]
    PayloadTooSmall {
        /// The least number of bytes.
        needed: usize,
        /// What they hold.
        given: usize,
    },
    /// A hub client's storage has too few bytes for TLS.
    #[error(
        "TLS needs {needed} bytes of metadata, and the hub client's storage has {given}: declare a HubClientStorage<{needed}>"
    )]
    MetadataTooSmall {
        /// The least number of bytes.
        needed: usize,
        /// What the storage has.
        given: usize,
    },
    /// A setting was refused.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The agent in use cannot do it; see [`Implementation`](crate::defender::Implementation).
    #[error("the original agent cannot {what}: use this library's own for it")]
    Unsupported {
        /// What was asked for: "leave out a protocol".
        what: &'static str,
    },
    /// A packet that is longer than an IP packet can be, or empty.
    #[error("a packet of {length} bytes is no IP packet: 1 to 65,575 bytes are allowed")]
    PacketLength {
        /// Its length in bytes.
        length: usize,
    },
}

impl Error {
    /// A number that stands for the error, for firmware that has no room for text (which takes about 18 KB): a status of C is itself, with
    /// whose it is in the upper byte: 1 ThreadX, 2 NetX Duo, 3 the Azure IoT middleware. The others have a number of their own, below 0x100, which stays
    /// the same in later versions.
    ///
    /// | number | error |
    /// | --- | --- |
    /// | 1 to 7 | `NotAThread`, `KernelEntered`, `StorageInUse`, `AlreadyEnabled`, `AlreadyCreated`, `NoDriver`, `NoUnixTime` |
    /// | 8 to 14 | `NoEntropy`, `TextLength`, `OutOfRange`, `TooManyAddresses`, `TooMany`, `NulInText`, `Link` |
    /// | 15 to 21 | `NotReady`, `SocketInUse`, `NotListening`, `NoSuchAddress`, `NoTrustedRoot`, `SymmetricKey`, `PayloadTooSmall` |
    /// | 22 to 27 | `MetadataTooSmall`, `Settings`, `Unsupported`, `PacketLength`, `NoAnswer`, `SntpRuns` |
    pub const fn code(&self) -> u32 {
        match self {
            Self::C { status, .. } => {
                let whose = match status.of {
                    Api::ThreadX => 1,
                    Api::NetXDuo => 2,
                    Api::AzureIot => 3,
                };
                whose << 24 | status.code & 0x00FF_FFFF
            }
            Self::NotAThread => 1,
            Self::KernelEntered => 2,
            Self::StorageInUse { .. } => 3,
            Self::AlreadyEnabled => 4,
            Self::AlreadyCreated => 5,
            Self::NoDriver => 6,
            Self::NoUnixTime => 7,
            Self::NoEntropy => 8,
            Self::TextLength { .. } => 9,
            Self::OutOfRange { .. } => 10,
            Self::TooManyAddresses { .. } => 11,
            Self::TooMany { .. } => 12,
            Self::NulInText { .. } => 13,
            Self::Link(_) => 14,
            Self::NotReady => 15,
            Self::SocketInUse => 16,
            Self::NotListening => 17,
            Self::NoSuchAddress => 18,
            Self::NoTrustedRoot => 19,
            Self::SymmetricKey => 20,
            Self::PayloadTooSmall { .. } => 21,
            Self::MetadataTooSmall { .. } => 22,
            Self::Settings(_) => 23,
            Self::Unsupported { .. } => 24,
            Self::PacketLength { .. } => 25,
            Self::NoAnswer { .. } => 26,
            Self::SntpRuns => 27,
        }
    }

    /// That a call failed with a status.
    pub(crate) fn c(of: Api, call: &'static str, code: u32) -> Self {
        let status = Status { code, of };
        Self::C { call, status }
    }
}

/// `Ok` for the success status, which is 0 everywhere.
pub(crate) fn check(of: Api, call: &'static str, code: u32) -> Result<(), Error> {
    if code == 0 {
        return Ok(());
    }
    Err(Error::c(of, call, code))
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
            (Api::NetXDuo, nx::NX_PORT_UNAVAILABLE, "NX_PORT_UNAVAILABLE"),
            (Api::NetXDuo, nx::NX_NO_RESPONSE, "NX_NO_RESPONSE"),
            (Api::NetXDuo, nx::NX_DUPLICATE_LISTEN, "NX_DUPLICATE_LISTEN"),
            (Api::NetXDuo, nx::NX_IN_PROGRESS, "NX_IN_PROGRESS"),
            (Api::NetXDuo, nx::NX_NOT_CONNECTED, "NX_NOT_CONNECTED"),
            (Api::NetXDuo, nx::NX_NOT_SUPPORTED, "NX_NOT_SUPPORTED"),
            (Api::NetXDuo, nx::NX_DNS_TIMEOUT, "NX_DNS_TIMEOUT"),
            (Api::NetXDuo, nx::NX_DNS_QUERY_FAILED, "NX_DNS_QUERY_FAILED"),
            (Api::NetXDuo, nx::NX_DNS_PARAM_ERROR, "NX_DNS_PARAM_ERROR"),
            (
                Api::AzureIot,
                nx::NX_DNS_EMPTY_DNS_SERVER_LIST,
                "NX_DNS_EMPTY_DNS_SERVER_LIST",
            ),
            (
                Api::NetXDuo,
                nx::NX_SECURE_PKCS1_INVALID_PRIVATE_KEY,
                "NX_SECURE_PKCS1_INVALID_PRIVATE_KEY",
            ),
            (
                Api::NetXDuo,
                nx::NX_SECURE_X509_INVALID_CERTIFICATE,
                "NX_SECURE_X509_INVALID_CERTIFICATE",
            ),
            (
                Api::AzureIot,
                nx::NXD_MQTT_ALREADY_CONNECTED,
                "NXD_MQTT_ALREADY_CONNECTED",
            ),
            (
                Api::AzureIot,
                nx::NXD_MQTT_NOT_CONNECTED,
                "NXD_MQTT_NOT_CONNECTED",
            ),
            (
                Api::AzureIot,
                nx::NXD_MQTT_CONNECT_FAILURE,
                "NXD_MQTT_CONNECT_FAILURE",
            ),
            (
                Api::AzureIot,
                nx::NXD_MQTT_PACKET_POOL_FAILURE,
                "NXD_MQTT_PACKET_POOL_FAILURE",
            ),
            (
                Api::AzureIot,
                nx::NXD_MQTT_COMMUNICATION_FAILURE,
                "NXD_MQTT_COMMUNICATION_FAILURE",
            ),
            (
                Api::AzureIot,
                nx::NXD_MQTT_ERROR_SERVER_UNAVAILABLE,
                "NXD_MQTT_ERROR_SERVER_UNAVAILABLE",
            ),
            (
                Api::AzureIot,
                nx::NXD_MQTT_ERROR_NOT_AUTHORIZED,
                "NXD_MQTT_ERROR_NOT_AUTHORIZED",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE,
                "NX_AZURE_IOT_INSUFFICIENT_BUFFER_SPACE",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_NO_PACKET,
                "NX_AZURE_IOT_NO_PACKET",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_NO_AVAILABLE_CIPHER,
                "NX_AZURE_IOT_NO_AVAILABLE_CIPHER",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_WRONG_STATE,
                "NX_AZURE_IOT_WRONG_STATE",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_THROTTLED,
                "NX_AZURE_IOT_THROTTLED",
            ),
            (
                Api::AzureIot,
                nx::NX_AZURE_IOT_SAS_TOKEN_EXPIRED,
                "NX_AZURE_IOT_SAS_TOKEN_EXPIRED",
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
        let error = Error::C {
            call: "it",
            status: unknown,
        };
        assert_eq!(error.code(), 0x0100_7777);
        let error = check(Api::AzureIot, "it", 0x10005).unwrap_err();
        assert_eq!(error.code(), 0x0301_0005);
        assert_eq!(Error::PacketLength { length: 0 }.code(), 25);
    }
}
