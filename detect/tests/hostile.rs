//! Whatever a text or a state has in it: it is read or refused, and problems stand where the text is.

use defender_detect::{
    Detector, Policy, azure,
    exceptions::Exceptions,
    groups::Groups,
    place::Place,
    rules::RulesFile,
    threats::{Format, MAX_LISTED, ThreatLists},
};
use proptest::prelude::*;

const FORMATS: [Format; 6] = [
    Format::Plain,
    Format::Iprep,
    Format::IprepCategories,
    Format::ZeekIntel,
    Format::Csv,
    Format::Stix,
];

/// Texts of pieces that readers know, in any order.
fn pieces(known: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => proptest::sample::select(known).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const LISTS: &[&str] = &[
    "203.0.113.9",
    "10.0.0.1",
    "2001:db8::/32",
    "/24",
    "/0",
    "8.8.8.0/24",
    "::ffff:1.2.3.4/95",
    "\n",
    "\r\n",
    ",",
    ";",
    "\t",
    "\"",
    "#",
    "#fields",
    "\tindicator",
    "\tindicator_type",
    "Intel::ADDR",
    "ip",
    "score",
    "60",
    "127",
    "é",
    "[",
    "]",
    "{",
    "}",
    ":",
    "\"objects\"",
    "\"type\"",
    "\"indicator\"",
    "\"pattern\"",
    "\"[ipv4-addr:value = '203.0.113.9']\"",
    "'",
    " OR ",
    " AND ",
    "(",
    ")",
];

const RULES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\n",
    "\"value\"",
    "\"properties\"",
    "\"name\"",
    "\"timeWindowRules\"",
    "\"allowlistRules\"",
    "\"ruleType\"",
    "\"ConnectionToIpNotAllowed\"",
    "\"QueuePurgesNotInAllowedRange\"",
    "\"isEnabled\"",
    "true",
    "null",
    "3",
    "-1",
    "\"allowlistValues\"",
    "\"10.0.0.0/8\"",
    "\"minThreshold\"",
    "\"maxThreshold\"",
    "\"timeWindowSize\"",
    "\"PT5M\"",
    "\"é\"",
];

const TOML: &[&str] = &[
    "[[exception]]\n",
    "rule = ",
    "'HostScan'\n",
    "device = ",
    "'é'\n",
    "peer = ",
    "'192.0.2.0/24'\n",
    "port = ",
    "99999\n",
    "until = ",
    "2027-01-31\n",
    "9999-12-31\n",
    "0000-01-01T00:00:00Z\n",
    "reason = ",
    "'r'\n",
    "a = ",
    "['x*', 'y?']\n",
    "[",
    "]",
    "\n",
    "\"",
];

const LOGS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\n",
    "\"records\"",
    "\"time\"",
    "\"2027-01-31T12:00:00Z\"",
    "\"category\"",
    "\"Connections\"",
    "\"operationName\"",
    "\"deviceConnect\"",
    "\"properties\"",
    "\"{\\\"deviceId\\\":\\\"d\\\"}\"",
    "\"resultType\"",
    "401003",
    "null",
    "\"é\"",
];

/// Whether a place is one of the text, or just behind its end.
fn is_within(place: Place, text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let line = text.split('\n').nth(place.line - 1);
    line.is_some_and(|line| place.column <= line.chars().count() + 1)
}

proptest! {
    #[test]
    fn lists(text in pieces(LISTS)) {
        for format in FORMATS.into_iter().chain([Format::guess(&text)]) {
            let mut lists = ThreatLists::builder().at(0);
            let reading = lists.read_as(format, "list", &text);
            prop_assert!(reading.problems.len() <= MAX_LISTED);
            prop_assert!(!reading.to_string().is_empty());
            for problem in &reading.problems {
                prop_assert!(is_within(problem.place, &text), "{problem} in {:?}", String::from_utf8_lossy(&text));
            }
            let lists = lists.build();
            prop_assert!(lists.len() <= reading.acting);
            for address in ["10.0.0.1", "8.8.8.8", "127.0.0.1", "fe80::1"] {
                prop_assert_eq!(lists.find(address.parse().unwrap()), None);
            }
        }
    }

    #[test]
    fn rules(text in pieces(RULES)) {
        let text = String::from_utf8_lossy(&text);
        match RulesFile::parse(&text) {
            Ok(file) => prop_assert!(!file.explain().to_string().is_empty()),
            Err(error) => for problem in &error.problems {
                prop_assert!(is_within(problem.place, text.as_bytes()), "{problem} in {text:?}");
            },
        }
    }

    #[test]
    fn exceptions_and_groups(text in pieces(TOML)) {
        let text = String::from_utf8_lossy(&text);
        let mut places = Vec::new();
        match Exceptions::parse(&text) {
            Ok(exceptions) => prop_assert!(!exceptions.explain(Some(0)).to_string().is_empty()),
            Err(error) => places.extend(error.problems.iter().map(|problem| problem.place)),
        }
        match Groups::parse(&text) {
            Ok(groups) => prop_assert!(!groups.of("x").is_empty() || text.contains("\"\"") || text.contains("''")),
            Err(error) => places.extend(error.problems.iter().map(|problem| problem.place)),
        }
        for place in places {
            prop_assert!(is_within(place, text.as_bytes()), "{place} in {text:?}");
        }
    }

    #[test]
    fn logs(text in pieces(LOGS)) {
        let text = String::from_utf8_lossy(&text);
        let log = azure::read(&text);
        for problem in &log.problems {
            prop_assert!(is_within(problem.place, text.as_bytes()), "{problem} in {text:?}");
        }
    }

    /// A state that is none changes nothing.
    #[test]
    fn states(bytes in proptest::collection::vec(any::<u8>(), 0..200), version in 0_u8..3) {
        let mut detector = Detector::new(Policy::default());
        let bytes = [&[version], &*bytes].concat();
        let restored = detector.restore("d", &bytes).is_ok();
        prop_assert_eq!(detector.state("d").is_some(), restored);
    }
}
