//! Each format, with what makes it awkward.

use defender_detect::threats::{Format, ThreatLists};

use crate::{find, problems, read};

const ANY: Option<(Option<&str>, Option<u8>)> = Some((None, None));

#[test]
fn plain() {
    let (lists, reading) = read(
        "\u{feff}# a feed\r\n\r\n203.0.113.0/25 ; SBL1\r\n  198.51.100.7\t12\r\n2001:db8:bad::/48 # x\r\n::ffff:192.0.2.4",
    );
    assert_eq!(reading.format, Format::Plain);
    assert_eq!(problems(&reading), [""; 0]);
    assert_eq!((reading.acting, lists.len()), (4, 4));
    for address in [
        "203.0.113.127",
        "198.51.100.7",
        "2001:db8:bad:1::1",
        "192.0.2.4",
        "::ffff:198.51.100.7",
    ] {
        assert_eq!(find(&lists, address), ANY, "{address}");
    }
    for address in [
        "203.0.113.128",
        "198.51.100.8",
        "2001:db8:bae::1",
        "::ffff:192.0.2.5",
    ] {
        assert_eq!(find(&lists, address), None, "{address}");
    }
}

#[test]
fn suricata() {
    let mut builder = ThreatLists::builder();
    let reading = builder.read(
        "iprep",
        b"# reputation\n203.0.113.9,2,30\n198.51.100.0/24, 7, 127\n",
    );
    assert_eq!(reading.format, Format::Iprep);
    assert_eq!(problems(&reading), [""; 0]);
    // The categories may come after what they name.
    let reading = builder.read(
        "categories",
        b"2,CnC,Command and control\n3,Scan,Scanners\n",
    );
    assert_eq!(reading.format, Format::IprepCategories);
    let lists = builder.build();
    assert_eq!(find(&lists, "203.0.113.9"), Some((Some("CnC"), Some(30))));
    let unnamed = Some((Some("category 7"), Some(127)));
    assert_eq!(find(&lists, "198.51.100.200"), unnamed);
}

#[test]
fn zeek() {
    let (lists, reading) = read(concat!(
        "#separator \\x09\n",
        "#fields\tmeta.source\tindicator\tindicator_type\tmeta.desc\n",
        "abuse\t203.0.113.9\tIntel::ADDR\t-\n",
        "-\t198.51.100.0/24\tIntel::SUBNET\ta network\n",
        "abuse\tbad.example\tIntel::DOMAIN\t-\n",
    ));
    assert_eq!(reading.format, Format::ZeekIntel);
    assert_eq!((reading.acting, reading.skipped), (2, 1));
    assert_eq!(find(&lists, "203.0.113.9"), Some((Some("abuse"), None)));
    assert_eq!(find(&lists, "198.51.100.3"), ANY);
}

#[test]
fn tables() {
    let category = |text| Some((Some(text), None));
    for (text, expected) in [
        // The header names the column; a quotation mark may hold the delimiter.
        (
            "\"first\",\"dst_ip\",\"malware\"\n\"a, b\",\"203.0.113.9\",\"Dridex\"\n",
            category("Dridex"),
        ),
        // The header is a comment.
        (
            "# made today\n# id,ip,threat\n1,203.0.113.9,c2\n",
            category("c2"),
        ),
        ("ip;score\n203.0.113.9;75\n", Some((None, Some(75)))),
        (
            "when\tIP\tcategory\nnow\t203.0.113.0/24\tscan\n",
            category("scan"),
        ),
        // No header at all: the column is found by what stands in it.
        ("1,x,203.0.113.9\n2,y,203.0.113.10\n", ANY),
        // A header that says nothing known.
        ("n,where\n1,203.0.113.9\n", ANY),
        // Rows of different lengths, and empty lines.
        ("id,ip\n\n1,203.0.113.9\n2\n", ANY),
    ] {
        let (lists, reading) = read(text);
        assert_eq!(reading.format, Format::Csv, "{text}");
        assert_eq!(find(&lists, "203.0.113.9"), expected, "{text}");
    }
}

#[test]
fn stix() {
    let (lists, reading) = read(
        r#"{"type": "bundle", "id": "bundle--1", "objects": [
            {"type": "identity", "id": "identity--1", "name": "somebody"},
            {"type": "indicator", "spec_version": "2.1", "id": "indicator--1", "pattern_type": "stix",
             "confidence": 85, "indicator_types": ["anonymization", "benign"],
             "pattern": "[ipv4-addr:value = '203.0.113.9' OR ipv6-addr:value = '2001:db8::9']"},
            {"type": "indicator", "id": "indicator--2", "labels": ["malicious-activity"],
             "pattern": "[ipv4-addr:value ISSUBSET '198.51.100.0\/24']"},
            {"type": "indicator", "id": "indicator--3", "pattern": "[ipv4-addr:value = '192.0.2.1']", "revoked": true},
            {"type": "indicator", "id": "indicator--4", "pattern": "alert tcp any", "pattern_type": "snort"},
            {"type": "indicator", "id": "indicator--5", "pattern": "[domain-name:value = 'bad.example']"}
        ]}"#,
    );
    assert_eq!(reading.format, Format::Stix);
    assert_eq!(problems(&reading), [""; 0]);
    assert_eq!((reading.acting, reading.skipped), (3, 3));
    let anonymous = Some((Some("anonymization"), Some(85)));
    assert_eq!(find(&lists, "203.0.113.9"), anonymous);
    assert_eq!(find(&lists, "2001:db8::9"), anonymous);
    let malicious = Some((Some("malicious-activity"), None));
    assert_eq!(find(&lists, "198.51.100.3"), malicious);
    assert_eq!(find(&lists, "192.0.2.1"), None);
}

#[test]
fn stix_without_a_bundle() {
    let indicator =
        r#"{"type":"indicator","id":"i","pattern":"[ipv4-addr:value = '203.0.113.9']"}"#;
    for text in [indicator.to_owned(), format!("[{indicator}]")] {
        assert_eq!(find(&read(&text).0, "203.0.113.9"), ANY, "{text}");
    }
}

/// With the time, what was valid until then is left out.
#[test]
fn what_has_expired_does_not_act() {
    let text = r#"[{"type":"indicator","id":"i","valid_until":"2026-01-01T00:00:00Z",
        "pattern":"[ipv4-addr:value = '203.0.113.9']"}]"#;
    let acting = |now| {
        let mut lists = ThreatLists::builder().at(now);
        lists.read("list", text.as_bytes()).acting
    };
    // `date -d 2026-01-01T00:00:00Z +%s`
    assert_eq!(acting(1_767_225_599), 1);
    assert_eq!(acting(1_767_225_600), 0);
    assert_eq!(read(text).1.acting, 1);
}

/// The most specific prefix speaks; of equal ones the highest score, then the list that was read first.
#[test]
fn several_lists() {
    let mut builder = ThreatLists::builder();
    builder.read("wide", b"203.0.113.0/24\n192.0.2.1\n");
    builder.read("narrow", b"203.0.113.64/26,1,10\n192.0.2.1,1,5\n");
    builder.read("sure", b"203.0.113.64/26,1,90\n");
    let lists = builder.build();
    assert_eq!(
        lists.lists().collect::<Vec<_>>(),
        ["wide", "narrow", "sure"]
    );
    let list = |address: &str| {
        let threat = lists.find(address.parse().unwrap()).unwrap();
        (threat.list, threat.prefix.to_string())
    };
    assert_eq!(list("203.0.113.1"), ("wide", "203.0.113.0/24".into()));
    assert_eq!(list("203.0.113.65"), ("sure", "203.0.113.64/26".into()));
    assert_eq!(list("203.0.113.129"), ("wide", "203.0.113.0/24".into()));
    assert_eq!(list("192.0.2.1"), ("narrow", "192.0.2.1/32".into()));
}
