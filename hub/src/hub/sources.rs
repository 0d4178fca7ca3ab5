//! Sources from their sections of the configuration, a thread each.

use std::{sync::Arc, thread::JoinHandle};

use toml::Spanned;

use super::{StartError, thread};
use crate::{
    config::SourceSections,
    health::Health,
    intake::Intake,
    mqtt::{Endpoint, SubscriptionOptions},
    notice::Notices,
    source::{
        Broker,
        file::{Feed, Following},
    },
    store::Store,
};

/// What all sources have.
pub(super) struct Sources {
    pub intake: Intake,
    pub store: Store,
    pub health: Arc<Health>,
    pub notices: Notices,
}

/// Sources that run.
#[derive(Default)]
pub(super) struct Running {
    /// One for each file: until when it is read beyond its end.
    pub following: Vec<Following>,
    pub threads: Vec<JoinHandle<()>>,
}

impl Sources {
    /// Starts all of them.
    pub fn start(&self, sections: &SourceSections) -> Result<Running, StartError> {
        let mut running = Running::default();
        for section in sections.mqtt.iter().map(Spanned::as_ref) {
            let mut options = SubscriptionOptions::default().of_all_messages();
            if let Some(session) = &section.session {
                options = options.session(session);
            }
            let broker = Broker {
                name: section.name.clone(),
                endpoint: Endpoint::new(section.url.clone(), section.ca.as_deref())?,
                options,
                intake: self.intake.clone(),
                health: Arc::clone(&self.health),
                notices: self.notices.clone(),
            };
            running
                .threads
                .push(thread("source", move || broker.run())?);
        }
        for section in sections.file.iter().map(Spanned::as_ref) {
            let following = Following::default();
            let feed = Feed {
                name: section.name().to_owned(),
                path: section.path.clone(),
                local: section.local.clone(),
                following: following.clone(),
                intake: self.intake.clone(),
                store: self.store.clone(),
                reader: self.store.reader()?,
                health: Arc::clone(&self.health),
                notices: self.notices.clone(),
            };
            running.threads.push(thread("source", move || feed.run())?);
            running.following.push(following);
        }
        Ok(running)
    }
}
