//! Traffic with a label: what a device sends and receives when all is well, and when somebody means harm.
//!
//! A scenario makes real packets, IPv4 or IPv6: with valid headers and checksums, connections that open, answer, lose a
//! segment and close, and times as networks have them. A seed decides where chance does; the same seed gives the same
//! packets on any machine. Packets are made as they are asked for, so that a scenario of a year needs no more memory than one of a minute.
//!
//! ```
//! use defender_replay::scenario::{self, Label, Options};
//!
//! let scan = scenario::find("vertical-scan").unwrap();
//! assert_eq!(scan.label(), Label::Hostile);
//! let mut run = scan.run(&Options::new().seed(1))?;
//! let mut ledger = run.ledger();
//! for packet in run.by_ref() {
//!     ledger.count(&packet.ip);
//! }
//! let truth = run.truth(ledger);
//! assert!(truth.flows.len() > 100);
//! # Ok::<(), scenario::ScenarioError>(())
//! ```
//!
//! [`all`] lists the scenarios; the table is in `table.rs`, and a family of scenarios has a file below `benign` or `hostile`.

mod background;
mod benign;
mod datagrams;
mod dice;
mod dns;
mod hostile;
mod options;
mod packet;
mod pcap;
mod run;
mod site;
mod stage;
mod table;
mod tcp;
#[cfg(test)]
mod tests;
mod tls;
mod truth;

pub use options::{Options, ScenarioError};
pub use pcap::PcapWriter;
pub use run::{Run, TimedPacket};
pub use table::{Label, Scenario, all, find};
pub use truth::{Happening, Ledger, TrueFlow, Truth};
