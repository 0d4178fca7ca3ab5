//! The data file of advisories, and how versions are matched.

use defender_detect::hygiene::{
    Advisories, System, Version,
    advisories::{Affected, BUILT_IN},
};

#[test]
fn the_file_that_comes_with_this_program_can_be_used() {
    let advisories = Advisories::parse(BUILT_IN).unwrap();
    assert!(advisories.all().len() >= 34);
    assert!(advisories.checked().unwrap().starts_with("202"));
    assert_eq!(advisories.support().len(), 2);
    let mut ids: Vec<_> = advisories.all().iter().map(|it| &it.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), advisories.all().len());
    for it in advisories.all() {
        assert!(
            it.fixed.is_some() != it.last_affected.is_some(),
            "{}",
            it.id
        );
        assert!(!it.summary.is_empty() && !it.needs.is_empty(), "{}", it.id);
        assert!(it.source.contains('/'), "{}", it.id);
        // CVSS has no greater ones.
        assert!(
            it.score.is_none_or(|score| (0.0..=10.0).contains(&score)),
            "{}",
            it.id
        );
    }
    // It is the one that is used when nothing is said.
    assert_eq!(Advisories::default().all(), advisories.all());
}

fn advisory(range: &str) -> Advisories {
    Advisories::parse(&format!(
        "[[advisory]]\nid = 'X'\nproduct = 'threadx'\ncomponent = 'c'\nsummary = 's'\nneeds = 'n'\nsource = 'x/y'\n{range}\n"
    ))
    .unwrap()
}

#[test]
fn a_version_is_affected_from_the_first_to_before_the_fixed_or_to_the_last() {
    use Affected::{Maybe, Yes};
    type Cases = [(&'static str, &'static [(&'static str, Option<Affected>)]); 3];
    let cases: Cases = [
        (
            "fixed = '6.4.3'",
            &[
                ("5.9.9", Some(Yes)),
                ("6.4.2", Some(Yes)),
                ("6.4.3", None),
                ("6.4", Some(Maybe)),
                ("6.3", Some(Yes)),
                ("6.5", None),
            ],
        ),
        (
            "first-affected = '6.1.7'\nlast-affected = '6.4.3'",
            &[
                ("6.1.6", None),
                ("6.1.7", Some(Yes)),
                ("6.4.3", Some(Yes)),
                ("6.4.4", None),
                ("6.1", Some(Maybe)),
                ("6.2", Some(Yes)),
                ("6.0", None),
            ],
        ),
        (
            "first-affected = '6.1.2'\nfixed = '6.1.4'",
            &[("6.1", Some(Maybe)), ("6.1.3", Some(Yes)), ("6.1.4", None)],
        ),
    ];
    for (range, versions) in cases {
        let advisories = advisory(range);
        for (version, expected) in versions {
            let version = Version::parse(version).unwrap();
            assert_eq!(
                advisories.all()[0].affects(version),
                *expected,
                "{range}: {version}"
            );
        }
    }
}

#[test]
fn a_product_of_its_own_version_is_not_taken_for_the_whole() {
    let advisories = advisory("fixed = '6.4.3'");
    assert_eq!(advisories.of(&System::parse("NetX Duo 6.4.2")).len(), 0);
    assert_eq!(
        advisories
            .of(&System::parse("Azure RTOS 6.3, NetX Duo 6.4.2"))
            .len(),
        1
    );
    assert_eq!(
        advisories
            .of(&System::parse("Azure RTOS 6.3, ThreadX 6.4.3"))
            .len(),
        0
    );
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_place() {
    for (text, expected) in [
        ("checked = 2026-11-26\n[[advisory]]\nid = 7\n", "line 3"),
        ("[[advisory]]\nid = 'X'\nproduct = 'linux'\n", "line 3"),
        (
            "[[support]]\nproduct = 'threadx'\noldest = 'six'\nsource = ''\n",
            "`six` is no version",
        ),
        ("advisories = []\n", "line 1"),
    ] {
        let error = Advisories::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
