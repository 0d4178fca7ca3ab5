//! `defender hub user`: who may log in; the password is never an argument.

#![cfg(unix)]

mod support;

use std::path::Path;

use predicates::str::contains;
use serde_json::json;
use support::{defender, json_lines};
use tempfile::TempDir;

fn user(folder: &Path, args: &[&str], input: &str) -> assert_cmd::assert::Assert {
    let folder = folder.to_str().unwrap();
    let all = ["hub", "user"].into_iter().chain(args.iter().copied());
    defender(all.chain(["--data", folder]))
        .write_stdin(input)
        .assert()
}

#[test]
fn users_are_added_listed_changed_and_removed() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("hub");
    user(&data, &["add", "ann"], "correct horse\nnot this\n")
        .success()
        .stderr(contains("ann may log in"));
    user(&data, &["add", "wall", "--role", "reader"], "correct horse").success();
    let listed = user(&data, &["list", "--json"], "").success();
    let users = json_lines(&listed.get_output().stdout);
    let named: Vec<_> = users
        .iter()
        .map(|user| (&user["name"], &user["role"]))
        .collect();
    assert_eq!(
        named,
        [
            (&json!("ann"), &json!("operator")),
            (&json!("wall"), &json!("reader"))
        ]
    );
    user(&data, &["list"], "").stdout(contains("wall  reader  since 20"));
    user(&data, &["add", "ann"], "correct horse")
        .code(2)
        .stderr(contains("there is a user ann already"));
    user(&data, &["password", "ann"], "battery staple").success();
    // The last one counts.
    let kept = defender_hub::users::open(&data).unwrap().list().unwrap();
    assert!(kept[0].password.is_of(b"battery staple"));
    assert!(!kept[0].password.is_of(b"correct horse"));
    user(&data, &["remove", "ann"], "").success();
    for act in ["remove", "password"] {
        user(&data, &[act, "ann"], "correct horse")
            .code(2)
            .stderr(contains("there is no user ann"));
    }
}

#[test]
fn what_is_no_name_and_no_password_is_refused() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("hub");
    for password in ["", "short", "\n"] {
        user(&data, &["add", "ann"], password)
            .code(2)
            .stderr(contains("at least 10 characters"));
    }
    user(&data, &["add", "an n"], "correct horse")
        .code(2)
        .stderr(contains("1 to 64 letters"));
    user(&data, &["add", "ann", "correct horse"], "")
        .code(2)
        .stderr(contains("unexpected argument"));
}
