//! The report as HTML.

use std::cmp::Reverse;

use defender_detect::{
    Alert,
    alert::{AlertState, Severity},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    STYLE, Story,
    picture::{self, Mark},
    pieces::{badge, class, device, evidence, traffic_table},
    text::{Count, Shown, Size, Time},
};

/// Nothing is fetched, and nothing runs, whatever is on the page.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// How many alerts, rows of tables and sentences are shown.
const ALERTS: usize = 200;
const ROWS: usize = 15;
const SENTENCES: usize = 50;

/// How many bars the picture of the traffic has.
const BARS: usize = 120;

/// The whole page.
#[must_use]
pub fn html(story: &Story) -> String {
    let alerts = story.most_severe_first();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(concat!("defender ", env!("CARGO_PKG_VERSION")));
                title { "Security report: " (Shown(&about(story))) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "Security report: " (Shown(&about(story))) }
                    p class="lead" { (sentence(story, &alerts)) }
                    (section("Alerts", alert_list(&alerts)))
                    (section("Timeline", timeline(story, &alerts)))
                    (section("Peers and services", tables(story)))
                    (section("Recommendations", recommendations(story)))
                    (section("What was read", limits(story)))
                }
            }
        }
    };
    page.into_string()
}

fn section(title: &str, content: Markup) -> Markup {
    html! { section { h2 { (title) } (content) } }
}

fn about(story: &Story) -> String {
    match story.about.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first, others @ ..] => format!("{first} and {}", Count(others.len() as u64, "other")),
    }
}

/// What happened, in one sentence.
fn sentence(story: &Story, alerts: &[&Alert]) -> String {
    let devices = Count(story.devices, "device");
    let read = match story.reports {
        Some(reports) => format!(" in {} of {devices}", Count(reports, "message")),
        None => String::new(),
    };
    let Some(worst) = alerts.first() else {
        return format!("No alert{read}.");
    };
    let others = match alerts.len() as u64 - 1 {
        0 => "there is no other alert".to_owned(),
        others => {
            let counts = [
                Severity::High,
                Severity::Medium,
                Severity::Low,
                Severity::Informational,
            ]
            .map(|severity| (severity, story.count_of(severity)))
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| format!("{count} {severity}"));
            let counts: Vec<_> = counts.collect();
            format!(
                "with {} that makes {}",
                Count(others, "other"),
                counts.join(", ")
            )
        }
    };
    format!(
        "{}: {} ({}), since {}; {others}{read}.",
        device(&worst.device),
        worst.kind.title(),
        worst.severity,
        Time(worst.first_seen)
    )
}

fn alert_list(alerts: &[&Alert]) -> Markup {
    html! {
        @if alerts.is_empty() { p { "None." } }
        @for alert in alerts.iter().take(ALERTS) { (one(alert)) }
        @if alerts.len() > ALERTS {
            p { "And " (Count((alerts.len() - ALERTS) as u64, "other")) ", no more severe than these." }
        }
    }
}

/// An alert: what, who, since when, why, what to do, and the flows that show it.
fn one(alert: &Alert) -> Markup {
    let severity = class(alert.severity);
    html! {
        article class=(severity) {
            h3 {
                (badge(alert.severity)) " "
                (alert.kind.title()) " – " (device(&alert.device))
            }
            p class="soft" {
                (Time(alert.first_seen))
                @if alert.last_seen != alert.first_seen { " to " (Time(alert.last_seen)) }
                ", seen " (Count(alert.count.into(), "time"))
                @if alert.state == AlertState::Closed { ", over" }
            }
            p { (Shown(&alert.explanation)) "." }
            p { strong { "Do: " } (alert.kind.remediation()) }
            @if !alert.evidence.is_empty() {
                details {
                    summary { "Evidence: " (Count(alert.evidence.len() as u64, "flow")) }
                    (evidence(alert))
                }
            }
            p class="soft" {
                "Rule " code { (alert.kind.alert_type()) } ", id " code { (Shown(&alert.id)) }
                @if !alert.group.is_empty() { ", group " (Shown(&alert.group)) }
            }
        }
    }
}

/// Traffic and alerts over the time.
fn timeline(story: &Story, alerts: &[&Alert]) -> Markup {
    let Some((from, to)) = story.span() else {
        return html! { p { "Nothing happened." } };
    };
    let parts = story.traffic(BARS);
    let bars: Vec<_> = parts
        .iter()
        .map(|part| [part.received, part.sent])
        .collect();
    let most = parts.iter().map(|part| part.all()).max().unwrap_or(0);
    let length = f64::from(to - from).max(1.0);
    let marks: Vec<_> = alerts
        .iter()
        .take(ALERTS)
        // The worst are drawn last, above others.
        .rev()
        .map(|alert| Mark {
            at: f64::from(alert.first_seen - from) / length,
            class: class(alert.severity),
            title: format!("{}: {}", Time(alert.first_seen), alert.kind.title()),
        })
        .collect();
    let name = format!(
        "Traffic from {} to {}, at most {} in a bar, and {}",
        Time(from),
        Time(to),
        Size(most),
        Count(alerts.len() as u64, "alert")
    );
    let mut in_order: Vec<_> = alerts.iter().take(ALERTS).collect();
    in_order.sort_by_key(|alert| (alert.first_seen, Reverse(alert.severity)));
    html! {
        (picture::bars("traffic", &name, &bars, &marks))
        p class="soft" {
            (Time(from)) " to " (Time(to)) "; the highest bar is " (Size(most))
            span class="key in" {} "to devices" span class="key out" {} "from devices; triangles are alerts"
        }
        @if !in_order.is_empty() {
            ol class="time" {
                @for alert in in_order {
                    li {
                        (Time(alert.first_seen)) " "
                        (badge(alert.severity)) " "
                        (alert.kind.title()) " – " (device(&alert.device))
                    }
                }
            }
        }
    }
}

fn tables(story: &Story) -> Markup {
    let (peers, other_peers) = story.top_peers(ROWS);
    let (services, other_services) = story.top_services(ROWS);
    if peers.is_empty() && other_peers.all() == 0 {
        return html! { p { "No traffic is known." } };
    }
    let peer_rows = peers
        .into_iter()
        .map(|(peer, bytes)| (peer.to_string(), bytes));
    let service_rows = services
        .into_iter()
        .map(|((protocol, port, at_device), bytes)| {
            let at = if at_device { " of devices" } else { "" };
            let name = match port {
                0 => protocol.name().to_owned(),
                port => format!("{} port {port}{at}", protocol.name()),
            };
            (name, bytes)
        });
    html! {
        p { (Count(story.peers(), "peer")) "; those with the most bytes are:" }
        (traffic_table("Peers", peer_rows.collect(), other_peers))
        (traffic_table("Services", service_rows.collect(), other_services))
    }
}

fn recommendations(story: &Story) -> Markup {
    let none = match story.reports {
        Some(_) => "None.",
        None => "They are on the hub's page of each device.",
    };
    let mut all: Vec<_> = story.recommendations.iter().collect();
    all.sort_by_key(|it| (Reverse(it.severity), it.kind));
    html! {
        @if all.is_empty() { p { (none) } }
        @for it in all.iter().take(SENTENCES) {
            @let severity = class(it.severity);
            article class=(severity) {
                h3 {
                    (badge(it.severity)) " "
                    (it.kind.title()) " – " (device(&it.device))
                }
                p { (Shown(&it.reason)) "." }
                p { strong { "Do: " } (it.kind.remedy()) }
            }
        }
        @if all.len() > SENTENCES { p { "And " (Count((all.len() - SENTENCES) as u64, "other")) "." } }
    }
}

/// What was read, and what could not be.
fn limits(story: &Story) -> Markup {
    html! {
        ul {
            @for about in story.about.iter().take(SENTENCES) { li { (Shown(about)) } }
            @if story.about.len() > SENTENCES {
                li { "and " (Count((story.about.len() - SENTENCES) as u64, "other")) }
            }
        }
        p {
            @if let Some(reports) = story.reports {
                (Count(reports, "security message")) " of " (Count(story.devices, "device")) ". "
            }
            "An agent sees addresses, ports and bytes, and no content; what encrypted traffic says, and what happens within a collection"
            " interval in which order, nobody can tell from it. No alert does not mean that nothing happened."
        }
        @if !story.limits.is_empty() {
            p { "To be known when this is read:" }
            ul {
                @for limit in story.limits.iter().take(SENTENCES) { li { (Shown(limit)) } }
                @if story.limits.len() > SENTENCES {
                    li { "and " (Count((story.limits.len() - SENTENCES) as u64, "other")) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use defender_detect::{Detector, Input, Policy, Report};
    use defender_message::{
        SecurityMessage,
        decode::{Event, EventId, Payload},
        flow::{Flow, Protocol},
    };
    use proptest::prelude::*;

    use std::net::IpAddr;

    use super::*;

    /// A device of this name that scans, and what else is said there.
    fn story(name: &str, limit: &str) -> Story {
        let flows = (0..20_u8).map(|host| Flow {
            protocol: Protocol::Tcp,
            local_address: IpAddr::from([192, 168, 0, 2]),
            local_port: 50_000 + u16::from(host),
            remote_address: IpAddr::from([198, 18, 0, host]),
            remote_port: 23,
            bytes_in: 0,
            bytes_out: 60,
        });
        let mut message = SecurityMessage::new("defender-iot-micro-agent", 1 << 24);
        message.events.push(Event {
            id: EventId([7; 16]),
            time: 1_767_225_670,
            collection_interval: 60,
            payload: Payload::NetworkActivity {
                flows: flows.collect(),
            },
        });
        let mut detector = Detector::new(Policy::default());
        let report = Report {
            device: name,
            received: None,
            message: &message,
        };
        let mut story = Story::new(vec![name.to_owned()]);
        story.add_report(&message);
        story.devices = 1;
        let changes = detector.feed(Input::Report(report));
        story.alerts = changes.into_iter().map(|change| change.alert).collect();
        story.recommendations = detector.recommendations();
        story.limits.push(limit.to_owned());
        story
    }

    /// Everything between `<` and `>`.
    fn tags(page: &str) -> Vec<&str> {
        let tags = page.split('<').skip(1);
        tags.map(|tag| tag.split_once('>').map_or(tag, |(tag, _)| tag))
            .collect()
    }

    #[test]
    fn a_report_says_what_happened_and_refers_to_nothing() {
        let page = html(&story("lamp-3", "lamp-3.pcap is cut"));
        assert!(
            page.contains(
                "lamp-3: Scan of many hosts (High), since 2026-01-01 00:01:10 UTC; there is no other alert"
            ),
            "{page}"
        );
        for text in [
            "Do: ",
            "198.18.0.3:23",
            "lamp-3.pcap is cut",
            "<svg",
            "Disconnect the device",
        ] {
            assert!(page.contains(text), "{text}");
        }
        for reference in [
            "http:", "https:", "src=", "href=", "url(", "@import", "<script", "<link",
        ] {
            assert!(!page.contains(reference), "{reference}");
        }
    }

    #[test]
    fn nothing_to_tell_is_told() {
        let page = html(&Story::new(vec!["empty.pcap".into()]));
        assert!(
            page.contains("No alert in 0 messages of 0 devices."),
            "{page}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever devices, files and texts are called, the page has the same tags, and nothing hidden.
        #[test]
        fn hostile_texts_stay_texts(
            name in "([<>&\"'/=a-z \u{0}-\u{1f}\u{202a}-\u{202e}é]|<script>|-->|\\]\\]>|javascript:|</title>){1,30}",
            limit in "([<>&\"'/=a-z \u{200e}\u{7f}]|<img onerror=|</style>){0,30}",
        ) {
            // No device is called like a group's state, and nothing is made of what claims to be one.
            prop_assume!(Detector::is_device(&name));
            let hostile = html(&story(&name, &limit));
            let harmless = html(&story("lamp", "limit"));
            prop_assert_eq!(tags(&hostile), tags(&harmless));
            let is_hidden = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{200e}') || c.is_control() && c != '\n';
            prop_assert!(!hostile.contains(is_hidden));
        }
    }
}
