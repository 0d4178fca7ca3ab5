//! What the MQTT endpoint has counted, read when it is asked for.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};

use crate::endpoint::Control;

/// The endpoint, once there is one.
#[derive(Clone, Default)]
pub(super) struct Endpoint(Arc<OnceLock<Control>>);

impl Endpoint {
    pub fn watch(&self, control: Control) {
        // A hub has one.
        let _ = self.0.set(control);
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint")
    }
}

impl Collector for Endpoint {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(control) = self.0.get() else {
            return Ok(());
        };
        let now = control.statistics();
        let mut gauge = |name, help, number: usize| {
            let gauge = ConstGauge::new(i64::try_from(number).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        gauge("connections", "Connections that there are", now.connections)?;
        gauge(
            "sessions",
            "Clients that something is kept for, those included that are there",
            now.sessions,
        )?;
        let mut counter = |name, help, number| {
            let counter = ConstCounter::new(number);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)
        };
        counter("accepted", "Clients that were let in", now.accepted)?;
        counter(
            "strangers",
            "Clients that were refused because nobody of their name is enrolled",
            now.strangers,
        )?;
        counter(
            "turned_away",
            "Connections that were closed before they said who they are, or for want of room",
            now.turned_away,
        )?;
        counter(
            "messages",
            "Messages of devices that the journal has",
            now.messages,
        )?;
        counter("bytes", "Their bytes, without topics", now.bytes)?;
        counter(
            "violations",
            "Connections that were closed because of what they sent",
            now.violations,
        )?;
        counter(
            "cut_off",
            "Connections that were closed because they were silent, took nothing, or had lost their right",
            now.cut_off,
        )?;
        counter(
            "unsignalled",
            "Refusals that detection was not told of, because there were too many",
            now.unsignalled,
        )?;
        let kind = ConstCounter::new(0_u64).metric_type();
        let mut refused =
            encoder.encode_descriptor("refused", "Clients that were refused", None, kind)?;
        for (reason, number) in now.refused {
            let labels = [("reason", reason)];
            ConstCounter::new(number).encode(refused.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
