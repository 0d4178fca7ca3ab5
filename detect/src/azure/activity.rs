//! The account's activity log: what was done to a hub.

use super::record::Record;
use crate::input::{HubEvent, SignalKind};

/// Every record of the resource log has a category of its own; the activity log's are these.
const CATEGORIES: [&str; 4] = ["Administrative", "Action", "Write", "Delete"];

/// The operations on a hub that matter.
const HUB: &str = "/MICROSOFT.DEVICES/IOTHUBS/";

/// Whether a record is one of the activity log.
pub(super) fn is_activity(record: &Record<'_>) -> bool {
    CATEGORIES.contains(&&*record.category()) || record.operation().contains('/')
}

/// What a record says was done to the hub.
pub(super) fn signal(record: &Record<'_>) -> Option<SignalKind> {
    let operation = record.operation().to_ascii_uppercase();
    let has_failed = match &*record.result().to_ascii_lowercase() {
        "success" | "succeeded" => false,
        "failure" | "failed" => true,
        // It has begun: how it ends is told in another record.
        _ => return None,
    };
    let is_certificate = operation.starts_with("MICROSOFT.DEVICES/IOTHUBS/CERTIFICATES/");
    let is_diagnostics =
        operation.contains("/DIAGNOSTICSETTINGS/") && record.resource().contains(HUB);
    let verb = operation.rsplit('/').next().unwrap_or_default();
    let event = match (verb, has_failed) {
        ("WRITE", false) if is_certificate => HubEvent::CertificateAdded,
        ("WRITE", true) if is_certificate => HubEvent::CertificateAddFailed,
        ("DELETE", false) if is_certificate => HubEvent::CertificateDeleted,
        ("DELETE", true) if is_certificate => HubEvent::CertificateDeleteFailed,
        // Attempts count, as with the service.
        ("WRITE", _) if is_diagnostics => match record.signature().contains("Created") {
            true => HubEvent::DiagnosticSettingAdded,
            false => HubEvent::DiagnosticSettingEdited,
        },
        ("DELETE", _) if is_diagnostics => HubEvent::DiagnosticSettingDeleted,
        _ => return None,
    };
    Some(SignalKind::Hub(event))
}
