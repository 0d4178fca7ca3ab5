//! What is said of a list: line, column, what and why. A bad line takes no other with it.

use defender_detect::threats::{Format, MAX_LISTED, ThreatLists};

use crate::{problems, read};

fn read_as(format: Format, text: &[u8]) -> (usize, Vec<String>) {
    let reading = ThreatLists::builder().read_as(format, "list", text);
    (reading.acting, problems(&reading))
}

#[test]
fn bad_lines_are_told_with_their_place_and_reason() {
    for (format, text, told) in [
        (
            Format::Plain,
            "\n  bad.example",
            "line 2, column 3: `bad.example` is neither an address nor a prefix: flows carry no names, so only addresses can be listed",
        ),
        (
            Format::Plain,
            "192.0.2.0/33",
            "line 1, column 1: `192.0.2.0/33` is neither an address nor a prefix: the number of bits is larger than the address has",
        ),
        (
            Format::Plain,
            "192.0.2.1:80",
            "line 1, column 1: `192.0.2.1:80` is neither an address nor a prefix: leave the port out",
        ),
        (
            Format::Plain,
            "192.0.2.1-192.0.2.9",
            "line 1, column 1: `192.0.2.1-192.0.2.9` is neither an address nor a prefix: give a range as prefixes",
        ),
        (
            Format::Plain,
            "192.0.02.1",
            "line 1, column 1: `192.0.02.1` is neither an address nor a prefix: an IPv4 address is four numbers to 255 without leading zeros",
        ),
        (
            Format::Iprep,
            "192.0.2.1,61,3",
            "line 1, column 11: the category `61` must be a number from 1 to 60",
        ),
        (
            Format::Iprep,
            "192.0.2.1,1,128",
            "line 1, column 13: the score `128` must be a number from 1 to 127",
        ),
        (
            Format::Iprep,
            "192.0.2.1,1",
            "line 1, column 12: the score is missing; a line is `address,category,score`",
        ),
        (
            Format::ZeekIntel,
            "192.0.2.1\tIntel::ADDR\n192.0.2.2\tIntel::ADDR",
            "line 1, column 1: there is no line `#fields` with a field `indicator` before this; Zeek's lists begin with it",
        ),
        (
            Format::ZeekIntel,
            "#fields\tindicator_type\tindicator\nIntel::ADDR\tx",
            "line 2, column 13: `x` is neither an address nor a prefix",
        ),
        (
            Format::Csv,
            "# c\na,b\n1,2\n",
            "line 2, column 1: no column holds addresses; name one `ip`, `address`, `cidr` or `indicator` in the first line",
        ),
        (
            Format::Csv,
            "n,ip\n\n\"a,b\", \"x\"\n",
            "line 3, column 9: `x` is neither an address nor a prefix",
        ),
        (
            Format::Stix,
            "{\"objects\": [\n  {\"type\": 3}]}",
            "line 2, column 3: this is no STIX bundle: invalid type: integer `3`, expected a string",
        ),
        (
            Format::Stix,
            "{\"objects\": [\n",
            "line 2, column 1: this is no STIX bundle: EOF while parsing a list",
        ),
        (
            Format::Stix,
            "[{\"type\": \"indicator\", \"id\": \"indicator--7\",\n\"pattern\": \"[ipv4-addr:value ~ '1']\"}]",
            "line 2, column 31: the pattern of `indicator--7` cannot be read: a comparison is missing",
        ),
        (
            Format::Stix,
            "[{\"type\": \"indicator\", \"id\": \"i\",\n\"pattern\": \"[ipv4-addr:value = '1.2.3']\"}]",
            "line 2, column 33: `1.2.3` is neither an address nor a prefix: an IPv4 address is four numbers to 255 without leading zeros",
        ),
    ] {
        let expected = (0, vec![told.to_owned()]);
        assert_eq!(read_as(format, text.as_bytes()), expected, "{text}");
    }
}

/// Lines and characters, also behind an empty line and behind characters of several bytes.
#[test]
fn json_that_is_none_is_told_where_it_ends_to_be() {
    for (text, place) in [
        ("\n\"objects\"", "line 2, column 9: "),
        ("{\"objects\": [\n  \"ü\"ä", "line 2, column 6: "),
    ] {
        let (_, problems) = read_as(Format::Stix, text.as_bytes());
        assert!(problems[0].starts_with(place), "{problems:?}");
    }
}

#[test]
fn a_bad_line_takes_no_other_with_it() {
    let text = b"192.0.2.1\nnonsense\n\xff\xfe\n192.0.2.2\xff\n192.0.2.3\n";
    let (acting, told) = read_as(Format::Plain, text);
    // What follows an address is a comment, whatever it is.
    assert_eq!((acting, told.len()), (3, 1), "{told:?}");
    assert!(told[0].starts_with("line 2, column 1: `nonsense`"));
}

#[test]
fn problems_are_counted_when_there_are_many() {
    let (_, reading) = read(&"x y\n".repeat(MAX_LISTED + 7));
    assert_eq!(reading.problems.len(), MAX_LISTED);
    assert_eq!((reading.unlisted, reading.refused), (7, MAX_LISTED + 7));
    let said = reading.to_string();
    assert!(said.ends_with("\n  … and 7 more like these"), "{said}");
}

#[test]
fn a_list_is_explained() {
    let (_, reading) = read("203.0.113.0/24\n10.1.2.3\nx\n");
    assert_eq!(
        reading.to_string(),
        "list: plain list: 1 act, 1 do not act (private, or everybody's), 1 refused\n  \
         line 2, column 1: 10.1.2.3/32 does not act: it is a private network\n  \
         line 3, column 1: `x` is neither an address nor a prefix"
    );
}

#[test]
fn nothing_is_a_list_of_nothing() {
    for text in ["", "\n\n", "# only a comment\n"] {
        let (lists, reading) = read(text);
        assert!(lists.is_empty() && !reading.is_clean(), "{text:?}");
        assert_eq!(
            reading.to_string(),
            "list: plain list: 0 act\n  without effect, it is empty: no address is looked for"
        );
    }
}

#[test]
fn a_list_that_protects_nobody_is_told() {
    for text in ["10.0.0.0/8\n192.168.1.1\n", "8.8.8.8\n"] {
        let (lists, reading) = read(text);
        assert!(lists.is_empty() && !reading.is_clean(), "{text:?}");
        let said = reading.to_string();
        let sentence = "\n  without effect, nothing of it acts: no address is looked for\n";
        assert!(said.contains(sentence), "{said}");
    }
}
