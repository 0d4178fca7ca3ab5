//! Signs of life: a heartbeat that stops, an agent that goes silent while its device is connected.
//!
//! Liveness runs on the time of receipt. A time in which the source of the input was away itself is nobody's silence, and a device
//! that is known to be disconnected need not report.

use serde::{Deserialize, Serialize};

use crate::alert::{Finding, Kind};
use crate::config::Config;
use crate::seconds;

/// The longest interval that a device is granted: a week.
const LONGEST_INTERVAL: u32 = 7 * 24 * 60 * 60;

/// Signs of life of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Liveness {
    heartbeat: Option<Sign>,
    report: Option<Sign>,
    /// What the hub last said about the device's connection.
    is_connected: Option<bool>,
    /// When its silence is looked at next, while there is one.
    next: Option<u32>,
}

/// The latest of regular signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Sign {
    at: u32,
    /// In seconds.
    interval: u32,
}

impl Sign {
    /// The sign comes again. What it states as its interval may be longer than what passed, or than it usually is.
    fn again(last: Option<Self>, at: u32, stated: u32) -> Self {
        let passed = last
            .map(|last| at.saturating_sub(last.at))
            .filter(|passed| *passed > 0);
        let interval = stated
            .min(passed.map_or(u32::MAX, |passed| passed.saturating_add(1)))
            .clamp(1, LONGEST_INTERVAL);
        Self { at, interval }
    }

    fn limit(&self, config: &Config) -> u32 {
        self.interval
            .saturating_mul(config.liveness.intervals.into())
            .saturating_add(seconds(config.liveness.jitter))
    }

    fn lost_at(&self, config: &Config, present_since: u32) -> u32 {
        self.at
            .max(present_since)
            .saturating_add(self.limit(config))
    }
}

impl Liveness {
    /// A report came, with the intervals of its heartbeat and of whatever else comes regularly, if it has them.
    pub fn report(&mut self, received: u32, heartbeat: Option<u32>, regular: Option<u32>) {
        self.report = match (heartbeat.or(regular), self.report) {
            (Some(stated), last) => Some(Sign::again(last, received, stated)),
            (None, Some(last)) => Some(Sign {
                at: received,
                ..last
            }),
            // Nothing regular is known of it.
            (None, None) => None,
        };
        if let Some(stated) = heartbeat {
            self.heartbeat = Some(Sign::again(self.heartbeat, received, stated));
        }
        self.next = None;
    }

    /// The device connected or disconnected.
    pub fn connection(&mut self, received: u32, is_connected: bool) {
        self.is_connected = Some(is_connected);
        self.next = None;
        if is_connected {
            // It has as long as ever to report from here.
            for sign in [&mut self.heartbeat, &mut self.report]
                .into_iter()
                .flatten()
            {
                sign.at = sign.at.max(received);
            }
        }
    }

    /// When silence must be looked at, if nothing comes until then.
    pub fn due(&self, config: &Config, present_since: u32) -> Option<u32> {
        let lost = self
            .watched()
            .into_iter()
            .flatten()
            .map(|(_, sign)| sign.lost_at(config, present_since))
            .min()?;
        Some(self.next.map_or(lost, |next| next.max(lost)))
    }

    /// Time has come to `now`: is the device silent?
    pub fn pass(&mut self, config: &Config, present_since: u32, now: u32) -> Option<Finding> {
        if self.due(config, present_since)? > now {
            return None;
        }
        let is_lost = |(_, sign): &(Kind, Sign)| sign.lost_at(config, present_since) <= now;
        let (kind, sign) = self.watched().into_iter().flatten().find(is_lost)?;
        let limit = sign.limit(config);
        let silent = now.saturating_sub(sign.at.max(present_since));
        // While it lasts it is seen again, so that the alert does not close: when the silence is twice as long, as a fleet may be silent as one.
        let again = silent.min(seconds(config.alerts.quiet) / 2).max(1);
        self.next = Some(now.saturating_add(again));
        Some(Finding::new(kind).counted(silent.into(), limit.into(), limit))
    }

    /// Which signs are waited for, the one that says more first. A silence has one alert: of a device that is there the agent is
    /// silent, or its heartbeat is missing while it reports.
    fn watched(&self) -> [Option<(Kind, Sign)>; 2] {
        let agent = self.report.map(|report| (Kind::AgentSilent, report));
        let heartbeat = self.heartbeat.map(|sign| (Kind::HeartbeatLost, sign));
        match self.is_connected {
            Some(false) => [None, None],
            None => [None, heartbeat],
            Some(true) => [
                agent,
                heartbeat.filter(|(_, sign)| self.reports_without(*sign)),
            ],
        }
    }

    /// Whether reports have come since the heartbeat was missing twice.
    fn reports_without(&self, heartbeat: Sign) -> bool {
        let missing = heartbeat.interval.saturating_mul(2);
        self.report
            .is_some_and(|report| report.at >= heartbeat.at.saturating_add(missing))
    }
}
