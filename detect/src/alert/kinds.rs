//! Every kind of alert: one entry each, with all that is text about it.
//!
//! To add one, add an entry with a number of its own: the number stands in stored states, so it is never used again.
//!
//! In a sentence, `{device}` is the device, `{observed}` what was counted, `{limit}` what it was compared with, `{window}` the time
//! that both are about, `{peer}` the peer, `{service}` the service, `{client}` and `{server}` who of the two connected to it and who offers
//! it, `{flows}` the limit as a number of flows, `{detail}` a word of whoever found it.

use core::fmt;
use core::net::IpAddr;

use defender_message::flow::Flow;
use serde::{Deserialize, Serialize};

use super::{Alert, AlertState, Service, Severity};

/// Which peers one alert of a kind is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Peers {
    /// All of them together: the alert is about the device.
    All,
    /// All of them together; of the first few, each is told when it comes.
    AllEachTold,
    /// Those of one network: /24, with IPv6 /48, and in private networks a single host.
    Network,
    /// A single host: somebody must look after each.
    Host,
}

macro_rules! kinds {
    ($(
        $number:literal $kind:ident $alert_type:literal $severity:ident $peers:ident,
        $title:literal,
        seen $seen:literal,
        do $remediation:literal;
    )*) => {
        /// A kind of alert.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $(#[doc = concat!($title, " (`", $alert_type, "`).")] $kind,)*
        }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// Its type, as the service named its alerts: `IoT_…` are the service's own, `Defender_…` this project's.
            #[must_use]
            pub const fn alert_type(self) -> &'static str {
                match self { $(Self::$kind => $alert_type,)* }
            }

            /// Its severity where nothing makes it worse or better.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$kind => Severity::$severity,)* }
            }

            /// Its title.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn remediation(self) -> &'static str {
                match self { $(Self::$kind => $remediation,)* }
            }

            /// Which peers one alert is about.
            #[must_use]
            pub const fn peers(self) -> Peers {
                match self { $(Self::$kind => Peers::$peers,)* }
            }

            /// The sentence that says what was seen, with places for what differs.
            pub(crate) const fn sentence(self) -> &'static str {
                match self { $(Self::$kind => $seen,)* }
            }

            /// The number by which a stored state names it.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self { $(Self::$kind => $number,)* }
            }
        }
    };
}

kinds! {
    // What the service found with its built-in rules.
    1 SuspiciousIpAddressCommunication "IoT_SuspiciousIPAddressCommunication" Medium Network,
        "Communication with a suspicious IP address detected",
        seen "{device} exchanged {observed} bytes with {peer}, which {detail} lists as hostile",
        do "Find out which program talks to this address and whether it is meant to. If not, disconnect the device, install its firmware anew, and block the address.";
    2 CertPrintMismatch "IoT_Cert_Print_Mismatch" Medium Network,
        "X.509 device certificate thumbprint mismatch",
        seen "A connection as {device} from {peer} was refused: its certificate is not the one that the hub knows",
        do "Check whether the device's certificate was exchanged without telling the hub. If nobody did, somebody tries to pass for the device: look for the source, and renew the device's credentials.";
    3 CertExpired "IoT_Cert_Expired" Medium Network,
        "X.509 certificate expired",
        seen "A connection as {device} from {peer} was refused: its certificate has expired",
        do "Renew the device's certificate, and check why that did not happen in time.";
    4 ExpiredSasToken "IoT_Expired_SAS_Token" Low Network,
        "Expired SAS token",
        seen "A connection as {device} from {peer} was refused: its SAS token has expired",
        do "Check the device's clock and how it renews tokens. A token that goes on being used after its time may have been stolen.";
    5 InvalidSasToken "IoT_Invalid_SAS_Token" Low Network,
        "Invalid SAS token signature",
        seen "A connection as {device} from {peer} was refused: the signature of its SAS token is wrong",
        do "Check that the device has the key that the hub knows. If it has, somebody guesses: look for the source, and renew the key.";

    // What the service found around a hub. Its own types are as uneven as this.
    6 CertificateAddedToHub "IoT_CertificateSuccessfullyAddedToHub" Medium All,
        "Certificate added to an IoT Hub",
        seen "A certificate was added to the hub",
        do "Check that somebody who may added it. If not, remove the certificate, and find out who can change the hub.";
    7 CertificateDeletedFromHub "IoT_CertificateSuccessfullyDeletedFromHub" Medium All,
        "Certificate deleted from an IoT Hub",
        seen "A certificate was deleted from the hub",
        do "Check that somebody who may deleted it. If not, add the certificate again, and find out who can change the hub.";
    8 CertificateFailedToBeAddedToHub "Hub_CertificateFailedToBeAddedToHub" Medium All,
        "Unsuccessful attempt detected to add a certificate to an IoT Hub",
        seen "Somebody tried in vain to add a certificate to the hub",
        do "Find out who tried, and give the permission to change certificates only to those who need it.";
    9 CertificateFailedToBeDeletedFromHub "IoT.Hub_CertificateFailedToBeDeletedFromHub" Medium All,
        "Unsuccessful attempt detected to delete a certificate from an IoT Hub",
        seen "Somebody tried in vain to delete a certificate from the hub",
        do "Find out who tried, and give the permission to change certificates only to those who need it.";
    10 DiagnosticSettingAddedOrEditedOnHub "IoT_DiagnosticSettingAddedOrEditedOnHub" Low All,
        "Attempt to add or edit a diagnostic setting of an IoT Hub detected",
        seen "A diagnostic setting of the hub was added or edited",
        do "Check that somebody who may did it, and that the hub still logs what you need.";
    11 DiagnosticSettingDeletedFromHub "IoT_DiagnosticSettingDeletedFromHub" Low All,
        "Attempt to delete a diagnostic setting from an IoT Hub detected",
        seen "A diagnostic setting of the hub was deleted",
        do "Check that somebody who may did it. If not, add it again: without the hub's log an intruder leaves no trace.";

    // Attacks, found without learning.
    20 PortScan "Defender_PortScan" Medium AllEachTold,
        "Port scan of one host",
        seen "{device} tried {observed} ports of {peer} in vain within {window}, the limit is {limit}",
        do "A device has no reason to try ports. Disconnect it, look for the program that does it, and install its firmware anew.";
    21 HostScan "Defender_HostScan" Medium All,
        "Scan of many hosts",
        seen "{device} tried {service}{detail} of {observed} hosts in vain within {window}, the limit is {limit}",
        do "This is how malware looks for its next victims. Disconnect the device, install its firmware anew with new passwords, and check the hosts that answered.";
    22 AddressSweep "Defender_AddressSweep" Medium All,
        "Address sweep by ICMP",
        seen "{device} sent ICMP to {observed} hosts that did not answer within {window}, the limit is {limit}",
        do "Find out which program looks for hosts. If none is meant to, disconnect the device and install its firmware anew.";
    23 PasswordGuessing "Defender_PasswordGuessing" Medium Host,
        "Password guessing",
        seen "{client} opened {observed} new connections to {service} of {server} within {window}, the limit is {limit}",
        do "Block the one that connects, change the passwords of the one that is connected to, and look there for logins that succeeded. If it is the device that guesses, disconnect it and install its firmware anew.";
    24 ScannedByPeer "Defender_ScannedByPeer" Low Network,
        "The device is scanned",
        seen "{peer} tried {observed} ports of {device} in vain within {window}, the limit is {limit}",
        do "Find out who the peer is. If it is not your own scanner, block it, and check that the device offers no service that it need not.";
    25 DnsTunnel "Defender_DnsTunnel" Medium All,
        "Tunnel through DNS",
        seen "{device} sent {observed} bytes a minute to DNS servers, the limit is {limit}",
        do "Look into the DNS server's log for long names below one domain. Block the domain, and look on the device for the program that asks.";
    26 IcmpTunnel "Defender_IcmpTunnel" Medium Host,
        "Tunnel or flood by ICMP",
        seen "{device} and {peer} exchanged {observed} bytes of ICMP a minute, the limit is {limit}",
        do "Block ICMP between the two hosts but for what pings need, and look for the program that sends it.";
    27 Flood "Defender_Flood" Medium Host,
        "Flood",
        seen "{device} sent {observed} {detail} a minute to {peer} that were not answered, the limit is {limit}",
        do "Check whether the peer is a server of the device's that is down. If not, the device takes part in an attack: disconnect it, and install its firmware anew.";
    28 FlowTableOverflow "Defender_FlowTableOverflow" Informational All,
        "The device's flow table overflowed",
        seen "{device} could not keep {observed} bytes apart, above all of {service}, beside {flows} that it could",
        do "See what else is reported about the device: scans overflow the table. If it simply has many peers, let its agent report more often, or give its table more room.";

    // Life of device and agent.
    40 HeartbeatLost "Defender_HeartbeatLost" Low All,
        "Heartbeat lost",
        seen "No heartbeat of {device} for {observed} seconds, the limit is {limit}",
        do "Check whether the device has power and network, and whether its agent still runs.";
    41 AgentSilent "Defender_AgentSilent" Low All,
        "The agent has gone silent",
        seen "{device} is connected, and has not reported for {observed} seconds, the limit is {limit}",
        do "The device talks to the hub, but its agent does not report: check whether somebody has switched it off.";
    42 DuplicateDevice "Defender_DuplicateDevice" Medium Network,
        "One identity in several places",
        seen "{detail}: {observed} within {window}, the limit is {limit}; last from {peer}",
        do "Check whether two devices have the same credentials. If not, they were stolen: renew them, and block the source that is not the device.";

    // Departures from a baseline.
    60 Beacon "Defender_Beacon" Medium Network,
        "Beacon",
        seen "{device} connected to {service} of {peer} {observed} times with great regularity within {window}, the limit is {limit}",
        do "Find out which program calls this peer. If none is meant to, disconnect the device and install its firmware anew.";
    61 NewTrafficClass "Defender_NewTrafficClass" Medium AllEachTold,
        "Traffic of a new kind",
        seen "{device} had traffic of a kind that its group has never had: {service} {detail}, with {peer}",
        do "Check whether an update explains it, and accept it then. If not, find out which program talks, and look at the peer.";
    62 VolumeAnomaly "Defender_VolumeAnomaly" Medium All,
        "Unusual amount of traffic",
        seen "{device} {detail} {observed} bytes within {window}, the limit is {limit}",
        do "Find the peers that the traffic goes to in the evidence, and check whether an update or a backup explains it.";
    63 NewPeer "Defender_NewPeer" Informational Network,
        "New peer",
        seen "{device} talked to {peer}, which it has not before, about {service}",
        do "Nothing, unless something else is reported about the device.";

    // A team's own rules.
    100 ActiveConnectionsNotInAllowedRange "IoT_CA_ActiveConnectionsNotInAllowedRange" Low All,
        "Number of active connections is not in the allowed range",
        seen "{device} had {observed} connections within {window}, allowed are {detail}",
        do "Compare the flows with what the device is meant to do, and correct the device or the rule.";
    101 ConnectionToIpNotAllowed "IoT_CA_ConnectionToIpNotAllowed" Low Network,
        "Outbound connection to an IP that isn't allowed",
        seen "{device} connected to {service} of {peer}, which its group's rules do not allow",
        do "Find out which program connects there. Allow the address if it is meant to; block it if not.";
    102 ConnectionFromIpNotAllowed "IoT_CA_ConnectionFromIpNotAllowed" Low Network,
        "Inbound connection from an IP that isn't allowed",
        seen "{peer} connected to {service} of {device}, which its group's rules do not allow",
        do "Find out who connects. Allow the address if it may; block it if not, and close the service if nobody needs it.";
    103 MqttC2DMessagesNotInAllowedRange "IoT_CA_MqttC2DMessagesNotInAllowedRange" Low All,
        "Number of cloud to device messages (MQTT) is not in the allowed range",
        seen "{device} was sent {observed} messages over MQTT within {window}, allowed are {detail}",
        do "Check who sends the device commands, and whether they are meant to.";
    104 MqttD2CMessagesNotInAllowedRange "IoT_CA_MqttD2CMessagesNotInAllowedRange" Low All,
        "Number of device to cloud messages (MQTT) is not in the allowed range",
        seen "{device} sent {observed} messages over MQTT within {window}, allowed are {detail}",
        do "Compare with what the device is meant to send: it may be broken, or somebody else may send in its name.";
    105 MqttC2DRejectedMessagesNotInAllowedRange "IoT_CA_MqttC2DRejectedMessagesNotInAllowedRange" Low All,
        "Number of rejected cloud to device messages (MQTT) is not in the allowed range",
        seen "{device} rejected {observed} messages over MQTT within {window}, allowed are {detail}",
        do "Check who sends the device commands that it does not know, and which version it runs.";
    106 AmqpC2DMessagesNotInAllowedRange "IoT_CA_AmqpC2DMessagesNotInAllowedRange" Low All,
        "Number of cloud to device messages (AMQP) is not in the allowed range",
        seen "{device} was sent {observed} messages over AMQP within {window}, allowed are {detail}",
        do "Check who sends the device commands, and whether they are meant to.";
    107 AmqpD2CMessagesNotInAllowedRange "IoT_CA_AmqpD2CMessagesNotInAllowedRange" Low All,
        "Number of device to cloud messages (AMQP) is not in the allowed range",
        seen "{device} sent {observed} messages over AMQP within {window}, allowed are {detail}",
        do "Compare with what the device is meant to send: it may be broken, or somebody else may send in its name.";
    108 AmqpC2DRejectedMessagesNotInAllowedRange "IoT_CA_AmqpC2DRejectedMessagesNotInAllowedRange" Low All,
        "Number of rejected cloud to device messages (AMQP) is not in the allowed range",
        seen "{device} rejected {observed} messages over AMQP within {window}, allowed are {detail}",
        do "Check who sends the device commands that it does not know, and which version it runs.";
    109 HttpC2DMessagesNotInAllowedRange "IoT_CA_HttpC2DMessagesNotInAllowedRange" Low All,
        "Number of cloud to device messages (HTTP) is not in the allowed range",
        seen "{device} was sent {observed} messages over HTTP within {window}, allowed are {detail}",
        do "Check who sends the device commands, and whether they are meant to.";
    110 HttpD2CMessagesNotInAllowedRange "IoT_CA_HttpD2CMessagesNotInAllowedRange" Low All,
        "Number of device to cloud messages (HTTP) is not in the allowed range",
        seen "{device} sent {observed} messages over HTTP within {window}, allowed are {detail}",
        do "Compare with what the device is meant to send: it may be broken, or somebody else may send in its name.";
    111 HttpC2DRejectedMessagesNotInAllowedRange "IoT_CA_HttpC2DRejectedMessagesNotInAllowedRange" Low All,
        "Number of rejected cloud to device messages (HTTP) is not in the allowed range",
        seen "{device} rejected {observed} messages over HTTP within {window}, allowed are {detail}",
        do "Check who sends the device commands that it does not know, and which version it runs.";
    112 DirectMethodInvokesNotInAllowedRange "IoT_CA_DirectMethodInvokesNotInAllowedRange" Low All,
        "Number of direct method invokes is not in the allowed range",
        seen "Direct methods of {device} were invoked {observed} times within {window}, allowed are {detail}",
        do "Check who invokes the methods, and whether they are meant to.";
    113 TwinUpdatesNotInAllowedRange "IoT_CA_TwinUpdatesNotInAllowedRange" Low All,
        "Number of updates to twin modules is not in the allowed range",
        seen "The twin of {device} was updated {observed} times within {window}, allowed are {detail}",
        do "Check who updates the twin, and whether they are meant to.";
    114 QueuePurgesNotInAllowedRange "IoT_CA_QueuePurgesNotInAllowedRange" Low All,
        "Number of command queue purges is not in the allowed range",
        seen "The command queue of {device} was purged {observed} times within {window}, allowed are {detail}",
        do "Check who purges the queue: commands that a device needs may have been lost.";
    115 UnauthorizedOperationsNotInAllowedRange "IoT_CA_UnauthorizedOperationsNotInAllowedRange" Low All,
        "Number of unauthorized operations is not in the allowed range",
        seen "{observed} operations as {device} were refused within {window}, allowed are {detail}",
        do "Check the credentials in use: a device or a program tries what it may not do.";
}

impl Kind {
    /// The name of its rule, as exceptions and rules files name it: the alert type without its prefix.
    #[must_use]
    pub fn rule(self) -> &'static str {
        let alert_type = self.alert_type();
        ["IoT_CA_", "IoT_", "Defender_"]
            .iter()
            .find_map(|prefix| alert_type.strip_prefix(prefix))
            .unwrap_or(alert_type)
    }

    /// Whether an alert is about one peer and one service, so that others are another alert.
    #[must_use]
    pub const fn is_of_peer(self) -> bool {
        matches!(self.peers(), Peers::Network | Peers::Host)
    }

    /// The kind whose rule has this name.
    #[must_use]
    pub fn from_rule(rule: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.rule() == rule)
    }

    /// The kind that a stored state names by this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.number() == number)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.rule())
    }
}

/// By the name of its rule in texts, by its number in bytes.
impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(self.rule()),
            false => serializer.serialize_u8(self.number()),
        }
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if !deserializer.is_human_readable() {
            let number = u8::deserialize(deserializer)?;
            return Self::from_number(number)
                .ok_or_else(|| D::Error::custom(format_args!("{number} is no kind of alert")));
        }
        let rule = String::deserialize(deserializer)?;
        Self::from_rule(&rule)
            .ok_or_else(|| D::Error::custom(format_args!("`{rule}` is the name of no rule")))
    }
}

/// An alert as JSON has it: with the texts of its kind.
#[derive(Serialize, Deserialize)]
pub(super) struct Described {
    id: String,
    rule: Kind,
    #[serde(skip_deserializing)]
    alert_type: &'static str,
    severity: Severity,
    #[serde(skip_deserializing)]
    title: &'static str,
    device: String,
    group: String,
    first_seen: u32,
    last_seen: u32,
    count: u32,
    state: AlertState,
    peer: Option<IpAddr>,
    service: Option<Service>,
    explanation: String,
    #[serde(skip_deserializing)]
    remediation: &'static str,
    evidence: Vec<Flow<IpAddr>>,
}

impl From<Alert> for Described {
    fn from(alert: Alert) -> Self {
        let kind = alert.kind;
        Self {
            id: alert.id,
            rule: kind,
            alert_type: kind.alert_type(),
            severity: alert.severity,
            title: kind.title(),
            device: alert.device,
            group: alert.group,
            first_seen: alert.first_seen,
            last_seen: alert.last_seen,
            count: alert.count,
            state: alert.state,
            peer: alert.peer,
            service: alert.service,
            explanation: alert.explanation,
            remediation: kind.remediation(),
            evidence: alert.evidence,
        }
    }
}

impl From<Described> for Alert {
    fn from(described: Described) -> Self {
        Self {
            id: described.id,
            kind: described.rule,
            severity: described.severity,
            device: described.device,
            group: described.group,
            first_seen: described.first_seen,
            last_seen: described.last_seen,
            count: described.count,
            state: described.state,
            peer: described.peer,
            service: described.service,
            explanation: described.explanation,
            evidence: described.evidence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_types_and_rules_are_unique() {
        let unique = |mut all: Vec<String>| {
            let count = all.len();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), count);
        };
        unique(
            Kind::ALL
                .iter()
                .map(|kind| kind.number().to_string())
                .collect(),
        );
        unique(
            Kind::ALL
                .iter()
                .map(|kind| kind.alert_type().to_owned())
                .collect(),
        );
        unique(
            Kind::ALL
                .iter()
                .map(|kind| kind.rule().to_owned())
                .collect(),
        );
        for &kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind.number()), Some(kind));
            assert_eq!(Kind::from_rule(kind.rule()), Some(kind));
        }
    }

    #[test]
    fn sentences_have_no_other_places_than_those_that_are_filled_in() {
        let known = [
            "device", "observed", "limit", "flows", "window", "peer", "service", "client",
            "server", "detail",
        ];
        for kind in Kind::ALL {
            for place in kind.sentence().split('{').skip(1) {
                let name = place.split('}').next().unwrap();
                assert!(known.contains(&name), "{kind}: {name}");
            }
        }
    }
}
