//! What is wrong is told: line, column, what and why. Everything, not only the first.

use defender_detect::exceptions::Exceptions;

fn said(text: &str) -> String {
    Exceptions::parse(text).unwrap_err().to_string()
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let text = "\
[[exception]]
reason = 'r'
[[exception]]
rule = 'HostScans'
device = 'd'
[[exception]]
peer = '192.0.2.0/33'
port = 65536
until = 2027-01-31T12:00:00
reason = ' '
";
    assert_eq!(
        said(text),
        "\
line 1, column 1: this would silence every alert: name a `rule`, `device`, `group`, `peer` or `port`
line 3, column 1: the `reason` is missing: who finds the exception in a year wants to know it
line 4, column 8: `HostScans` is neither the name of a rule nor a type of alert
line 6, column 1: the `reason` is missing: who finds the exception in a year wants to know it
line 7, column 8: `192.0.2.0/33` is neither an address nor a prefix such as `192.0.2.0/24`
line 8, column 8: 65536 is no port: these are 1 to 65535
line 9, column 9: `2027-01-31T12:00:00` is no date such as `2027-01-31`, to the end of which it is valid in UTC, nor a time such as `2027-01-31T12:00:00Z`"
    );
}
