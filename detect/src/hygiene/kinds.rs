//! Every kind of recommendation: one entry each, with all that is text about it.

use core::fmt;

use serde::{Serialize, Serializer};

use crate::alert::Severity;

macro_rules! kinds {
    ($(
        $kind:ident $type:literal $severity:ident,
        $title:literal,
        do $remedy:literal;
    )*) => {
        /// A kind of recommendation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $(#[doc = concat!($title, " (`", $type, "`).")] $kind,)*
        }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// Its type: `IoT_…` are the service's own, `Defender_…` this project's.
            #[must_use]
            pub const fn recommendation_type(self) -> &'static str {
                match self { $(Self::$kind => $type,)* }
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
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$kind => $remedy,)* }
            }
        }
    };
}

kinds! {
    // The service's own.
    SharedCredentials "IoT_SharedCredentials" High,
        "Identical authentication credentials used by multiple devices",
        do "Give each device credentials of its own, and withdraw the shared ones: who has one of the devices can pass for all of them.";
    IpFilterDenyAll "IoT_IPFilter_DenyAll" Medium,
        "Default IP filter policy should be deny",
        do "Add rules for the networks that your devices come from, and set the default action of the hub's network rules to Deny.";
    IpFilterPermissiveRule "IoT_IPFilter_PermissiveRule" Medium,
        "IP filter rule includes large IP range",
        do "Narrow the rule to the networks that your devices come from.";
    DiagnosticLogs "Defender_DiagnosticLogs" Low,
        "Enable diagnostics logs in IoT Hub",
        do "Add a diagnostic setting that keeps the category Connections at least: without it a refused or stolen identity leaves no trace.";

    // This project's.
    KnownVulnerabilities "Defender_KnownVulnerabilities" Medium,
        "Known vulnerabilities of the version in use",
        do "Update to a version in which they are fixed. Until then check what each needs: many concern parts that a device need not use.";
    OutOfSupport "Defender_OutOfSupport" Low,
        "Version out of support",
        do "Update to a version that its makers still mend.";
    VersionsDiffer "Defender_VersionsDiffer" Low,
        "Versions within a group differ",
        do "Find out why the device was left out of the group's updates, or move it to a group of its own.";
    ClearText "Defender_ClearText" Medium,
        "Clear-text service in use",
        do "Change to the service's form with TLS or DTLS (or SSH), and switch the clear one off: who listens on the way reads and changes everything, passwords included.";
    AdministrationReachable "Defender_AdministrationReachable" Medium,
        "Others reach an administration port",
        do "Close the port if nobody needs it. If somebody does, let only their network through.";
    ReportsRarely "Defender_ReportsRarely" Low,
        "The agent reports rarely",
        do "Let the agent report network activity more often: what happens within one report cannot be told apart in time.";
    TableOverflows "Defender_TableOverflows" Low,
        "The agent's flow table overflows",
        do "If nothing else is reported about the device, give its table more room, or let the agent report more often: what finds no room is attributed to nobody.";
    AgentOld "Defender_AgentOld" Low,
        "The agent is old",
        do "Update the agent.";
    ClockWrong "Defender_ClockWrong" Low,
        "The device's clock is wrong",
        do "Let the device set its clock from the network. Until then its reports are taken at the time of receipt.";
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.recommendation_type())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.recommendation_type())
    }
}
