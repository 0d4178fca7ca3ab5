//! Rules files: problems stand within the text, and what is read is explained and acts as it says.

#![no_main]

use defender_detect::rules::{Effect, Rules, RulesFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let file = match RulesFile::parse(text) {
        Ok(file) => file,
        Err(error) => {
            assert!(!error.problems.is_empty());
            let lines = text.split('\n').count();
            assert!(
                error
                    .problems
                    .iter()
                    .all(|problem| (1..=lines).contains(&problem.place.line))
            );
            return;
        }
    };
    assert!(!file.explain().to_string().is_empty());
    let groups = file.groups.clone();
    let rules = Rules::new([file]).expect("a file has a group once");
    for group in groups {
        let acts = group.rules.iter().any(|rule| rule.effect() == Effect::Acts);
        assert_eq!(!rules.of(&group.name).is_empty(), acts, "{}", group.name);
    }
});
