//! What a hub tells whoever runs it, beside what its sinks are told. A library never prints.

use std::{fmt, sync::Arc};

use defender_detect::Change;

/// Something that whoever runs the hub may want to know. Displayed, it is a sentence; what devices say in it is not escaped.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Notice {
    /// How things are.
    Info(String),
    /// Something does not work, or somebody must look after it.
    Trouble(String),
    /// An alert has changed, and that is in the store.
    Alert(Change),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Info(text) | Self::Trouble(text) => f.write_str(text),
            Self::Alert(change) => f.write_str(&change.alert.explanation),
        }
    }
}

/// Takes notices, from any thread; must not wait for long.
#[derive(Clone)]
pub struct Notices(Arc<dyn Fn(Notice) + Send + Sync>);

impl Notices {
    /// Hands notices to a function.
    pub fn new(take: impl Fn(Notice) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    pub(crate) fn alert(&self, change: Change) {
        (self.0)(Notice::Alert(change));
    }

    pub(crate) fn info(&self, text: impl fmt::Display) {
        (self.0)(Notice::Info(text.to_string()));
    }

    pub(crate) fn trouble(&self, text: impl fmt::Display) {
        (self.0)(Notice::Trouble(text.to_string()));
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notices")
    }
}
