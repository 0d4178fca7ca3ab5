//! IoT Hub's resource log.

use defender_detect::{
    SignalKind,
    input::{Refusal, Transport},
};
use serde_json::json;

use crate::signals;

/// A record as the service writes it: its properties are a text with JSON in it.
struct Record {
    category: &'static str,
    operation: &'static str,
    result: &'static str,
    description: &'static str,
    properties: serde_json::Value,
}

impl Record {
    fn new(category: &'static str, operation: &'static str) -> Self {
        Self {
            category,
            operation,
            result: "",
            description: "",
            properties: json!({
                "deviceId": "lobby", "protocol": "Mqtt", "sdkVersion": "2021-04-12", "maskedIpAddress": "198.51.100.XXX",
                "authType": "{\"scope\":\"device\",\"type\":\"sas\",\"issuer\":\"iothub\",\"acceptingIpFilterRule\":null}",
            }),
        }
    }

    fn failed(mut self, result: &'static str, description: &'static str) -> Self {
        self.result = result;
        self.description = description;
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.properties[name] = value.into();
        self
    }

    fn said(&self) -> Option<SignalKind> {
        let level = if self.result.is_empty() {
            "Information"
        } else {
            "Error"
        };
        let record = json!({
            "time": "2027-01-31T12:00:00Z",
            "resourceId": "/SUBSCRIPTIONS/0/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.DEVICES/IOTHUBS/HUB",
            "operationName": self.operation, "category": self.category, "level": level,
            "resultType": self.result, "resultDescription": self.description,
            "properties": self.properties.to_string(), "location": "westeurope",
        });
        let mut signals = signals(&record.to_string()).into_iter();
        signals.next().map(|(device, what)| {
            assert_eq!(device, "lobby");
            what
        })
    }
}

#[test]
fn connections() {
    let source = Some("198.51.100.0".parse().unwrap());
    let connect = || Record::new("Connections", "deviceConnect");
    let disconnect = || Record::new("Connections", "deviceDisconnect");
    let refused = |reason| Some(SignalKind::Refused { reason, source });
    for (record, expected) in [
        (connect(), Some(SignalKind::Connected { source })),
        (disconnect(), Some(SignalKind::Disconnected)),
        (
            disconnect().failed("404104", "DeviceConnectionClosedRemotely"),
            Some(SignalKind::Disconnected),
        ),
        // Another one has its identity, or it has opened another connection itself.
        (
            disconnect().failed("400027", "ConnectionForcefullyClosedOnNewConnection"),
            Some(SignalKind::TakenOver { source }),
        ),
        (
            disconnect()
                .failed("", "")
                .with("details", "ConnectionForcefullyClosedOnNewConnection"),
            Some(SignalKind::TakenOver { source }),
        ),
        // How devices with tokens learn that they need another: nothing was refused.
        (
            disconnect().failed("401003", "IoTHubUnauthorized"),
            Some(SignalKind::Disconnected),
        ),
        (
            connect().failed(
                "401003",
                "Thumbprint does not match configuration: Thumbprint: SHA1Hash=1, SHA2Hash=2",
            ),
            refused(Refusal::CertificateMismatch),
        ),
        (
            connect().failed("401003", "The certificate has expired."),
            refused(Refusal::CertificateExpired),
        ),
        (
            connect().failed("401003", "The specified SAS token is expired"),
            refused(Refusal::SasTokenExpired),
        ),
        (
            connect().failed(
                "401002",
                "The specified SAS token has an invalid signature.",
            ),
            refused(Refusal::SasTokenInvalid),
        ),
        // The reason may stand in the properties.
        (
            connect()
                .failed("401003", "IoTHubUnauthorized")
                .with("details", "Token expired"),
            refused(Refusal::SasTokenExpired),
        ),
        (
            connect().failed("401003", "IoTHubUnauthorized"),
            refused(Refusal::Unauthorized),
        ),
        (
            connect().failed("401004", "").with("statusCode", "401"),
            refused(Refusal::Unauthorized),
        ),
        (
            connect().failed("404001", "DeviceNotFound"),
            refused(Refusal::UnknownDevice),
        ),
        (
            connect().failed(
                "401003",
                "IotHub 'h' does not contain the specified device 'lobby'",
            ),
            refused(Refusal::UnknownDevice),
        ),
        // Neither connected nor refused.
        (connect().failed("429001", "ThrottlingException"), None),
        (connect().failed("500001", "ServerError"), None),
    ] {
        assert_eq!(record.said(), expected, "{}", record.description);
    }
}

#[test]
fn what_is_counted() {
    let source = Some("198.51.100.0".parse().unwrap());
    let transport = Transport::Mqtt;
    let (amqp, http) = (Transport::Amqp, Transport::Http);
    let command = |operation| Record::new("C2DCommands", operation);
    let unauthorized = Some(SignalKind::UnauthorizedOperation { source });
    for (record, expected) in [
        (
            command("ingress"),
            Some(SignalKind::CloudToDevice { transport }),
        ),
        (
            command("ingress").with("protocol", "Amqp"),
            Some(SignalKind::CloudToDevice { transport: amqp }),
        ),
        (
            command("reject"),
            Some(SignalKind::CloudToDeviceRejected { transport }),
        ),
        (
            command("reject").with("protocol", "Https"),
            Some(SignalKind::CloudToDeviceRejected { transport: http }),
        ),
        (command("purgeCommandQueue"), Some(SignalKind::QueuePurge)),
        (
            command("ingress").failed("401002", "IoTHubUnauthorizedAccess"),
            unauthorized,
        ),
        (command("messageExpired").failed("404001", "x"), None),
        (
            Record::new("DirectMethods", "send"),
            Some(SignalKind::DirectMethod),
        ),
        (
            Record::new("DirectMethods", "send").failed("404103", "DeviceNotOnline"),
            Some(SignalKind::DirectMethod),
        ),
        (
            Record::new("DirectMethods", "send").failed("401003", "x"),
            unauthorized,
        ),
        (
            Record::new("C2DTwinOperations", "update"),
            Some(SignalKind::TwinUpdate),
        ),
        (
            Record::new("C2DTwinOperations", "replace"),
            Some(SignalKind::TwinUpdate),
        ),
        (
            Record::new("D2CTwinOperations", "update"),
            Some(SignalKind::TwinUpdate),
        ),
        (
            Record::new("D2CTwinOperations", "update").failed("401003", "x"),
            unauthorized,
        ),
        (
            Record::new("D2CTwinOperations", "update").failed("429001", "x"),
            None,
        ),
        (Record::new("C2DTwinOperations", "read"), None),
        (
            Record::new("DeviceTelemetry", "ingress"),
            Some(SignalKind::DeviceToCloud { transport }),
        ),
        (
            Record::new("DeviceTelemetry", "ingress").with("protocol", "AmqpWs"),
            Some(SignalKind::DeviceToCloud { transport: amqp }),
        ),
        (
            Record::new("DeviceTelemetry", "ingress").failed("401003", "x"),
            unauthorized,
        ),
        (
            Record::new("TwinQueries", "query").failed("401002", "x"),
            unauthorized,
        ),
        (Record::new("TwinQueries", "query"), None),
        (
            Record::new("DeviceIdentityOperations", "get").failed("401002", "x"),
            unauthorized,
        ),
        (
            Record::new("Routes", "endpointUnhealthy").failed("403004", "x"),
            None,
        ),
        (
            Record::new("Configurations", "ReadManyConfigurations"),
            None,
        ),
        (Record::new("SomethingNew", "x"), None),
    ] {
        assert_eq!(
            record.said(),
            expected,
            "{} {} {}",
            record.category,
            record.operation,
            record.result
        );
    }
}

/// The service masks the last part; whoever does not is believed.
#[test]
fn sources() {
    for (address, source) in [
        ("198.51.100.XXX", Some("198.51.100.0")),
        ("198.51.100.7", Some("198.51.100.7")),
        ("2001:db8::1", Some("2001:db8::1")),
        ("somewhere", None),
        ("", None),
    ] {
        let said = Record::new("Connections", "deviceConnect")
            .with("maskedIpAddress", address)
            .said();
        let source = source.map(|source| source.parse().unwrap());
        assert_eq!(said, Some(SignalKind::Connected { source }), "{address}");
    }
}
