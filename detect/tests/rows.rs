//! `rows.tsv` has each row of the tables, and each promise beside them, that detection was built by (the sections are those of its
//! specification), with the test that proves it. The tests are there, and no kind of alert is without one.

use std::{collections::BTreeSet, fs, path::Path};

use defender_detect::Kind;

const ROWS: &str = include_str!("rows.tsv");

struct Row {
    alert_type: &'static str,
    file: &'static str,
    test: &'static str,
}

fn rows() -> Vec<Row> {
    let rows = ROWS.lines().skip(1).map(|line| {
        let columns: Vec<_> = line.split('\t').collect();
        let &[_, _, alert_type, file, test] = columns.as_slice() else {
            panic!("not five columns: {line}");
        };
        Row {
            alert_type,
            file,
            test,
        }
    });
    rows.collect()
}

#[test]
fn each_row_has_its_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for Row { file, test, .. } in rows() {
        let text = fs::read_to_string(folder.join(file));
        let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
        let (before, _) = text
            .split_once(&format!("fn {test}("))
            .unwrap_or_else(|| panic!("{file} has no test {test}"));
        // Beyond attributes and parameters, it is one of the tests of the file.
        let attribute = before.rfind("#[test]").or(before.rfind("#[tokio::test"));
        let between = attribute.map(|at| &before[at..]);
        assert!(
            between.is_some_and(|between| between.len() < 200),
            "{file}: {test} is no test"
        );
    }
}

#[test]
fn each_kind_of_alert_has_a_row() {
    let tested: BTreeSet<_> = rows().iter().map(|row| row.alert_type).collect();
    for kind in Kind::ALL {
        let is_tested = tested.contains(kind.alert_type());
        assert!(is_tested, "no test of {}", kind.alert_type());
    }
    let known: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.alert_type()).collect();
    for alert_type in tested.iter().filter(|it| **it != "-") {
        assert!(
            known.contains(alert_type),
            "no alert is of type {alert_type}"
        );
    }
}
