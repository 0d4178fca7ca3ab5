//! The account's activity log: what was done to a hub.

use defender_detect::{SignalKind, input::HubEvent};
use serde_json::json;

use crate::signals;

const HUB: &str = "/SUBSCRIPTIONS/0/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.DEVICES/IOTHUBS/HUB";

/// The same event as an Event Hub has it, and as the command-line tool lists it.
fn said(operation: &str, resource: &str, result: &str, signature: &str) -> Option<HubEvent> {
    let hub = json!({
        "time": "2027-01-31T12:00:00.1234567Z", "resourceId": resource, "operationName": operation.to_uppercase(),
        "category": "Administrative", "resultType": result, "resultSignature": signature, "level": "Information",
        "callerIpAddress": "192.0.2.1", "identity": {"claims": {}}, "properties": {"statusCode": "Created"},
    });
    let listed = json!([{
        "eventTimestamp": "2027-01-31T12:00:00.123456+00:00", "resourceId": resource.to_lowercase(),
        "operationName": {"value": operation, "localizedValue": "shown"},
        "category": {"value": "Administrative", "localizedValue": "shown"},
        "status": {"value": match result { "Success" => "Succeeded", "Failure" => "Failed", _ => "Started" }},
        "subStatus": {"value": signature.trim_start_matches("Succeeded.")}, "properties": null,
    }]);
    let all = [hub, listed].map(|record| signals(&record.to_string()));
    assert_eq!(all[0], all[1]);
    let (device, what) = all[0].first()?;
    assert_eq!(device, "", "it is about the hub");
    match what {
        SignalKind::Hub(event) => Some(*event),
        other => panic!("{other:?}"),
    }
}

#[test]
fn certificates() {
    let resource = format!("{HUB}/CERTIFICATES/ROOT");
    let (add, delete) = (
        "Microsoft.Devices/iotHubs/certificates/write",
        "Microsoft.Devices/iotHubs/certificates/delete",
    );
    for (operation, result, event) in [
        (add, "Success", Some(HubEvent::CertificateAdded)),
        (add, "Failure", Some(HubEvent::CertificateAddFailed)),
        (add, "Start", None),
        (delete, "Success", Some(HubEvent::CertificateDeleted)),
        (delete, "Failure", Some(HubEvent::CertificateDeleteFailed)),
        (
            "Microsoft.Devices/iotHubs/certificates/verify/action",
            "Success",
            None,
        ),
        (
            "Microsoft.Devices/provisioningServices/certificates/write",
            "Success",
            None,
        ),
        ("Microsoft.Devices/iotHubs/write", "Success", None),
    ] {
        assert_eq!(
            said(operation, &resource, result, ""),
            event,
            "{operation} {result}"
        );
    }
}

#[test]
fn diagnostic_settings() {
    let of =
        |resource: &str| format!("{resource}/PROVIDERS/MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/LOG");
    let (edit, delete) = (
        "Microsoft.Insights/diagnosticSettings/write",
        "Microsoft.Insights/diagnosticSettings/delete",
    );
    for (operation, resource, result, signature, event) in [
        (
            edit,
            of(HUB),
            "Success",
            "Succeeded.Created",
            Some(HubEvent::DiagnosticSettingAdded),
        ),
        (
            edit,
            of(HUB),
            "Success",
            "Succeeded.OK",
            Some(HubEvent::DiagnosticSettingEdited),
        ),
        // The service tells attempts, too.
        (
            edit,
            of(HUB),
            "Failure",
            "Forbidden",
            Some(HubEvent::DiagnosticSettingEdited),
        ),
        (
            delete,
            of(HUB),
            "Success",
            "",
            Some(HubEvent::DiagnosticSettingDeleted),
        ),
        (delete, of(HUB), "Start", "", None),
        (
            delete,
            of("/SUBSCRIPTIONS/0/PROVIDERS/MICROSOFT.WEB/SITES/S"),
            "Success",
            "",
            None,
        ),
    ] {
        assert_eq!(
            said(operation, &resource, result, signature),
            event,
            "{operation} {resource} {result}"
        );
    }
}
