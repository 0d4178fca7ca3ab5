//! The committed bindings match the headers.

#[path = "../../threadx-sys/tests/support/mod.rs"]
mod support;

use std::path::Path;
use support::Bindings;

#[test]
fn committed_bindings_match_the_headers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Bindings {
        header: &root.join("wrapper.h"),
        include: &[
            root.join("host-port/include"),
            root.join("../threadx-sys/host-port/include"),
        ],
        files: ".*/(nxd?_[a-z_]+|az_[a-z_]+)\\.h",
        prelude: &["use threadx_sys::*;"],
    }
    .check(&root.join("src/bindings_host.rs"));
}
