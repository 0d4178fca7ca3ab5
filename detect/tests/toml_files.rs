//! TOML that people write: all that is wrong is told, a line each, with its place and in words of who writes it.

use std::fmt::Display;

use defender_detect::{
    Config, baseline::Baselines, exceptions::Exceptions, groups::Groups, hygiene::Advisories,
};

/// Bad files: everything that is told of them, in its order.
fn check<T, E: Display>(read: fn(&str) -> Result<T, E>, files: &[(&str, &[&str])]) {
    for (text, expected) in files {
        let told = match read(text) {
            Ok(_) => panic!("it is taken: {text}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(told.lines().count(), expected.len(), "{text}\n{told}");
        for (told, expected) in told.lines().zip(*expected) {
            assert!(told.starts_with(expected), "{text}\n{told}\n{expected}");
        }
        for word in [
            "u16",
            "u32",
            "struct",
            "sequence",
            "invalid type",
            "TOML parse",
        ] {
            assert!(!told.contains(word), "{told}");
        }
    }
}

const COUNT: &str = "stands where a whole number from 0 to 65535 must be";

#[test]
fn settings() {
    check(
        Config::parse,
        &[
            (
                "[port-scan]\n\nport = 12",
                &["line 3, column 1: there is no key `port`; known are `ports`, `window`"],
            ),
            (
                "[prot-scan]\nports = 12",
                &[
                    "line 1, column 2: there is no key `prot-scan`; known are `administration-ports`, `port-scan`, ",
                ],
            ),
            (
                "administration-ports = [22, 'x', 70000, -1, []]",
                &[
                    &format!("line 1, column 29: `\"x\"` {COUNT}"),
                    &format!("line 1, column 34: `70000` {COUNT}"),
                    &format!("line 1, column 41: `-1` {COUNT}"),
                    &format!("line 1, column 45: a list {COUNT}"),
                ],
            ),
            (
                "administration-ports = 22",
                &["line 1, column 24: `22` stands where a list in `[` and `]` must be"],
            ),
            (
                "[port-scan]\nports = 1.5\nwindow = 300",
                &[
                    &format!("line 2, column 9: `1.5` {COUNT}"),
                    "line 3, column 10: `300` stands where a time such as \"10 min\" must be",
                ],
            ),
            (
                "[port-scan]\nports = 2027-01-31\nwindow = '7 lightyears'",
                &[
                    &format!("line 2, column 9: `2027-01-31` {COUNT}"),
                    "line 3, column 10: `\"7 lightyears\"` stands where a time such as",
                ],
            ),
            (
                "[alerts]\nquiet = '18446744073709551615s 1000000000ns'",
                &[
                    "line 2, column 9: `\"18446744073709551615s 1000000000ns\"` stands where a time such as",
                ],
            ),
            (
                "[volume]\nleast-bytes = 99999999999999999999999999999999999999999",
                &[
                    "line 2, column 15: `99999999999999999999999999999999999999999` stands where a number of less than 20 digits must be",
                ],
            ),
            (
                "[hygiene]\noldest-agent = 'new'\n[baseline]\nfrozen = 'no'",
                &[
                    "line 2, column 16: `new` is no version; one is written as in 6.4.2",
                    "line 4, column 10: `\"no\"` stands where `true` or `false` must be",
                ],
            ),
            (
                "port-scan = 3\nhost-scan.hosts = 3\nhost-scan.host = 3",
                &[
                    "line 1, column 13: `3` stands where a section with keys of its own must be",
                    "line 3, column 11: there is no key `host`; known are `administration-hosts`, ",
                ],
            ),
            (
                "[port-scan]\nports = 10\nports = 11",
                &["line 3, column 1: `ports` stands there a second time"],
            ),
            (
                "[port-scan]\nports = ten",
                &["line 2, column 9: a text must be in quotes"],
            ),
            (
                "[port-scan\nports = 10",
                &["line 1, column 11: unclosed table, expected `]`"],
            ),
            // A key may be any text; what is told is a line nevertheless.
            (
                "\"a\\nb\" = 1",
                &["line 1, column 1: there is no key `a b`; "],
            ),
        ],
    );
}

#[test]
fn settings_out_of_their_limits() {
    check(
        Config::parse,
        &[
            (
                "[host-scan]\nadministration-hosts = 1\nhosts = 65\n[beacon]\nconnections = 3\nscore = 101\nfoo = 1",
                &[
                    "line 2, column 24: `host-scan.administration-hosts` is 1, but must be 2 to 64: one shows nothing, and ",
                    "line 3, column 9: `host-scan.hosts` is 65, but must be 2 to 64: ",
                    "line 5, column 15: `beacon.connections` is 3, but must be 4 to 24: fewer are never regular",
                    "line 6, column 9: `beacon.score` is 101, but must be 1 to 100: ",
                    "line 7, column 1: there is no key `foo`; ",
                ],
            ),
            (
                "alerts = { quiet = '0s', open-per-rule = 21 }\nliveness.jitter = '2days'",
                &[
                    "line 1, column 20: `alerts.quiet` is 0s, but must be 1s to 1day: ",
                    "line 1, column 42: `alerts.open-per-rule` is 21, but must be 1 to 20: ",
                    "line 2, column 19: `liveness.jitter` is 2days, but must be 0s to 1day: ",
                ],
            ),
            (
                "administration-ports = [22, 0]\n[flood]\nbytes-per-minute = 0\n[baseline]\ndecay = '2years'",
                &[
                    "line 1, column 24: `administration-ports` is [22, 0], but must be at most 64 ports, which are 1 to 65535",
                    "line 3, column 20: `flood.bytes-per-minute` is 0, but must be 1 to 4294967295: ",
                    "line 5, column 9: `baseline.decay` is 2years, but must be 1s to 1year: ",
                ],
            ),
        ],
    );
}

#[test]
fn exceptions() {
    check(
        Exceptions::parse,
        &[
            // Neither hides another, and what is missing because it was misspelt is told once.
            (
                "[[exception]]\ndevise = 'd'\n[[exception]]\nrule = 'Nix'\n[[exception]]\nport = 'x'\nreason = 5\n[[exception]]\nreason = ''",
                &[
                    "line 2, column 1: there is no key `devise`; known are `rule`, `device`, `group`, `peer`, `port`, `until`, `reason`",
                    "line 3, column 1: the `reason` is missing",
                    "line 4, column 8: `Nix` is neither the name of a rule nor a type of alert",
                    "line 6, column 8: `\"x\"` stands where a whole number must be",
                    "line 7, column 10: `5` stands where a text in quotes must be",
                    "line 8, column 1: this would silence every alert",
                    "line 8, column 1: the `reason` is missing",
                ],
            ),
            (
                "[exceptions]\nrule = 'PortScan'",
                &[
                    "line 1, column 2: there is no key `exceptions`; known are `exception`; an exception begins with `[[exception]]`",
                ],
            ),
            (
                "[exception]\nrule = 'PortScan'",
                &[
                    "line 1, column 1: a section stands where a list in `[` and `]` must be; an exception begins with `[[exception]]`",
                ],
            ),
            (
                "[[exception]]\ndevice = 'd'\nreason = 'r'\nuntil = '2027-01-31'",
                &[
                    "line 4, column 9: `\"2027-01-31\"` stands where a date such as 2027-01-31 must be",
                ],
            ),
        ],
    );
}

#[test]
fn groups() {
    check(
        Groups::parse,
        &[
            (
                "a = 'x'\nb = [3, 'ok', true]\nc = 2027-01-31\nd = ['ok']",
                &[
                    "line 1, column 5: `\"x\"` stands where a list in `[` and `]` must be; a line is `group = ",
                    "line 2, column 6: `3` stands where a text in quotes must be",
                    "line 2, column 15: `true` stands where a text in quotes must be",
                    "line 3, column 5: `2027-01-31` stands where a list",
                    "line 4, column 6: `ok` is in group `b` already",
                ],
            ),
            (
                "a = ['x'",
                &["line 1, column 9: unclosed array, expected `]`"],
            ),
        ],
    );
}

#[test]
fn advisories_and_baselines() {
    check(
        Advisories::parse,
        &[(
            "checked = 'x'\n[[support]]\nproduct = 'linux'\noldest = '6.4.2'\n[[support]]\nproduct = 'threadx'\noldest = '6.4.2'",
            &[
                "line 1, column 11: `\"x\"` stands where a date such as 2027-01-31 must be",
                "line 3, column 11: `linux` stands where one of `threadx`, `netxduo` must be",
                "line 5, column 1: `source` is missing",
            ],
        )],
    );
    check(
        Baselines::parse,
        &[(
            "[[group]]\nname = 5\nclasses = [{ class = 'x', origin = 'learned' }]\n[[group]]\nnames = 'a'",
            &[
                "line 2, column 8: `5` stands where a text in quotes must be",
                "line 3, column 22: `x` is no class of traffic",
                "line 4, column 1: `name` is missing",
                "line 5, column 1: there is no key `names`",
            ],
        )],
    );
}
