//! The hub's configuration: what is wrong is said with a place within the text, and what is right opens nothing that must not be open.

#![no_main]

use std::path::Path;

use defender_hub::config::{ConfigError, HubConfig};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match HubConfig::parse(text, Path::new("hub.toml")) {
        Ok(config) => {
            let mqtt = config.listen.mqtt;
            assert!(mqtt.is_none_or(|address| address.ip().is_loopback()));
            assert!(config.limits.waiting > 0);
            let mut names: Vec<_> = config.sink.names();
            names.extend(config.source.names());
            let mut names: Vec<_> = names.into_iter().map(|(name, _)| name).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count);
        }
        Err(ConfigError::Wrong { problems, .. }) => {
            let lines = text.split('\n').count();
            assert!(!problems.is_empty());
            for problem in problems {
                assert!((1..=lines).contains(&problem.place.line), "{problem}");
            }
        }
        Err(error) => panic!("nothing is read: {error}"),
    }
});
