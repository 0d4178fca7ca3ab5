//! What Prometheus is shown. Nothing is labelled by device: whoever invents names must not make series.

mod mqtt;

use std::sync::atomic::AtomicU64;

use defender_detect::{Change, Severity};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Metric, Registry},
};

use crate::endpoint::Control;

/// Seconds that a commit or a write of the journal may take.
const SECONDS: [f64; 10] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChangeLabels {
    event: &'static str,
    severity: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SeverityLabel {
    severity: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SinkLabel {
    sink: String,
}

/// All metrics, and how they are written.
pub(crate) struct Metrics {
    registry: Registry,
    pub reports: Counter,
    pub refused: Counter,
    pub signals: Counter,
    pub turned_away: Counter,
    pub journal_failures: Counter,
    pub journal_seconds: Histogram,
    pub commit_seconds: Histogram,
    pub devices: Gauge,
    pub behind: Gauge,
    /// Set when they are asked for.
    pub waiting: Gauge,
    pub clock_ahead: Gauge<f64, AtomicU64>,
    open: Family<SeverityLabel, Gauge>,
    changes: Family<ChangeLabels, Counter>,
    told: Family<SinkLabel, Counter>,
    sink_failures: Family<SinkLabel, Counter>,
    endpoint: mqtt::Endpoint,
}

/// A metric that is shown by this name, with this help.
fn shown<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("defender");
        let all = &mut registry;
        let endpoint = mqtt::Endpoint::default();
        all.sub_registry_with_prefix("mqtt")
            .register_collector(Box::new(endpoint.clone()));
        Self {
            reports: shown(all, "reports", "Messages of devices", Counter::default()),
            refused: shown(
                all,
                "reports_refused",
                "Messages of devices that were no security messages",
                Counter::default(),
            ),
            signals: shown(
                all,
                "signals",
                "Connections, refusals, methods and the like",
                Counter::default(),
            ),
            turned_away: shown(
                all,
                "turned_away",
                "Input of devices for which there was no room (limits.devices)",
                Counter::default(),
            ),
            journal_failures: shown(
                all,
                "journal_failures",
                "Batches that could not be written, and were not acknowledged",
                Counter::default(),
            ),
            journal_seconds: shown(
                all,
                "journal_seconds",
                "How long writing a batch to the journal took",
                Histogram::new(SECONDS),
            ),
            commit_seconds: shown(
                all,
                "commit_seconds",
                "How long committing states, sums and alerts took",
                Histogram::new(SECONDS),
            ),
            devices: shown(all, "devices", "Devices that are known", Gauge::default()),
            behind: shown(
                all,
                "journal_waiting_bytes",
                "Bytes of the journal that have had no effect yet",
                Gauge::default(),
            ),
            waiting: shown(
                all,
                "outbox_changes",
                "Changes of alerts that some sink has not been told yet",
                Gauge::default(),
            ),
            clock_ahead: shown(
                all,
                "clock_ahead_seconds",
                "How far the hub's time is ahead of the machine's, which was set back",
                Gauge::default(),
            ),
            open: shown(
                all,
                "open_alerts",
                "Alerts that are open",
                Family::default(),
            ),
            changes: shown(all, "alert_changes", "Changes of alerts", Family::default()),
            told: shown(
                all,
                "sink_told",
                "Changes of alerts that a sink has taken",
                Family::default(),
            ),
            sink_failures: shown(
                all,
                "sink_failures",
                "Tries at which a sink took nothing",
                Family::default(),
            ),
            endpoint,
            registry,
        }
    }

    /// Shows what this endpoint counts, too.
    pub fn watch(&self, endpoint: Control) {
        self.endpoint.watch(endpoint);
    }

    pub fn change(&self, change: &Change) {
        let event = match change.event {
            defender_detect::ChangeEvent::Raised => "raised",
            defender_detect::ChangeEvent::Again => "again",
            defender_detect::ChangeEvent::Closed => "closed",
        };
        let severity = change.alert.severity.name();
        let labels = ChangeLabels { event, severity };
        self.changes.get_or_create(&labels).inc();
    }

    /// Open alerts by severity, informational first.
    pub fn open(&self, counts: [u64; 4]) {
        const SEVERITIES: [Severity; 4] = [
            Severity::Informational,
            Severity::Low,
            Severity::Medium,
            Severity::High,
        ];
        for (severity, count) in SEVERITIES.iter().zip(counts) {
            let severity = severity.name();
            let gauge = self.open.get_or_create(&SeverityLabel { severity });
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    pub fn told(&self, sink: &str, count: u64) {
        let label = SinkLabel { sink: sink.into() };
        self.told.get_or_create(&label).inc_by(count);
    }

    pub fn sink_failed(&self, sink: &str) {
        let label = SinkLabel { sink: sink.into() };
        self.sink_failures.get_or_create(&label).inc();
    }

    /// As Prometheus reads them.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Nothing that is written to a string fails.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
