//! Exceptions: alerts that a person knows about and does not want.
//!
//! ```
//! use defender_detect::exceptions::Exceptions;
//!
//! let exceptions = Exceptions::parse(r#"
//!     [[exception]]
//!     rule = "ScannedByPeer"
//!     group = "cameras"
//!     peer = "192.0.2.7"
//!     until = 2027-01-31
//!     reason = "our own scanner"
//! "#)?;
//! println!("{}", exceptions.explain(None));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An exception covers an alert when all that it names is so: the rule (or type of alert), the device or its group, the peer's
//! network, the port of the service, the time. What it names and an alert does not have, it does not cover: a scan of many hosts is about
//! no peer, so that an exception for a peer leaves it alone. An exception that names nothing would silence everything, and is refused.

mod explain;
mod parse;

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use ipnet::IpNet;

pub use self::{
    explain::Explanation,
    parse::{ExceptionsError, Fault},
};
use crate::{alert::Kind, groups::Groups, policy::Subject};

/// All exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exceptions {
    exceptions: Vec<Exception>,
}

/// Alerts that a person does not want.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exception {
    /// The kind of alert; any, if none is named.
    pub kind: Option<Kind>,
    /// The device.
    pub device: Option<String>,
    /// The group of devices.
    pub group: Option<String>,
    /// The network that the peer is in.
    pub peer: Option<IpNet>,
    /// The port of the service.
    pub port: Option<u16>,
    /// The second of Unix time at which it ends.
    pub until: Option<u32>,
    /// Why.
    pub reason: String,
    mark: Mark,
}

/// Whether an exception has covered anything yet. It decides nothing, so that it makes no difference between exceptions.
#[derive(Debug, Default)]
struct Mark(AtomicBool);

impl Clone for Mark {
    fn clone(&self) -> Self {
        Self(self.0.load(Relaxed).into())
    }
}

impl PartialEq for Mark {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Mark {}

impl Exceptions {
    /// Reads exceptions in TOML.
    ///
    /// # Errors
    /// [`ExceptionsError`] says everything that is wrong with them, with line and column.
    pub fn parse(text: &str) -> Result<Self, ExceptionsError> {
        let exceptions = parse::file(text)?;
        Ok(Self { exceptions })
    }

    /// The exception that covers what is asked about, if there is one.
    #[must_use]
    pub fn covering(&self, subject: &Subject<'_>) -> Option<&Exception> {
        let covering = self.iter().find(|exception| exception.covers(subject))?;
        covering.mark.0.store(true, Relaxed);
        Some(covering)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exceptions.is_empty()
    }

    /// Every exception, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Exception> {
        self.exceptions.iter()
    }

    /// Exceptions that cannot have an effect any more, or never could: a sentence about each. With the time, those that are over are among
    /// them.
    pub fn without_effect(
        &self,
        groups: &Groups,
        now: Option<u32>,
    ) -> impl Iterator<Item = String> {
        self.iter().filter_map(move |exception| {
            let group = exception.group.as_deref();
            let why = if exception.is_over(now) {
                "it is over"
            } else if group.is_some_and(|group| !groups.has(group)) {
                "the table of groups has no such group"
            } else {
                return None;
            };
            Some(format!("without effect, {why}: {exception}"))
        })
    }

    /// Exceptions that have covered nothing of what they were asked about, from a time on: a sentence about each.
    pub fn unused(&self, since: u32) -> impl Iterator<Item = String> {
        let unused = self.iter().filter(|it| !it.mark.0.load(Relaxed));
        unused.map(move |exception| match exception.is_over(Some(since)) {
            true => format!("covered nothing, it was over before: {exception}"),
            false => format!("covered nothing: {exception}"),
        })
    }

    /// The exceptions in sentences, for the person who wrote them. With the time, it is said which are over.
    #[must_use]
    pub fn explain(&self, now: Option<u32>) -> Explanation<'_> {
        Explanation {
            exceptions: &self.exceptions,
            now,
        }
    }
}

impl Exception {
    /// Whether it has ended by a time.
    fn is_over(&self, now: Option<u32>) -> bool {
        matches!((self.until, now), (Some(until), Some(now)) if until <= now)
    }

    /// Whether it covers what is asked about.
    #[must_use]
    pub fn covers(&self, subject: &Subject<'_>) -> bool {
        let is = |named: Option<bool>| named.unwrap_or(true);
        let peer = subject.peer.map(|peer| peer.to_canonical());
        is(self.kind.map(|kind| kind == subject.kind))
            && is(self
                .device
                .as_deref()
                .map(|device| device == subject.device))
            && is(self.group.as_deref().map(|group| group == subject.group))
            && is(self
                .peer
                .map(|net| peer.is_some_and(|peer| net.contains(&peer))))
            && is(self.port.map(|port| subject.port == Some(port)))
            && is(self.until.map(|until| subject.time < until))
    }
}
