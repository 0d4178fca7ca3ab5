//! Forms of a log, and what is wrong with one.

use defender_detect::azure::{self, MAX_LISTED};

use crate::signals;

const RECORD: &str = r#"{"time":"2027-01-31T12:00:00Z","category":"DirectMethods","operationName":"send","level":"Information","properties":"{\"deviceId\":\"lobby\"}"}"#;

#[test]
fn lines_lists_and_batches() {
    let indented = RECORD.replace(',', ",\n  ");
    for text in [
        format!("{RECORD}\n{RECORD}\r\n"),
        format!("\u{feff}{RECORD} {RECORD}"),
        format!("[{RECORD},\n{RECORD}]"),
        format!("{{\"records\":\n[{RECORD}, {RECORD}]}}"),
        format!("{{\"records\": [{RECORD}]}}\n{{\"records\": [{RECORD}], \"more\": 1}}"),
        format!("{indented}\n\n{indented}\n"),
        // Properties that are an object already, and members as Log Analytics names them.
        format!(
            "{RECORD}\n{}",
            r#"{"TimeGenerated":"2027-01-31T12:00:00Z","Category":"DirectMethods","OperationName":"send","Level":"Information","properties_s":{"deviceId":"lobby"}}"#
        ),
    ] {
        let devices: Vec<_> = signals(&text)
            .into_iter()
            .map(|(device, _)| device)
            .collect();
        assert_eq!(devices, ["lobby", "lobby"], "{text}");
    }
    assert_eq!(signals(""), []);
    assert_eq!(signals(" \n\n"), []);
}

#[test]
fn the_time_is_the_service_s() {
    let log = azure::read(RECORD);
    // `date -d 2027-01-31T12:00:00Z +%s`
    assert_eq!(log.signals[0].time, 1_801_396_800);
    assert_eq!(log.signals[0].as_signal().received, 1_801_396_800);
}

#[test]
fn a_bad_record_takes_no_other_with_it() {
    let text = format!(
        "{RECORD}\n  {{\"time\": oops, \"a\": [\n{RECORD}\n{}\n{RECORD}\n{{\"time\": 3}}\n{RECORD}\n7\n\"x\"\n[[]]\n{RECORD}\n{{",
        RECORD.replace("2027-01-31T12:00:00Z", "yesterday")
    );
    let log = azure::read(&text);
    assert_eq!(log.signals.len(), 5);
    let said: Vec<_> = log.problems.iter().map(ToString::to_string).collect();
    for (said, start) in said.iter().zip([
        "line 2, column 3: this is no record of a log: expected value",
        "line 4, column 1: the record has no `time` such as",
        "line 6, column 1: this is no record of a log: invalid type: integer `3`",
        "line 8, column 1: this is no record of a log: invalid type: integer `7`",
        "line 9, column 1: this is no record of a log: invalid type: string",
        "line 10, column 2: this is no record of a log: ",
        "line 12, column 1: this is no record of a log: EOF",
    ]) {
        assert!(said.starts_with(start), "{said}");
    }
    assert_eq!((log.refused, said.len()), (7, 7), "{said:?}");
}

#[test]
fn problems_are_counted_when_there_are_many() {
    let log = azure::read(&"}\n".repeat(MAX_LISTED + 5));
    assert_eq!(
        (log.problems.len(), log.refused),
        (MAX_LISTED, MAX_LISTED + 5)
    );
}

/// What is begun in each line and never ended takes no longer than what is well formed.
#[test]
fn records_without_end() {
    let text = format!("{}{RECORD}\n", "[\n".repeat(100_000));
    let log = azure::read(&text);
    assert_eq!((log.refused, log.signals.len()), (100_000, 1));
}
