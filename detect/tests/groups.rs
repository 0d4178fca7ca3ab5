//! Groups of devices, through the public interface.

use defender_detect::groups::Groups;

fn said(text: &str) -> String {
    Groups::parse(text).unwrap_err().to_string()
}

#[test]
fn names_go_before_patterns_and_patterns_by_their_order() {
    // Groups are in the file's order, not in that of their names.
    let groups = Groups::parse(
        r#"
        zoo = ["cam-*", "x?"]
        "a b" = ["cam-7", "*-7", "x"]
        "#,
    )
    .unwrap();
    for (device, group) in [
        ("cam-1", "zoo"),
        ("cam-7", "a b"),
        ("plc-7", "a b"),
        ("cam-77", "zoo"),
        ("x", "a b"),
        ("xy", "zoo"),
        ("xyz", "default"),
        ("", "default"),
        ("Cam-1", "default"),
    ] {
        assert_eq!(groups.of(device), group, "{device}");
    }
    assert_eq!(groups.names(), ["a b", "zoo"]);
}

#[test]
fn without_a_table_all_are_in_one_group() {
    assert_eq!(Groups::default().of("device"), "default");
    assert_eq!(Groups::parse("").unwrap(), Groups::default());
}

#[test]
fn a_twin_s_tag_says_the_group() {
    let mut groups = Groups::parse("all = ['*']").unwrap();
    groups.assign("one", "its own");
    assert_eq!(groups.of("one"), "its own");
    assert_eq!(groups.of("two"), "all");
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let twice = "a = ['x', 'y*']\nb = ['z',\n  'x', 'y*']";
    assert_eq!(
        said(twice),
        "line 3, column 3: `x` is in group `a` already\nline 3, column 8: `y*` is in group `a` already"
    );
}
