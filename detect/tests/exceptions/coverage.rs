//! What an exception covers.

use std::net::IpAddr;

use defender_detect::{Kind, Policy, groups::Groups, policy::Subject};
use proptest::prelude::*;

use crate::parse;

fn subject(kind: Kind, device: &str) -> Subject<'_> {
    Subject {
        kind,
        device,
        group: "default",
        peer: None,
        port: None,
        time: 1_000_000_000,
    }
}

fn peer(address: &str) -> Option<IpAddr> {
    Some(address.parse().unwrap())
}

/// Wazuh's ignoring silenced other agents, Zeek's suppression a second victim.
#[test]
fn neither_another_device_nor_another_peer_is_silenced() {
    let mut policy = Policy::default();
    policy.exceptions = parse(
        r#"
        [[exception]]
        rule = "PasswordGuessing"
        device = "gateway"
        peer = "192.0.2.7"
        reason = "the backup logs in often"
        "#,
    );
    let guessing = |device, address| {
        let subject = Subject {
            peer: peer(address),
            ..subject(Kind::PasswordGuessing, device)
        };
        policy.excepts(&subject)
    };
    assert!(guessing("gateway", "192.0.2.7"));
    assert!(guessing("gateway", "::ffff:192.0.2.7"));
    assert!(!guessing("gateway2", "192.0.2.7"));
    assert!(!guessing("gateway", "192.0.2.8"));
    let scan = Subject {
        peer: peer("192.0.2.7"),
        ..subject(Kind::HostScan, "gateway")
    };
    assert!(!policy.excepts(&scan));
    // An alert about all peers is about that one, too, and about more.
    assert!(!policy.excepts(&subject(Kind::PasswordGuessing, "gateway")));
}

#[test]
fn a_rule_goes_by_its_name_or_its_type() {
    for rule in [
        "SuspiciousIPAddressCommunication",
        "IoT_SuspiciousIPAddressCommunication",
    ] {
        let exceptions = parse(&format!("[[exception]]\nrule = '{rule}'\nreason = 'r'"));
        let kind = Kind::SuspiciousIpAddressCommunication;
        assert!(exceptions.covering(&subject(kind, "any")).is_some());
        assert!(
            exceptions
                .covering(&subject(Kind::PortScan, "any"))
                .is_none()
        );
    }
}

#[test]
fn exceptions_end() {
    // `date -d 2027-02-01T00:00:00Z +%s`
    const END: u32 = 1_801_440_000;
    for until in [
        "2027-01-31",
        "2027-02-01T00:00:00Z",
        "2027-02-01T01:00:00+01:00",
        "2027-02-01 00:00:00Z",
    ] {
        let exceptions = parse(&format!(
            "[[exception]]\ndevice = 'd'\nuntil = {until}\nreason = 'r'"
        ));
        let covered = |time| {
            let subject = Subject {
                time,
                ..subject(Kind::PortScan, "d")
            };
            exceptions.covering(&subject).is_some()
        };
        assert!(covered(END - 1) && !covered(END), "{until}");
        assert!(
            exceptions
                .explain(Some(END))
                .to_string()
                .starts_with("Over, without effect: ")
        );
        assert!(
            !exceptions
                .explain(Some(END - 1))
                .to_string()
                .starts_with("Over")
        );
    }
}

#[test]
fn what_is_over_or_about_no_group_is_said_to_be_without_effect() {
    let exceptions = parse(
        r#"
        [[exception]]
        rule = "PortScan"
        until = 2027-01-31
        reason = "an audit"
        [[exception]]
        group = "cameras"
        reason = "they search"
        [[exception]]
        group = "default"
        reason = "they are ours"
        "#,
    );
    let said = |groups: &Groups, now| {
        let sentences = exceptions.without_effect(groups, now);
        sentences.collect::<Vec<_>>()
    };
    let over = "without effect, it is over: No alerts of PortScan about any device, until 2027-02-01T00:00:00Z: an audit";
    let nowhere = "without effect, the table of groups has no such group: No alerts of any rule about devices of group cameras: they search";
    let none = Groups::default();
    assert_eq!(said(&none, Some(1_801_440_000)), [over, nowhere]);
    assert_eq!(said(&none, Some(1_801_439_999)), [nowhere]);
    assert_eq!(said(&none, None), [nowhere]);
    let cameras = Groups::parse("cameras = [\"cam-*\"]").unwrap();
    assert_eq!(said(&cameras, Some(1_801_440_000)), [over]);
}

#[test]
fn what_has_covered_nothing_is_said() {
    let exceptions = parse(
        r#"
        [[exception]]
        rule = "PortScan"
        reason = "an audit"
        [[exception]]
        device = "lobby"
        until = 2027-01-31
        reason = "it is old"
        "#,
    );
    let said = |since| exceptions.unused(since).collect::<Vec<_>>();
    let audit = "covered nothing: No alerts of PortScan about any device: an audit";
    let old = "No alerts of any rule about device lobby, until 2027-02-01T00:00:00Z: it is old";
    let unused = format!("covered nothing: {old}");
    assert_eq!(said(1_801_439_999), [audit, &unused]);
    let over = format!("covered nothing, it was over before: {old}");
    assert_eq!(said(1_801_440_000), [audit, &over]);
    let lobby = subject(Kind::HostScan, "lobby");
    assert!(exceptions.covering(&lobby).is_some());
    assert_eq!(said(1_801_439_999), [audit]);
    // It makes no difference between exceptions.
    assert_eq!(exceptions, exceptions.clone());
}

#[test]
fn exceptions_are_said_in_sentences() {
    let exceptions = parse(
        "[[exception]]\nrule = 'HostScan'\ngroup = 'cams'\npeer = '2001:db8::7/32'\nport = 23\nuntil = 2027-01-31\nreason = 'ours'\n[[exception]]\nport = 80\nreason = 'x'",
    );
    assert_eq!(
        exceptions.explain(None).to_string(),
        "No alerts of HostScan about devices of group cams, with peers in 2001:db8::/32, on port 23, until 2027-02-01T00:00:00Z: ours\n\
         No alerts of any rule about any device, on port 80: x"
    );
    assert_eq!(
        parse("").explain(None).to_string(),
        "There are no exceptions in it."
    );
}

/// What an exception may name, and what an alert may be about: few values, so that they meet.
fn kinds() -> impl Strategy<Value = Kind> {
    proptest::sample::select(vec![Kind::PortScan, Kind::HostScan, Kind::PasswordGuessing])
}

fn names() -> impl Strategy<Value = String> {
    "[ab]{1,2}"
}

fn addresses() -> impl Strategy<Value = IpAddr> {
    proptest::sample::select(vec![
        "192.0.2.1",
        "192.0.2.200",
        "198.51.100.1",
        "2001:db8::1",
        "2001:db9::1",
    ])
    .prop_map(|address| address.parse().unwrap())
}

fn nets() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "192.0.2.0/25",
        "192.0.2.0/24",
        "0.0.0.0/0",
        "2001:db8::/32",
        "198.51.100.1",
    ])
}

proptest! {
    /// What is covered is what is said, in each of its parts.
    #[test]
    fn nothing_is_silenced_that_is_not_said(
        rule in proptest::option::of(kinds()),
        device in proptest::option::of(names()),
        group in proptest::option::of(names()),
        net in proptest::option::of(nets()),
        port in proptest::option::of(1_u16..4),
        until in proptest::option::of(0_i64..4),
        kind in kinds(),
        about in (names(), names(), proptest::option::of(addresses()), proptest::option::of(1_u16..4), 0_u32..4),
    ) {
        let mut text = String::from("[[exception]]\nreason = 'r'\n");
        let mut add = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                text.push_str(&format!("{key} = {value}\n"));
            }
        };
        let quoted = |text: &str| format!("'{text}'");
        add("rule", rule.map(|kind| quoted(kind.rule())));
        add("device", device.as_deref().map(quoted));
        add("group", group.as_deref().map(quoted));
        add("peer", net.map(quoted));
        add("port", port.map(|port| port.to_string()));
        add("until", until.map(|second| format!("1970-01-01T00:00:0{second}Z")));
        let names_nothing = rule.is_none() && device.is_none() && group.is_none() && net.is_none() && port.is_none();
        let parsed = defender_detect::exceptions::Exceptions::parse(&text);
        prop_assert_eq!(parsed.is_err(), names_nothing);
        let Ok(exceptions) = parsed else { return Ok(()) };

        let (named, grouped, address, service, time) = about;
        let subject = Subject { kind, device: &named, group: &grouped, peer: address, port: service, time };
        let net: Option<ipnet::IpNet> = net.map(|net| net.parse().unwrap_or_else(|_| net.parse::<IpAddr>().unwrap().into()));
        let expected = rule.is_none_or(|rule| rule == kind)
            && device.is_none_or(|device| device == named)
            && group.is_none_or(|group| group == grouped)
            && net.is_none_or(|net| address.is_some_and(|address| net.contains(&address)))
            && port.is_none_or(|port| service == Some(port))
            && until.is_none_or(|until| i64::from(time) < until);
        prop_assert_eq!(exceptions.covering(&subject).is_some(), expected);
    }
}
