//! Pieces of HTML that reports and pages have in common.

use std::net::IpAddr;

use defender_detect::{Alert, Severity};
use maud::{Markup, html};

use super::{
    Bytes, picture,
    text::{Shown, Size},
};

/// The class of a severity, for its colour.
pub(crate) fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Informational => "informational",
    }
}

/// The device of an alert; one of the hub itself has none.
pub(crate) fn device(name: &str) -> String {
    match name {
        "" => "the hub".to_owned(),
        name => Shown(name).to_string(),
    }
}

/// A severity in its colour.
pub(crate) fn badge(severity: Severity) -> Markup {
    html! { span class=(format!("badge {}", class(severity))) { (severity) } }
}

/// A table, which where it is wider than the page is moved by itself; by keyboard, too.
pub(crate) fn wide(label: &str, table: &Markup) -> Markup {
    html! { div class="wide" tabindex="0" role="group" aria-label=(label) { (table) } }
}

/// The flows that show what an alert says.
pub(crate) fn evidence(alert: &Alert) -> Markup {
    html! {
        (wide("Flows", &html! {
            table {
                thead { tr {
                    th scope="col" { "Protocol" }
                    th scope="col" { "Device" }
                    th scope="col" { "Peer" }
                    th scope="col" class="number" { "To the device" }
                    th scope="col" class="number" { "From it" }
                } }
                tbody {
                    @for flow in &alert.evidence {
                        tr {
                            td { (flow.protocol.name()) }
                            td { (endpoint(flow.local_address, flow.local_port)) }
                            td { (endpoint(flow.remote_address, flow.remote_port)) }
                            td class="number" { (Size(flow.bytes_in.into())) }
                            td class="number" { (Size(flow.bytes_out.into())) }
                        }
                    }
                }
            }
        }))
    }
}

/// An address with its port, if there is one.
fn endpoint(address: IpAddr, port: u16) -> String {
    match (address, port) {
        (address, 0) => address.to_string(),
        (IpAddr::V4(address), port) => format!("{address}:{port}"),
        (IpAddr::V6(address), port) => format!("[{address}]:{port}"),
    }
}

/// Bytes to and from devices, a row each, with what is left.
pub(crate) fn traffic_table(caption: &str, rows: Vec<(String, Bytes)>, others: Bytes) -> Markup {
    let most = rows.iter().map(|(_, bytes)| bytes.all()).max().unwrap_or(0);
    let others = (others.all() > 0).then(|| ("all others".to_owned(), others));
    html! {
        (wide(caption, &html! {
            table {
                caption { (caption) }
                thead { tr {
                    th scope="col" { "Which" }
                    th scope="col" class="number" { "To devices" }
                    th scope="col" class="number" { "From devices" }
                    th scope="col" class="picture" { "Share" }
                } }
                tbody {
                    @for (name, bytes) in rows.iter().chain(&others) {
                        tr {
                            th scope="row" { (Shown(name)) }
                            td class="number" { (Size(bytes.received)) }
                            td class="number" { (Size(bytes.sent)) }
                            td class="picture" { (picture::share(bytes.all().min(most), most)) }
                        }
                    }
                }
            }
        }))
    }
}
