//! The committed bindings match the headers.

mod support;

use std::path::Path;
use support::Bindings;

#[test]
fn committed_bindings_match_the_headers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Bindings {
        header: &root.join("wrapper.h"),
        include: &[root.join("host-port/include")],
        files: ".*/tx_[a-z]+\\.h",
        prelude: &[],
    }
    .check(&root.join("src/bindings_host.rs"));
}
