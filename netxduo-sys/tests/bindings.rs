//! The committed bindings match the headers.

use std::env;
use std::path::Path;
use threadx_build::bindings::{Bindings, NETXDUO, Purpose};
use threadx_build::committed::{Comparison, compare};
use threadx_build::compiler::{Define, Flags};

#[test]
fn committed_bindings_match_the_headers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let flags = Flags {
        include: vec![
            root.join("host-port/include"),
            root.join("include"),
            root.join("../threadx-sys/host-port/include"),
            root.join("../threadx-sys/include"),
        ],
        defines: vec![Define::flag("NETXDUO_SYS_HOST")],
    };
    let bindings = Bindings {
        header: &root.join("wrapper.h"),
        flags: &flags,
        library: &NETXDUO,
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
