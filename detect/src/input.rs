//! What detection is fed, in one ordered stream: reports, signals, and time.

use core::net::IpAddr;

use defender_message::SecurityMessage;
use serde::{Deserialize, Serialize};

/// One piece of the stream. Its order is part of the input: the same pieces in the same order give the same changes.
///
/// Times are seconds of Unix time, as in messages.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Input<'a> {
    /// A security message has come.
    Report(Report<'a>),
    /// Something else happened at the hub.
    Signal(Signal<'a>),
    /// It is at least this late. Ticks come regularly, every minute or so: they are how silence is noticed.
    Tick {
        /// The source's time.
        time: u32,
    },
}

/// A security message of a device.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The device's id, as the hub knows it.
    pub device: &'a str,
    /// When the source received it. `None` when nobody knows, as with captures and files of messages: then the events' own
    /// time is taken for it.
    pub received: Option<u32>,
    /// What it says.
    pub message: &'a SecurityMessage,
}

/// Something that the hub's broker or log says about a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal<'a> {
    /// The device's id. Empty: the hub itself.
    pub device: &'a str,
    /// When it happened, by the source's time.
    pub received: u32,
    /// What happened.
    pub what: SignalKind,
}

/// What a signal tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SignalKind {
    /// The device connected, from an address if that is known.
    Connected {
        /// Where it came from.
        source: Option<IpAddr>,
    },
    /// The device's connection ended.
    Disconnected,
    /// A connection was refused.
    Refused {
        /// Why.
        reason: Refusal,
        /// Where it came from.
        source: Option<IpAddr>,
    },
    /// The hub sent the device a message.
    CloudToDevice {
        /// Over which protocol.
        transport: Transport,
    },
    /// The device rejected a message that the hub had sent.
    CloudToDeviceRejected {
        /// Over which protocol.
        transport: Transport,
    },
    /// The device sent a message, whatever is in it.
    DeviceToCloud {
        /// Over which protocol.
        transport: Transport,
    },
    /// A direct method of the device was invoked.
    DirectMethod,
    /// The device's twin, or a module's, was updated.
    TwinUpdate,
    /// The device's queue of commands was purged.
    QueuePurge,
    /// An operation was refused because its caller may not do it.
    UnauthorizedOperation {
        /// Where the caller was.
        source: Option<IpAddr>,
    },
    /// Something that was done to the hub, not by or to a device.
    Hub(HubEvent),
    /// These are the device's credentials, in place of those that were known before.
    Credentials {
        /// A mark of each, by which equal ones are told; see [`credentials_mark`](crate::hygiene::credentials_mark). 0: none.
        marks: [u64; 2],
    },
    /// A connection of the device was closed because another one with its identity was opened, which goes on.
    TakenOver {
        /// Where the one that was closed came from.
        source: Option<IpAddr>,
    },
}

/// Why a connection was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// The certificate is another one than the hub knows.
    CertificateMismatch,
    /// The certificate's time is over.
    CertificateExpired,
    /// The time of the shared access signature is over.
    SasTokenExpired,
    /// The shared access signature is wrong.
    SasTokenInvalid,
    /// There is no such device.
    UnknownDevice,
    /// The device exists and may not connect, or a reason is not given.
    Unauthorized,
}

/// The protocol between device and hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Transport {
    /// MQTT, also over WebSockets.
    Mqtt,
    /// AMQP, also over WebSockets.
    Amqp,
    /// HTTPS.
    Http,
}

/// What is done around a hub, as the cloud account's activity log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum HubEvent {
    /// A certificate was added.
    CertificateAdded,
    /// Adding a certificate failed.
    CertificateAddFailed,
    /// A certificate was deleted.
    CertificateDeleted,
    /// Deleting a certificate failed.
    CertificateDeleteFailed,
    /// A diagnostic setting was added.
    DiagnosticSettingAdded,
    /// A diagnostic setting was edited.
    DiagnosticSettingEdited,
    /// A diagnostic setting was deleted.
    DiagnosticSettingDeleted,
}
