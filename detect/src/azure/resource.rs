//! IoT Hub's resource log, category by category.

use super::record::{Properties, Record};
use crate::input::{Refusal, SignalKind};

/// What a record says happened, and to which device; nothing where it says nothing that detection asks for.
pub(super) fn signal(record: &Record<'_>) -> Option<(String, SignalKind)> {
    let properties = record.properties();
    let outcome = Outcome::of(record, &properties);
    let operation = record.operation().to_ascii_lowercase();
    let source = properties.source();
    let transport = properties.transport();
    let what = match &*record.category() {
        "Connections" => match (&*operation, outcome) {
            ("devicedisconnect", _) if is_taken_over(record, &properties) => {
                SignalKind::TakenOver { source }
            }
            // A refusal ends a connection, too: MQTT devices wait for that to renew their tokens.
            ("devicedisconnect", _) => SignalKind::Disconnected,
            ("deviceconnect", Outcome::Done) => SignalKind::Connected { source },
            ("deviceconnect", _) if is_unknown(record, &properties) => SignalKind::Refused {
                reason: Refusal::UnknownDevice,
                source,
            },
            ("deviceconnect", Outcome::Unauthorized) => SignalKind::Refused {
                reason: refusal(record, &properties),
                source,
            },
            _ => return None,
        },
        // What a caller may not do, whatever it is.
        "C2DCommands"
        | "C2DTwinOperations"
        | "D2CTwinOperations"
        | "DirectMethods"
        | "DeviceTelemetry"
        | "DeviceIdentityOperations"
        | "TwinQueries"
        | "DeviceStreams"
        | "FileUploadOperations"
        | "JobsOperations"
            if outcome == Outcome::Unauthorized =>
        {
            SignalKind::UnauthorizedOperation { source }
        }
        "C2DCommands" if operation.contains("purge") => SignalKind::QueuePurge,
        "C2DCommands" if operation.contains("reject") || operation.contains("deadletter") => {
            SignalKind::CloudToDeviceRejected { transport }
        }
        // An invocation that fails at the device was one, nevertheless.
        "DirectMethods" => SignalKind::DirectMethod,
        "C2DCommands" if outcome == Outcome::Done && !operation.contains("expire") => {
            SignalKind::CloudToDevice { transport }
        }
        "DeviceTelemetry" if outcome == Outcome::Done && operation == "ingress" => {
            SignalKind::DeviceToCloud { transport }
        }
        "C2DTwinOperations" | "D2CTwinOperations"
            if outcome == Outcome::Done
                && ["update", "replace", "write"]
                    .iter()
                    .any(|verb| operation.contains(verb)) =>
        {
            SignalKind::TwinUpdate
        }
        _ => return None,
    };
    // Without a device it is about the hub, as queries of all twins are.
    Some((properties.device().unwrap_or_default(), what))
}

/// How an operation ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Unauthorized,
    Failed,
}

impl Outcome {
    /// By the hub's code, such as 401003, or the status, such as 401.
    fn of(record: &Record<'_>, properties: &Properties) -> Self {
        let code = record
            .result()
            .trim()
            .parse::<u32>()
            .ok()
            .filter(|code| *code > 0);
        let status = code.map_or_else(
            || properties.status(),
            |code| Some(if code >= 100_000 { code / 1000 } else { code }),
        );
        match status {
            Some(401) => Self::Unauthorized,
            Some(400..) => Self::Failed,
            _ if record.is_error() && says(record, properties, "unauthorized") => {
                Self::Unauthorized
            }
            _ if record.is_error() => Self::Failed,
            _ => Self::Done,
        }
    }
}

/// Why a connection was refused: the code is the same for most reasons, so that the words decide.
fn refusal(record: &Record<'_>, properties: &Properties) -> Refusal {
    let says = |word| says(record, properties, word);
    match () {
        () if says("thumbprint") => Refusal::CertificateMismatch,
        () if says("certificate") && says("expired") => Refusal::CertificateExpired,
        () if says("expired") => Refusal::SasTokenExpired,
        () if says("signature") => Refusal::SasTokenInvalid,
        () => Refusal::Unauthorized,
    }
}

/// Whether a connection ended because the device opened another one.
fn is_taken_over(record: &Record<'_>, properties: &Properties) -> bool {
    record.result() == "400027"
        || says(
            record,
            properties,
            "connectionforcefullyclosedonnewconnection",
        )
}

/// Whether the hub has no such device.
fn is_unknown(record: &Record<'_>, properties: &Properties) -> bool {
    record.result() == "404001"
        || says(record, properties, "devicenotfound")
        || says(record, properties, "does not contain the specified device")
}

/// Whether a record's words have one in lower case among them.
fn says(record: &Record<'_>, properties: &Properties, word: &str) -> bool {
    let words = format!(
        "{} {} {}",
        record.result(),
        record.description(),
        properties.words()
    );
    words.to_ascii_lowercase().contains(word)
}
