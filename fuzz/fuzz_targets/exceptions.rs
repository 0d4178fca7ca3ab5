//! Exceptions and groups: problems stand within the text, and an exception that is over covers nothing.

#![no_main]

use defender_detect::{Kind, exceptions::Exceptions, groups::Groups, policy::Subject};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let lines = text.split('\n').count();
    match Groups::parse(text) {
        Ok(groups) => assert!(groups.names().len() <= text.len()),
        Err(error) => assert!(
            error
                .problems
                .iter()
                .all(|problem| (1..=lines).contains(&problem.place.line))
        ),
    }
    match Exceptions::parse(text) {
        Ok(exceptions) => {
            assert!(!exceptions.explain(Some(0)).to_string().is_empty());
            for exception in exceptions.iter() {
                let subject = |time| Subject {
                    kind: exception.kind.unwrap_or(Kind::PortScan),
                    device: exception.device.as_deref().unwrap_or("any"),
                    group: exception.group.as_deref().unwrap_or("any"),
                    peer: exception.peer.map(|net| net.addr()),
                    port: exception.port,
                    time,
                };
                let until = exception.until.unwrap_or(u32::MAX);
                assert_eq!(exception.covers(&subject(0)), until > 0);
                assert_eq!(exception.covers(&subject(until)), exception.until.is_none());
                let mut other = subject(0);
                other.device = "another device than any";
                assert!(!exception.covers(&other) || exception.device.is_none());
            }
        }
        Err(error) => assert!(
            error
                .problems
                .iter()
                .all(|problem| (1..=lines).contains(&problem.place.line))
        ),
    }
});
