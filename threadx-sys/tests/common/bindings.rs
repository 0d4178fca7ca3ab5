//! How committed bindings are checked, shared with `netxduo-sys`.

use std::env;
use std::path::{Path, PathBuf};
use threadx_build::bindings::{Bindings, Library, Purpose};
use threadx_build::committed::{Comparison, compare};
use threadx_build::compiler::{Define, Flags};

/// Compares the bindings of the package in `root` with what its headers give now; with `UPDATE_BINDINGS` set, rewrites them.
///
/// Without libclang there is nothing to compare with: then it passes with a note, except in CI.
pub fn check(root: &Path, include: Vec<PathBuf>, define: &str, library: &Library) {
    let flags = Flags {
        include,
        defines: vec![Define::flag(define)],
    };
    let bindings = Bindings {
        header: &root.join("wrapper.h"),
        flags: &flags,
        library,
        purpose: Purpose::Committed {
            note: "// Made from the headers by tests/bindings.rs: do not edit, run it with UPDATE_BINDINGS=1.",
        },
    };
    let update = env::var_os("UPDATE_BINDINGS").is_some();
    match compare(&bindings, &root.join("src/bindings_host.rs"), update).unwrap() {
        Comparison::Same | Comparison::Updated => {}
        Comparison::Different => {
            panic!(
                "src/bindings_host.rs does not match its headers: run this test with UPDATE_BINDINGS=1"
            )
        }
        Comparison::NoLibclang => {
            // A 32-bit process cannot load the usual libclang.
            assert!(
                env::var_os("CI").is_none() || cfg!(target_pointer_width = "32"),
                "libclang is missing: install libclang-dev"
            );
            eprintln!("skipped: no libclang, install libclang-dev");
        }
    }
}
